//! The program as people and CI call it: arguments in, output and exit status out.

#[path = "../../core/src/report/tests/json_schema.rs"]
mod json_schema;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// Two tables: one without a primary key, one with a foreign key that no index serves.
const SHOP: &str = "\
CREATE TABLE customer (id bigint PRIMARY KEY, email text NOT NULL);
CREATE TABLE purchase (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer (id));
CREATE TABLE log (line text);
";

/// A folder of its own for each test, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("relata-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Writes a file, folders included.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn relata(&self, arguments: &[&str]) -> Run {
        self.relata_with_input(arguments, "")
    }

    fn relata_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut child = command(&self.0, arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Run::new(child.wait_with_output().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relata"));
    command.args(arguments).current_dir(folder);
    // What the person who runs the tests has set is none of them.
    for name in ["COLUMNS", "CLICOLOR", "CLICOLOR_FORCE", "NO_COLOR"] {
        command.env_remove(name);
    }
    command
}

struct Run {
    status: i32,
    out: String,
    err: String,
}

impl Run {
    fn new(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {} {}", self.out, self.err))
    }

    #[track_caller]
    fn fails_with(&self, message: &str) {
        assert_eq!(self.status, 2, "{} {}", self.out, self.err);
        assert!(self.err.contains(message), "{}", self.err);
    }
}

#[track_caller]
fn assert_follows(schema: &str, value: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schemas").join(schema);
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(json_schema::departures(&schema, value), Vec::<String>::new());
}

fn table_names(report: &Value) -> Vec<&str> {
    report["targets"][0]["tables"].as_array().unwrap().iter().map(|t| t["path"].as_str().unwrap()).collect()
}

#[test]
fn check_fails_from_the_given_severity_on() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    let found = folder.relata(&["check", "shop.sql", "--format", "json"]).json();
    let severities: Vec<&str> =
        found["findings"].as_array().unwrap().iter().map(|f| f["severity"].as_str().unwrap()).collect();
    assert!(!severities.is_empty());
    let levels = ["critical", "high", "medium", "low", "info"];
    for (at, level) in levels.iter().enumerate() {
        let expected = i32::from(severities.iter().any(|s| levels[..=at].contains(s)));
        for arguments in [["check", "shop.sql", "--fail-on", level], ["check", "--fail-on", level, "shop.sql"]] {
            assert_eq!(folder.relata(&arguments).status, expected, "{level}");
        }
        assert_eq!(folder.relata(&["check", "shop.sql", &format!("--fail-on={level}")]).status, expected);
    }
    assert_eq!(folder.relata(&["check", "shop.sql", "--fail-on", "never"]).status, 0);
    let by_default = folder.relata(&["check", "shop.sql"]).status;
    assert_eq!(by_default, folder.relata(&["check", "shop.sql", "--fail-on", "high"]).status);
}

#[test]
fn a_table_created_twice_fails_by_default() {
    let folder = Folder::new();
    folder.file("twice.sql", "CREATE TABLE t (id bigint PRIMARY KEY);\nCREATE TABLE t (id bigint PRIMARY KEY);\n");
    let run = folder.relata(&["check", "twice.sql", "--format", "json"]);
    assert_eq!(run.status, 1, "{}", run.out);
    let found = run.json();
    let finding = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["rule"] == "duplicate-table-definition")
        .expect("a finding about the second table");
    assert_eq!(finding["severity"], "critical");
    assert_eq!(finding["locations"][0]["line"], 2);
}

#[test]
fn check_writes_every_format() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    let check = |format| folder.relata(&["check", "shop.sql", "--fail-on", "never", "--format", format]);

    let json = check("json").json();
    assert_follows("check.schema.json", &json);
    let target = &json["targets"][0];
    assert_eq!(target["role"], "dump");
    assert_eq!(target["coverage"]["statements"], 3);
    assert_eq!(target["coverage"]["understood"], 3);
    assert_eq!(target["facts"]["tables"], 3);
    assert_eq!(target["facts"]["foreignKeys"], 1);
    let findings = json["findings"].as_array().unwrap();
    let no_key = findings.iter().find(|f| f["rule"] == "no-primary-key").expect("a finding about `log`");
    assert_eq!(no_key["objects"][0], serde_json::json!({ "kind": "table", "path": "public.log" }));
    assert_eq!(no_key["locations"][0]["file"], "shop.sql");
    assert_eq!(no_key["locations"][0]["line"], 3);

    let sarif = check("sarif").json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), findings.len());
    for (result, finding) in results.iter().zip(findings) {
        assert_eq!(result["ruleId"], finding["rule"]);
        assert_eq!(result["partialFingerprints"]["relata/v1"], finding["fingerprint"]);
    }

    let github = check("github").out;
    assert_eq!(github.lines().count(), findings.len() + 1);
    assert!(github.lines().all(|l| l.starts_with("::")), "{github}");

    let text = check("text").out;
    assert!(text.contains("no-primary-key") && text.contains("shop.sql:3:"), "{text}");
    assert!(!text.contains('\u{1b}'), "colours without a terminal");
    let excerpt = "  shop.sql:3:14\n    3 | CREATE TABLE log (line text)\n      |              ^^^\n";
    assert!(text.contains(excerpt), "{text}");
    assert!(text.contains("\nAll 3 schema-changing statements understood."), "{text}");
    assert!(text.trim_end().lines().last().unwrap().contains("Score "), "{text}");
    assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
}

