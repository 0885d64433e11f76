//! Revisions of Alembic: Python around SQL.

/// What stands at the head of a revision.
pub(super) struct Revision<'a> {
    /// What it does, in one line.
    pub(super) message: &'a str,
    /// Its id.
    pub(super) id: &'a str,
    /// The revisions that it follows; none for a base, several for a merge.
    pub(super) after: &'a [String],
}

/// A step of `upgrade` or `downgrade`.
pub(super) enum Line {
    /// A line of a comment.
    Comment(String),
    /// A statement.
    Run(String),
    /// A statement that runs outside of the transaction of the revision.
    RunAlone(String),
}

/// A revision as its file stands.
pub(super) fn revision(head: &Revision<'_>, notes: &[String], up: &[Line], down: &[Line]) -> String {
    let revises = head.after.join(", ");
    let mut out = format!("{}\n", python_docstring(head, &revises));
    for note in notes {
        out.push_str(&format!("# {}\n", note.trim_start_matches('-').trim_start()));
    }
    let after: Vec<String> = head.after.iter().map(|id| python_string(id)).collect();
    let after = match after.as_slice() {
        [] => "None".to_owned(),
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    };
    out.push_str(&format!(
        "from alembic import op\n\nrevision = {}\ndown_revision = {after}\nbranch_labels = None\ndepends_on = None\n",
        python_string(head.id)
    ));
    out.push_str("\n\ndef upgrade() -> None:\n");
    body(&mut out, up);
    out.push_str("\n\ndef downgrade() -> None:\n");
    body(&mut out, down);
    out
}

fn python_docstring(head: &Revision<'_>, revises: &str) -> String {
    let safe = |text: &str| text.replace('\\', "\\\\").replace('"', "'");
    format!("\"\"\"{}\n\nRevision ID: {}\nRevises: {}\n\"\"\"", safe(head.message), safe(head.id), safe(revises))
}

fn body(out: &mut String, lines: &[Line]) {
    let mut runs = false;
    let mut alone = false;
    for line in lines {
        let (indent, text) = match line {
            Line::Comment(text) => {
                let indent = if alone { "        " } else { "    " };
                out.push_str(&format!("{indent}# {}\n", text.trim_start_matches('-').trim_start()));
                continue;
            }
            Line::Run(text) => {
                alone = false;
                ("    ", text)
            }
            Line::RunAlone(text) => {
                if !alone {
                    out.push_str("    with op.get_context().autocommit_block():\n");
                }
                alone = true;
                ("        ", text)
            }
        };
        runs = true;
        out.push_str(&format!("{indent}op.execute(\n{indent}    {}\n{indent})\n", python_string(&bound(text))));
    }
    if !runs {
        out.push_str("    pass\n");
    }
}

/// A string of Python: in three quotes where it has several lines.
fn python_string(text: &str) -> String {
    let mut inner = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' => inner.push_str("\\\\"),
            '"' => inner.push_str("\\\""),
            '\r' => inner.push_str("\\r"),
            '\0' => inner.push_str("\\x00"),
            c => inner.push(c),
        }
    }
    if inner.contains('\n') { format!("\"\"\"{inner}\"\"\"") } else { format!("\"{inner}\"") }
}

/// SQL as `op.execute` takes it: it reads `:name` as a parameter, unless a backslash stands before it. Source: the patterns BIND_PARAMS,
/// `(?<![:\w\$\x5c]):([\w\$]+)(?![:\w\$])`, and BIND_PARAMS_ESC, `\x5c(:[\w\$]*)(?![:\w\$])`, of SQLAlchemy's compiler.
fn bound(sql: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let mut out = String::with_capacity(sql.len());
    let mut before = ' ';
    for (at, c) in sql.char_indices() {
        if c == ':' {
            let rest = sql.get(at + 1..).unwrap_or_default();
            let behind = rest.trim_start_matches(word);
            let ends = !behind.starts_with(':');
            let parameter = before != ':' && before != '\\' && !word(before) && behind.len() < rest.len() && ends;
            // A backslash that stands there already would be taken away.
            if parameter || (before == '\\' && ends) {
                out.push('\\');
            }
        }
        out.push(c);
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_that_sqlalchemy_would_take_for_parameters_are_escaped() {
        // SQLAlchemy's own examples of what is a parameter and what is none.
        for (sql, expected) in [
            ("SELECT 'a'::text", "SELECT 'a'::text"),
            ("SELECT ' :name'", "SELECT ' \\:name'"),
            ("SELECT '12:30'", "SELECT '12:30'"),
            ("SELECT a[1:2]", "SELECT a[1:2]"),
            ("SELECT '{\"a\": 1}'", "SELECT '{\"a\": 1}'"),
            ("SELECT ':smile:'", "SELECT ':smile:'"),
            ("SELECT ' :$5'", "SELECT ' \\:$5'"),
            ("SELECT '\\:a', '\\:a:'", "SELECT '\\\\:a', '\\:a:'"),
        ] {
            assert_eq!(bound(sql), expected);
        }
    }

    #[test]
    fn a_revision_is_python_whatever_the_sql_holds() {
        let up = [Line::Run("SELECT '\"\"\"', '\\'".to_owned()), Line::RunAlone("VACUUM".to_owned())];
        let head = Revision { message: "a \"b\"", id: "0a", after: &["x".to_owned(), "y".to_owned()] };
        let expected = r#""""a 'b'

Revision ID: 0a
Revises: x, y
"""
from alembic import op

revision = "0a"
down_revision = ("x", "y")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "SELECT '\"\"\"', '\\'"
    )
    with op.get_context().autocommit_block():
        op.execute(
            "VACUUM"
        )


def downgrade() -> None:
    pass
"#;
        assert_eq!(revision(&head, &[], &up, &[]), expected);
    }
}
