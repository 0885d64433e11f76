//! Which table a heading or a line in bold names.

use super::block::Text;
use super::clean::Clean;
use crate::read::ddl::lexer::TokenKind;
use crate::read::ddl::patched::Patched;

/// What a heading says that its section is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Kind {
    #[default]
    Table,
    View,
    MaterializedView,
    Enum,
}

/// A name that a heading or line gives.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    /// The name as SQL, with its schema where one is written.
    pub(super) sql: Patched,
    pub(super) kind: Kind,
    /// Whether a word says what it is: "Table: users".
    pub(super) explicit: bool,
    /// Whether the name stands in back quotes, or is one that no prose has.
    pub(super) coded: bool,
    /// Whether it was made of several words.
    pub(super) joined: bool,
}

/// Headings that stand between a table's heading and its columns, and name nothing.
const GENERIC: &[&str] = &[
    "attributes",
    "column definitions",
    "columns",
    "definition",
    "details",
    "fields",
    "overview",
    "properties",
    "schema",
    "structure",
    "table definition",
    "table schema",
    "table structure",
    "table columns",
];

/// Whether a heading only says that columns follow.
pub(super) fn is_generic(text: &str) -> bool {
    let text = super::clean::plain(text).trim_end_matches(':').to_ascii_lowercase();
    GENERIC.contains(&text.as_str())
}

/// A piece of SQL that is a name, in quotes where the bare word would be a key word.
pub(super) fn identifier(part: &Patched) -> Patched {
    let text = part.text();
    if text.starts_with('"') || !crate::keywords::needs_quotes(&text.to_ascii_lowercase()) {
        return part.clone();
    }
    let mut out = Patched::default();
    let (start, end) = part.range();
    out.say(&format!("\"{}\"", text.to_ascii_lowercase()), start, end);
    out
}

/// Whether a token can be a name.
pub(super) fn is_name(clean: &Clean, n: usize) -> bool {
    match clean.kind(n) {
        TokenKind::Quoted => true,
        TokenKind::Word => clean.token(n).is_ascii(),
        _ => false,
    }
}

/// A name with what dots put in front of it, as parts, from token `n` on; and the token behind it.
pub(super) fn path(clean: &Clean, n: usize) -> Option<(Vec<Patched>, usize)> {
    if !is_name(clean, n) {
        return None;
    }
    let mut parts = vec![identifier(&clean.part(n, n + 1))];
    let mut next = n + 1;
    while clean.kind(next) == TokenKind::Dot && is_name(clean, next + 1) && parts.len() < 4 {
        parts.push(identifier(&clean.part(next + 1, next + 2)));
        next += 2;
    }
    Some((parts, next))
}

/// Parts with dots between them.
pub(super) fn dotted(parts: &[Patched]) -> Patched {
    let mut out = Patched::default();
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            out.glue(".");
        }
        out.append(part);
    }
    out
}

/// The name of a table that a heading gives.
pub(super) fn of_heading(text: Text<'_>, base: u32) -> Option<Named> {
    let clean = Clean::new(text, base);
    let mut named = Named::default();
    let mut n = 0;
    // Numbers of chapters, and signs of decoration.
    while n < clean.tokens.len() && (!is_name(&clean, n) || is_chapter(&clean, n)) {
        n += 1;
    }
    loop {
        let (kind, words) = if clean.are(n, &["materialized", "view"]) || clean.are(n, &["materialised", "view"]) {
            (Kind::MaterializedView, 2)
        } else if clean.is(n, "view") {
            (Kind::View, 1)
        } else if clean.is_any(n, &["enum", "enumeration"]) {
            (Kind::Enum, 1)
        } else if clean
            .is_any(n, &["table", "entity", "model", "relation", "tabel", "tabelle", "tabla", "tabela", "tabella"])
        {
            (Kind::Table, 1)
        } else {
            break;
        };
        let mut next = n + words;
        if clean.is(next, "name") && clean.token(next + 1) == ":" {
            next += 1;
        }
        while next < clean.tokens.len() && !is_name(&clean, next) {
            next += 1;
        }
        // "Table of contents" and a table that is called `model`.
        if next >= clean.tokens.len() || clean.is_any(next, &["of", "for", "and", "in"]) {
            break;
        }
        named.kind = kind;
        named.explicit = true;
        n = next;
    }
    if let Some(code) = code_span(text) {
        let inner = Clean::new(code, base);
        if let Some((parts, next)) = path(&inner, 0)
            && next == inner.tokens.len()
        {
            named.sql = dotted(parts.get(parts.len().saturating_sub(2)..).unwrap_or_default());
            named.coded = true;
            named.explicit |= suffix(&clean, 0).is_some();
            return Some(named);
        }
    }
    if let Some(own) = own_name(&clean, n) {
        named.sql = own;
        named.coded = true;
        named.explicit |= suffix(&clean, 0).is_some();
        return Some(named);
    }
    let (parts, next) = path(&clean, n)?;
    if let Some(kind) = kind_word(&clean, next).filter(|_| ends(&clean, next + 1)) {
        named.kind = if named.explicit { named.kind } else { kind };
        named.explicit = true;
    } else if !ends(&clean, next) {
        // Several words: "User Profiles".
        let mut last = next;
        while is_name(&clean, last) && !ends(&clean, last) && kind_word(&clean, last).is_none() && last - n < 5 {
            last += 1;
        }
        named.explicit |= kind_word(&clean, last).is_some();
        if !(ends(&clean, last) || kind_word(&clean, last).is_some()) || parts.len() > 1 {
            return None;
        }
        let words: Vec<String> = (n..last).map(|i| clean.token(i).to_ascii_lowercase()).collect();
        let (start, end) = clean.place(n, last);
        named.sql.say(&words.join("_"), start, end);
        named.joined = true;
        return Some(named);
    }
    let name = dotted(parts.get(parts.len().saturating_sub(2)..).unwrap_or_default());
    named.coded = name.text().contains('_') || name.text().contains('.');
    named.sql = name;
    Some(named)
}

