//! What `relata squash` and `relata fix` write, run on a live PostgreSQL. `cargo xtask test postgres` starts a server and runs these.

#![allow(clippy::print_stdout, reason = "a test says what it compared")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::emit::{Format, Selection, fix, squash};
use relata_core::finding::{Finding, Severity};
use relata_core::rules::{REGISTRY, example_files};
use relata_core::{Options, analyze};
use relata_tests::corpus::{self, Item, ORACLE_VERSION, Script, analyze_sql, catalog};
use relata_tests::facts::Comparison;
use relata_tests::server::{Database, Refusal};

/// Between them they have every kind of object, and histories of several tools. `cargo xtask oracle` takes all items.
const SQUASHED: &[&str] = &[
    "pg-atuin",
    "pg-basejump",
    "pg-concourse",
    "pg-danbooru",
    "pg-davical",
    "pg-gisia",
    "pg-graphile-starter",
    "pg-hatchet",
    "pg-icingadb",
    "pg-jooq-sakila",
    "pg-kitchen-sink",
    "pg-listmonk",
    "pg-pagila",
    "pg-que",
];

/// Loads an item as its tool does, and tells what the server refused of it. Rows may be refused: no schema has them.
fn load(database: &Database, item: &Item) -> Vec<(Refusal, String)> {
    let mut all = Vec::new();
    for script in item.scripts() {
        if !script.left_out.is_empty() {
            println!("{}: loaded into the test's database, without {:?}", item.name, script.left_out);
        }
        let refused = database.run_in_full(&script.text).into_iter();
        all.extend(refused.filter(|(r, _)| !line(&script.text, r).starts_with("INSERT INTO")));
    }
    all
}

/// The line on which a refused statement ends.
fn line<'a>(script: &'a str, refusal: &Refusal) -> &'a str {
    script.lines().nth(refusal.line as usize - 1).unwrap_or_default()
}

/// `17 refused, first 42704 in line 23: type "vector" does not exist`
fn told(refused: &[(Refusal, String)]) -> Option<String> {
    let (first, message) = refused.first()?;
    Some(format!("{} refused, first {} in line {}: {message}", refused.len(), first.sqlstate, first.line))
}

/// Loading the squash gives the catalogue that loading the files gives, fact by fact; a squash of the squash is the same text, and Relata reads the
/// same schema off it.
#[test]
fn a_squash_leaves_the_same_catalogue() {
    let Some(folder) = corpus::folder() else { return };
    let items = corpus::chosen(&folder, SQUASHED);
    let (mut failures, mut compared) = (String::new(), 0);
    for item in &items {
        let analysis = item.analyze();
        let [target] = analysis.targets.as_slice() else { panic!("{}: one target was expected", item.name) };
        let text = squash(&analysis, target, Format::Sql).files.remove(0).text;
        let again = analyze_sql([("schema.sql", text.as_bytes())]);
        let second = squash(&again, &again.targets[0], Format::Sql).files.remove(0).text;
        if second != text {
            failures.push_str(&format!("{}: the squash of the squash is another text\n", item.name));
        }
        let expected = catalog(&analysis);
        let mut read = Comparison::of(&expected, &catalog(&again));
        // The squash makes the schemas that the files expect to be there.
        read.take_prepared(&expected);
        failures.push_str(&differing(&item.name, "Relata reads another schema", &read));

        let set_up = item.set_up(&folder);
        let (original, squashed) = (Database::create("squash_of"), Database::create("squash"));
        original.run(&set_up);
        squashed.run(&set_up);
        let refused = load(&original, item);
        let refused_now = squashed.run_in_full(&text);
        let live = Comparison::of(&original.catalog(), &squashed.catalog());
        let live = differing(&item.name, "PostgreSQL has another catalogue", &live);
        // An extension that this server lacks is missing in both; what needs it may be missing in either in its own way.
        if let Some(why) = told(&refused) {
            if !live.is_empty() {
                println!("{}: not compared: {why}", item.name);
                continue;
            }
            println!("{}: the same catalogue, as far as it was loaded: {why}", item.name);
        } else if let Some(why) = told(&refused_now) {
            failures.push_str(&format!("{}: of the squash {why}\n", item.name));
        }
        compared += 1;
        failures.push_str(&live);
    }
    println!("{compared} of {} items compared", items.len());
    assert!(compared >= 12, "only {compared} items were compared");
    assert!(failures.is_empty(), "{failures}");
}

