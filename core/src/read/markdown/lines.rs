//! What the lines and bullets under a table's columns say: keys, indexes, partitions, policies.

use super::block::Text;
use super::clean::{Clean, plain};
use super::naming::{dotted, identifier, is_name, path};
use super::traits::{self, Place, Reference, Tone, Traits, elided, names, names_only};
use crate::read::ddl::lexer::TokenKind;
use crate::read::ddl::patched::Patched;
use crate::source::Span;

/// What a word in front of a colon, or a heading, says that follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Label {
    #[default]
    None,
    Indexes,
    PrimaryKey,
    Unique,
    ForeignKeys,
    Constraints,
    Partitioning,
    RowSecurity,
    Other,
}

/// The label of a heading or of a word in front of a colon.
pub(super) fn label_of(text: &str) -> Label {
    let words = plain(text).to_lowercase();
    let words = words.trim_end_matches([':', '.']).trim();
    if words.is_empty() || words.split_whitespace().count() > 5 {
        return Label::Other;
    }
    let has = |part: &str| words.contains(part);
    let starts = |part: &str| words.starts_with(part);
    let any = |list: &[&str]| list.iter().any(|part| words.starts_with(part));
    if has("index") || has("indices") || any(&["indizes", "índices", "indecși", "indici"]) {
        Label::Indexes
    } else if starts("primary key")
        || words == "pk"
        || starts("composite primary key")
        || starts("composite key")
        || starts("composite pk")
        || any(&[
            "primärschlüssel",
            "zusammengesetzter primärschlüssel",
            "clave primaria",
            "clé primaire",
            "cheie primară",
        ])
    {
        Label::PrimaryKey
    } else if starts("foreign key")
        || starts("fk")
        || starts("references")
        || starts("relationship")
        || starts("relations")
        || any(&[
            "fremdschlüssel",
            "verweise",
            "claves foráneas",
            "clave foránea",
            "clés étrangères",
            "clé étrangère",
            "chei externe",
        ])
    {
        Label::ForeignKeys
    } else if starts("unique") || starts("eindeutig") {
        Label::Unique
    } else if has("constraint")
        || starts("check")
        || any(&[
            "prüfung",
            "prüfregel",
            "einschränkung",
            "bedingungen",
            "restricciones",
            "contraintes",
            "constrângeri",
        ])
    {
        Label::Constraints
    } else if has("partition") {
        Label::Partitioning
    } else if has("rls")
        || has("row level security")
        || has("row-level security")
        || starts("polic")
        || starts("security polic")
        || any(&["zeilensicherheit", "sicherheit auf zeilenebene"])
    {
        Label::RowSecurity
    } else {
        Label::Other
    }
}

/// The label that a line begins with, and what stands behind it. A line that is nothing but a label has nothing behind it.
pub(super) fn labelled(text: Text<'_>) -> Option<(Label, Text<'_>)> {
    let marks = text.text.len() - text.text.trim_start_matches(['*', '_']).len();
    let inner = text.slice(marks, text.text.len());
    let limit = crate::name::truncate(inner.text, 60);
    let colon = limit.find(':').filter(|at| !limit.get(..*at).unwrap_or_default().contains(['`', '(']));
    let close = (marks >= 2).then(|| limit.find("**").or_else(|| limit.find("__"))).flatten();
    let end = match (colon, close) {
        (Some(a), Some(b)) => a.min(b),
        (Some(a), None) => a,
        (None, Some(b)) => b,
        (None, None) => return None,
    };
    let label = label_of(inner.text.get(..end)?);
    let rest = inner.slice(end, inner.text.len());
    let skipped = rest.text.len() - rest.text.trim_start_matches([':', '*', '_', ' ']).len();
    Some((label, rest.slice(skipped, rest.text.len())))
}