/// Source: no-color.org and bixense.com/clicolors.
#[test]
fn check_colours_and_wraps_as_the_environment_says() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    let with = |variables: &[(&str, &str)]| {
        let mut command = command(&folder.0, &["check", "shop.sql"]);
        command.envs(variables.iter().copied());
        Run::new(command.output().unwrap()).out
    };
    let coloured = |variables: &[(&str, &str)]| with(variables).contains('\u{1b}');
    assert!(!coloured(&[]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "0")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")]));
    let longest = |columns| with(&[("COLUMNS", columns)]).lines().map(|l| l.chars().count()).max().unwrap();
    assert!(longest("60") <= 60 && longest("100") > 80 && longest("nonsense") <= 80);
    // The manual page names these limits.
    let as_wide = |a, b| with(&[("COLUMNS", a)]) == with(&[("COLUMNS", b)]);
    assert!(as_wide("9", "40") && !as_wide("41", "40") && as_wide("999", "120") && !as_wide("119", "120"));
}

#[test]
fn report_writes_every_format_to_where_it_should() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    let markdown = folder.relata(&["report", "shop.sql"]);
    assert_eq!(markdown.status, 0, "{}", markdown.err);
    assert!(markdown.out.starts_with("# Schema audit: shop.sql\n"));
    assert!(markdown.out.contains("</a>`public.purchase`"));
    assert_eq!(folder.relata(&["report", "shop.sql", "--format", "markdown"]).out, markdown.out);

    let html = folder.relata(&["report", "shop.sql", "--format", "html", "-o", "audit.html"]);
    assert_eq!((html.status, html.out.as_str()), (0, ""));
    let page = fs::read_to_string(folder.0.join("audit.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("<svg") && page.contains("public.purchase"));

    // Without --format the file's name says it.
    folder.relata(&["report", "shop.sql", "-o", "again.html"]);
    assert_eq!(fs::read_to_string(folder.0.join("again.html")).unwrap(), page);

    let json = folder.relata(&["report", "shop.sql", "--format=json"]).json();
    assert_follows("report.schema.json", &json);
    assert_eq!(table_names(&json), ["public.customer", "public.log", "public.purchase"]);
    let purchase = &json["targets"][0]["tables"][2];
    assert_eq!(purchase["foreignKeys"][0]["references"], "public.customer");
    assert_eq!(json["targets"][0]["tables"][0]["referencedBy"][0]["table"], "public.purchase");

    folder.relata(&["report", "shop.sql", "-o", "no/such/folder.md"]).fails_with("no/such/folder.md cannot be written");
}

#[test]
fn a_report_looks_as_it_was_asked_to() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    folder.file("logo.png", "\u{1}");
    let url = "https://example.com/blob/main/";
    let page = folder
        .relata(&[
            "report",
            "shop.sql",
            "--format",
            "html",
            "--title",
            "A <title>",
            "--note",
            "A <note>",
            "--logo",
            "logo.png",
            "--sections",
            "findings,tables",
            "--severity",
            "high",
            "--source-url",
            url,
        ])
        .out;
    assert!(page.contains("<h1>A &lt;title&gt;</h1>") && page.contains("A &lt;note&gt;"), "{page}");
    assert!(page.contains("src=\"data:image/png;base64,AQ==\""));
    assert!(page.contains("<h2 id=\"findings\">") && !page.contains("<h2 id=\"plan\">"));
    assert!(page.contains("href=\"https://example.com/blob/main/shop.sql#L"));
    let text = folder.relata(&["report", "shop.sql", "--format", "text"]).out;
    assert!(text.starts_with("Schema audit: shop.sql\n======================\n"), "{text}");
    for (args, message) in [
        (["--sections", "findings,all"], "--sections: `all` is none of summary"),
        (["--severity", "worst"], "--severity: `worst` is none of critical, high, medium, low, info"),
        (["--source-url", "javascript:x"], "--source-url: `javascript:x` is no http or https address"),
        (["--logo", "shop.sql"], "--logo: shop.sql is no png"),
    ] {
        folder.relata(&[&["report", "shop.sql"], &args[..]].concat()).fails_with(message);
    }
}

#[test]
fn a_short_report_tells_what_a_change_brings() {
    let folder = Folder::new();
    folder.file("old/a.sql", "CREATE TABLE a (id int PRIMARY KEY);");
    folder.file("new/a.sql", "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int);");
    let comment = folder.relata(&["report", "new", "--base", "old", "--format", "pr"]).out;
    assert!(comment.contains("What this change brings") && comment.contains("no-primary-key"), "{comment}");
    let whole = folder.relata(&["report", "new", "--base", "old", "--format", "json"]).json();
    assert_follows("report.schema.json", &whole);
    let compared = &whole["comparison"]["targets"][0];
    assert_eq!(compared["changes"][0]["path"], "public.b");
    assert_eq!(compared["fixed"], serde_json::json!([]));
    let summary = folder.relata(&["report", "new", "--format", "summary"]).out;
    assert!(summary.starts_with("# Schema audit: "), "{summary}");
}

