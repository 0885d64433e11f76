//! What the rest of a document says beside the tables that it describes: headings, lists, statements in fences, orders of execution.

use super::super::block::{Block, Text};
use super::super::clean::{Clean, plain};
use super::super::dbml;
use super::super::facts::{self, At};
use super::super::fence;
use super::super::mermaid;
use super::super::naming::{self, Kind, Named};
use super::super::plantuml;
use super::super::table;
use super::Draft;
use crate::expr::Expr;
use crate::history::document::{RefreshPlan, StatedCount, StatedOrder, StatedVersion, VersionPlace};
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl::patched::Patched;
use crate::source::Span;

/// Reads what stands outside of the tables that a document describes.
pub(super) fn read(blocks: &[Block<'_>], at: At, draft: &mut Draft) {
    Prose { blocks, at, heading: None, titled: None, order: None, listed: None }.walk(draft);
}

/// What the document states outside of its tables.
struct Prose<'a, 'b> {
    blocks: &'b [Block<'a>],
    at: At,
    heading: Option<usize>,
    /// The last heading that may name a table.
    titled: Option<Text<'a>>,
    /// The order of creation that is being read.
    order: Option<(usize, StatedOrder)>,
    /// The enumeration whose values are being listed.
    listed: Option<(Named, Vec<Patched>)>,
}