/// Where a sentence begins inside a line that says which key the table has: "Rows of a log. Primary key: (day, number)".
pub(super) fn next_key(text: &str) -> Option<usize> {
    /// No sentence of a table's description begins later.
    const MAX_LENGTH: usize = 2000;
    let text = crate::name::truncate(text, MAX_LENGTH);
    let sentences = text.match_indices(". ").map(|(at, end)| at + end.len());
    sentences.into_iter().find(|at| {
        let sentence = Text { text: text.get(*at..).unwrap_or_default(), at: 0 };
        let begins =
            |words: &str| sentence.text.get(..words.len()).is_some_and(|start| start.eq_ignore_ascii_case(words));
        ["row-level security is", "row level security is", "rls is", "partitioned by"].iter().any(|w| begins(w))
            || matches!(labelled(sentence), Some((Label::PrimaryKey | Label::ForeignKeys | Label::Unique, _)))
    })
}

/// Where a line that lists several indexes goes on with the next: behind the keys of one, in front of a name in backticks or of other keys.
pub(super) fn next_index(text: &str) -> Option<usize> {
    let (mut depth, mut keyed, mut code) = (0_u32, false, false);
    let names_next = |at: usize| {
        let rest = text.get(at + 1..).unwrap_or_default().trim_start();
        let keys = |rest: &str| rest.trim_start_matches([' ', '`']).starts_with('(');
        let unique = crate::name::truncate(rest, 6).eq_ignore_ascii_case("unique");
        let word = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let method = METHODS.iter().any(|method| rest.get(..word).is_some_and(|w| w.eq_ignore_ascii_case(method)));
        rest.starts_with('`')
            || keys(rest)
            || (unique && rest.get(6..).is_some_and(keys))
            || (method && rest.get(word..).is_some_and(keys))
    };
    for (at, c) in text.char_indices() {
        match c {
            '`' => code = !code,
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                keyed |= depth == 0;
            }
            ',' | ';' if (keyed || c == ';') && !code && depth == 0 && names_next(at) => return Some(at),
            _ => {}
        }
    }
    None
}

/// An index as a bullet lists it.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    pub(super) name: Option<Patched>,
    pub(super) unique: bool,
    pub(super) method: Option<Patched>,
    /// The table, where the bullet names it.
    pub(super) table: Option<Patched>,
    /// The keys in parentheses.
    pub(super) keys: Patched,
    /// INCLUDE, WITH, WHERE.
    pub(super) tail: Patched,
    pub(super) place: Place,
}

const METHODS: &[&str] = &["bloom", "brin", "btree", "gin", "gist", "hash", "hnsw", "ivfflat", "rum", "spgist"];

/// Words for ON.
const ON: &[&str] = &["auf", "on", "pe", "sobre", "su", "sur"];