#[test]
fn the_numbers_of_check_and_report_agree() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    let check = folder.relata(&["check", "shop.sql", "--format", "json"]).json();
    let report = folder.relata(&["report", "shop.sql", "--format", "json"]).json();
    let target = &report["targets"][0];
    for member in ["facts", "conventions", "id", "serverVersion"] {
        assert_eq!(target[member], check["targets"][0][member], "{member}");
    }
    assert_eq!(target["score"]["total"], check["targets"][0]["score"]["total"]);
    let facts = &target["facts"];
    let tables = target["tables"].as_array().unwrap();
    let count = |member: &str| tables.iter().map(|t| t[member].as_array().unwrap().len() as u64).sum::<u64>();
    assert_eq!(facts["tables"], tables.len() as u64);
    assert_eq!(facts["columns"], count("columns"));
    assert_eq!(facts["foreignKeys"], count("foreignKeys"));
    assert_eq!(facts["indexes"], count("indexes"));
    let by_severity: u64 = target["counts"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(by_severity, check["findings"].as_array().unwrap().len() as u64);
}

#[test]
fn standard_input_is_a_file() {
    let folder = Folder::new();
    let run = folder.relata_with_input(&["check", "-", "--format", "json", "--fail-on", "never"], SHOP);
    assert_eq!(run.status, 0, "{}", run.err);
    assert_eq!(run.json()["targets"][0]["facts"]["tables"], 3);
}

#[test]
fn files_are_read_in_the_order_given() {
    let folder = Folder::new();
    folder.file("a.sql", "ALTER TABLE t ADD COLUMN name text;\n");
    folder.file("b.sql", "CREATE TABLE t (id bigint PRIMARY KEY);\n");
    let conflicts = |paths: &[&str]| {
        let run = folder.relata(&[&["report", "--format", "json"], paths].concat());
        run.json()["targets"][0]["conflicts"].as_array().unwrap().len()
    };
    assert_eq!(conflicts(&["b.sql", "a.sql"]), 0);
    assert_eq!(conflicts(&["a.sql", "b.sql"]), 1);
}

#[test]
fn a_folder_is_read_without_what_is_not_the_projects() {
    let folder = Folder::new();
    folder
        .file("migrations/2_b.sql", "ALTER TABLE t ADD COLUMN name text;\n")
        .file("migrations/1_a.sql", "CREATE TABLE t (id bigint PRIMARY KEY);\n")
        .file("migrations/10_c.sql", "ALTER TABLE t DROP COLUMN name;\n")
        .file("migrations/.hidden.sql", "CREATE TABLE hidden (id bigint);\n")
        .file("migrations/.git/x.sql", "CREATE TABLE git (id bigint);\n")
        .file("migrations/node_modules/x.sql", "CREATE TABLE module (id bigint);\n")
        .file("migrations/target/x.sql", "CREATE TABLE built (id bigint);\n");
    let run = folder.relata(&["report", "--format", "json", "./migrations"]);
    let report = run.json();
    assert_eq!(table_names(&report), ["public.t"]);
    assert_eq!(report["targets"][0]["conflicts"], serde_json::json!([]));
    let files: Vec<&str> =
        report["targets"][0]["files"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
    assert_eq!(files, ["migrations/1_a.sql", "migrations/2_b.sql", "migrations/10_c.sql"]);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_not_followed_out_of_a_folder() {
    let folder = Folder::new();
    folder.file("outside.sql", "CREATE TABLE outside (id bigint);\n");
    folder.file("in/1.sql", "CREATE TABLE inside (id bigint PRIMARY KEY);\n");
    std::os::unix::fs::symlink(folder.0.join("outside.sql"), folder.0.join("in/2.sql")).unwrap();
    std::os::unix::fs::symlink(&folder.0, folder.0.join("in/round")).unwrap();
    let run = folder.relata(&["report", "--format", "json", "in"]);
    assert_eq!(table_names(&run.json()), ["public.inside"]);
    assert!(run.err.contains("in/2.sql is a symbolic link and was not followed"), "{}", run.err);
    // Named on the command line it is what was asked for.
    let named = folder.relata(&["report", "--format", "json", "in/2.sql"]);
    assert_eq!(table_names(&named.json()), ["public.outside"]);
}

#[test]
fn an_archive_is_read_like_a_folder() {
    let folder = Folder::new();
    let files = [
        ("db/10.sql", "ALTER TABLE t DROP COLUMN name;\n"),
        ("db/2.sql", "ALTER TABLE t ADD COLUMN name text;\n"),
        ("db/1.sql", "CREATE TABLE t (id bigint PRIMARY KEY);\n"),
    ];
    folder.file("db.zip", zip(&files));
    let report = folder.relata(&["report", "--format", "json", "db.zip"]).json();
    assert_eq!(table_names(&report), ["public.t"]);
    assert_eq!(report["targets"][0]["conflicts"], serde_json::json!([]));
}

/// An archive of stored files. Source: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut body, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let offset = u32::try_from(body.len()).unwrap();
        let size = u32::try_from(content.len()).unwrap().to_le_bytes();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(crc32(content.as_bytes()).to_le_bytes());
        common.extend(size);
        common.extend(size);
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        body.extend(b"PK\x03\x04");
        body.extend(&common);
        body.extend(name.bytes());
        body.extend(content.bytes());
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.bytes());
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
    end.extend(count);
    end.extend(count);
    end.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    end.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    end.extend([0, 0]);
    [body, directory, end].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    })
}

#[test]
fn catalog_prints_the_schema() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    let catalog = folder.relata(&["catalog", "shop.sql"]).json();
    assert_eq!(catalog["format"], 1);
    assert_eq!(catalog["schemas"]["public"]["tables"]["purchase"]["fks"][0]["ref_table"], "customer");
}

