//! What a cell says of a column beside its type: keys, defaults, checks, references, in any order and spelling.

use super::clean::Clean;
use super::naming::{identifier, is_name, path};
use super::vocabulary;
use crate::read::ddl::lexer::TokenKind;
use crate::read::ddl::patched::Patched;
use crate::source::Span;

/// Byte range in the file.
pub(super) type Place = (u32, u32);

/// What is said of a column.
#[derive(Clone, Debug, Default)]
pub(super) struct Traits {
    pub(super) not_null: bool,
    pub(super) nullable: bool,
    pub(super) default: Option<Patched>,
    /// GENERATED …, as written.
    pub(super) generated: Option<Patched>,
    /// Its values count up.
    pub(super) identity: Option<Place>,
    /// They come from a sequence of its own: a `serial` column.
    pub(super) serial: bool,
    pub(super) primary: Option<Place>,
    pub(super) unique: Option<Place>,
    pub(super) indexed: Option<Place>,
    pub(super) references: Vec<Reference>,
    /// A mark that it is a foreign key, which does not say of what.
    pub(super) foreign: Option<Place>,
    /// Conditions in parentheses.
    pub(super) checks: Vec<(Patched, Place)>,
}

/// Where a foreign key points.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    /// The name's parts as written: a dot may stand behind a schema or a table.
    pub(super) parts: Vec<Patched>,
    /// The columns with their parentheses, where they are written.
    pub(super) columns: Option<Patched>,
    /// ON DELETE and ON UPDATE.
    pub(super) actions: Patched,
    pub(super) place: Place,
}

/// How freely a text is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tone {
    /// A cell for constraints.
    Terms,
    /// Prose, in which only what cannot mean anything else counts.
    Prose,
}

/// Words that end a default value.
const ENDS: &[&str] = &[
    "pk",
    "primary",
    "fk",
    "foreign",
    "unique",
    "check",
    "references",
    "generated",
    "constraint",
    "index",
    "indexed",
    "auto_increment",
    "autoincrement",
    "required",
    "optional",
    "nullable",
    "comment",
    "collate",
    "on",
    "uq",
    "uk",
];

/// Words in parentheses behind a key's target that name no column.
const REMARKS: &[&str] = &["cascade", "fk", "nullable", "optional", "required", "restrict", "self", "unique"];

/// Words that say that no two rows have the same value.
const UNIQUE: &[&str] = &["unique", "eindeutig", "único", "unico", "unic", "唯一"];

/// Reads what a cell says from token `from` on.
pub(super) fn read(clean: &Clean, from: usize, column: &str, tone: Tone, out: &mut Traits) {
    let mut reader = Reader { clean, n: from, column, tone };
    while reader.n < clean.tokens.len() {
        let before = reader.n;
        reader.term(out);
        reader.n = reader.n.max(before + 1);
    }
}

struct Reader<'a> {
    clean: &'a Clean,
    n: usize,
    column: &'a str,
    tone: Tone,
}