/// Reads a bullet that lists an index.
pub(super) fn index(clean: &Clean, is_column: &dyn Fn(&str) -> bool) -> Option<Index> {
    let mut index = Index::default();
    let mut n = usize::from(clean.is(0, "create"));
    let mut last = n;
    let mut keyed = false;
    let mut sure = false;
    while n < clean.tokens.len() {
        if clean.kind(n) == TokenKind::LeftParen {
            let behind = clean.behind_group(n)?;
            if !keyed && is_keys(clean, n, behind) {
                index.keys = keys(clean, n, behind);
                keyed = true;
                last = behind;
                // Behind a method an expression of columns is enough.
                let of_columns = |i| is_column(&clean.token(i).to_ascii_lowercase());
                sure |= first_names(clean, n, behind).any(is_column)
                    || (index.method.is_some() && (n..behind).any(of_columns));
            } else if clean.is_any(n + 1, &["unique"]) && clean.kind(n + 2) == TokenKind::RightParen {
                index.unique = true;
                last = behind;
            }
            n = behind;
        } else if clean.is(n, "unique") {
            index.unique = true;
            n += 1;
            last = n;
        } else if clean.is(n, "using") && is_name(clean, n + 1) {
            index.method = Some(clean.part(n + 1, n + 2));
            sure = true;
            n += 2;
            last = n;
        } else if clean.is_any(n, METHODS) && index.method.is_none() {
            index.method = Some(clean.part(n, n + 1));
            n += 1;
            last = n;
        } else if clean.is_any(n, ON) && !keyed {
            sure = true;
            n += 1 + usize::from(clean.is(n + 1, "only"));
            let Some((parts, next)) = path(clean, n) else { continue };
            let names_table =
                clean.kind(next) == TokenKind::LeftParen || clean.is(next, "using") || clean.is_any(next, METHODS);
            if names_table
                && !(parts.len() == 1
                    && clean.kind(next) == TokenKind::LeftParen
                    && !is_keys(clean, next, clean.behind_group(next)?))
            {
                index.table = Some(dotted(&parts));
                n = next;
            } else {
                n = bare_keys(clean, n, &mut index);
                keyed = true;
            }
            last = n;
        } else if clean.is_any(n, &["include", "with"]) && clean.kind(n + 1) == TokenKind::LeftParen && keyed {
            let behind = clean.behind_group(n + 1)?;
            index.tail.glue(" ");
            index.tail.append(&clean.part(n, behind));
            n = behind;
            last = n;
        } else if clean.is(n, "where") && keyed {
            let end = (n..clean.tokens.len())
                .find(|i| clean.token(*i).starts_with(['—', '–']) || elided(clean, *i, i + 1))
                .unwrap_or(clean.tokens.len());
            index.tail.glue(" ");
            index.tail.append(&clean.part(n, end));
            last = end;
            break;
        } else if index.name.is_none() && !keyed && is_name(clean, n) && !is_index_word(clean, n) {
            let (parts, next) = path(clean, n)?;
            let colon = clean.token(next) == ":";
            if !colon && clean.token(next) == "," {
                // `email, created_at`: no name, only keys.
                if parts.last().is_some_and(|p| is_column(p.text())) {
                    n = bare_keys(clean, n, &mut index);
                    keyed = true;
                    sure = true;
                    last = n;
                    continue;
                }
                return None;
            }
            if parts.last().is_some_and(|p| is_column(&p.text().to_ascii_lowercase()))
                && clean.kind(next) != TokenKind::LeftParen
            {
                n = bare_keys(clean, n, &mut index);
                keyed = true;
                sure = true;
                last = n;
                continue;
            }
            index.name = parts.last().cloned();
            n = next + usize::from(colon || matches!(clean.token(next), "-" | "–" | "—"));
            last = next;
            // `idx_users_email: email`.
            if is_name(clean, n) && is_column(&clean.token(n).to_ascii_lowercase()) {
                n = bare_keys(clean, n, &mut index);
                keyed = true;
                sure = true;
                last = n;
            }
        } else {
            n += 1;
        }
    }
    index.place = clean.place(0, last);
    (keyed && (sure || index.name.is_some())).then_some(index)
}

fn is_index_word(clean: &Clean, n: usize) -> bool {
    clean.is_any(
        n,
        &[
            "index",
            "idx",
            "partial",
            "composite",
            "covering",
            "compound",
            "key",
            "primary",
            "a",
            "an",
            "the",
            "if",
            "not",
            "exists",
            "concurrently",
            "for",
            "single",
            "full",
            "text",
        ],
    )
}

/// Names with commas between them, from token `n` on, as keys.
fn bare_keys(clean: &Clean, n: usize, index: &mut Index) -> usize {
    let mut next = n;
    while is_name(clean, next) {
        next += 1;
        if clean.is_any(next, &["asc", "desc"]) {
            next += 1;
        }
        if matches!(clean.token(next), "," | "+") && is_name(clean, next + 1) {
            next += 1;
        } else {
            break;
        }
    }
    let (at, _) = clean.place(n, next);
    index.keys.say("(", at, at);
    let mut i = n;
    while i < next {
        if matches!(clean.token(i), "," | "+") {
            index.keys.glue(", ");
        } else if clean.is_any(i, &["asc", "desc"]) {
            index.keys.glue(" ");
            index.keys.append(&clean.part(i, i + 1));
        } else {
            index.keys.append(&identifier(&clean.part(i, i + 1)));
        }
        i += 1;
    }
    index.keys.glue(")");
    next.max(n + 1)
}