/// The name that a heading of words gives besides: "Order information table: t_order", "User Profiles (user_profiles)", and psql's
/// `Table "public.users"`.
fn own_name(clean: &Clean, from: usize) -> Option<Patched> {
    let last = clean.tokens.len().checked_sub(1)?;
    // Psql puts schema and name into one pair of quotes.
    if from == last && clean.kind(from) == TokenKind::Quoted {
        let whole = clean.part(from, from + 1);
        let inner = whole.text().trim_matches('"');
        let plain = inner.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.'));
        if plain && inner.matches('.').count() == 1 {
            let (start, end) = whole.range();
            let mut sql = Patched::default();
            sql.say(inner, start + 1, end.saturating_sub(1));
            return Some(sql);
        }
        return None;
    }
    let lower = |n: usize| is_name(clean, n) && clean.token(n).bytes().all(|b| !b.is_ascii_uppercase());
    let behind_colon = last >= 3
        && clean.kind(last - 1) == TokenKind::Colon
        && lower(last)
        && kind_word(clean, last - 2).is_some_and(|kind| kind == Kind::Table);
    if behind_colon {
        return Some(identifier(&clean.part(last, last + 1)));
    }
    let inner = last.checked_sub(1)?;
    let in_parentheses = clean.kind(last) == TokenKind::RightParen
        && inner >= 2
        && clean.kind(inner - 1) == TokenKind::LeftParen
        && lower(inner);
    if !in_parentheses {
        return None;
    }
    // Behind words that no table is called: "用户表 (t_user)".
    if inner == from && !clean.token(inner - 2).is_ascii() {
        return Some(identifier(&clean.part(inner, inner + 1)));
    }
    // A remark is no name: the name looks like one, or like the words before it.
    let name = clean.token(inner);
    let alike = |n: usize| {
        let word = clean.token(n).to_ascii_lowercase();
        name.get(..3).is_some_and(|start| word.starts_with(start))
    };
    let mut words = from..inner - 1;
    let several = words.clone().filter(|n| is_name(clean, *n)).count() > 1;
    (several && (name.contains('_') || words.any(alike))).then(|| identifier(&clean.part(inner, inner + 1)))
}

fn is_chapter(clean: &Clean, n: usize) -> bool {
    clean.token(n).len() == 1 && matches!(clean.token(n + 1), "." | ")" | ":")
}

fn kind_word(clean: &Clean, n: usize) -> Option<Kind> {
    if clean.is_any(n, &["table", "entity", "model", "collection", "tables"]) {
        Some(Kind::Table)
    } else if clean.is(n, "view") {
        Some(Kind::View)
    } else if clean.is_any(n, &["enum", "enumeration"]) {
        Some(Kind::Enum)
    } else {
        None
    }
}

/// The place of a word behind the name that says what it is.
fn suffix(clean: &Clean, from: usize) -> Option<usize> {
    (from..clean.tokens.len().min(8)).find(|n| kind_word(clean, *n).is_some())
}

