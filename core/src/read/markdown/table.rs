//! Tables that describe columns: which head has which part, and whether a table describes a database at all.

use super::block::Text;
use super::clean::{Clean, plain};
use super::naming::{identifier, is_name};
use super::traits::{self, Place, Reference, Tone, Traits};
use super::types::{self, DocumentType, Evidence};
use super::vocabulary;
use crate::read::ddl::lexer::TokenKind;
use crate::read::ddl::patched::Patched;

/// What a column of a table holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Role {
    /// The table that a column belongs to, in a table of all columns.
    Table,
    Name,
    Type,
    Length,
    Constraints,
    Nullable,
    NotNull,
    Key,
    Primary,
    Foreign,
    /// The table and the column that a foreign key points to, in columns of their own.
    ForeignTable,
    ForeignColumn,
    Unique,
    Indexed,
    Default,
    Check,
    Description,
    Other,
}

/// The head of a table: each column's role, and how surely it is one of columns.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) roles: Vec<Role>,
    /// The words, to know tables of one form by.
    pub(super) words: Vec<String>,
    score: i32,
}

impl Head {
    pub(super) fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    fn cell<'a>(&self, row: &[Text<'a>], role: Role) -> Option<Text<'a>> {
        let at = self.roles.iter().position(|r| *r == role)?;
        row.get(at).copied().filter(|c| !c.text.is_empty())
    }

    pub(super) fn table<'a>(&self, row: &[Text<'a>]) -> Option<Text<'a>> {
        self.cell(row, Role::Table)
    }
}

/// A head's words in lower case, without marks.
pub(super) fn words(cell: Text<'_>) -> String {
    let plain = plain(cell.text).to_lowercase();
    let bare: String = plain.chars().map(|c| if c.is_alphanumeric() || c == '?' { c } else { ' ' }).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The roles of a head, where it is one of columns: it has a name and a type.
pub(super) fn head(cells: &[Text<'_>]) -> Option<Head> {
    roles(cells).filter(|head| head.has(Role::Name) && head.has(Role::Type))
}

/// The same for a head in words of its own, by what stands below it: types that only a database has, and names in front of them.
pub(super) fn head_by_rows(cells: &[Text<'_>], body: &[Vec<Text<'_>>], base: u32) -> Option<Head> {
    let mut head = roles(cells)?;
    if head.has(Role::Table) {
        return None;
    }
    let most = |at: usize, is: &dyn Fn(&Clean) -> bool| {
        let cells = body.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.text.is_empty());
        let (mut all, mut good) = (0, 0);
        for cell in cells.take(MAX_LOOKED_AT) {
            all += 1;
            good += usize::from(is(&Clean::new(*cell, base)));
        }
        all > 1 && all * 2 >= body.len().min(MAX_LOOKED_AT) && good * 10 >= all * 6
    };
    let is_type = |cell: &Clean| types::read(cell).is_some_and(|t| evidence_of(&t) >= Evidence::Shared);
    // Numbers and texts have many things; one of the types is one that only a database has.
    let sure = |at: usize| {
        let mut cells = body.iter().filter_map(|row| row.get(at)).take(MAX_LOOKED_AT);
        let of_database = |t: DocumentType| evidence_of(&t) == Evidence::Database;
        cells.any(|cell| types::read(&Clean::new(*cell, base)).is_some_and(of_database))
    };
    let open = |head: &Head, at: usize| head.roles.get(at) == Some(&Role::Other);
    let width = head.roles.len();
    if !head.has(Role::Type) {
        let found = (1..width).find(|at| open(&head, *at) && most(*at, &is_type) && sure(*at))?;
        *head.roles.get_mut(found)? = Role::Type;
    } else if !head.roles.iter().position(|role| *role == Role::Type).is_some_and(|at| most(at, &is_type) && sure(at)) {
        return None;
    }
    if !head.has(Role::Name) {
        let is_name = |cell: &Clean| cell.tokens.len() == 1 && column_names(cell).len() == 1 && !is_type(cell);
        let found = (0..width).find(|at| open(&head, *at) && most(*at, &is_name))?;
        *head.roles.get_mut(found)? = Role::Name;
    }
    Some(head)
}

/// How many rows are looked at for what their cells hold.
const MAX_LOOKED_AT: usize = 50;

/// A table that has a row for each property and a column for each column: turned round, with its head.
pub(super) fn turned<'a>(rows: &[Vec<Text<'a>>]) -> Option<(Head, Vec<Vec<Text<'a>>>)> {
    let first: Vec<Text<'a>> = rows.iter().map(|row| row.first().copied()).collect::<Option<_>>()?;
    let head = head(&first)?;
    let width = rows.first()?.len();
    let body = (1..width).map(|at| rows.iter().map(|row| row.get(at).copied()).collect::<Option<Vec<_>>>());
    Some((head, body.collect::<Option<Vec<_>>>()?)).filter(|_| width > 2)
}