impl Reader<'_> {
    fn is(&self, words: &[&str]) -> bool {
        self.clean.are(self.n, words)
    }

    fn any(&self, words: &[&str]) -> bool {
        self.clean.is_any(self.n, words)
    }

    /// Whether a clause begins here: at the start, or behind a comma or full stop.
    fn begins(&self) -> bool {
        self.n == 0 || {
            let before = self.clean.token(self.n - 1);
            matches!(before, "," | ";" | "." | "(" | ":" | "/") || before.ends_with(['.', '—', '–'])
        }
    }

    /// Whether a clause ends behind the token `n`.
    fn ends_behind(&self, n: usize) -> bool {
        matches!(self.clean.token(n + 1), "" | "," | ";" | "." | ")" | "/")
    }

    fn place(&self, words: usize) -> Place {
        self.clean.place(self.n, self.n + words)
    }

    fn term(&mut self, out: &mut Traits) {
        let prose = self.tone == Tone::Prose;
        let two = |pairs: &[[&str; 2]]| pairs.iter().any(|pair| self.is(pair));
        if (two(vocabulary::PRIMARY_KEY) || self.any(&["pk", "pri", "primary", "primärschlüssel", "主键", "主キー"]))
            && (!prose || self.begins())
        {
            let words = if two(vocabulary::PRIMARY_KEY) { 2 } else { 1 };
            if prose && words == 1 && self.any(&["primary", "pri"]) {
                return;
            }
            out.primary.get_or_insert(self.place(words));
            self.n += words;
        } else if two(vocabulary::FOREIGN_KEY)
            || self.any(&["fk", "references", "fremdschlüssel", "外键", "外部キー"])
            || (!prose && self.any(&["ref", "refs", "foreign"]))
            || (self.clean.token(self.n) == "->" && (!prose || self.n == 0))
        {
            self.reference(out);
        } else if prose {
            if self.begins() && self.any(UNIQUE) && self.ends_behind(self.n) {
                out.unique.get_or_insert(self.place(1));
            } else if self.begins() && self.is(&["not", "null"]) && self.ends_behind(self.n + 1) {
                out.not_null = true;
                self.n += 2;
            } else if self.begins() && self.any(&["default", "defaults"]) {
                self.default_told(out);
            }
        } else {
            self.strict(out);
        }
    }

    /// Terms that only a cell for constraints has.
    fn strict(&mut self, out: &mut Traits) {
        let clean = self.clean;
        if self.is(&["not", "null"]) || self.is(&["not", "nullable"]) {
            out.not_null = true;
            self.n += 2;
        } else if self.any(&[
            "notnull",
            "nn",
            "required",
            "mandatory",
            "pflicht",
            "pflichtfeld",
            "obligatoire",
            "obligatorio",
            "非空",
        ]) || (self.any(&["non"]) && clean.is(self.n + 2, "null"))
        {
            out.not_null = true;
            self.n += if self.any(&["non"]) { 3 } else { 1 };
        } else if self.any(&["id"]) && self.n > 0 && clean.token(self.n - 1) == "@" {
            out.primary.get_or_insert(self.place(1));
            self.n += 1;
        } else if self.any(&["null", "nullable", "optional"]) {
            out.nullable = true;
            self.n += 1;
        } else if self.any(UNIQUE) || self.any(&["uq", "uk", "uni"]) {
            out.unique.get_or_insert(self.place(1));
            self.n += 1;
        } else if self.any(&["default", "defaults"]) {
            self.default(out);
        } else if self.any(&["check"]) {
            self.check(out);
        } else if self.any(&["in"]) && clean.kind(self.n + 1) == TokenKind::LeftParen {
            self.values(self.n + 1, out);
        } else if self.is(&["generated"]) {
            self.generated(out);
        } else if self.any(&["auto_increment", "autoincrement", "identity", "auto"]) {
            out.identity.get_or_insert(self.place(1));
            self.n += 1;
        } else if self.any(&["index", "indexed", "idx", "mul"]) {
            out.indexed.get_or_insert(self.place(1));
            self.n += 1;
        } else if self.any(&["on"]) && clean.is_any(self.n + 1, &["delete", "update"]) {
            let next = action_end(clean, self.n);
            if let Some(last) = out.references.last_mut() {
                last.actions.glue(" ");
                last.actions.append(&clean.part(self.n, next));
            }
            self.n = next;
        } else {
            self.n += 1;
        }
    }

    /// FK → table(column) and its spellings.
    fn reference(&mut self, out: &mut Traits) {
        let clean = self.clean;
        let start = self.n;
        let named = !matches!(clean.token(start), "->");
        let mut n = start + if vocabulary::FOREIGN_KEY.iter().any(|pair| self.is(pair)) { 2 } else { 1 };
        let mut pointed = !named;
        loop {
            if matches!(clean.token(n), "->" | "=>" | ":" | "=" | ">" | "-") {
                pointed |= clean.token(n).ends_with('>');
            } else if clean.is_any(n, vocabulary::POINTS_TO)
                || (clean.is_any(n, &["a", "à", "al"]) && n > start && is_name(clean, n + 1))
            {
                pointed = true;
            } else if !(clean.is_any(n, &["table", "column", "the"]) && is_name(clean, n + 1)) {
                break;
            }
            n += 1;
        }
        let group = clean.kind(n) == TokenKind::LeftParen;
        if group && clean.token(n + 1) == "->" {
            n += 1;
        }
        let inside = group && is_name(clean, n + 1);
        let from = if inside { n + 1 } else { n };
        self.n = n.max(start + 1);
        if clean.is_any(
            from,
            &[
                "not", "null", "unique", "on", "default", "index", "pk", "primary", "nullable", "and", "or", "cascade",
                "required", "optional",
            ],
        ) && clean.kind(from + 1) != TokenKind::LeftParen
        {
            self.unpointed(start, out);
            return;
        }
        let Some((parts, next)) = path(clean, from) else { return self.unpointed(start, out) };
        let (columns, mut next) = columns_behind(clean, next);
        // In prose a bare word behind REFERENCES or FK may be anything.
        let whole = start == 0 && clean.is(0, "references") && next == clean.tokens.len();
        if self.tone == Tone::Prose && columns.is_none() && parts.len() < 2 && !pointed && !whole {
            return;
        }
        if self.tone == Tone::Prose
            && columns.is_none()
            && parts.len() < 2
            && !matches!(clean.token(next + usize::from(clean.is(next, "table"))), "" | "," | ";" | "." | ")" | "(")
        {
            return;
        }
        let mut reference = Reference { parts, columns, actions: Patched::default(), place: clean.place(start, next) };
        if inside && clean.kind(next) == TokenKind::RightParen {
            next += 1;
        }
        // ON DELETE CASCADE, also in parentheses or behind a comma.
        loop {
            let open = usize::from(matches!(clean.token(next), "(" | "," | ";" | "-" | "–" | "—"));
            if clean.is(next + open, "on") && clean.is_any(next + open + 1, &["delete", "update"]) {
                let end = action_end(clean, next + open);
                reference.actions.glue(" ");
                reference.actions.append(&clean.part(next + open, end));
                reference.place.1 = clean.place(start, end).1;
                next = end + usize::from(open == 1 && clean.token(end) == ")");
            } else if open == 1
                && clean.token(next) == "("
                && clean.is(next + 1, "cascade")
                && clean.token(next + 2) == ")"
            {
                let (from, to) = clean.place(next + 1, next + 2);
                reference.actions.say(" ON DELETE CASCADE", from, to);
                next += 3;
            } else {
                break;
            }
        }
        self.n = next;
        out.references.push(reference);
    }

    /// A mark without a target.
    fn unpointed(&self, start: usize, out: &mut Traits) {
        let marked = self.clean.is_any(start, &["fk", "foreign", "fremdschlüssel", "外键", "外部キー"])
            || vocabulary::FOREIGN_KEY.iter().any(|pair| self.clean.are(start, pair));
        if self.tone == Tone::Terms && marked {
            out.foreign.get_or_insert(self.clean.place(start, start + 1));
        }
    }

    fn default(&mut self, out: &mut Traits) {
        let clean = self.clean;
        let mut n = self.n + 1;
        while matches!(clean.token(n), ":" | "=" | "->") || clean.is(n, "to") {
            n += 1;
        }
        let from = n;
        while n < clean.tokens.len() {
            if matches!(clean.kind(n), TokenKind::LeftParen | TokenKind::LeftBracket) {
                match clean.behind_group(n) {
                    Some(behind) => n = behind,
                    None => break,
                }
                continue;
            }
            let stop = matches!(clean.kind(n), TokenKind::Comma | TokenKind::Semicolon | TokenKind::RightParen)
                || (n > from && (clean.is_any(n, ENDS) || clean.is(n, "null") || clean.are(n, &["not", "null"])));
            if stop {
                break;
            }
            n += 1;
        }
        self.n = n;
        set_default(clean, from, n, out);
    }

    /// A default in a sentence: a value that is nothing else and that ends the clause. "default behaviour" and "default per tenant" are none.
    fn default_told(&mut self, out: &mut Traits) {
        let clean = self.clean;
        let mut n = self.n + 1;
        while matches!(clean.token(n), ":" | "=") || clean.is(n, "to") {
            n += 1;
        }
        let value = match clean.kind(n) {
            TokenKind::String | TokenKind::Number => Some(n + 1),
            TokenKind::Word if clean.kind(n + 1) == TokenKind::LeftParen => clean.behind_group(n + 1),
            TokenKind::Word if clean.is_any(n, &["true", "false", "current_timestamp", "current_date"]) => Some(n + 1),
            _ => None,
        };
        let Some(end) = value.filter(|end| matches!(clean.token(*end), "" | "," | ";" | "." | ")" | "-" | "–" | "—"))
        else {
            return;
        };
        set_default(clean, n, end, out);
        self.n = end;
    }

    fn check(&mut self, out: &mut Traits) {
        let clean = self.clean;
        let n = self.n + 1;
        if clean.is(n, "in") && clean.kind(n + 1) == TokenKind::LeftParen {
            return self.values(n + 1, out);
        }
        if clean.kind(n) == TokenKind::LeftParen
            && let Some(behind) = clean.behind_group(n)
        {
            if !elided(clean, n, behind) {
                out.checks.push((clean.part(n, behind), clean.place(self.n, behind)));
            }
            self.n = behind;
            return;
        }
        // CHECK price > 0, CHECK status IN ('a', 'b').
        let mut end = n;
        while end < clean.tokens.len() && !matches!(clean.token(end), "," | ";") {
            match clean.kind(end) {
                TokenKind::LeftParen => match clean.behind_group(end) {
                    Some(behind) => end = behind,
                    None => break,
                },
                _ if end > n && (clean.is_any(end, ENDS) || clean.are(end, &["not", "null"])) => break,
                _ => end += 1,
            }
        }
        self.n = end.max(n);
        if end > n + 1 && is_name(clean, n) && !elided(clean, n, end) {
            let mut check = Patched::default();
            let condition = clean.part(n, end);
            check.say("(", condition.range().0, condition.range().0);
            check.append(&condition);
            check.glue(")");
            out.checks.push((check, clean.place(n - 1, end)));
        }
    }

    /// A list of values: the column is one of them.
    fn values(&mut self, group: usize, out: &mut Traits) {
        let Some(behind) = self.clean.behind_group(group) else {
            self.n = group;
            return;
        };
        self.n = behind;
        value_check(self.clean, group, behind, self.column, false, out);
    }

    fn generated(&mut self, out: &mut Traits) {
        let clean = self.clean;
        let start = self.n;
        let mut n = start + 1;
        while clean.is_any(n, &["always", "by", "default", "as", "identity", "stored", "virtual"]) {
            n += 1;
        }
        if clean.kind(n) == TokenKind::LeftParen {
            n = clean.behind_group(n).unwrap_or(n + 1);
        }
        n += usize::from(clean.is_any(n, &["stored", "virtual"]));
        self.n = n;
        if n > start + 3 {
            out.generated.get_or_insert(clean.part(start, n));
        } else {
            out.identity.get_or_insert(clean.place(start, n));
        }
    }
}