/// Scripts that have what schemas seldom have: `pg_dump` writes the same of the squash as of the script, whatever the model holds of it.
#[test]
fn pg_dump_writes_the_same_of_a_squash() {
    let mut failures = String::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("squash");
    for (name, before) in [("tables.sql", None), ("code.sql", None), ("platform.sql", Some("platform.before.sql"))] {
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a script of ours");
        let (script, before) = (read(name), before.map(read).unwrap_or_default());
        let analysis = analyze_sql([(name, script.as_bytes())]);
        let text = squash(&analysis, &analysis.targets[0], Format::Sql).files.remove(0).text;
        let again = analyze_sql([("schema.sql", text.as_bytes())]);
        let second = squash(&again, &again.targets[0], Format::Sql).files.remove(0).text;
        assert_eq!(second, text, "{name}: the squash of the squash");
        let (original, squashed) = (Database::create("dump_of"), Database::create("dump"));
        original.must_run(&format!("{before}\n{script}"));
        squashed.must_run(&format!("{before}\n{text}"));
        let (expected, dumped) = (original.dump(), squashed.dump());
        let only = |a: &[String], b: &[String]| a.iter().filter(|l| !b.contains(l)).cloned().collect::<Vec<_>>();
        if expected != dumped {
            let (lost, new) = (only(&expected, &dumped), only(&dumped, &expected));
            failures.push_str(&format!("{name}\n- {}\n+ {}\n", lost.join("\n- "), new.join("\n+ ")));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

fn differing(name: &str, what: &str, comparison: &Comparison) -> String {
    match comparison.differences(8) {
        same if same.is_empty() => same,
        differences => format!("{name}: {what}\n{differences}"),
    }
}

/// What is known of a finding wherever it is found: its rule and its objects.
type Key = (&'static str, String);

fn key(finding: &Finding) -> Key {
    let objects: Vec<String> = finding.objects.iter().map(|o| format!("{} {}", o.kind.name(), o.path)).collect();
    (finding.rule.name, objects.join(", "))
}

/// The findings about the state that a script leads to, not about how it came about.
fn of_state(script: &str) -> BTreeMap<Key, Severity> {
    let analysis = analyze_sql([("schema.sql", script.as_bytes())]);
    let text = squash(&analysis, &analysis.targets[0], Format::Sql).files.remove(0).text;
    let state = analyze_sql([("schema.sql", text.as_bytes())]);
    state.targets.iter().flat_map(|t| &t.findings).map(|f| (key(f), f.severity)).collect()
}

/// Repairs a target in one go and says what is wrong with that: refused statements, findings that stay, and new ones that are as bad as the worst
/// that was repaired. The count is of repairs that the server ran: none where it cannot load the files themselves.
fn repair(
    name: &str,
    analysis: &Analysis,
    target: &TargetAnalysis,
    selection: &Selection,
    set_up: &str,
    files: &[(String, String)],
) -> (usize, String) {
    let emitted = fix(analysis, target, &Selection { plain: true, ..selection.clone() });
    let Some(script) = emitted.files.first().map(|f| f.text.clone()) else { return (0, String::new()) };
    let mut failures = String::new();

    let mut lines: Vec<&str> = script.lines().collect();
    let refused = loop {
        // One for each test: they run side by side.
        let test = std::thread::current().name().unwrap_or_default().chars().take(20).collect::<String>();
        let database = Database::create(&format!("repair_{test}"));
        database.run(set_up);
        let refused: Vec<Refusal> = files.iter().flat_map(|(_, text)| database.run(&Script::of(text).text)).collect();
        let stopped = if refused.is_empty() { database.run_in_full(&lines.join("\n")) } else { Vec::new() };
        // Rows of the input may break a new rule: that is what the query beside the fix shows. Whoever runs it leaves the rule out, or the rows.
        let by_rows = |(r, message): &&(Refusal, String)| match lines.get(r.line as usize - 1) {
            Some(line) if r.sqlstate == "23514" => line.contains("VALIDATE CONSTRAINT"),
            Some(line) if r.sqlstate == "23502" => line.contains("SET NOT NULL"),
            // Its triggers may use what the input does not have.
            Some(line) if r.sqlstate == "42P01" && line.starts_with("UPDATE ") => {
                message.split('"').nth(1).is_some_and(|missing| !line.contains(missing))
            }
            _ => false,
        };
        if let Some((rows, _)) = stopped.iter().find(by_rows) {
            lines.remove(rows.line as usize - 1);
            continue;
        }
        for (refusal, _) in stopped {
            let line = lines.get(refusal.line as usize - 1).unwrap_or(&"");
            failures.push_str(&format!("{name}: {} at {line}\n", refusal.sqlstate));
        }
        break refused;
    };

    let schema = squash(analysis, target, Format::Sql).files.remove(0).text;
    let (before, repaired_state) = (of_state(&schema), of_state(&format!("{schema}\n{script}")));
    let own = ("zz_relata_fixes.sql".to_owned(), script);
    let repaired_files: Vec<&(String, String)> = files.iter().chain([&own]).collect();
    let after = analyze_sql(repaired_files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())));
    let repaired: Vec<&Finding> =
        target.findings.iter().filter(|f| emitted.repaired.contains(&f.fingerprint)).collect();
    let left: BTreeSet<Key> = after.targets.iter().flat_map(|t| &t.findings).map(key).collect();
    for finding in &repaired {
        if left.contains(&key(finding)) {
            failures.push_str(&format!("{name}: still there: {:?}\n", key(finding)));
        }
    }
    let worst = repaired.iter().map(|f| f.severity).min().unwrap_or(Severity::Info);
    let count = |all: &BTreeMap<Key, Severity>, rule: &str| all.keys().filter(|(r, _)| *r == rule).count();
    for ((rule, objects), severity) in repaired_state.iter().filter(|(k, _)| !before.contains_key(k)) {
        // An object that is called otherwise now takes its findings with it.
        if *severity <= worst && count(&repaired_state, rule) > count(&before, rule) {
            failures.push_str(&format!("{name}: new: {severity} {rule} {objects}\n"));
        }
    }
    if !refused.is_empty() {
        println!("{name}: not loaded in full ({:?}); its {} repairs ran by replay alone", refused[0], repaired.len());
        return (0, failures);
    }
    (repaired.len(), failures)
}

/// All fixes of an example, of a case and of an item at once.
#[test]
fn fixes_run_together_clear_their_findings_and_bring_none_as_bad() {
    let (mut failures, mut ran) = (String::new(), 0);
    for rule in REGISTRY {
        for example in rule.fires {
            let unmarked = example.replace(['«', '»'], "");
            let files = example_files(&unmarked);
            let options = Options { server_version: Some(ORACLE_VERSION), ..Options::default() };
            let analysis = analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), options);
            let [target] = analysis.targets.as_slice() else { continue };
            // Only SQL can be sent to the server as it stands.
            if files.iter().any(|(name, _)| !name.ends_with(".sql")) {
                continue;
            }
            let order = target.target.files.iter().map(|id| analysis.sources.name(*id));
            let files: Vec<(String, String)> = order
                .filter_map(|name| files.iter().find(|(n, _)| *n == name))
                .map(|(name, text)| ((*name).to_owned(), text.clone()))
                .collect();
            let selection = Selection { rules: vec![rule.name.to_owned()], ..Selection::default() };
            let (count, failed) = repair(rule.name, &analysis, target, &selection, "", &files);
            ran += count;
            failures.push_str(&failed);
        }
    }
    assert!(ran >= 60, "only {ran} findings were repaired");
    assert!(failures.is_empty(), "{failures}");
}