/// What each cell of a head says.
fn roles(cells: &[Text<'_>]) -> Option<Head> {
    let words: Vec<String> = cells.iter().map(|c| words(*c)).collect();
    let mut roles: Vec<Role> = Vec::with_capacity(words.len());
    let mut score = 0;
    for word in &words {
        let (role, points) = vocabulary::role(word);
        // The first of a kind counts; a second "Name" is something else.
        let taken = role != Role::Other && roles.contains(&role);
        roles.push(if taken { Role::Other } else { role });
        score += if taken { 0 } else { points };
    }
    // "Table | Column | …": elsewhere a table's name is a remark.
    if roles.contains(&Role::Table)
        && !words.iter().any(|w| {
            ["column", "field", "spalte", "feld"].iter().any(|s| w.starts_with(s))
                || vocabulary::role(w) == (Role::Name, 1)
        })
    {
        roles.iter_mut().filter(|r| **r == Role::Table).for_each(|r| *r = Role::Other);
    }
    (!roles.is_empty()).then_some(Head { roles, words, score })
}

/// The head of a list of columns: each item is a name, and a type with whatever else is said behind it.
pub(super) fn head_of_list() -> Head {
    Head { roles: vec![Role::Name, Role::Type, Role::Description], words: vec!["- name: type".to_owned()], score: 0 }
}

/// A column as a row describes it.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: Patched,
    /// As the database keeps it.
    pub(super) folded: String,
    pub(super) data_type: Option<DocumentType>,
    pub(super) traits: Traits,
    /// Its description, and where it stands.
    pub(super) description: Option<(String, Place)>,
    /// From the row's first cell to its last.
    pub(super) place: Place,
}

/// A constraint that has a row of its own among the columns.
#[derive(Clone, Debug)]
pub(super) struct RowConstraint {
    /// `PRIMARY KEY (a, b)` and its like.
    pub(super) sql: Patched,
    pub(super) place: Place,
}

/// What the rows of a table say.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) columns: Vec<Column>,
    pub(super) constraints: Vec<RowConstraint>,
    /// Rows whose first cell names no column.
    pub(super) unnamed: Vec<Place>,
}

impl Column {
    /// Whether what is said of it is said of a column: a type that somebody knows, a key or a reference.
    pub(super) fn is_sure(&self) -> bool {
        self.is_key() || self.data_type.as_ref().is_some_and(|t| evidence_of(t) > Evidence::None)
    }

    fn is_key(&self) -> bool {
        self.traits.primary.is_some() || self.traits.foreign.is_some() || !self.traits.references.is_empty()
    }
}

/// The place in the file of a part of the document.
pub(super) fn place_of(text: Text<'_>, base: u32) -> Place {
    let place = |at: usize| base.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    (place(text.at), place(text.end()))
}

impl Rows {
    /// How surely the rows describe a table of a database; `None` where they do not.
    pub(super) fn score(&self, head: &Head) -> Option<i32> {
        // A key without a type is a column all the same.
        let known = self.columns.iter().filter(|c| c.data_type.is_some() || c.is_key()).count();
        let types: Vec<Evidence> = self.columns.iter().filter_map(|c| c.data_type.as_ref().map(evidence_of)).collect();
        if self.columns.is_empty() || self.unnamed.len() > self.columns.len() / 4 || known * 10 < self.columns.len() * 6
        {
            return None;
        }
        let database = types.iter().filter(|e| **e == Evidence::Database).count();
        let shared = types.iter().filter(|e| **e >= Evidence::Shared).count();
        let none = types.iter().filter(|e| **e == Evidence::None).count();
        if none * 2 > types.len() {
            return None;
        }
        let mut score = head.score;
        score += if types.is_empty() {
            0
        } else if database * 2 >= types.len() {
            3
        } else if shared * 10 >= types.len() * 6 {
            1
        } else {
            0
        };
        let keyed = self.columns.iter().any(|c| c.traits.primary.is_some() || !c.traits.references.is_empty());
        score += if keyed || !self.constraints.is_empty() { 3 } else { 0 };
        Some(score)
    }
}