/// The ranges of the elements that commas separate inside a group.
fn elements(clean: &Clean, open: usize, behind: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let (mut from, mut depth) = (open + 1, 0_u32);
    for n in open + 1..behind.saturating_sub(1) {
        match clean.kind(n) {
            TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
            TokenKind::RightParen | TokenKind::RightBracket => depth = depth.saturating_sub(1),
            TokenKind::Comma if depth == 0 => {
                out.push((from, n));
                from = n + 1;
            }
            _ => {}
        }
    }
    out.push((from, behind.saturating_sub(1)));
    out
}

/// Whether a group holds index keys: names or expressions, with operator classes and orders, not prose.
fn is_keys(clean: &Clean, open: usize, behind: usize) -> bool {
    let elements = elements(clean, open, behind);
    !elements.is_empty()
        && elements.iter().all(|(from, to)| {
            if from >= to || elided(clean, *from, *to) {
                return false;
            }
            if clean.kind(*from) == TokenKind::LeftParen || clean.kind(*from + 1) == TokenKind::LeftParen {
                return true;
            }
            if !is_name(clean, *from) {
                return false;
            }
            let second = from + 1;
            second >= *to
                || clean.is_any(second, &["asc", "desc", "nulls", "collate"])
                || clean.token(second).ends_with("_ops")
                || !matches!(clean.kind(second), TokenKind::Word)
        })
}

/// The first word of each element of a group, as the database keeps it.
fn first_names(clean: &Clean, open: usize, behind: usize) -> impl Iterator<Item = &str> {
    elements(clean, open, behind).into_iter().map(|(from, _)| clean.token(from))
}

fn keys(clean: &Clean, open: usize, behind: usize) -> Patched {
    let mut out = clean.part(open, open + 1);
    for (n, (from, to)) in elements(clean, open, behind).into_iter().enumerate() {
        if n > 0 {
            out.glue(", ");
        }
        if is_name(clean, from) && clean.kind(from + 1) != TokenKind::LeftParen {
            out.append(&identifier(&clean.part(from, from + 1)));
            if from + 1 < to {
                out.glue(" ");
                out.append(&clean.part(from + 1, to));
            }
        } else {
            out.append(&clean.part(from, to));
        }
    }
    out.append(&clean.part(behind - 1, behind));
    out
}

/// A constraint of a table as a line or bullet says it.
#[derive(Clone, Debug)]
pub(super) enum Constraint {
    /// `PRIMARY KEY (a, b)` and its like, without a reference.
    Plain { name: Option<Patched>, sql: Patched, place: Place },
    /// FOREIGN KEY.
    Foreign { name: Option<Patched>, columns: Patched, reference: Reference, place: Place },
}

impl Constraint {
    pub(super) fn name(&self) -> Option<&Patched> {
        match self {
            Self::Plain { name, .. } | Self::Foreign { name, .. } => name.as_ref(),
        }
    }

    pub(super) fn set_name(&mut self, to: Patched) {
        match self {
            Self::Plain { name, .. } | Self::Foreign { name, .. } => *name = Some(to),
        }
    }
}

/// The constraint that an index is listed for: `"t_pkey" PRIMARY KEY, btree (id)`, `"t_name_key" UNIQUE CONSTRAINT, btree (name)`.
pub(super) fn backed(clean: &Clean) -> Option<Constraint> {
    let keyword = if clean.are(1, &["primary", "key"]) {
        "PRIMARY KEY "
    } else if clean.are(1, &["unique", "constraint"]) {
        "UNIQUE "
    } else {
        return None;
    };
    // Of a primary key the columns are enough: `users_pkey PRIMARY KEY (id)`.
    let bare = clean.kind(3) == TokenKind::LeftParen && clean.is(1, "primary");
    if !is_name(clean, 0) || !(bare || clean.kind(3) == TokenKind::Comma) {
        return None;
    }
    let open = (3..clean.tokens.len().min(7)).find(|n| clean.kind(*n) == TokenKind::LeftParen)?;
    let behind = clean.behind_group(open)?;
    if !names_only(clean, open + 1, behind - 1) {
        return None;
    }
    let mut sql = Patched::default();
    let (start, end) = clean.place(1, 3);
    sql.say(keyword, start, end);
    sql.append(&names(clean, open + 1, behind - 1));
    Some(Constraint::Plain { name: Some(identifier(&clean.part(0, 1))), sql, place: clean.place(0, behind) })
}

