//! The test suites. Each gives its counts, and the last line of a run is their sum.

use crate::counts::Counts;
use crate::postgres::Cluster;
use crate::process::{Cmd, Outcome};
use crate::{Result, npm, packages, serve, single_file, site, tools, workspace};

/// One suite: a name for the command line and what runs it.
type Suite = (&'static str, fn() -> Result<Counts>);

const SUITES: [Suite; 8] = [
    ("native", native),
    ("report", report),
    ("exports", exports),
    ("postgres", postgres),
    ("wasm", wasm),
    ("browser", browser),
    ("embed", embed),
    ("sites", quick_sites),
];

/// `cargo xtask test [SUITE]...`
pub(crate) fn command(names: &[&str]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|n| SUITES.iter().all(|(name, _)| name != *n)) {
        let known: Vec<_> = SUITES.iter().map(|(name, _)| *name).collect();
        return Err(format!("no suite is called `{unknown}`; there are {}", known.join(", ")));
    }
    let report = run(names);
    println!("\n{}", report.lines);
    println!("{}", report.counts);
    if report.counts.failed == 0 { Ok(()) } else { Err("tests failed".into()) }
}

/// What a run of suites gave.
pub(crate) struct Report {
    pub(crate) lines: String,
    pub(crate) counts: Counts,
}

/// Runs the suites named, or all, each to its end whatever happens to the others.
pub(crate) fn run(names: &[&str]) -> Report {
    let mut report = Report { lines: String::new(), counts: Counts::default() };
    for (name, suite) in SUITES {
        if !(names.is_empty() || names.contains(&name)) {
            continue;
        }
        println!("\n=== {name} ===");
        let (counts, remark) = match suite() {
            Ok(counts) => (counts, String::new()),
            // A suite that could not run is a failure, and says why.
            Err(why) => (Counts { failed: 1, ..Counts::default() }, format!("  {why}")),
        };
        if !remark.is_empty() {
            eprintln!("{name}:{remark}");
        }
        report.lines.push_str(&format!("{name:9} {counts}{remark}\n"));
        report.counts += counts;
    }
    report
}

/// The counts of a run. A runner that failed without a failed test (it did not compile, say) is a failure all the same, and so is one that ran
/// nothing.
fn counts(outcome: &Outcome) -> Result<Counts> {
    let counts = Counts::read(&outcome.text);
    match (outcome.success, counts.failed) {
        (false, 0) => Err("did not run to its end; see above".into()),
        (true, 0) if counts.passed == 0 => Err("ran no test".into()),
        _ => Ok(counts),
    }
}

/// Everything that runs on this machine by itself: units, scenarios, the corpus.
fn native() -> Result<Counts> {
    let browser_only = ["--exclude", "relata-app"];
    let nextest = Cmd::new("cargo").args(["nextest", "--version"]).output().is_ok();
    let run = if nextest {
        Cmd::new("cargo").args(["nextest", "run", "--no-fail-fast", "--workspace"]).args(browser_only)
    } else {
        Cmd::new("cargo").args(["test", "--no-fail-fast", "--workspace"]).args(browser_only)
    };
    counts(&with_corpus(run).tee()?)
}

/// What is compared with a live server.
fn postgres() -> Result<Counts> {
    with_server(&[])
}

/// The same with all items of the corpus, with packages of others that Alembic and SQLAlchemy run, and with many more random scripts than a run of
/// CI has time for, unless `RELATA_SCRIPTS` says how many.
pub(crate) fn oracle() -> Result<()> {
    let scripts = std::env::var("RELATA_SCRIPTS").unwrap_or_else(|_| "3000".into());
    let alembic = tools::alembic()?.to_string_lossy().into_owned();
    let packages = packages::install()?.to_string_lossy().into_owned();
    let settings = [
        ("RELATA_SCRIPTS", scripts.as_str()),
        ("RELATA_ALL_ITEMS", "1"),
        ("RELATA_ALEMBIC", &alembic),
        ("RELATA_PACKAGES", &packages),
    ];
    let mut counts = with_server(&settings)?;
    counts += read_exports(&[("RELATA_EXPORTS", "all")])?;
    println!("\n{counts}");
    if counts.failed == 0 { Ok(()) } else { Err("tests failed".into()) }
}