/// The same for whole schemas: the cases, read as what they lead to, and a sample of the corpus.
#[test]
fn whole_schemas_are_repaired_in_one_go() {
    let Some(folder) = corpus::folder() else { return };
    const REPAIRED: &[&str] = &[
        "alembic-watcher-pgdump",
        "pg-atuin",
        "pg-basejump",
        "pg-documenso",
        "pg-gitness",
        "pg-icingadb",
        "pg-listmonk",
        "pg-memos",
        "pg-northwind",
        "pg-pagila",
        "pg-papermark",
        "pg-que",
        "pg-roundcube",
    ];
    let (mut failures, mut ran) = (String::new(), 0);
    for item in corpus::chosen(&folder, REPAIRED) {
        let analysis = item.analyze();
        let read = |path| String::from_utf8_lossy(&std::fs::read(path).expect("a file of the corpus")).into_owned();
        let files: Vec<(String, String)> = item.files.iter().map(|(name, path)| (name.clone(), read(path))).collect();
        let selection = Selection::default();
        for target in &analysis.targets {
            let (count, failed) = repair(&item.name, &analysis, target, &selection, &item.set_up(&folder), &files);
            ran += count;
            failures.push_str(&failed);
        }
    }
    for case in ["omniops", "orderflow", "orderflow-repaired"] {
        let root = folder.join("cases").join(case);
        let prelude = std::fs::read_to_string(root.join("prelude.sql")).unwrap_or_default();
        let roles = std::fs::read_to_string(folder.join("tools/prelude/roles.sql")).unwrap_or_default();
        let analysis = read_case(&root);
        for target in &analysis.targets {
            // A program cannot be sent to the server: the schema that it leads to is.
            let text = squash(&analysis, target, Format::Sql).files.remove(0).text;
            let files = vec![("schema.sql".to_owned(), text)];
            let state = analyze_sql(files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())));
            let set_up = format!("{roles}\n{prelude}");
            let (count, failed) = repair(case, &state, &state.targets[0], &Selection::default(), &set_up, &files);
            ran += count;
            failures.push_str(&failed);
        }
    }
    assert!(ran >= 500, "only {ran} findings were repaired");
    assert!(failures.is_empty(), "{failures}");
}