/// What a type says: the word as written, and what PostgreSQL calls it with its modifiers.
fn evidence_of(data_type: &DocumentType) -> Evidence {
    let mut said = Patched::default();
    said.say(&data_type.word, 0, 0);
    let word = types::evidence(&relex(said));
    let sql = types::evidence(&relex(data_type.sql.clone()));
    // `string` becomes `text`, but says no more than `string`.
    if word == Evidence::Generic { word } else { word.max(sql) }
}

/// SQL as tokens again.
pub(super) fn relex(sql: Patched) -> Clean {
    let mut tokens = Vec::new();
    crate::read::ddl::lexer::lex(sql.text(), &mut tokens, 500);
    Clean { sql, tokens }
}

/// Reads rows of columns.
pub(super) fn rows<'a>(head: &Head, body: impl Iterator<Item = &'a Vec<Text<'a>>>, base: u32) -> Rows {
    let mut out = Rows::default();
    let body: Vec<&Vec<Text<'a>>> = body.collect();
    let blank_is_no = marks_nullable(head, &body);
    for row in body {
        let Some(first) = head.cell(row, Role::Name) else {
            out.unnamed.extend(row.iter().find(|c| !c.text.is_empty()).map(|c| place_of(*c, base)));
            continue;
        };
        // A heading among the rows: "**Audit fields**" alone.
        if head.roles.len() > 2
            && row.iter().filter(|c| !c.text.is_empty()).count() == 1
            && ["**", "__", "<b>", "<strong>"].iter().any(|m| first.text.starts_with(m))
        {
            continue;
        }
        if let Some(constraint) = row_constraint(row, first, base) {
            out.constraints.push(constraint);
            continue;
        }
        let name = Clean::new(first, base);
        let names = column_names(&name);
        if names.is_empty() {
            out.unnamed.push(place_of(first, base));
            continue;
        }
        let last = row.iter().rev().find(|c| !c.text.is_empty()).copied().unwrap_or(first);
        let end = base.saturating_add(u32::try_from(last.end()).unwrap_or(u32::MAX));
        for n in names {
            let sql = identifier(&name.part(n, n + 1));
            let folded = fold(&sql);
            let mut column = column(head, row, sql, folded, base);
            column.place = (name.place(n, n + 1).0, end);
            column.traits.not_null |= blank_is_no && head.cell(row, Role::Nullable).is_none();
            // `id (PK)` and `id 🔑`.
            traits::read(&name, n + 1, &column.folded, Tone::Terms, &mut column.traits);
            out.columns.push(column);
        }
    }
    out
}

/// Whether the column for NULL has nothing but marks where it is allowed, and blanks elsewhere.
fn marks_nullable(head: &Head, body: &[&Vec<Text<'_>>]) -> bool {
    let Some(at) = head.roles.iter().position(|role| *role == Role::Nullable) else { return false };
    let mut blank = false;
    let mut marked = false;
    for cell in body.iter().filter_map(|row| row.get(at)) {
        blank |= cell.text.is_empty();
        marked |= !cell.text.is_empty();
        if !cell.text.is_empty()
            && !matches!(plain(cell.text).as_str(), "✓" | "✔" | "✔️" | "✅" | "☑" | "●" | "•" | "√" | "x" | "X")
        {
            return false;
        }
    }
    blank && marked
}

/// A name as the database keeps it.
pub(super) fn fold(name: &Patched) -> String {
    match name.text().strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => name.text().to_ascii_lowercase(),
    }
}

/// The tokens of a first cell that are names of columns: one, or several with commas or slashes between them.
fn column_names(clean: &Clean) -> Vec<usize> {
    let mut n = 0;
    while n < clean.tokens.len() && !is_name(clean, n) {
        if clean.kind(n) == TokenKind::Operator && clean.token(n).starts_with("--") {
            return Vec::new();
        }
        n += 1;
    }
    let mut names = Vec::new();
    while is_name(clean, n) {
        names.push(n);
        if matches!(clean.token(n + 1), "," | "/" | "&") && is_name(clean, n + 2) {
            n += 2;
        } else {
            n += 1;
            break;
        }
    }
    let ends = match clean.kind(n) {
        TokenKind::End | TokenKind::LeftParen | TokenKind::Other | TokenKind::Comma => true,
        TokenKind::Operator => matches!(clean.token(n), "*" | "?" | "-" | "#" | "!"),
        TokenKind::Word => clean.is_any(n, &["pk", "fk", "uk"]) || !clean.token(n).is_ascii(),
        _ => false,
    };
    if ends { names } else { Vec::new() }
}

