//! What `relata squash --format alembic` and `relata fix` write for Alembic, run by Alembic itself on a live PostgreSQL. `cargo xtask oracle` installs it from
//! PyPI and says where it is in `RELATA_ALEMBIC`; elsewhere this says "skipped".

#![allow(clippy::print_stdout, reason = "a test says what it skipped and compared")]

use std::path::{Path, PathBuf};
use std::process::Command;

use relata_core::analysis::Analysis;
use relata_core::emit::{Format, Selection, fix, squash};
use relata_tests::corpus::{self, analyze_sql, catalog};
use relata_tests::facts::Comparison;
use relata_tests::packages;
use relata_tests::server::Database;

/// An Alembic project in a folder of its own, and its database.
struct Project {
    folder: PathBuf,
    database: Database,
    program: PathBuf,
}

impl Project {
    /// `None` where Alembic is not there.
    fn new(name: &str) -> Option<Self> {
        let Some(program) = std::env::var_os("RELATA_ALEMBIC") else {
            println!("skipped: RELATA_ALEMBIC names no Alembic; `cargo xtask oracle` installs it");
            return None;
        };
        let folder = std::env::temp_dir().join(format!("relata-alembic-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("alembic/versions")).expect("a folder");
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("alembic/env.py");
        std::fs::copy(own, folder.join("alembic/env.py")).expect("the environment");
        std::fs::write(folder.join("alembic.ini"), "[alembic]\nscript_location = alembic\n").expect("the settings");
        Some(Self { folder, database: Database::create(&format!("alembic_{name}")), program: program.into() })
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.folder.join("alembic/versions").join(name.rsplit('/').next().expect("a name"));
        std::fs::write(path, text).expect("a revision");
    }

    /// Runs a command of Alembic, which must succeed, and gives what it printed.
    #[track_caller]
    fn alembic(&self, arguments: &[&str]) -> String {
        self.try_alembic(arguments).unwrap_or_else(|errors| panic!("alembic {}: {errors}", arguments.join(" ")))
    }

    /// Runs a command of Alembic and gives what it printed, or its errors.
    fn try_alembic(&self, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new(&self.program)
            .args(arguments)
            .current_dir(&self.folder)
            .env("RELATA_DATABASE", self.database.name())
            .output()
            .expect("Alembic runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// The project as Relata reads it.
    fn analyze(&self) -> Analysis {
        packages::read(&self.folder, &self.folder.join("alembic/versions"))
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The differences of two catalogues.
fn differences(a: &serde_json::Value, b: &serde_json::Value) -> String {
    Comparison::of(a, b).differences(8)
}

/// Scripts of ours with what schemas seldom have, and items of the corpus: what Alembic leaves is what the same squash as SQL leaves.
#[test]
fn alembic_runs_a_squash() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("squash");
    let read = |name: &str| std::fs::read_to_string(scripts.join(name)).expect("a script of ours");
    let mut inputs: Vec<(String, Analysis, String)> =
        [("tables.sql", String::new()), ("code.sql", String::new()), ("platform.sql", read("platform.before.sql"))]
            .map(|(name, before)| (name.to_owned(), analyze_sql([(name, read(name).as_bytes())]), before))
            .into();
    // Colons, percent signs, backslashes and quotes: each means something to SQLAlchemy, to its driver or to Python.
    let signs = "CREATE TABLE signs (a text DEFAULT ' :name %s %(x)s 100% \\ \"\"\" ''', b text CHECK (b LIKE '%:x%' AND b !~ '\\:y'));\n\
                 COMMENT ON TABLE signs IS E'a\\nb \\\\ :c';\n";
    inputs.push(("signs.sql".to_owned(), analyze_sql([("signs.sql", signs.as_bytes())]), String::new()));
    let own = inputs.len();
    if let Some(folder) = corpus::folder() {
        let some = ["pg-atuin", "pg-hatchet", "pg-kitchen-sink", "pg-pagila", "pg-listmonk"];
        let items = corpus::chosen(&folder, &some).into_iter();
        inputs.extend(items.map(|item| (item.name.clone(), item.analyze(), item.set_up(&folder))));
    }
    let mut failures = String::new();
    let mut compared = 0;
    for (number, (name, analysis, before)) in inputs.iter().enumerate() {
        let Some(project) = Project::new("squash") else { return };
        let target = &analysis.targets[0];
        let sql = squash(analysis, target, Format::Sql).files.remove(0).text;
        let expected = Database::create("alembic_expected");
        expected.run(before);
        project.database.run(before);
        let refused = expected.run(&sql);
        if let Some(first) = refused.first() {
            // Items of the corpus may need what this server lacks; scripts of ours are made for it.
            let said = format!("{name}: this server refuses {} statements of the squash: {first:?}", refused.len());
            println!("{said}");
            if number < own {
                failures.push_str(&format!("{said}\n"));
            }
            continue;
        }
        let revision = squash(analysis, target, Format::Alembic).files.remove(0);
        project.file("base.py", &revision.text);
        if let Err(errors) = project.try_alembic(&["upgrade", "head"]) {
            let last = errors.lines().rev().take(30).find(|l| l.contains("Error") || l.contains("errors."));
            failures.push_str(&format!("{name}: {}\n", last.unwrap_or(&errors)));
            continue;
        }
        // Its own table is no part of the schema; a dump of what it made has it.
        for database in [&expected, &project.database] {
            database.must_run("DROP TABLE IF EXISTS alembic_version");
        }
        let differ = differences(&expected.catalog(), &project.database.catalog());
        compared += 1;
        if differ.is_empty() {
            println!("{name}: the same catalogue");
        } else {
            failures.push_str(&format!("{name}: Alembic leaves another catalogue\n{differ}"));
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(compared >= own, "only {compared} were compared");
    println!("{compared} of {} compared", inputs.len());
}

/// The text of a revision.
fn revision(id: &str, down: Option<&str>, up: &str, undo: &str) -> String {
    let down = down.map_or_else(|| "None".to_owned(), |down| format!("\"{down}\""));
    format!(
        "from alembic import op\nimport sqlalchemy as sa\n\nrevision = \"{id}\"\ndown_revision = {down}\n\n\
         def upgrade():\n{up}\n\ndef downgrade():\n{undo}\n"
    )
}

/// A project with two heads: the fixes need a revision that merges both first.
fn revisions() -> [(&'static str, String); 3] {
    let first = revision(
        "0001",
        None,
        r#"
    op.create_table("customer", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("email", sa.Text(), nullable=False))
    op.create_table("log", sa.Column("line", sa.Text()), sa.Column("at", sa.DateTime()))
"#,
        r#"
    op.drop_table("log")
    op.drop_table("customer")
"#,
    );
    let orders = revision(
        "0002",
        Some("0001"),
        r#"
    op.create_table(
        "purchase",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("customer_id", sa.BigInteger(), sa.ForeignKey("customer.id"), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
    )
    op.create_index("purchase_total", "purchase", ["total"])
    op.create_index("purchase_total_again", "purchase", ["total"])
"#,
        r#"
    op.drop_table("purchase")
"#,
    );
    let notes = revision(
        "0003",
        Some("0001"),
        r#"
    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(255)),
    )
"#,
        r#"
    op.drop_table("note")
"#,
    );
    [("0001_first.py", first), ("0002_orders.py", orders), ("0003_notes.py", notes)]
}

/// Alembic takes the fixes of a project of its own behind its revisions: what is left is what Relata says, no finding that they repair is there any more, and
/// the way down leads back, but for what it says.
#[test]
fn alembic_runs_fixes() {
    let Some(project) = Project::new("fix") else { return };
    for (name, text) in revisions() {
        project.file(name, &text);
    }
    project.alembic(&["upgrade", "heads"]);
    let before = project.database.catalog();
    let analysis = project.analyze();
    let [target] = analysis.targets.as_slice() else { panic!("one target was expected") };
    let emitted = fix(&analysis, target, &Selection::default());
    assert!(emitted.repaired.len() >= 4, "{:?}", emitted.notes);
    assert!(emitted.files.len() >= 2, "a merge and the fixes: {:?}", emitted.files);
    for file in &emitted.files {
        project.file(&file.name, &file.text);
    }
    // One head again.
    assert_eq!(project.alembic(&["heads"]).lines().filter(|l| !l.trim().is_empty()).count(), 1);
    project.alembic(&["upgrade", "head"]);
    let repaired = project.analyze();
    let differ = differences(&catalog(&repaired), &project.database.catalog());
    assert!(differ.is_empty(), "Relata reads another schema\n{differ}");
    let left: Vec<&str> = repaired.targets[0].findings.iter().map(|f| f.fingerprint.as_str()).collect();
    let still: Vec<&String> = emitted.repaired.iter().filter(|f| left.contains(&f.as_str())).collect();
    assert_eq!(still, Vec::<&String>::new());
    // Down to where it was, but for the index that was there twice: a dropped index is not made again.
    let not_back: Vec<&str> = emitted
        .files
        .iter()
        .flat_map(|f| f.text.lines())
        .filter_map(|l| l.trim().strip_prefix("# Not taken back: "))
        .collect();
    assert_eq!(not_back, ["DROP INDEX CONCURRENTLY public.purchase_total_again"]);
    project.alembic(&["downgrade", "-1"]);
    project.database.must_run("CREATE INDEX purchase_total_again ON purchase (total)");
    let differ = differences(&before, &project.database.catalog());
    assert!(differ.is_empty(), "the way down leads elsewhere\n{differ}");
    println!("{} findings repaired by Alembic", emitted.repaired.len());
}