/// The columns in parentheses at a place, where names alone stand in them, and the place behind.
fn columns_behind(clean: &Clean, at: usize) -> (Option<Patched>, usize) {
    if clean.kind(at) == TokenKind::LeftParen
        && let Some(behind) = clean.behind_group(at)
        && names_only(clean, at + 1, behind - 1)
        // What happens on deletion is no column, nor is another remark: `users.id (cascade)`, `users.id (optional)`.
        && !(behind == at + 3 && clean.is_any(at + 1, REMARKS))
    {
        return (Some(names(clean, at + 1, behind - 1)), behind);
    }
    (None, at)
}

/// Where the description of a column that is marked as a foreign key points: "References users(id)", "links to the table teams", "users.id".
pub(super) fn target_in_prose(clean: &Clean) -> Option<Reference> {
    /// A description says it among its first words, if at all.
    const PROSE: usize = 100;
    const VERBS: &[&str] = &[
        "fk",
        "foreign",
        "key",
        "ref",
        "refs",
        "reference",
        "references",
        "referencing",
        "refers",
        "points",
        "links",
        "linked",
        "link",
        "belongs",
        "relates",
        "related",
    ];
    let fillers = ["to", "the", "table", "column", "in", "of", "from", "key"];
    for n in 0..clean.tokens.len().min(PROSE) {
        let verb = clean.is_any(n, VERBS) || matches!(clean.token(n), "->" | "=>");
        let mut from = n;
        if verb {
            from += 1;
            while clean.is_any(from, &fillers) || matches!(clean.token(from), ":" | "->" | "=>") {
                from += 1;
            }
        }
        let Some((parts, next)) = path(clean, from) else { continue };
        let (columns, next) = columns_behind(clean, next);
        // A bare word is a table only behind a verb, where the clause ends or the word "table" says it.
        let ends = matches!(clean.token(next), "" | "," | ";" | "." | ")" | "(" | "-" | "–" | "—")
            || clean.is_any(next, &["table", "on"]);
        let alone = parts.len() < 2 && columns.is_none();
        if (alone && !(verb && ends && !clean.is_any(from, VERBS))) || (!verb && columns.is_some() && parts.len() < 2) {
            continue;
        }
        return Some(Reference { parts, columns, actions: Patched::default(), place: clean.place(n, next) });
    }
    None
}