#[test]
fn diagram_draws_the_schema() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    let run = folder.relata(&["diagram", "shop.sql"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.out.starts_with("<svg") && run.out.contains("purchase"));
    let written = folder.relata(&["diagram", "shop.sql", "--format", "svg", "--output", "shop.svg"]);
    assert_eq!((written.status, written.out.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(folder.0.join("shop.svg")).unwrap(), run.out);
    for (format, start) in
        [("svg", "<svg"), ("mermaid", "erDiagram"), ("plantuml", "@startuml"), ("dbml", ""), ("text", "")]
    {
        let run = folder.relata(&["diagram", "shop.sql", "--format", format]);
        assert_eq!(run.status, 0, "{}", run.err);
        assert!(run.out.starts_with(start), "{}", run.out);
        assert!(run.out.contains("purchase") && run.out.contains("customer_id"), "{}", run.out);
    }
}

#[test]
fn diagram_draws_parts_of_a_schema() {
    let folder = Folder::new();
    folder.file(
        "chain.sql",
        "CREATE TABLE a (id int PRIMARY KEY, note text);\n\
         CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a ON DELETE CASCADE);\n\
         CREATE TABLE c (id int PRIMARY KEY, b_id int REFERENCES b ON DELETE SET NULL);\n\
         CREATE TABLE d (id int PRIMARY KEY, c_id int REFERENCES c);\nCREATE TABLE lone (id int);\n",
    );
    let tables = |options: &[&str]| {
        let run = folder.relata(&[&["diagram", "chain.sql", "--format", "dbml"], options].concat());
        assert_eq!(run.status, 0, "{}", run.err);
        let names = run.out.lines().filter_map(|l| l.strip_prefix("Table \"")?.strip_suffix("\" {").map(str::to_owned));
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(tables(&[]), "a b c d lone");
    assert_eq!(tables(&["--focus", "b"]), "a b c");
    assert_eq!(tables(&["--focus", "public.b", "--hops", "2"]), "a b c d");
    assert_eq!(tables(&["--focus", "d", "--focus", "LONE", "--hops", "0"]), "d lone");
    assert_eq!(tables(&["--from", "d", "--to", "b"]), "b c d");
    assert_eq!(tables(&["--cascade", "a"]), "a b c");
    let keys = folder.relata(&["diagram", "chain.sql", "--show", "keys", "--format", "mermaid"]);
    assert!(keys.out.contains("a_id") && !keys.out.contains("note"), "{}", keys.out);
    let reach = folder.relata(&["diagram", "chain.sql", "--cascade", "a", "--format", "text"]).out;
    assert!(
        reach.contains("b (a_id) → a, on delete cascade") && reach.contains("c (b_id) → b, on delete set null"),
        "{reach}"
    );
    let overview = folder.relata(&["diagram", "chain.sql", "--overview", "--link-base", "schema.html#"]).out;
    assert!(overview.contains("5 tables") && overview.contains("href=\"schema.html#public.b\""), "{overview}");
    for (options, message) in [
        (&["--focus", "nope"] as &[&str], "--focus: no table is called `nope`"),
        (&["--hops", "2"], "--hops says how far around --focus, which is missing"),
        (&["--from", "a"], "--from and --to go together"),
        (&["--from", "a", "--to", "lone"], "no foreign keys lead from a to lone"),
        (&["--cascade", "*"], "--cascade: `*` may be public.a, public.b"),
        (&["--cascade", "a", "--focus", "a"], "give one of them"),
        (&["--link-base", "javascript:x"], "--link-base: `javascript:x` is neither"),
        (&["--overview", "--format", "dbml"], "--overview: only an SVG has that"),
    ] {
        folder.relata(&[&["diagram", "chain.sql"], options].concat()).fails_with(message);
    }
}

#[test]
fn rules_are_listed_in_every_format() {
    let folder = Folder::new();
    let json = folder.relata(&["rules", "--format", "json"]).json();
    let names: Vec<&str> = json.as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"no-primary-key"));
    for format in ["text", "markdown"] {
        let out = folder.relata(&["rules", "--format", format]).out;
        for name in &names {
            assert!(out.contains(name), "{name} in {format}");
        }
    }
    assert_eq!(folder.relata(&["rules"]).out, folder.relata(&["rules", "--format", "text"]).out);
    folder.relata(&["rules", "x.sql"]).fails_with("`relata rules` takes no argument `x.sql`");
}

