use crate::finding::{Certainty, Severity};
use crate::rules::support::{is_checked, last_word};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{DataType, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unbounded-user-text",
    category: Category::Constraints,
    severity: Severity::Info,
    certainty: Certainty::Advisory,
    summary: "A text that people fill in may be of any length.",
    why: "A `text` or `jsonb` column takes up to a gigabyte. Where people or programs outside fill it, one request can fill the disk, and \
          every list that selects the column carries it along. A CHECK on `char_length` or `pg_column_size` is a limit that can be changed \
          without touching the column. Which limit is right depends on what the column is for; programs often check it already, which is why \
          this rule runs only where it is asked for. PostgreSQL manual, 8.3 \"Character Types\" and 5.4.1 \"Check Constraints\".",
    fires: examples!["CREATE TABLE messages (id bigint PRIMARY KEY, «content text NOT NULL», «metadata jsonb»);"],
    silent: examples![
        "CREATE TABLE messages (id bigint PRIMARY KEY, content text NOT NULL CHECK (char_length(content) <= 10000), subject varchar(200), comment varchar(500), content_type text);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    const FREE: &[&str] = &[
        "bio",
        "body",
        "comment",
        "content",
        "description",
        "feedback",
        "message",
        "metadata",
        "note",
        "notes",
        "text",
    ];
    let unlimited = |t: &DataType| match t.builtin_name() {
        Some("text" | "jsonb" | "json") => true,
        Some("character varying") => t.modifiers.is_empty(),
        _ => false,
    };
    let is_free = |name| last_word(name).is_some_and(|w| FREE.contains(&w.as_ref()));
    for (id, table, number, column) in cx.columns_where(is_free, unlimited) {
        out.look();
        if column.generated.is_none() && !is_checked(cx.schema, table, number) {
            let message = format!("`{}` takes a text of any length.", cx.column_name(id, number));
            out.report(ObjectId::Column(id, number), column.span, message).object(ObjectId::Table(id));
        }
    }
}