/// Where PostgreSQL and Relata disagree about these scripts.
pub(crate) fn oracle_of(files: &[&str]) -> Result<()> {
    let cluster = Cluster::start()?;
    let absolute = |file: &&str| std::path::absolute(file).map_err(|e| format!("{file}: {e}"));
    let files: Vec<_> = files.iter().map(absolute).collect::<std::result::Result<_, _>>()?;
    let oracle =
        Cmd::new("cargo").args(["run", "--quiet", "--package", "relata-tests", "--bin", "oracle", "--"]).args(files);
    cluster.told(oracle).run()
}

fn with_server(settings: &[(&str, &str)]) -> Result<Counts> {
    let cluster = Cluster::start()?;
    let mut run = Cmd::new("cargo");
    for (name, value) in settings {
        run = run.env(name, value);
    }
    let run = run.args(["test", "--no-fail-fast", "--package", "relata-tests", "--features", "postgres"]).args([
        "--test",
        "postgres",
        "--test",
        "packages",
        "--test",
        "emit",
        "--test",
        "alembic_runs",
        "--test",
        "random_scripts",
    ]);
    counts(&with_corpus(cluster.told(run)).tee()?)
}

/// The command line as the tests call it: built, and its path.
fn command_line() -> Result<std::path::PathBuf> {
    Cmd::new("cargo").args(["build", "--quiet", "--package", "relata"]).run()?;
    Ok(workspace::target()?.join("debug").join(format!("relata{}", std::env::consts::EXE_SUFFIX)))
}

/// Exports, read by the parsers of those who made the formats; and the counter of the benchmark of layouts.
fn exports() -> Result<Counts> {
    read_exports(&[])
}

fn read_exports(settings: &[(&str, &str)]) -> Result<Counts> {
    tools::packages("tests/exports")?;
    let relata = command_line()?;
    let mut run = Cmd::new("node");
    for (name, value) in settings {
        run = run.env(name, value);
    }
    let tests = workspace::root().join("tests");
    let run = run
        .args(["--test", "--test-reporter=spec"])
        .args([tests.join("exports/parse.test.mjs"), tests.join("bench/measure.test.mjs")])
        .env("RELATA_BIN", relata)
        .dir(&tests.join("exports"));
    counts(&with_corpus(run).tee()?)
}

/// The engine inside a browser, through wasm-bindgen's runner.
fn wasm() -> Result<Counts> {
    tools::for_build()?;
    tools::chromium()?;
    let run = Cmd::new("wasm-pack")
        .args(["test", "--mode", "no-install", "--headless", "--chrome", "--chromedriver"])
        .arg(tools::chromedriver()?)
        .arg(workspace::root().join("web/engine"))
        .path_first(&tools::path())?;
    counts(&run.tee()?)
}

/// Reports, held against validators and opened in a browser.
fn report() -> Result<Counts> {
    tools::packages("tests/report")?;
    let chromium = tools::chromium()?;
    let relata = command_line()?;
    let run = Cmd::new("node")
        .args(["--test", "--test-concurrency=1", "--test-reporter=spec", "report.test.mjs", "ci.test.mjs"])
        .env("RELATA_BIN", relata)
        .env("CHROME_PATH", chromium)
        .dir(&workspace::root().join("tests/report"));
    counts(&with_corpus(run).tee()?)
}

/// The page in a real browser.
fn browser() -> Result<Counts> {
    let run = in_browser(&["--test", "--test-concurrency=1", "--test-reporter=spec"])?;
    counts(&run.args(tests_of("tests/browser")?).tee()?)
}

/// The documentation sites that are quick to build; CI has time for these.
fn quick_sites() -> Result<Counts> {
    build_sites(&["mkdocs", "vitepress"], false)
}