#[test]
fn input_that_is_of_no_use_is_named() {
    let folder = Folder::new();
    folder
        .file("empty.sql", "")
        .file("comment.sql", "-- nothing\n")
        .file("picture.sql", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0")
        .file("none/readme.txt", "Hello.\n");
    fs::create_dir(folder.0.join("void")).unwrap();
    for command in ["check", "report", "diagram", "catalog"] {
        let run = |path: &str| folder.relata(&[command, path]);
        run("missing.sql").fails_with("missing.sql cannot be read: ");
        run("empty.sql").fails_with("`empty.sql` is empty");
        run("comment.sql").fails_with("`comment.sql` holds no statement");
        run("picture.sql").fails_with("`picture.sql` is a binary file");
        run("none").fails_with("nothing was read that describes a schema");
        run("void").fails_with("nothing was read that describes a schema");
        let both = folder.relata(&[command, "empty.sql", "missing.sql"]);
        both.fails_with("missing.sql cannot be read");
        assert_eq!(both.out, "");
    }
    // A program that reads JSON gets JSON.
    let run = folder.relata(&["check", "empty.sql", "--format", "json"]);
    assert_follows("check.schema.json", &run.json());
    assert_eq!(run.json()["problems"][0]["kind"], "empty-file");
}

#[test]
fn one_broken_statement_costs_one_statement() {
    let folder = Folder::new();
    folder.file("broken.sql", format!("CREATE TABLE (;\n{SHOP}"));
    let run = folder.relata(&["check", "broken.sql", "--format", "json", "--fail-on", "never"]);
    let json = run.json();
    assert_follows("check.schema.json", &json);
    assert_eq!(json["targets"][0]["facts"]["tables"], 3);
    let coverage = &json["targets"][0]["coverage"];
    assert_eq!((&coverage["statements"], &coverage["understood"]), (&Value::from(4), &Value::from(3)));
    assert_eq!(coverage["skipped"][0]["line"], 1);
    let text = folder.relata(&["check", "broken.sql", "--fail-on", "never"]).out;
    assert!(text.contains("1 problem while reading:\n  broken.sql:1:"), "{text}");
}

#[test]
fn arguments_that_make_no_sense_are_named() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    for (arguments, message) in [
        (&[] as &[&str], "a command is missing"),
        (
            &["chek", "shop.sql"],
            "`chek` is no command; there are check, report, diagram, catalog, history, squash, fix, rules",
        ),
        (&["--verbose"], "--verbose"),
        (&["check"], "`relata check` needs a path"),
        (&["check", "shop.sql", "--color"], "`relata check` takes no option --color"),
        (&["check", "shop.sql", "--format"], "--format"),
        (&["check", "shop.sql", "--format", "xml"], "--format: `xml` is none of text, json, sarif, github"),
        (
            &["check", "shop.sql", "--fail-on", "bad"],
            "--fail-on: `bad` is none of critical, high, medium, low, info, never",
        ),
        (&["check", "shop.sql", "-o", "x"], "`relata check` takes no option -o"),
        (&["report", "shop.sql", "--fail-on", "low"], "`relata report` takes no option --fail-on"),
        (&["catalog", "shop.sql", "--format", "json"], "`relata catalog` takes no option --format"),
        (&["check", "shop.sql", "--target", "models"], "there is no target `models`; there are dump"),
    ] {
        let run = folder.relata(arguments);
        run.fails_with(message);
        assert_eq!(run.out, "", "{arguments:?}");
    }
}

#[test]
fn the_target_can_be_named() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    let run = folder.relata(&["check", "shop.sql", "--target", "dump", "--format", "json", "--fail-on", "never"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert_eq!(run.json()["targets"][0]["id"], "dump");
}

#[test]
fn settings_come_from_a_file_and_give_way_to_arguments() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    folder.file("relata.toml", "fail-on = \"never\"\nserver-version = 14\n");
    let settled = folder.relata(&["check", "shop.sql", "--config", "relata.toml", "--format", "json"]);
    assert_eq!(settled.status, 0, "{}", settled.err);
    assert_eq!(settled.json()["targets"][0]["serverVersion"], 14);
    let overruled = folder.relata(&["check", "shop.sql", "--config", "relata.toml", "--fail-on", "info"]);
    assert_eq!(overruled.status, 1);

    folder.file("wrong.toml", "# typo\nfailon = \"low\"\n");
    folder
        .relata(&["check", "shop.sql", "--config", "wrong.toml"])
        .fails_with("wrong.toml:2:1: `failon` is no key; did you mean `fail-on`?");
    folder.file("several.toml", "failon = \"low\"\n[rules]\nno-primary-kee = \"off\"\n");
    let several = folder.relata(&["check", "shop.sql", "--config", "several.toml"]);
    let expected = [
        "relata: several.toml:1:1: `failon` is no key; did you mean `fail-on`?",
        "relata: several.toml:3:1: `no-primary-kee` is no rule; did you mean `no-primary-key`?",
    ];
    assert_eq!((several.status, several.err.lines().collect::<Vec<_>>()), (2, expected.to_vec()));
    folder.file("value.toml", "fail-on = \"worst\"\n");
    folder.relata(&["check", "shop.sql", "--config", "value.toml"]).fails_with("value.toml:1:11: `worst` is none of");
    folder.relata(&["check", "shop.sql", "--config", "none.toml"]).fails_with("none.toml cannot be read");
}