/// A check that a column is one of the strings between two tokens, with their parentheses. Where `words` are, they stand for strings.
pub(super) fn value_check(clean: &Clean, group: usize, behind: usize, column: &str, words: bool, out: &mut Traits) {
    let inner = group + 1..behind.saturating_sub(1);
    let is_value = |n: usize| match clean.kind(n) {
        TokenKind::String | TokenKind::Number => true,
        TokenKind::Word => words,
        _ => false,
    };
    // A word behind another is a remark, and what comes without commas is none of a list.
    let plain =
        inner.clone().all(|n| if (n - group) % 2 == 1 { is_value(n) } else { clean.kind(n) == TokenKind::Comma });
    if plain && is_value(group + 1) {
        let place = clean.place(group, behind);
        let mut check = Patched::default();
        check.say(&format!("({} IN (", crate::name::quote(column)), place.0, place.0);
        for n in inner {
            if clean.kind(n) == TokenKind::Word {
                let (start, end) = clean.place(n, n + 1);
                check.say(&format!("'{}'", clean.token(n)), start, end);
            } else {
                check.glue(if clean.kind(n) == TokenKind::Comma { ", " } else { "" });
                check.append(&if clean.kind(n) == TokenKind::Comma {
                    Patched::default()
                } else {
                    clean.part(n, n + 1)
                });
            }
        }
        check.glue("))");
        out.checks.push((check, place));
    }
}