/// A case as its folder is read, without what the platform brings along.
fn read_case(root: &Path) -> Analysis {
    let mut files = corpus::files_below(root, root, &["py", "sql", "ini"]);
    files.retain(|(name, _)| name != "prelude.sql");
    corpus::analyze_project(&files)
}

/// Histories as people have them, in the layouts of several tools.
const HISTORIES: &[&str] = &[
    "pg-atuin",
    "pg-authelia",
    "pg-basejump",
    "pg-chatbot-ui",
    "pg-docs-rs",
    "pg-documenso",
    "pg-gitness",
    "pg-hasura-auth",
];

/// What a project is called, and its files.
type Project = (String, Vec<(String, Vec<u8>)>);

/// The files of the projects that have a history: of the corpus and of a case.
fn histories(folder: &Path) -> Vec<Project> {
    let read = |item: &Item| -> Vec<(String, Vec<u8>)> {
        item.files.iter().map(|(n, path)| (n.clone(), std::fs::read(path).expect("a file of the corpus"))).collect()
    };
    let items = corpus::folders(folder).into_iter().filter(|i| HISTORIES.contains(&i.name.as_str()));
    let mut all: Vec<_> = items.map(|item| (item.name.clone(), read(&item))).collect();
    let root = folder.join("cases/orderflow");
    all.push(("orderflow".to_owned(), corpus::files_below(&root, &root, &["py", "ini"])));
    all
}