/// Reads a line under a label.
pub(super) fn constraint(clean: &Clean, label: Label) -> Option<Constraint> {
    let name = (is_name(clean, 0)
        && !clean.is_any(0, &["primary", "foreign", "unique", "check", "references", "pk", "fk"])
        && (clean.token(1) == ":"
            || clean.is_any(1, &["primary", "foreign", "unique", "check"])
            || clean.kind(1) == TokenKind::LeftParen))
        .then(|| clean.part(0, 1));
    let find = |words: &[&str]| (0..clean.tokens.len()).find(|n| clean.are(*n, words));
    let group_at = |n: usize| {
        let open = (n..clean.tokens.len().min(n + 3)).find(|i| clean.kind(*i) == TokenKind::LeftParen)?;
        clean.behind_group(open).map(|behind| (open, behind))
    };
    // EXCLUDE USING gist (room WITH =) WHERE (open): what stands behind its groups is a remark.
    if clean.is(0, "exclude") {
        let mut behind = group_at(1).filter(|_| clean.is(1, "using"))?.1;
        if clean.is(behind, "where") {
            behind = group_at(behind + 1)?.1;
        }
        let whole = !elided(clean, 0, behind);
        return whole.then(|| Constraint::Plain {
            name: None,
            sql: clean.part(0, behind),
            place: clean.place(0, behind),
        });
    }
    let arrow = (0..clean.tokens.len()).find(|n| clean.token(*n) == "->" || clean.is_any(*n, &["references"]));
    if let Some(at) = arrow.filter(|_| matches!(label, Label::ForeignKeys | Label::Constraints | Label::None)) {
        // The columns: a group, or the last name in front of the arrow.
        let group = (0..at).find(|n| clean.kind(*n) == TokenKind::LeftParen).filter(|n| {
            clean.behind_group(*n).is_some_and(|behind| behind <= at && names_only(clean, n + 1, behind - 1))
        });
        let columns = match group {
            Some(open) => names(clean, open + 1, clean.behind_group(open)? - 1),
            None => {
                let last = (0..at).rev().find(|n| is_name(clean, *n))?;
                if label == Label::None && !clean.is_any(0, &["fk", "foreign"]) && last > 0 {
                    return None;
                }
                names(clean, last, last + 1)
            }
        };
        let mut said = Traits::default();
        traits::read(clean, at, "", Tone::Terms, &mut said);
        let reference = said.references.into_iter().next()?;
        let place = (clean.place(0, 1).0, reference.place.1);
        let name = name.filter(|n| n.text() != columns.text().trim_matches(['(', ')']));
        return Some(Constraint::Foreign { name, columns, reference, place });
    }
    let plain = |keyword: &str, from: usize, open: usize, behind: usize, list: bool| {
        let mut sql = Patched::default();
        let (start, end) = clean.place(from, open.max(from + 1));
        sql.say(keyword, start, end);
        sql.glue(" ");
        if list && names_only(clean, open + 1, behind - 1) {
            sql.append(&names(clean, open + 1, behind - 1));
        } else {
            sql.append(&clean.part(open, behind));
        }
        Constraint::Plain { name: name.clone(), sql, place: clean.place(0, behind) }
    };
    if let Some(at) = find(&["primary", "key"])
        && let Some((open, behind)) = group_at(at + 2)
    {
        return names_only(clean, open + 1, behind - 1).then(|| plain("PRIMARY KEY", at, open, behind, true));
    }
    if let Some(at) = find(&["check"])
        && let Some((open, behind)) = group_at(at + 1)
    {
        return (!elided(clean, open, behind)).then(|| plain("CHECK", at, open, behind, false));
    }
    if let Some(at) = find(&["unique"])
        && let Some((open, behind)) = group_at(at + 1)
        && names_only(clean, open + 1, behind - 1)
    {
        return Some(plain("UNIQUE", at, open, behind, true));
    }
    // Behind a label the columns are enough.
    let keyword = match label {
        Label::PrimaryKey => "PRIMARY KEY",
        Label::Unique => "UNIQUE",
        _ => return None,
    };
    if let Some(open) = (0..clean.tokens.len()).find(|n| clean.kind(*n) == TokenKind::LeftParen) {
        let behind = clean.behind_group(open)?;
        return names_only(clean, open + 1, behind - 1).then(|| plain(keyword, open, open, behind, true));
    }
    let mut end = 0;
    while is_name(clean, end) {
        end += 1;
        if matches!(clean.token(end), "," | "+") && is_name(clean, end + 1) {
            end += 1;
        } else {
            break;
        }
    }
    let alone = end > 0 && matches!(clean.token(end), "" | "-" | "." | ";" | "–" | "—");
    alone.then(|| {
        let (start, _) = clean.place(0, end);
        let mut sql = Patched::default();
        sql.say(keyword, start, start);
        sql.glue(" ");
        sql.append(&names(clean, 0, end));
        Constraint::Plain { name: None, sql, place: clean.place(0, end) }
    })
}