/// A row that is no column but a constraint: `PRIMARY KEY | (id, created_at)`.
fn row_constraint(row: &[Text<'_>], first: Text<'_>, base: u32) -> Option<RowConstraint> {
    let clean = Clean::new(first, base);
    let words = if clean.are(0, &["primary", "key"]) || clean.are(0, &["foreign", "key"]) {
        2
    } else if clean.is_any(0, &["unique", "check", "constraint", "pk"]) {
        1
    } else {
        return None;
    };
    let mut text = Patched::default();
    for cell in row.iter().skip_while(|c| c.at != first.at).filter(|c| !c.text.is_empty()) {
        text.glue(" ");
        text.append(&Clean::new(*cell, base).sql);
    }
    let joined = relex(text);
    if joined.kind(words) != TokenKind::LeftParen {
        return None;
    }
    let behind = joined.behind_group(words)?;
    let mut sql = Patched::default();
    let (start, end) = joined.place(0, words);
    let keyword = if clean.is(0, "pk") {
        "PRIMARY KEY".to_owned()
    } else {
        (0..words).map(|n| clean.token(n).to_uppercase()).collect::<Vec<_>>().join(" ")
    };
    sql.say(&keyword, start, end);
    sql.glue(" ");
    if traits::names_only(&joined, words + 1, behind - 1) {
        sql.append(&traits::names(&joined, words + 1, behind - 1));
    } else {
        sql.append(&joined.part(words, behind));
    }
    let mut last = behind;
    if clean.are(0, &["foreign", "key"]) {
        let mut traits = Traits::default();
        traits::read(&joined, behind, "", Tone::Terms, &mut traits);
        let reference = traits.references.first()?;
        sql.glue(" REFERENCES ");
        sql.append(&super::naming::dotted(&reference.parts));
        if let Some(columns) = &reference.columns {
            sql.append(columns);
        }
        sql.append(&reference.actions);
        last = joined.tokens.len();
    }
    Some(RowConstraint { sql, place: joined.place(0, last) })
}

fn column(head: &Head, row: &[Text<'_>], name: Patched, folded: String, base: u32) -> Column {
    let mut traits = Traits::default();
    let clean = |role| head.cell(row, role).map(|cell| Clean::new(cell, base));
    let mut data_type = None;
    if let Some(cell) = clean(Role::Type) {
        data_type = types::read(&cell);
        if let Some(read) = &data_type {
            traits.nullable |= read.nullable;
            if let Some((from, behind)) = read.values {
                traits::value_check(&cell, from, behind, &folded, true, &mut traits);
            }
            traits::read(&cell, read.next, &folded, Tone::Terms, &mut traits);
        } else {
            traits::read(&cell, 0, &folded, Tone::Terms, &mut traits);
        }
    }
    if let (Some(read), Some(cell)) = (&mut data_type, clean(Role::Length))
        && matches!(
            read.word.as_str(),
            "varchar" | "char" | "character" | "string" | "decimal" | "numeric" | "nvarchar"
        )
        && !read.sql.text().contains('(')
        && cell.kind(0) == TokenKind::Number
        && cell.tokens.len() <= 3
    {
        read.sql.glue("(");
        read.sql.append(&cell.part(0, cell.tokens.len()));
        read.sql.glue(")");
    }
    if let Some(cell) = clean(Role::Constraints) {
        traits::read(&cell, 0, &folded, Tone::Terms, &mut traits);
    }
    if let Some(cell) = clean(Role::Key) {
        traits::read(&cell, 0, &folded, Tone::Terms, &mut traits);
    }
    if let Some(cell) = clean(Role::Check)
        && !matches!(answer(cell.text()), Some(false))
    {
        let mut check = Patched::default();
        check.say("CHECK ", cell.place(0, 1).0, cell.place(0, 1).0);
        if !cell.is(0, "check") {
            check.append(&cell.sql);
            let joined = relex(check);
            traits::read(&joined, 0, &folded, Tone::Terms, &mut traits);
        } else {
            traits::read(&cell, 0, &folded, Tone::Terms, &mut traits);
        }
    }
    for (role, set) in [(Role::Primary, true), (Role::Unique, false)] {
        if let Some(cell) = clean(role)
            && answer(cell.text()) == Some(true)
        {
            let place = cell.sql.place(0, cell.text().len());
            *(if set { &mut traits.primary } else { &mut traits.unique }) = Some(place);
        }
    }
    if let Some(cell) = clean(Role::Indexed)
        && answer(cell.text()) == Some(true)
    {
        traits.indexed = Some(cell.sql.place(0, cell.text().len()));
    }
    if let Some(cell) = clean(Role::Foreign) {
        match answer(cell.text()) {
            None => {
                // "✓ (teams.id)".
                let from = usize::from(cell.tokens.len() > 1 && answer(cell.token(0)) == Some(true));
                let inner =
                    cell.kind(from) == TokenKind::LeftParen && cell.behind_group(from) == Some(cell.tokens.len());
                let (from, to) = if inner { (from + 1, cell.tokens.len() - 1) } else { (from, cell.tokens.len()) };
                let mut said = Patched::default();
                let at = cell.place(from, from + 1).0;
                if !cell.is_any(from, &["fk", "references", "foreign"]) {
                    said.say("FK -> ", at, at);
                }
                said.append(&cell.part(from, to));
                let joined = relex(said);
                traits::read(&joined, 0, &folded, Tone::Terms, &mut traits);
            }
            Some(true) => traits.foreign = Some(cell.sql.place(0, cell.text().len())),
            Some(false) => {}
        }
    }
    if let Some(table) = clean(Role::ForeignTable)
        && answer(table.text()).is_none()
        && let Some((parts, next)) = super::naming::path(&table, 0)
        && next == table.tokens.len()
        && traits.references.is_empty()
    {
        let column = clean(Role::ForeignColumn).filter(|c| traits::names_only(c, 0, c.tokens.len()));
        let columns = column.as_ref().map(|c| traits::names(c, 0, c.tokens.len()));
        let place = table.place(0, next);
        traits.references.push(Reference { parts, columns, actions: Patched::default(), place });
    }
    if let Some(cell) = clean(Role::Nullable) {
        match answer(cell.text()).map(|yes| yes && !cell.is_any(0, &["not", "required"])) {
            Some(true) => traits.nullable = true,
            Some(false) => traits.not_null = true,
            None => {}
        }
    }
    if let Some(cell) = clean(Role::NotNull) {
        match answer(cell.text()).map(|yes| yes && !cell.is_any(0, &["null", "nullable", "optional"])) {
            Some(true) => traits.not_null = true,
            Some(false) => traits.nullable = true,
            None => {}
        }
    }
    if let Some(cell) = clean(Role::Default)
        && traits.default.is_none()
    {
        if cell.is(0, "generated") && cell.tokens.len() > 1 {
            traits::read(&cell, 0, &folded, Tone::Terms, &mut traits);
        } else {
            let from = usize::from(cell.is(0, "default"));
            traits::set_default(&cell, from, cell.tokens.len(), &mut traits);
        }
    }
    let described = head.cell(row, Role::Description).map(|cell| {
        let start = base.saturating_add(u32::try_from(cell.at).unwrap_or(u32::MAX));
        (plain(cell.text), (start, start.saturating_add(u32::try_from(cell.text.len()).unwrap_or(u32::MAX))))
    });
    // Where nothing else has a place for keys, the description tells them.
    let has_terms = [Role::Constraints, Role::Key, Role::Primary, Role::Foreign].iter().any(|r| head.has(*r));
    if let Some(cell) = clean(Role::Description).filter(|_| !has_terms) {
        traits::read(&cell, 0, &folded, Tone::Prose, &mut traits);
    }
    // What is marked FK may say in its description where it points.
    if let Some(cell) = clean(Role::Description).filter(|_| traits.foreign.is_some() && traits.references.is_empty()) {
        traits.references.extend(traits::target_in_prose(&cell));
    }
    Column {
        name,
        folded,
        data_type,
        traits,
        description: described.filter(|(text, _)| !text.is_empty() && !matches!(text.as_str(), "-" | "—" | "–")),
        place: (0, 0),
    }
}

/// A cell that says yes or no.
fn answer(text: &str) -> Option<bool> {
    let text = text.trim().to_lowercase();
    match text.as_str() {
        "✓" | "✔" | "✔️" | "✅" | "☑" | "●" | "•" | "√" | "null" | "nullable" | "optional" | "pk" | "fk" | "🔑"
        | "required" | "unique" | "uq" | "not null" | "*" => Some(true),
        "-" | "–" | "—" | "✗" | "✘" | "✖" | "❌" | "×" | "" => Some(false),
        word => vocabulary::answer(word),
    }
}
