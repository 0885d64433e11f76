use crate::finding::{Certainty, Severity};
use crate::rules::support::is_one_of;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "forbidden-name",
    category: Category::Naming,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A name is a placeholder that was never replaced.",
    why: "`new_table`, `column1`, `foo` or `tmp` tell nobody what is in them, and once code depends on one it stays for years. Tables called \
          so are often left from a trial and forgotten, with data in them. PostgreSQL manual, 5.6.8 \"Renaming a Table\".",
    fires: examples!["CREATE TABLE «new_table» (id bigint PRIMARY KEY, «column1» text, «foo» text);"],
    silent: examples![
        "CREATE TABLE tests (id bigint PRIMARY KEY, data jsonb, value text, name text, test_id bigint, temp numeric);",
    ],
    supersedes: &[],
    check,
};

const PLACEHOLDERS: &[&str] = &[
    "aaa",
    "asdf",
    "bar",
    "baz",
    "bla",
    "blah",
    "column1",
    "column_1",
    "dummy",
    "foo",
    "foobar",
    "mytable",
    "my_table",
    "new_column",
    "new_table",
    "newcolumn",
    "newtable",
    "qwerty",
    "table1",
    "table_1",
    "test1",
    "test_table",
    "tmp",
    "todo",
    "untitled",
    "xxx",
];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let forbidden = cx.policy.patterns(RULE.name, "names");
    let is_forbidden = |name: &str| forbidden.iter().find(|p| p.matches(name, &|_| String::new()));
    let said = |name: &str| format!("`{name}` says nothing of what is in it.");
    for (id, table) in cx.tables() {
        out.look();
        if let Some(pattern) = is_forbidden(&table.name) {
            let message = format!("`{}` is a name that shall not be: `{}`.", cx.table_name(id), pattern.as_str());
            out.report(ObjectId::Table(id), table.name_span, message).certainty(Certainty::Proven);
        }
        if is_placeholder(&table.name) {
            out.report(ObjectId::Table(id), table.name_span, said(&cx.table_name(id)));
        }
    }
    for (id, _, number, column) in cx.columns_named(|name| is_forbidden(name).is_some()) {
        let Some(pattern) = is_forbidden(&column.name) else { continue };
        let message = format!("`{}` is a name that shall not be: `{}`.", cx.column_name(id, number), pattern.as_str());
        out.report(ObjectId::Column(id, number), column.name_span, message).certainty(Certainty::Proven);
    }
    for (id, _, number, column) in cx.columns_named(is_placeholder) {
        out.report(ObjectId::Column(id, number), column.name_span, said(&cx.column_name(id, number)));
    }
}

fn is_placeholder(name: &str) -> bool {
    is_one_of(name, PLACEHOLDERS)
}