/// Whether a line is a condition of columns and values and nothing else: `shirt > 0`.
pub(super) fn condition(clean: &Clean, is_column: &dyn Fn(&str) -> bool) -> bool {
    const OTHERS: &[&str] = &["and", "between", "false", "in", "is", "not", "null", "or", "true"];
    let words = || (0..clean.tokens.len()).filter(|n| matches!(clean.kind(*n), TokenKind::Word | TokenKind::Quoted));
    words().next().is_some()
        && words().all(|n| is_column(&clean.token(n).to_ascii_lowercase()) || clean.is_any(n, OTHERS))
        && matches!(crate::expr::Expr::new(clean.text(), Span::default()).tree(), crate::expr::Tree::Operator(..))
}

/// The ends of `orders.customer_id → customers.id`, a relationship that names the table that it begins at.
pub(super) fn relation(text: Text<'_>) -> Option<[Text<'_>; 2]> {
    let lower = text.text.to_ascii_lowercase();
    let (at, width) =
        ["→", "->", "=>", " references "].iter().filter_map(|arrow| Some((lower.find(arrow)?, arrow.len()))).min()?;
    let marks = |c: char| matches!(c, '*' | '`' | ' ' | '"');
    let from = text.text.get(..at)?.trim_matches(marks);
    let plain =
        from.contains('.') && from.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'`'));
    let to = text.slice(at + width, text.text.len());
    // What stands in parentheses behind a column is a remark, but for what happens on deletion.
    let remark = to.text.find(" (").filter(|_| !["on delete", "cascade"].iter().any(|words| lower.contains(words)));
    let named = to.text.get(..remark.unwrap_or_default()).is_some_and(|name| name.contains('.'));
    let end = remark.filter(|_| named).unwrap_or(to.text.len());
    plain.then(|| [text.slice(0, at).trim(), to.slice(0, end).trim()])
}

/// PARTITION BY … as a line says it, and its place.
pub(super) fn partitioning(clean: &Clean) -> Option<(Patched, Place)> {
    let strategy = (0..clean.tokens.len()).find(|n| clean.is_any(*n, &["range", "list", "hash"]));
    // RANGE (created_at).
    if let Some(at) = strategy
        && clean.kind(at + 1) == TokenKind::LeftParen
        && let Some(behind) = clean.behind_group(at + 1)
        && !elided(clean, at, behind)
    {
        let from = if at >= 2 && clean.are(at - 2, &["partition", "by"]) { at - 2 } else { at };
        let mut sql = Patched::default();
        let place = clean.place(from, behind);
        sql.say("PARTITION BY ", place.0, place.0);
        sql.append(&clean.part(at, at + 1));
        sql.glue(" ");
        sql.append(&keys(clean, at + 1, behind));
        return Some((sql, place));
    }
    // By range on `created_at`, monthly by created_at.
    let strategy = strategy.map_or("RANGE".to_owned(), |n| clean.token(n).to_uppercase());
    let on = (0..clean.tokens.len()).find(|n| {
        clean.is_any(*n, &["on", "by", "of"])
            && is_name(clean, n + 1)
            && !clean.is_any(n + 1, &["range", "list", "hash", "month", "day", "week", "year", "time", "date"])
    })?;
    let place = clean.place(on + 1, on + 2);
    let mut sql = Patched::default();
    sql.say(&format!("PARTITION BY {strategy} "), place.0, place.0);
    sql.append(&names(clean, on + 1, on + 2));
    Some((sql, place))
}