/// Whether a heading's name ends in front of this token: at the end, or where a description begins.
fn ends(clean: &Clean, n: usize) -> bool {
    let token = clean.token(n);
    token.is_empty()
        || matches!(
            clean.kind(n),
            TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::Colon | TokenKind::Other | TokenKind::Comma
        )
        || matches!(token, "-" | "–" | "—" | "--" | "->" | ":" | "|" | "/" | "=")
        || token.starts_with(['–', '—', '·', '•', '|'])
}

/// The first text between back quotes; where schema and name have some of their own, both.
fn code_span(text: Text<'_>) -> Option<Text<'_>> {
    let open = text.text.find('`')?;
    let width = text.text.get(open..)?.bytes().take_while(|b| *b == b'`').count();
    let from = open + width;
    let mut end = from + text.text.get(from..)?.find('`')?;
    if let Some(rest) = text.text.get(end..).and_then(|rest| rest.strip_prefix("`.`"))
        && let Some(more) = rest.find('`')
    {
        end += 3 + more;
    }
    Some(text.slice(from, end).trim())
}

/// The name of a table that a line alone gives: in bold or in back quotes, or "Table: users".
pub(super) fn of_line(text: Text<'_>, base: u32) -> Option<Named> {
    if text.text.len() > 120 {
        return None;
    }
    let bare = text.text.trim().trim_end_matches([':', '.']).trim_end();
    let wrapped = ["**", "__", "`"].iter().any(|mark| {
        bare.len() > 2 * mark.len()
            && bare.starts_with(mark)
            && bare.ends_with(mark)
            && !bare.get(mark.len()..bare.len() - mark.len()).unwrap_or_default().contains("**")
    });
    if let Some(named) = of_sentence(text, base) {
        return Some(named);
    }
    // "The table has these columns:" names nothing.
    let first = bare.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let sentence = ["a", "all", "an", "each", "every", "our", "the", "these", "this"];
    if !wrapped && sentence.iter().any(|word| first.eq_ignore_ascii_case(word)) {
        return None;
    }
    let inner = text.slice(0, bare.len());
    let named = of_heading(inner, base)?;
    // "Table: users", "Table name: users".
    let told = bare.split_once(':').is_some_and(|(kind, name)| {
        let kind = kind.trim_matches(['*', '_', ' ']).to_ascii_lowercase();
        let kind = kind.strip_suffix(" name").unwrap_or(&kind);
        TABLES.contains(&kind) && !name.trim().contains(' ')
    });
    (wrapped || (named.explicit && (named.coded || told)) || (named.explicit && text.text.trim_end().ends_with(':')))
        .then_some(named)
}

/// The table of a sentence that introduces its columns: "Table **users** has the columns:", "The `users` table has the following fields:".
pub(super) fn of_sentence(text: Text<'_>, base: u32) -> Option<Named> {
    let lower = text.text.trim().to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    let introduces = lower.ends_with(':')
        && (words.clone().any(|w| COLUMNS.contains(&w)) || lower.split_whitespace().count() <= 3)
        && !words.clone().any(|w| OTHERS.iter().any(|other| w.starts_with(other)))
        && words.any(|w| TABLES.contains(&w));
    if !introduces || text.text.len() > 120 {
        return None;
    }
    // Two marked names: which of them is the table is not known.
    let mark = if text.text.contains('`') { "`" } else { "**" };
    let [_, name, _] = text.text.split(mark).collect::<Vec<_>>().try_into().ok()?;
    let at = text.text.find(name)?;
    let clean = Clean::new(text.slice(at, at + name.len()), base);
    let (parts, next) = path(&clean, 0).filter(|(_, next)| *next == clean.tokens.len())?;
    let sql = dotted(parts.get(parts.len().saturating_sub(2)..).unwrap_or_default());
    (next > 0).then(|| Named { sql, explicit: true, coded: true, ..Named::default() })
}

/// Words for tables in such a sentence.
const TABLES: &[&str] = &["table", "entity", "tabelle", "tabla", "tabela", "tabella", "relation"];
/// Words for columns in it.
const COLUMNS: &[&str] = &[
    "attributes",
    "campos",
    "champs",
    "colonne",
    "colonnes",
    "column",
    "columnas",
    "columns",
    "felder",
    "field",
    "fields",
    "spalten",
];
/// Beginnings of words of one that tells of changes, or of an interface, and not of what a database has.
const OTHERS: &[&str] = &[
    "add", "config", "drop", "endpoint", "fehl", "lack", "miss", "neu", "new", "payload", "remov", "renam", "request",
    "respons", "should", "unused", "without",
];