/// `cargo xtask sites [NAME]... [--pictures]`: documentation sites of every kind with a schema in them, built and opened.
pub(crate) fn sites(args: &[&str]) -> Result<()> {
    const ALL: [&str; 4] = ["vitepress", "mkdocs", "docusaurus", "mdbook"];
    let (options, names): (Vec<&str>, Vec<&str>) = args.iter().partition(|a| a.starts_with("--"));
    if let Some(unknown) = options.iter().find(|o| **o != "--pictures") {
        return Err(format!("sites knows no `{unknown}`"));
    }
    if let Some(unknown) = names.iter().find(|n| !ALL.contains(n)) {
        return Err(format!("no site is called `{unknown}`; there are {}", ALL.join(", ")));
    }
    let counts = build_sites(if names.is_empty() { &ALL } else { &names }, !options.is_empty())?;
    println!("\n{counts}");
    if counts.failed == 0 { Ok(()) } else { Err("tests failed".into()) }
}

fn build_sites(names: &[&str], pictures: bool) -> Result<Counts> {
    tools::packages("tests/embed")?;
    let chromium = tools::chromium()?;
    let dist = site::build()?;
    let root = workspace::root();
    let mut run = Cmd::new("node")
        .args(["--test", "--test-reporter=spec"])
        .arg(root.join("tests/embed/sites/sites.test.mjs"))
        .env("RELATA_DIST", dist)
        .env("RELATA_SITES", names.join(" "))
        .env("CHROME_PATH", chromium)
        .dir(&root.join("tests/embed"));
    for name in names {
        run = match *name {
            "mkdocs" => run.env("RELATA_MKDOCS", tools::mkdocs()?),
            "mdbook" => run.env("RELATA_MDBOOK", tools::mdbook()?),
            other => {
                tools::packages(&format!("tests/embed/sites/{other}"))?;
                run
            }
        };
    }
    if pictures {
        run = run.env("RELATA_PICTURES", root.join("docs/pictures"));
    }
    counts(&run.tee()?)
}

/// The tests of a folder, not of those below it.
fn tests_of(folder: &str) -> Result<Vec<std::path::PathBuf>> {
    let folder = workspace::root().join(folder);
    let files = workspace::files(&folder)?.into_iter().filter(|f| f.parent() == Some(&folder));
    Ok(files.filter(|f| f.to_string_lossy().ends_with(".test.mjs")).collect())
}

/// What others take: the npm package from a fresh project, the element in pages of other sites, the artefacts without a network.
fn embed() -> Result<Counts> {
    tools::packages("tests/embed")?;
    let chromium = tools::chromium()?;
    let package = npm::build()?;
    let single = single_file::build()?;
    let run = Cmd::new("node")
        .args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
        .args(tests_of("tests/embed")?)
        .env("RELATA_NPM", package)
        .env("RELATA_DIST", workspace::dist())
        .env("RELATA_SINGLE_FILE", single)
        .env("CHROME_PATH", chromium)
        .dir(&workspace::root().join("tests/embed"));
    counts(&run.tee()?)
}

/// The pictures of the README, made from the built page with its own samples.
pub(crate) fn screenshots() -> Result<()> {
    in_browser(&[])?.arg(workspace::root().join("tests/browser/screenshots.mjs")).run()
}

/// Node with everything that a script needs to drive the built page: under a sub-path, since that is where a static host puts it.
fn in_browser(args: &[&str]) -> Result<Cmd> {
    tools::packages("tests/browser")?;
    let chromium = tools::chromium()?;
    let dist = site::build()?;
    let server = serve::Server::start(&dist, "/some/sub-path/", Some(0))?;
    Ok(with_corpus(
        Cmd::new("node")
            .args(args)
            .env("RELATA_URL", &server.url)
            .env("CHROME_PATH", chromium)
            .dir(&workspace::root().join("tests/browser")),
    ))
}

/// Tells tests where the corpus is.
fn with_corpus(command: Cmd) -> Cmd {
    match workspace::corpus() {
        Some(folder) => command.env("RELATA_CORPUS", folder),
        None => command,
    }
}