/// Takes tokens as a default value, where they are one.
pub(super) fn set_default(clean: &Clean, from: usize, to: usize, out: &mut Traits) {
    // `@default(now())`
    if clean.kind(from) == TokenKind::LeftParen && clean.behind_group(from) == Some(to) && from + 2 < to {
        return set_default(clean, from + 1, to - 1, out);
    }
    if from >= to {
        return;
    }
    if clean.is(from, "nextval") {
        out.serial = true;
        return;
    }
    let (start, end) = clean.place(from, to);
    let mut value = clean.part(from, to);
    if from + 1 == to && clean.kind(from) == TokenKind::Word {
        let word = clean.token(from).to_ascii_lowercase();
        match word.as_str() {
            // Nothing is what a column without a default has.
            "none" | "n" | "na" | "null" | "required" | "—" | "–" => return,
            "auto" | "autoincrement" | "auto_increment" | "generated" | "identity" | "serial" | "sequence" => {
                out.identity.get_or_insert((start, end));
                return;
            }
            "true" | "false" | "current_timestamp" | "current_date" | "current_user" | "session_user"
            | "localtimestamp" | "current_time" | "user" => {}
            "now" => {
                value = Patched::default();
                value.say("now()", start, end);
            }
            _ if word.starts_with(['—', '–', '✗', '✓', '❌', '✅']) => return,
            // A word is a value, not the name of another column: DEFAULT takes none.
            _ => {
                let literal = format!("'{}'", clean.token(from).replace('\'', "''"));
                value = Patched::default();
                value.say(&literal, start, end);
            }
        }
    }
    // Nothing in braces is a string as PostgreSQL reads it, whether of JSON or of an array.
    if value.text() == "{}" {
        value = Patched::default();
        value.say("'{}'", start, end);
    }
    if clean.is(from, "autoincrement") || clean.is(from, "auto_increment") || clean.are(from, &["auto", "-"]) {
        out.identity.get_or_insert((start, end));
        return;
    }
    let readable = !matches!(
        crate::expr::Expr::new(value.text(), Span::default()).tree(),
        crate::expr::Tree::Opaque | crate::expr::Tree::Column(_)
    );
    if readable && value.text() != "-" {
        out.default.get_or_insert(value);
    }
}