/// Histories of ours, in the layouts of a tool that runs each file in a transaction and of one that can do without; between them its columns call for all
/// that fixes do.
fn of_our_own() -> [Project; 2] {
    let base = "CREATE TABLE a (id bigint PRIMARY KEY, seen timestamp, flag boolean, kind json, fee double precision);\n\
                CREATE TABLE b (id bigint, a_id bigint REFERENCES a, price numeric(8,2), start_date date, end_date date);\n\
                CREATE TABLE c (code text NOT NULL UNIQUE, state text DEFAULT 'new', slug text NOT NULL);\n\
                CREATE TABLE d (id bigint PRIMARY KEY, fee numeric(8,2), flag boolean, slug text NOT NULL);\n\
                CREATE TABLE a_d (a_id bigint REFERENCES a, d_id bigint REFERENCES d);\n\
                CREATE INDEX seen_idx ON a (seen);\nCREATE INDEX seen_flag_idx ON a (seen, flag);\nCREATE INDEX d_fee_idx ON d (fee);\nCREATE INDEX d_fee_flag_idx ON d (fee, flag);";
    let project = |name: &str, first: &str, second: &str| {
        let files = [(first, base), (second, "CREATE SCHEMA s;")];
        (name.to_owned(), files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec())
    };
    [
        project(
            "in_transactions",
            "supabase/migrations/20240101000000_base.sql",
            "supabase/migrations/20240102000000_more.sql",
        ),
        project("out_of_transactions", "sql/V1__base.sql", "sql/V2__more.sql"),
    ]
}

/// Each rule's fixes as the project's next migrations: nothing that the rules on migrations, or any other, say of the history with them is as bad as what
/// they repair. On the server they run one file after the other, behind those that are there.
#[test]
fn migrations_of_fixes_are_better_than_what_they_repair() {
    let Some(folder) = corpus::folder() else { return };
    let (mut failures, mut repaired) = (String::new(), 0);
    let mut projects = histories(&folder);
    projects.extend(of_our_own());
    for (name, files) in projects {
        let before = corpus::analyze_project(&files);
        let [target] = before.targets.as_slice() else { panic!("{name}: one target was expected") };
        let had: BTreeSet<Key> = target.findings.iter().map(key).collect();
        let count = |findings: &[Finding], rule: &str| findings.iter().filter(|f| f.rule.name == rule).count();
        // What is equally bad together: it bounds what may come along with any of it.
        let mut fixed: BTreeMap<(&str, Severity), Vec<String>> = BTreeMap::new();
        for finding in target.findings.iter().filter(|f| f.fix.is_some()) {
            fixed.entry((finding.rule.name, finding.severity)).or_default().push(finding.fingerprint.clone());
        }
        for ((rule, severity), fingerprints) in fixed {
            let emitted = fix(&before, target, &Selection { fingerprints, ..Selection::default() });
            repaired += emitted.repaired.len();
            let with: Vec<(String, Vec<u8>)> = files
                .iter()
                .cloned()
                .chain(emitted.files.iter().map(|f| (f.name.clone(), f.text.clone().into())))
                .collect();
            let after = corpus::analyze_project(&with);
            let [after] = after.targets.as_slice() else { panic!("{name}: one target was expected behind {rule}") };
            let is_as_bad = |f: &Finding| f.severity <= severity && f.severity < Severity::Info;
            for finding in after.findings.iter().filter(|f| is_as_bad(f) && !had.contains(&key(f))) {
                // What is called otherwise, or was told of another of several like it, is nothing new.
                if count(&after.findings, finding.rule.name) > count(&target.findings, finding.rule.name) {
                    let (severity, key) = (finding.severity, key(finding));
                    failures.push_str(&format!("{name}: the fixes of {rule} bring {severity} {key:?}\n"));
                }
            }
        }
    }
    assert!(repaired >= 400, "only {repaired} findings were repaired");
    assert!(failures.is_empty(), "{failures}");
}