#[test]
fn help_is_there_for_every_command() {
    let folder = Folder::new();
    for arguments in [&["--help"] as &[&str], &["-h"], &["help"]] {
        let run = folder.relata(arguments);
        assert_eq!(run.status, 0);
        for command in ["check", "report", "diagram", "catalog", "rules"] {
            assert!(run.out.contains(&format!("\n  {command} ")), "{}", run.out);
        }
    }
    for command in ["check", "report", "diagram", "catalog", "rules"] {
        let run = folder.relata(&[command, "--help"]);
        assert_eq!(run.status, 0);
        assert!(run.out.contains(&format!("Usage: relata {command}")), "{}", run.out);
        assert_eq!(folder.relata(&["help", command]).out, run.out);
    }
    let version = folder.relata(&["--version"]);
    assert_eq!((version.status, version.out), (0, format!("relata {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::new();
    let many: String = (0..3_000).map(|n| format!("CREATE TABLE t{n} (id bigint, name text);\n")).collect();
    folder.file("many.sql", many);
    let mut child =
        command(&folder.0, &["report", "many.sql"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = Run::new(child.wait_with_output().unwrap());
    assert_eq!((run.status, run.err.as_str()), (0, ""));
}

#[test]
fn names_of_the_schema_are_data_in_every_form() {
    let folder = Folder::new();
    let name = "\"a\"\"b`c|d <script>alert(1)</script>\n::error::x%0A\u{1b}[31m\u{202e}gnp\"";
    folder.file("hostile.sql", format!("CREATE TABLE {name} ({name} int PRIMARY KEY REFERENCES {name});\n"));
    let path = format!("public.{name}");
    let json = folder.relata(&["report", "hostile.sql", "--format", "json"]).json();
    assert_eq!(table_names(&json), [path.as_str()]);
    assert_eq!(json["targets"][0]["tables"][0]["foreignKeys"][0]["references"], path);
    for arguments in [
        &["check", "hostile.sql", "--fail-on", "never"] as &[&str],
        &["check", "hostile.sql", "--fail-on", "never", "--format", "github"],
        &["report", "hostile.sql"],
        &["report", "hostile.sql", "--format", "html"],
        &["diagram", "hostile.sql"],
        &["diagram", "hostile.sql", "--format", "mermaid"],
        &["diagram", "hostile.sql", "--format", "dbml"],
        &["diagram", "hostile.sql", "--format", "plantuml"],
        &["diagram", "hostile.sql", "--format", "text"],
    ] {
        let run = folder.relata(arguments);
        assert_eq!(run.status, 0, "{arguments:?} {}", run.err);
        assert!(!run.out.contains('\u{1b}'), "{arguments:?}");
        // GitHub's runner obeys such a line wherever it comes from.
        assert!(run.out.lines().all(|l| !l.trim_start().starts_with("::error::x")), "{arguments:?}");
        if arguments == ["diagram", "hostile.sql"] || arguments.contains(&"html") {
            // A report has one script, its own.
            let foreign = run.out.replacen("<script>\"use strict\";", "", 1);
            assert!(!foreign.contains("<script"), "{arguments:?}");
        }
    }
}

#[test]
fn history_lists_the_migrations_in_their_order() {
    let folder = Folder::new();
    folder
        .file("db/10_b.up.sql", "ALTER TABLE a ADD COLUMN x int;\nALTER TABLE a ADD COLUMN x int;\n")
        .file("db/9_a.up.sql", "CREATE TABLE a (id int PRIMARY KEY);")
        .file("db/9_a.down.sql", "DROP TABLE a;");
    let run = folder.relata(&["history", "db"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.out.contains("golang-migrate (a"), "{}", run.out);
    assert!(run.out.contains("stops at revision 10, db/10_b.up.sql:2"), "{}", run.out);
    assert!(run.out.lines().all(|l| l.chars().count() <= 80), "{}", run.out);
    let json = folder.relata(&["history", "db", "--format", "json"]).json();
    assert_follows("history.schema.json", &json);
    let revisions = json["targets"][0]["revisions"].as_array().unwrap();
    let shown: Vec<_> = revisions.iter().map(|r| (r["id"].as_str().unwrap(), r["status"].as_str().unwrap())).collect();
    assert_eq!(shown, [("9", "applied"), ("10", "stops")]);
    assert_eq!(json["targets"][0]["stopsAt"]["sqlstate"], "42701");
}

#[test]
fn a_layout_can_be_chosen() {
    let folder = Folder::new();
    folder.file("db/10_b.sql", "CREATE TABLE b (id int);").file("db/9_a.sql", "CREATE TABLE a (id int);");
    let order = |arguments: &[&str]| -> Vec<String> {
        let json = folder.relata(arguments).json();
        let revisions = json["targets"][0]["revisions"].as_array().unwrap();
        revisions.iter().map(|r| r["file"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(order(&["history", "db", "--format", "json"]), ["db/9_a.sql", "db/10_b.sql"]);
    // dbmate sorts names as text.
    assert_eq!(order(&["history", "db", "--format", "json", "--layout", "dbmate"]), ["db/10_b.sql", "db/9_a.sql"]);
    folder.relata(&["history", "db", "--layout", "rails"]).fails_with("`rails` is none of atlas, dbmate, diesel");
    assert_eq!(
        folder.relata(&["history", "db", "--format", "json", "--dialect", "mysql"]).json()["targets"][0]["dialect"],
        "mysql"
    );
    folder.relata(&["history", "db", "--dialect", "db2"]).fails_with("`db2` is none of postgresql, mysql, sqlite");
}

#[test]
fn a_migration_by_itself_is_a_part() {
    let folder = Folder::new();
    folder.file("42_totals.sql", "ALTER TABLE orders ADD COLUMN total numeric NOT NULL;\n");
    let rule = |args: &[&str]| {
        let json = folder.relata(args).json();
        json["findings"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rule(&["check", "42_totals.sql", "--format", "json"]), ["reference-before-definition"]);
    assert_eq!(rule(&["check", "42_totals.sql", "--format", "json", "--partial"]), ["add-required-column"]);
}

#[test]
fn placeholders_are_given_values() {
    let folder = Folder::new();
    folder.file("s.sql", "CREATE TABLE @schema.t (id int PRIMARY KEY, n varchar(${len}));");
    let run = folder.relata(&["catalog", "s.sql", "--define", "schema=public", "--define=len=7"]);
    let columns = &run.json()["schemas"]["public"]["tables"]["t"]["columns"];
    assert_eq!(columns[1]["type"], "character varying(7)");
    // The older state has the same placeholders.
    let check = ["check", "s.sql", "--base", "s.sql", "--define", "schema=public", "--define", "len=7"];
    assert_eq!(folder.relata(&check).status, 0);
    folder.relata(&["catalog", "s.sql", "--define", "schema"]).fails_with("--define: `schema` is not NAME=VALUE");
    folder.relata(&["catalog", "s.sql", "--define", "=x"]).fails_with("--define: `=x` is not NAME=VALUE");
    folder.relata(&["rules", "--define", "a=b"]).fails_with("`relata rules` takes no option --define");
}

#[test]
fn several_targets_are_told_apart_and_one_can_be_chosen() {
    let folder = Folder::new();
    folder
        .file("p/db/migrations/V1__a.sql", "CREATE TABLE a (id int PRIMARY KEY);")
        .file("p/db/migrations/V2__b.sql", "CREATE TABLE b (id int PRIMARY KEY);")
        .file("p/db/schema.sql", "-- PostgreSQL database dump\nCREATE TABLE a (id int PRIMARY KEY);");
    folder.relata(&["catalog", "p"]).fails_with("history (flyway in p/db/migrations), dump (pg_dump in p/db)");
    assert_eq!(
        folder.relata(&["catalog", "p", "--target", "dump"]).json()["schemas"]["public"]["tables"]
            .as_object()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        folder.relata(&["catalog", "p", "--target", "history"]).json()["schemas"]["public"]["tables"]
            .as_object()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn check_against_a_base_reports_what_is_new() {
    let folder = Folder::new();
    folder
        .file("old/1.sql", "CREATE TABLE a (id int); CREATE TABLE b (id bigint PRIMARY KEY, m money);")
        .file("new/1.sql", "CREATE TABLE a (id int); CREATE TABLE b (id bigint PRIMARY KEY);")
        .file("new/2.sql", "CREATE TABLE c (id int);");
    let json = folder.relata(&["check", "new", "--base", "old", "--format", "json", "--fail-on", "never"]).json();
    assert_follows("check.schema.json", &json);
    let keys: Vec<_> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["rule"] == "no-primary-key")
        .map(|f| (f["objects"][0]["path"].as_str().unwrap(), f["introducedBy"].as_str().unwrap()))
        .collect();
    assert_eq!(keys, [("public.c", "2")]);
    assert!(
        json["base"]["known"].as_u64().unwrap() >= 1 && json["base"]["fixed"].as_u64().unwrap() >= 1,
        "{}",
        json["base"]
    );
    let same = folder.relata(&["check", "old", "--base", "old/1.sql"]);
    assert!(same.status == 0 && same.out.contains("0 findings fixed"), "{}", same.out);
}

/// Every format tells of what is waived, and none counts it.
#[test]
fn waived_findings_are_shown_and_do_not_fail() {
    let folder = Folder::new();
    folder.file("db/shop.sql", SHOP);
    let before = folder.relata(&["check", "db", "--format", "json"]);
    assert_eq!(before.status, 1, "{}", before.err);
    let settings = "[[waivers]]\nrule = \"no-primary-key\"\nobject = \"public.log\"\nreason = \"lines only\"\nuntil = 2999-12-31\n\
                    [[waivers]]\nobject = \"public.gone\"\nreason = \"it was there\"\n";
    folder.file("db/relata.toml", settings);
    let run = folder.relata(&["check", "db", "--format", "json"]);
    assert_eq!(run.status, 0, "nothing at or above high is left: {}", run.out);
    let json = run.json();
    assert_follows("check.schema.json", &json);
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), before.json()["findings"].as_array().unwrap().len());
    let waived: Vec<&Value> = findings.iter().filter(|f| !f["waived"].is_null()).collect();
    assert_eq!(waived.len(), 1);
    assert_eq!(waived[0]["rule"], "no-primary-key");
    assert_eq!(waived[0]["waived"]["reason"], "lines only");
    assert_eq!(waived[0]["waived"]["until"], "2999-12-31");
    assert_eq!(waived[0]["waived"]["location"]["file"], "db/relata.toml");
    let problems = json["problems"].as_array().unwrap();
    assert_eq!(problems.iter().map(|p| &p["kind"]).collect::<Vec<_>>(), ["stale-waiver"]);

    let text = folder.relata(&["check", "db"]).out;
    assert!(
        text.contains(
            "1 waived finding:\n  no-primary-key public.log: lines only, until 2999-12-31 (db/relata.toml:1)"
        ),
        "{text}"
    );
    assert!(text.contains(", and 1 waived"), "{text}");
    assert!(!folder.relata(&["check", "db", "--format", "github"]).out.contains("title=no-primary-key"));
    let sarif = folder.relata(&["check", "db", "--format", "sarif"]).json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let suppressed: Vec<&Value> = results.iter().filter(|r| !r["suppressions"].is_null()).collect();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(suppressed[0]["suppressions"][0]["kind"], "external");
    assert_eq!(suppressed[0]["suppressions"][0]["justification"], "lines only");

    let report = folder.relata(&["report", "db", "--format", "json"]).json();
    assert_follows("report.schema.json", &report);
    let target = &report["targets"][0];
    let high = target["counts"]["high"].as_u64().unwrap();
    assert_eq!(high, 0);
    assert_eq!(target["waived"].as_array().unwrap().len(), 1);
    let groups = target["groups"].as_array().unwrap();
    assert!(!groups.iter().any(|g| g["rule"] == "no-primary-key"));
    let markdown = folder.relata(&["report", "db"]).out;
    assert!(
        markdown.contains("<summary>1 waived finding</summary>") && markdown.contains("Waived: lines only"),
        "{markdown}"
    );
    let html = folder.relata(&["report", "db", "--format", "html"]).out;
    assert!(html.contains("<summary>1 waived finding</summary>") && html.contains("Waived: lines only"));
}

/// The day comes from this machine's clock.
#[test]
fn a_waiver_that_is_over_holds_no_more() {
    let folder = Folder::new();
    folder.file(
        "shop.sql",
        SHOP.replace(
            "CREATE TABLE log",
            "-- relata: ignore no-primary-key until 2020-01-31 lines only\nCREATE TABLE log",
        ),
    );
    let run = folder.relata(&["check", "shop.sql", "--format", "json"]);
    assert_eq!((run.status, &run.json()["problems"][0]["kind"]), (1, &Value::from("expired-waiver")));
    folder.file(
        "shop.sql",
        SHOP.replace("CREATE TABLE log", "-- relata: ignore no-primary-key lines only\nCREATE TABLE log"),
    );
    let run = folder.relata(&["check", "shop.sql", "--format", "sarif"]);
    assert_eq!(run.status, 0, "{}", run.out);
    assert!(run.out.contains("\"kind\": \"inSource\""), "{}", run.out);
}

#[test]
fn a_catalog_follows_its_schema() {
    let folder = Folder::new();
    let sql = "CREATE SCHEMA app;
        CREATE TYPE app.mood AS ENUM ('ok'); CREATE DOMAIN app.email AS text NOT NULL CHECK (VALUE LIKE '%@%');
        CREATE TYPE app.pair AS (a int, b text); CREATE SEQUENCE app.s;
        CREATE TABLE app.p (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at date NOT NULL DEFAULT now(), mood app.mood,
            twice int GENERATED ALWAYS AS (2) STORED, UNIQUE NULLS NOT DISTINCT (at), CHECK (id > 0) NOT VALID);
        COMMENT ON COLUMN app.p.mood IS 'how';
        CREATE TABLE app.c (p_id bigint REFERENCES app.p ON DELETE SET NULL DEFERRABLE, t int4range, EXCLUDE USING gist (t WITH &&));
        CREATE TABLE app.r (id int, at date) PARTITION BY RANGE (at);
        CREATE TABLE app.r1 PARTITION OF app.r FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE INDEX i ON app.c USING btree ((p_id + 1) DESC, t) INCLUDE (p_id) WHERE p_id > 1;
        CREATE VIEW app.v AS SELECT id FROM app.p; CREATE MATERIALIZED VIEW app.m AS SELECT id FROM app.p;
        CREATE FUNCTION app.f(a int, OUT b int) LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION app.t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER tr BEFORE INSERT ON app.p FOR EACH ROW EXECUTE FUNCTION app.t();
        ALTER TABLE app.p ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON app.p USING (id = 1);
        CREATE RULE ru AS ON DELETE TO app.c DO INSTEAD NOTHING;
        CREATE EXTENSION pgcrypto;";
    folder.file("schema.sql", sql);
    let catalog = folder.relata(&["catalog", "schema.sql"]).json();
    assert_eq!(catalog["schemas"]["app"]["tables"].as_object().unwrap().len(), 4);
    assert_follows("catalog.schema.json", &catalog);
}

#[test]
fn a_report_can_hold_its_sources_in_html_alone() {
    let folder = Folder::new();
    folder.file("shop.sql", SHOP);
    let html = folder.relata(&["report", "shop.sql", "--format", "html", "--sources"]).out;
    assert!(html.contains("CREATE TABLE log (line text)"));
    folder.relata(&["report", "shop.sql", "--sources"]).fails_with("only --format html");
}

/// Printed together, each file has its name in a comment, and settings are comments among SQL: psql takes it all.
#[test]
fn fix_names_each_of_several_files_in_a_comment() {
    let folder = Folder::new();
    folder
        .file("m/V1__a.sql", "CREATE TABLE a (id bigint PRIMARY KEY);")
        .file("m/V2__b.sql", "CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint NOT NULL REFERENCES a (id));");
    let out = folder.relata(&["fix", "m", "--rule", "foreign-key-not-indexed"]).out;
    let names: Vec<&str> = out.lines().filter(|l| l.contains("V3__")).collect();
    assert_eq!(names, ["-- m/V3__relata_fixes_apart.sql", "-- m/V3__relata_fixes_apart.sql.conf"], "{out}");
    assert!(out.contains("\n-- executeInTransaction=false\n"), "{out}");
}

#[test]
fn shells_and_man_are_told_about_every_command() {
    let folder = Folder::new();
    for arguments in [&["completions", "bash"][..], &["completions", "zsh"], &["completions", "fish"], &["man"]] {
        let run = folder.relata(arguments);
        assert!(run.status == 0 && run.out.contains("check") && run.out.contains("fail"), "{arguments:?}: {}", run.out);
    }
    let man = folder.relata(&["man"]).out;
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS", "TERM"] {
        assert!(man.contains(&format!(".B {name}\n")), "{name}");
    }
    folder.relata(&["completions", "tcsh"]).fails_with("none of bash, zsh, fish");
    assert_eq!(folder.relata(&["completions"]).status, 2);
}