/// A policy as a line describes it.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy {
    pub(super) name: Option<Patched>,
    /// The condition without parentheses.
    pub(super) condition: Option<Patched>,
    pub(super) place: Place,
}

/// Reads POLICY name … USING (condition) inside a line.
pub(super) fn policy_in_sql(clean: &Clean) -> Option<Policy> {
    let at = (0..clean.tokens.len()).find(|n| clean.is(*n, "policy") && is_name(clean, n + 1))?;
    let using = (at + 2..at + 8).find(|n| clean.is(*n, "using") && clean.kind(n + 1) == TokenKind::LeftParen)?;
    let behind = clean.behind_group(using + 1).filter(|behind| !elided(clean, using, *behind))?;
    Some(Policy {
        name: Some(identifier(&clean.part(at + 1, at + 2))),
        condition: Some(clean.part(using + 2, behind - 1)),
        place: clean.place(at, behind),
    })
}

/// Reads `name` - condition.
pub(super) fn policy(text: Text<'_>, base: u32) -> Option<Policy> {
    let clean = Clean::new(text, base);
    if let Some(policy) = policy_in_sql(&clean) {
        return Some(policy);
    }
    let mut policy = Policy::default();
    let coded = text.text.starts_with('`');
    let dash = (0..clean.tokens.len().min(6)).find(|n| matches!(clean.token(*n), "-" | "–" | "—" | ":"))?;
    if coded && dash == 1 && is_name(&clean, 0) {
        policy.name = Some(identifier(&clean.part(0, 1)));
    }
    let condition = clean.part(dash + 1, clean.tokens.len());
    let condition_alone = crate::expr::Expr::new(condition.text(), Span::default());
    if matches!(condition_alone.tree(), crate::expr::Tree::Operator(..)) {
        policy.condition = Some(condition);
    }
    policy.place = clean.place(0, clean.tokens.len());
    // A condition with a remark behind it is none, but the policy is promised all the same.
    (policy.name.is_some() || policy.condition.is_some() || clean.text().contains('=')).then_some(policy)
}

/// Whether a line begins "partitioned by", "The table is partitioned by".
pub(super) fn partitioned(clean: &Clean) -> bool {
    let from = (0..4).find(|n| !clean.is_any(*n, &["the", "this", "table", "is"])).unwrap_or_default();
    clean.are(from, &["partitioned", "by"])
}

/// What a sentence says of row-level security: "RLS is enabled".
pub(super) fn row_security_said(clean: &Clean) -> Option<bool> {
    let n = if clean.is(0, "rls") {
        1
    } else {
        let level = if clean.token(1) == "-" { 2 } else { 1 };
        (clean.is(0, "row") && clean.are(level, &["level", "security"])).then_some(level + 2)?
    };
    on_at(clean, n + usize::from(clean.is(n, "is")))
}

/// Whether a line says that row-level security is on: "enabled", "Yes".
pub(super) fn row_security_on(clean: &Clean) -> Option<bool> {
    on_at(clean, 0)
}

fn on_at(clean: &Clean, n: usize) -> Option<bool> {
    if clean.is_any(n, &["enabled", "yes", "on", "true", "enable", "✅", "✓", "ja", "aktiv", "aktiviert"]) {
        Some(true)
    } else if clean.is_any(n, &["disabled", "no", "off", "false", "none", "not", "nein", "keine", "aus"]) {
        Some(false)
    } else {
        None
    }
}
