//! A live PostgreSQL, spoken to through its own `psql`. `cargo xtask test postgres` starts one and says where it is.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use relata_core::history::RunnerTransaction;
use serde_json::Value;

/// The catalogue of a database in the corpus' format, as one JSON document.
const CATALOG: &str = include_str!("catalog.sql");

/// A database of its own, dropped when the test ends.
pub struct Database {
    name: String,
}

/// What the server refused.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Refusal {
    /// The line on which the statement ends, from 1.
    pub line: u32,
    /// Its SQLSTATE.
    pub sqlstate: String,
}

impl Database {
    /// Makes an empty database. `name` must differ from those of tests that run at the same time.
    pub fn create(name: &str) -> Self {
        let name = format!("t_{name}");
        psql("postgres", &["-c", &format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")], "");
        let made = psql("postgres", &["-c", &format!("CREATE DATABASE \"{name}\" TEMPLATE template0")], "");
        assert!(made.success, "{}", made.errors);
        Self { name }
    }

    /// The server's major version: 15.
    pub fn server_version() -> u16 {
        static VERSION: OnceLock<u16> = OnceLock::new();
        *VERSION.get_or_init(|| {
            let answer = psql("postgres", &["-A", "-t", "-c", "SHOW server_version_num"], "");
            let number: u32 = answer.output.trim().parse().expect("a version is a number");
            u16::try_from(number / 10_000).expect("versions are small")
        })
    }

    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs a script to its end, whatever fails in it, and gives what the server refused. What it refuses only because an earlier statement of
    /// the same transaction had failed (25P02) is left out.
    pub fn run(&self, script: &str) -> Vec<Refusal> {
        self.run_in_full(script).into_iter().map(|(refusal, _)| refusal).collect()
    }

    /// The same, with the messages.
    pub fn run_in_full(&self, script: &str) -> Vec<(Refusal, String)> {
        let answer = psql(&self.name, &["-v", "VERBOSITY=verbose", "-v", "ON_ERROR_STOP=0", "-f", "-"], script);
        let refusals = answer.errors.lines().filter_map(|line| Some((refusal(line)?, message(line).to_owned())));
        refusals.filter(|(r, _)| r.sqlstate != "25P02").collect()
    }

    /// Runs a script to its end, each statement as if those that were refused had not been there, within a transaction, too. Gives SQLSTATE and message
    /// of what was refused, by the line on which the statement ends.
    pub fn run_and_tell(&self, script: &str) -> BTreeMap<u32, (String, String)> {
        let settings = ["-v", "VERBOSITY=verbose", "-v", "ON_ERROR_STOP=0", "-v", "ON_ERROR_ROLLBACK=on", "-f", "-"];
        let answer = psql(&self.name, &settings, script);
        let mut told = BTreeMap::new();
        for line in answer.errors.lines() {
            if let Some(refusal) = refusal(line) {
                told.entry(refusal.line).or_insert((refusal.sqlstate, message(line).to_owned()));
            }
        }
        told
    }

    /// Drops the roles that scripts left behind in the server.
    pub fn drop_roles() {
        let query = "SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> current_user \\gexec\n";
        psql("postgres", &["-f", "-"], query);
    }

    /// Sends a script as a migration tool's runner does, and gives the SQLSTATE of the first error.
    pub fn stop(&self, how: RunnerTransaction, script: &str) -> Option<String> {
        let settings = ["-v", "VERBOSITY=verbose", "-v", "ON_ERROR_STOP=1"];
        let (args, input): (Vec<&str>, &str) = match how {
            RunnerTransaction::PerStatement => (vec!["-f", "-"], script),
            RunnerTransaction::PerFile | RunnerTransaction::PerRun => (vec!["-1", "-f", "-"], script),
            // One `-c` is one message.
            RunnerTransaction::PerMessage => (vec!["-c", script], ""),
        };
        let answer = psql(&self.name, &[&settings[..], &args].concat(), input);
        let said = answer.errors.lines().find_map(|l| Some(l.split_once("ERROR:  ")?.1.get(..5)?.to_owned()));
        assert!(said.is_some() || answer.success, "{}\n--- in\n{script}", answer.errors);
        said
    }

    /// The tables that it has.
    pub fn tables(&self) -> BTreeSet<String> {
        let query = "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
        let answer = psql(&self.name, &["-A", "-t", "-c", query], "");
        assert!(answer.success, "{}", answer.errors);
        answer.output.lines().map(str::to_owned).collect()
    }

    /// Runs a script that must succeed.
    pub fn must_run(&self, script: &str) {
        let answer = psql(&self.name, &["-v", "ON_ERROR_STOP=1", "-f", "-"], script);
        assert!(answer.success, "{}\n--- in\n{script}", answer.errors);
    }

    /// Makes it empty again, which is much faster than another one.
    pub fn empty(&self) {
        let answer = psql(&self.name, &["-A", "-t", "-f", "-"], &format!("{DROP_ALL}\nCREATE SCHEMA public;\n"));
        assert!(answer.success && answer.errors.is_empty(), "{}", answer.errors);
    }

    /// The rows of a query with one column, sorted.
    pub fn rows(&self, query: &str) -> Vec<String> {
        let answer = psql(&self.name, &["-A", "-t", "-f", "-"], query);
        assert!(answer.success && answer.errors.is_empty(), "{}\n--- in\n{query}", answer.errors);
        let mut rows: Vec<String> = answer.output.lines().map(str::to_owned).collect();
        rows.sort();
        rows
    }

    /// The lines that `pg_dump` writes of its schema, without comments of its own.
    pub fn dump(&self) -> Vec<String> {
        let beside = std::env::var_os("RELATA_PSQL").map(|p| std::path::PathBuf::from(p).with_file_name("pg_dump"));
        let program = beside.unwrap_or_else(|| "pg_dump".into());
        let output = Command::new(program).args(["-s", "-w", "-d", &self.name]).output().expect("pg_dump runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let own = |l: &&str| !l.is_empty() && !l.starts_with("--") && !l.starts_with('\\');
        text.lines().filter(own).map(str::to_owned).collect()
    }

    /// What its catalogue holds.
    pub fn catalog(&self) -> Value {
        let answer = psql(&self.name, &["-A", "-t", "-f", "-"], CATALOG);
        assert!(answer.success && answer.errors.is_empty(), "{}", answer.errors);
        serde_json::from_str(&answer.output).unwrap_or_else(|e| panic!("{e}: {}", answer.output))
    }
}

/// One `psql` that runs script after script: hundreds a minute, where a database for each would take a second.
pub struct Conversation {
    child: Child,
    stdin: ChildStdin,
    /// Where `\\warn` writes at once; standard output is buffered.
    stderr: BufReader<ChildStderr>,
    // Dropped last: its database.
    _database: Database,
}

/// The SQLSTATE and the message with which a statement was refused, if it was.
pub type Refused = Option<(String, String)>;

/// What a script left behind.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What became of each statement.
    pub refused: Vec<Refused>,
    /// The catalogue after the last one, if it was wanted.
    pub catalog: Option<Value>,
}

/// Drops every schema that a script may have made, and what lies in none.
const DROP_ALL: &str = "SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace \
                        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' \
                        UNION ALL SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication \
                        UNION ALL SELECT format('DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE', fdwname) \
                        FROM pg_foreign_data_wrapper \\gexec";

/// What no script prints.
const MARK: &str = "--mark--";

impl Conversation {
    /// Begins one in a new database. `name` must differ from those of tests that run at the same time.
    pub fn begin(name: &str) -> Self {
        let database = Database::create(name);
        let mut child = psql_command(&database.name)
            .args(["-A", "-t", "-v", "ON_ERROR_STOP=0", "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("psql starts");
        let stdin = child.stdin.take().expect("a pipe was asked for");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe was asked for"));
        let mut conversation = Self { child, stdin, stderr, _database: database };
        // Planning it takes longer than running it; a prepared statement is planned once, as long as the search path is the one it was made with.
        let (settings, query) = CATALOG.split_once("\nWITH").expect("a query after its settings");
        conversation.say(&format!("{settings}\nPREPARE catalog AS WITH{query}\nRESET ALL;\n"));
        conversation
    }

    /// Runs statements that neither begin nor end a transaction in one that is rolled back, each behind a savepoint: as if each had been run alone.
    /// `wanted` says, from what was refused, whether the catalogue is worth asking for.
    pub fn within_transaction(&mut self, statements: &[String], wanted: impl FnOnce(&[Refused]) -> bool) -> Outcome {
        let refused = self.statements("\\set ON_ERROR_ROLLBACK on\nBEGIN;\n", statements);
        let catalog = wanted(&refused).then(|| self.catalog());
        self.say("ROLLBACK;\nRESET ALL;\n");
        Outcome { refused, catalog }
    }

    /// Runs statements as they stand. What they leave behind is dropped before the next script. What is refused only because an earlier statement
    /// of its transaction had failed (25P02) counts as not refused.
    pub fn by_themselves(&mut self, statements: &[String], wanted: impl FnOnce(&[Refused]) -> bool) -> Outcome {
        let refused = self.statements("\\set ON_ERROR_ROLLBACK on\n", statements);
        self.say("ROLLBACK;\n");
        let catalog = wanted(&refused).then(|| self.catalog());
        self.say(&format!("RESET ALL;\nDISCARD TEMP;\n{DROP_ALL}\nCREATE SCHEMA public;\n"));
        Outcome { refused, catalog }
    }

    fn statements(&mut self, before: &str, statements: &[String]) -> Vec<Refused> {
        let mut script = before.to_owned();
        for statement in statements {
            script += &format!("{statement}\n\\warn {MARK} :SQLSTATE :LAST_ERROR_MESSAGE\n");
        }
        self.say(&script);
        statements.iter().map(|_| self.answer()).collect()
    }

    /// What the server said of a statement.
    fn answer(&mut self) -> Refused {
        loop {
            let line = self.line();
            if let Some(said) = line.strip_prefix(MARK) {
                let (state, message) = said.trim().split_once(' ').unwrap_or((said.trim(), ""));
                return (state != "00000").then(|| (state.to_owned(), message.to_owned()));
            }
        }
    }

    fn catalog(&mut self) -> Value {
        self.say(&format!(
            "SET search_path = '';\nEXECUTE catalog \\gset\n\\warn {MARK}\n\\warn :catalog\n\\warn {MARK}\n"
        ));
        while self.line().trim_end() != MARK {}
        let mut text = String::new();
        loop {
            let line = self.line();
            if line.trim_end() == MARK {
                break;
            }
            text += &line;
        }
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }

    fn say(&mut self, text: &str) {
        self.stdin.write_all(text.as_bytes()).and_then(|()| self.stdin.flush()).expect("psql listens");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.stderr.read_line(&mut line).expect("psql speaks UTF-8");
        assert!(read > 0, "psql ended in the middle of a script");
        line
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        psql("postgres", &["-c", &format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name)], "");
    }
}

/// `psql:<stdin>:3: ERROR:  42P01: relation "x" does not exist`
fn refusal(line: &str) -> Option<Refusal> {
    let (place, said) = line.split_once(": ERROR:  ")?;
    let line = place.rsplit_once(':')?.1.parse().ok()?;
    Some(Refusal { line, sqlstate: said.get(..5)?.to_owned() })
}

/// What such a line says behind its SQLSTATE.
fn message(line: &str) -> &str {
    line.split_once(": ERROR:  ").and_then(|(_, said)| said.get(7..)).unwrap_or_default()
}

struct Answer {
    success: bool,
    output: String,
    errors: String,
}

fn psql_command(database: &str) -> Command {
    let program = std::env::var_os("RELATA_PSQL").unwrap_or_else(|| OsString::from("psql"));
    assert!(std::env::var_os("PGHOST").is_some(), "no server: run `cargo xtask test postgres`, which starts one");
    let mut command = Command::new(program);
    command
        .args(["-X", "-q", "-w", "-d", database])
        // Scripts are UTF-8, and messages are those that the SQLSTATE parser knows.
        .envs([("PGCLIENTENCODING", "UTF8"), ("LC_ALL", "C"), ("PGOPTIONS", "-c client_min_messages=error")]);
    command
}

fn psql(database: &str, args: &[&str], input: &str) -> Answer {
    let mut child = psql_command(database)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("psql starts");
    let mut stdin = child.stdin.take().expect("a pipe was asked for");
    let output = std::thread::scope(|scope| {
        // psql may end before it has read everything; what it says then is in its errors.
        scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
        child.wait_with_output().expect("psql ends")
    });
    Answer {
        success: output.status.success(),
        output: String::from_utf8_lossy(&output.stdout).into_owned(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