impl<'a> Prose<'a, '_> {
    fn walk(mut self, draft: &mut Draft) {
        let blocks = self.blocks;
        for block in blocks {
            match block {
                Block::Heading { text, level } => {
                    self.end_order(draft);
                    self.end_list(draft);
                    let number = self.heading.map_or(0, |h| h + 1);
                    self.heading = Some(number);
                    self.heading(*text, *level, number, draft);
                }
                Block::Line { text, .. } => {
                    self.values(*text);
                    self.line(*text, draft);
                }
                Block::Item { text, .. } => {
                    if let Some((_, values)) = &mut self.listed {
                        let clean = Clean::new(*text, self.at.base);
                        if naming::is_name(&clean, 0) || clean.token(0).starts_with('\'') {
                            values.push(clean.part(0, 1));
                        }
                    }
                    if let Some((_, order)) = &mut self.order {
                        order.entries.push(facts::order_entry(*text, self.at));
                    }
                    if self.in_history(draft)
                        && text.text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, 'v' | 'V' | '*'))
                    {
                        // `3.1: what changed`: the version is the first word.
                        let end = text.text.find([':', ' ']).unwrap_or(text.text.len());
                        let first = text.slice(0, end);
                        if first.text.contains('.') {
                            draft.facts.versions.extend(facts::version(first, self.at, VersionPlace::History, true));
                        }
                    }
                    self.line(*text, draft);
                }
                Block::Table(rows) => self.table(rows, draft),
                Block::Fence { info, body } => self.fence(info, *body, draft),
                Block::Gap => {}
            }
        }
        self.end_order(draft);
        self.end_list(draft);
        draft.count_sections();
        draft.fill_orders();
    }

    /// The text of the heading at hand and of those above it.
    fn titles<'d>(&self, draft: &'d Draft) -> impl Iterator<Item = &'d str> + use<'d, 'a> {
        let own = self.heading;
        let chain = own.map(|h| draft.chain(h)).unwrap_or_default();
        chain.into_iter().filter_map(|h| draft.headings.get(h)).map(|h| h.text.as_str())
    }

    fn in_history(&self, draft: &Draft) -> bool {
        self.titles(draft).any(facts::is_history)
    }

    fn heading(&mut self, text: Text<'a>, level: u8, number: usize, draft: &mut Draft) {
        let own = draft.headings.get(number).map(|h| h.text.clone()).unwrap_or_default();
        if !naming::is_generic(text.text) {
            self.titled = Some(text);
        }
        if !self.in_history(draft) {
            let place = if number == 0 && level == 1 { VersionPlace::Title } else { VersionPlace::Body };
            draft.facts.versions.extend(facts::version(text, self.at, place, false));
            for (counted, count, span) in facts::counts(text, self.at) {
                let section =
                    if number == 0 { None } else { Some((own.clone(), u32::try_from(number).unwrap_or(u32::MAX))) };
                draft.facts.counts.push(StatedCount { counted, number: count, section, span });
            }
        }
        if facts::is_order(&own) {
            self.order = Some((number, StatedOrder { entries: Vec::new(), span: self.at.of(text) }));
        }
        if let Some(named) = naming::of_heading(text, self.at.base).filter(|n| n.kind == Kind::Enum) {
            self.listed = Some((named, Vec::new()));
        }
    }

    fn line(&mut self, text: Text<'a>, draft: &mut Draft) {
        draft.facts.superseded.extend(facts::superseded(text, self.at));
        let head = self.heading.is_none_or(|h| h == 0);
        if (head || text.text.len() < 200) && facts::is_truth(text.text) && draft.facts.source_of_truth.is_none() {
            draft.facts.source_of_truth = Some(self.at.of(text));
        }
        if self.in_history(draft) {
            return;
        }
        if head && let Some(colon) = text.text.find(':') {
            let label = plain(text.text.get(..colon).unwrap_or_default()).to_lowercase();
            if matches!(label.as_str(), "version" | "schema version" | "document version" | "doc version" | "version:")
            {
                let rest = text.slice(colon + 1, text.text.len());
                draft.facts.versions.extend(facts::version(rest, self.at, VersionPlace::Title, true));
            }
        }
        let link = link_text(text.text);
        let section = link.and_then(|l| draft.headings.iter().position(|h| h.text.eq_ignore_ascii_case(&l)));
        let total = text.text.to_lowercase().contains("total");
        if section.is_none() && !head && !total {
            return;
        }
        for (counted, number, span) in facts::counts(text, self.at) {
            let section =
                section.and_then(|s| Some((draft.headings.get(s)?.text.clone(), u32::try_from(s).unwrap_or(u32::MAX))));
            draft.facts.counts.push(StatedCount { counted, number, section, span });
        }
    }

    fn table(&mut self, rows: &[Vec<Text<'a>>], draft: &mut Draft) {
        draft.facts.mappings.extend(facts::mappings(rows, self.at));
        if let Some((views, span)) = facts::refresh_plan(rows, self.at) {
            draft.facts.refresh_plans.push(RefreshPlan { views, span });
        }
        let Some((head, body)) = rows.split_first() else { return };
        let version = head.first().is_some_and(|c| matches!(table::words(*c).as_str(), "version" | "ver" | "v"));
        if version {
            let found: Vec<StatedVersion> =
                body.iter().filter_map(|r| facts::version(*r.first()?, self.at, VersionPlace::History, true)).collect();
            draft.facts.versions.extend(found);
            return;
        }
        if let Some((_, values)) = &mut self.listed {
            for row in body {
                let Some(cell) = row.first() else { continue };
                let clean = Clean::new(*cell, self.at.base);
                if naming::is_name(&clean, 0) || clean.token(0).starts_with('\'') {
                    values.push(clean.part(0, 1));
                }
            }
        }
        if self.in_history(draft) {
            return;
        }
        for row in body {
            let is_total =
                row.first().is_some_and(|c| plain(c.text).to_lowercase().trim_end_matches(':').ends_with("total"));
            if !is_total {
                continue;
            }
            for cell in row {
                for (counted, number, span) in facts::counts(*cell, self.at) {
                    draft.facts.counts.push(StatedCount { counted, number, section: None, span });
                }
            }
        }
    }

    fn fence(&mut self, info: &str, body: Text<'a>, draft: &mut Draft) {
        if info == "mermaid" || (info.is_empty() && mermaid::is_diagram(body.text)) {
            if mermaid::is_diagram(body.text) {
                draft.diagrams.push(mermaid::read(body, self.at.base));
            }
            return;
        }
        if plantuml::is_diagram(info, body.text) {
            draft.diagrams.push(plantuml::read(body, self.at.base));
        } else if dbml::is_model(info, body.text) {
            let model = dbml::read(body, self.at);
            draft.modelled.extend(model.tables);
            draft.enums.extend(model.enums);
            draft.problems.extend(model.problems);
        } else if fence::is_sql(info, body.text) {
            let sql = fence::read(body, self.at.file, self.at.base);
            if sql.operations.is_empty() && sql.statements == 0 {
                self.fragment(body, draft);
            }
            draft.statements += sql.statements;
            draft.understood += sql.understood;
            draft.problems.extend(sql.problems);
            draft.sql.extend(sql.operations.into_iter().map(|(o, elided)| (o, elided, self.heading)));
            draft.facts.conditions.extend(
                sql.checks
                    .into_iter()
                    .map(|(sql, (start, end))| Expr::new(sql.text(), Span::new(self.at.file, start, end))),
            );
        } else if let Some(language) = fence::other_model(info, body.text) {
            let message = format!(
                "{language} is not read in documents. Write the tables as SQL, DBML, Mermaid or PlantUML's entities, or as tables of columns."
            );
            let first = body.slice(0, body.text.find('\n').unwrap_or(body.text.len()));
            draft.problems.push(Problem {
                kind: ProblemKind::UnsupportedStatement,
                message,
                span: Some(self.at.of(first)),
            });
        } else if matches!(info, "" | "text" | "txt" | "plaintext")
            && let Some((_, order)) = &mut self.order
        {
            let mut at = body.at;
            for line in body.text.split_inclusive('\n') {
                let text = Text { text: line, at }.trim();
                at += line.len();
                if !text.text.is_empty() && text.text.len() < 2000 {
                    order.entries.push(facts::order_entry(text, self.at));
                }
            }
        }
    }

    /// Columns without CREATE TABLE: their table is that of the heading, or the one that a comment over them names.
    fn fragment(&self, body: Text<'a>, draft: &mut Draft) {
        /// What such a comment says of columns that are of many tables.
        const OF_MANY: &[&str] = &[
            "additional",
            "all",
            "audit",
            "base",
            "common",
            "default",
            "key",
            "more",
            "new",
            "other",
            "remaining",
            "shared",
            "standard",
            "the",
        ];
        let Some(found) = fence::fragment(body) else { return };
        let read = |text: Text<'a>| {
            naming::of_heading(text, self.at.base).filter(|named| named.kind == Kind::Table && !named.joined)
        };
        let titled = self.titled.and_then(read);
        let named = match found.named {
            Some(comment) if !OF_MANY.contains(&comment.text.to_ascii_lowercase().as_str()) => read(comment),
            Some(_) => None,
            None => titled.filter(|named| named.coded || named.explicit),
        };
        let name = named.as_ref().map_or_else(
            || {
                let mut sql = Patched::default();
                sql.glue("t");
                sql
            },
            |named| named.sql.clone(),
        );
        let Some(operation) = found.table(&name, self.at.file, self.at.base) else { return };
        if named.is_some() {
            draft.statements += 1;
            draft.understood += 1;
            draft.sql.push((operation, true, self.heading));
            return;
        }
        let message =
            "These are columns, but nothing says of which table; they were left out. Write CREATE TABLE around them."
                .to_owned();
        let first = body.slice(0, body.text.find('\n').unwrap_or(body.text.len()));
        draft.problems.push(Problem {
            kind: ProblemKind::UnsupportedStatement,
            message,
            span: Some(self.at.of(first)),
        });
    }

    /// The values of an enumeration in one line under its heading: "Values: `open`, `closed`".
    fn values(&mut self, text: Text<'a>) {
        let Some((_, values)) = self.listed.as_mut().filter(|(_, values)| values.is_empty()) else { return };
        if facts::values(text.text).or_else(|| facts::listed(text.text)).is_none_or(|(_, more)| more) {
            return;
        }
        let from = text.text.find(':').map_or(0, |colon| colon + 1);
        let clean = Clean::new(text.slice(from, text.text.len()), self.at.base);
        let is_value = |n: &usize| naming::is_name(&clean, *n) || clean.token(*n).starts_with('\'');
        values.extend((0..clean.tokens.len()).filter(is_value).map(|n| clean.part(n, n + 1)));
    }

    fn end_order(&mut self, draft: &mut Draft) {
        let Some((_, mut order)) = self.order.take() else { return };
        if let (Some(first), Some(last)) = (order.entries.first(), order.entries.last()) {
            order.span = first.span.to(last.span);
            draft.facts.orders.push(order);
        }
    }

    fn end_list(&mut self, draft: &mut Draft) {
        if let Some((named, values)) = self.listed.take()
            && !values.is_empty()
        {
            let end = values.last().map_or(0, |v| v.range().1);
            let place = (named.sql.range().0, end);
            draft.enums.push((named.sql, values, place));
        }
    }
}

/// Whether a heading begins with these words and no longer word.
pub(super) fn starts_with_words(heading: &str, label: &str) -> bool {
    let heading = heading.to_lowercase();
    heading.strip_prefix(label).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
}

/// The text of the link that a line begins with.
fn link_text(text: &str) -> Option<String> {
    let open = text.find('[')?;
    let close = text.find("](#")?;
    (open < close).then(|| plain(text.get(open + 1..close).unwrap_or_default()))
}