/// All migrations of fixes, file by file, behind the files that are there.
#[test]
fn migrations_of_fixes_run_one_after_the_other() {
    let Some(folder) = corpus::folder() else { return };
    let (mut failures, mut ran) = (String::new(), 0);
    for item in corpus::folders(&folder).into_iter().filter(|i| HISTORIES.contains(&i.name.as_str())) {
        let analysis = item.analyze_as(relata_core::session::FileOrder::ByName);
        let [target] = analysis.targets.as_slice() else { panic!("{}: one target was expected", item.name) };
        let emitted = fix(&analysis, target, &Selection::default());
        let database = Database::create("migrations");
        database.run(&item.set_up(&folder));
        let loads = target.target.files.iter().all(|id| {
            let name = analysis.sources.name(*id);
            let path = item.files.iter().find(|(n, _)| n == name).map(|(_, path)| path).expect("a file of the item");
            let text = String::from_utf8_lossy(&std::fs::read(path).expect("a file of the corpus")).into_owned();
            name.ends_with(".down.sql")
                || name.ends_with("/down.sql")
                || database.run(&Script::of(&text).text).is_empty()
        });
        if !loads {
            println!("{}: not loaded in full", item.name);
            continue;
        }
        for file in emitted.files.iter().filter(|f| f.name.ends_with(".sql") && !f.name.ends_with("down.sql")) {
            for (refusal, message) in database.run_in_full(&Script::of(&file.text).text) {
                // Rows of the input may break a new rule.
                if !matches!(refusal.sqlstate.as_str(), "23514" | "23502") {
                    failures.push_str(&format!("{}: {}: {} {message}\n", item.name, file.name, refusal.sqlstate));
                }
            }
            ran += 1;
        }
    }
    assert!(ran >= 40, "only {ran} files ran");
    assert!(failures.is_empty(), "{failures}");
}

/// At UTC a time gets its zone as it stands: the table is the same file behind it, and the instants are those that were meant.
#[test]
fn times_get_their_zone_without_a_rewrite() {
    let schema = "CREATE TABLE a (id bigint PRIMARY KEY, b timestamp, c timestamp(3) DEFAULT now(), \"D\" timestamp NOT NULL);\n\
                  CREATE INDEX b_idx ON a (b);\n";
    let analysis = analyze_sql([("schema.sql", schema.as_bytes())]);
    let findings = analysis.targets.iter().flat_map(|t| &t.findings);
    let fixes: Vec<&str> = findings
        .filter(|f| f.rule.name == "timestamp-without-time-zone")
        .map(|f| f.fix.as_ref().expect("a fix").sql.as_str())
        .collect();
    assert_eq!(fixes.len(), 3);
    let database = Database::create("zones");
    database.must_run(schema);
    database.must_run("INSERT INTO a VALUES (1, '2024-07-01 12:00', '2024-01-01 12:00:00.123', '2024-07-01 23:30');");
    let file = || database.rows("SELECT pg_relation_filenode('a')");
    let before = file();
    database.must_run(&format!("SET timezone = 'Europe/Berlin';\n{}", fixes.join("\n")));
    assert_eq!(file(), before);
    let instants = "SELECT concat_ws(' ', b = '2024-07-01 12:00Z', c = '2024-01-01 12:00:00.123Z', \"D\" = '2024-07-01 23:30Z') FROM a";
    assert_eq!(database.rows(instants), ["t t t"]);
    // Any other zone writes the rows.
    database.must_run("ALTER TABLE a ADD COLUMN e timestamp; SET timezone = 'Europe/Berlin'; ALTER TABLE a ALTER COLUMN e TYPE timestamptz;");
    assert_ne!(file(), before);
}