/// Whether three dots stand in for something.
pub(super) fn elided(clean: &Clean, from: usize, to: usize) -> bool {
    let (start, end) = clean.bytes(from, to);
    clean.text().get(start..end).is_some_and(|text| text.contains("...") || text.contains('…'))
}

/// The token behind ON DELETE action.
fn action_end(clean: &Clean, on: usize) -> usize {
    let n = on + 2;
    if clean.are(n, &["set", "null"]) || clean.are(n, &["set", "default"]) {
        // The columns that it empties; a word in parentheses, `(optional)`, is a remark.
        let columns = (clean.kind(n + 2) == TokenKind::LeftParen)
            .then(|| clean.behind_group(n + 2))
            .flatten()
            .filter(|behind| names_only(clean, n + 3, behind - 1))
            .filter(|behind| (n + 3..behind - 1).step_by(2).all(|i| clean.token(i).contains('_')));
        columns.unwrap_or(n + 2)
    } else if clean.are(n, &["no", "action"]) {
        n + 2
    } else if clean.is_any(n, &["cascade", "restrict"]) {
        n + 1
    } else {
        n
    }
}

/// Whether only names and commas stand between two tokens.
pub(super) fn names_only(clean: &Clean, from: usize, to: usize) -> bool {
    from < to
        && (from..to).all(|n| match (n - from) % 2 {
            0 => is_name(clean, n),
            _ => clean.kind(n) == TokenKind::Comma,
        })
        && (to - from) % 2 == 1
}

/// Names between two tokens as SQL, in parentheses.
pub(super) fn names(clean: &Clean, from: usize, to: usize) -> Patched {
    let mut out = Patched::default();
    let (start, _) = clean.place(from, to);
    out.say("(", start, start);
    for n in (from..to).step_by(2) {
        if n > from {
            out.glue(", ");
        }
        out.append(&identifier(&clean.part(n, n + 1)));
    }
    out.glue(")");
    out
}
