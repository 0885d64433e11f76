//! What `--help` prints.

use crate::args::Name;

const MAIN: &str = "\
Reads database schemas from files, shows them and judges them. Nothing leaves this machine.

Usage: relata COMMAND [OPTIONS] PATH...

Commands:
  check    Print findings; fail when there are bad ones
  report   Write an audit report: HTML, Markdown, text or JSON; or its short form for a pull request
  diagram  Draw tables and foreign keys: SVG, Mermaid, DBML, PlantUML or text
  catalog  Print the schema as normalised JSON
  history  List the migrations in order: what each changes, and where their tool would stop
  squash   Write the whole schema as one migration
  fix      Write one migration that repairs what can be repaired
  rules    List the rules
  help     Print the help of a command
  completions SHELL   Print completions for bash, zsh or fish
  man      Print the manual page

PATH is a file, a folder or an archive (zip, gz); `-` is standard input. Several files are read in the order given, the
files of a folder in the order of the tool that they were written for.

Options:
  -h, --help     Print this, or the help of a command: relata check --help
  -V, --version  Print the version

Exit status: 0 well, 1 findings at or above --fail-on, 2 unusable input or arguments.

Examples:
  relata check db/migrations                           what is wrong with the schema that the migrations lead to
  pg_dump --schema-only mydb | relata check -          the same of a database
  relata check db/migrations --base main/migrations    only what a change brings in
  relata report schema.sql --format html -o audit.html
                                                       an audit to hand on
  relata diagram schema.sql -o schema.svg              a picture for the documentation
  eval \"$(relata completions bash)\"                    completions, in ~/.bashrc
  eval \"$(relata completions zsh)\"                     the same in ~/.zshrc
  relata completions fish | source                     the same in ~/.config/fish/config.fish
  relata man | man -l -                                the manual page
";

const CHECK: &str = "\
Prints what is wrong with a schema and where. Ends with 1 when a finding is at or above --fail-on.

Usage: relata check [OPTIONS] PATH...

Options:
  --format FORMAT     text (default), json, sarif (code scanning), github (annotations of an Actions run)
  --fail-on SEVERITY  critical, high (default), medium, low, info; never to end with 0 whatever is found
  --config FILE       Settings; else those of a relata.toml among the files
  --target ID         Only this one, where the files describe several: a dump, a history, models
  --layout NAME       Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME      postgresql, mysql or sqlite: read every file as that, whatever it looks like
  --partial           The files change a database that is there: what they do not make is taken for there
  --define NAME=VALUE
                      What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  --base PATH         A file or folder with an older state: only findings that it does not have
  -h, --help          Print this

Examples:
  relata check db/migrations                         the schema that the migrations lead to
  relata check dump.sql --fail-on medium             a stricter gate
  relata check new/ --base old/ --format sarif       only what a change brings, for code scanning
  relata check db --define schema=app                what ${schema} stands for
  relata check 0042_totals.sql --partial             one migration by itself, without those before it
";

const REPORT: &str = "\
Writes an audit report: what was read, migrations, compliance table by table, findings with evidence and fixes, score,
a plan in phases, queries to watch with, every table.

Usage: relata report [OPTIONS] PATH...

Options:
  --format FORMAT    markdown, html (one page, nothing to load, ready to print), text (80 columns), json,
                     pr (Markdown for a comment, under 60,000 characters), summary (Markdown for the summary of a job);
                     without it what the name of FILE says, else markdown
  --base PATH        A file or folder with an older state: the report tells what changed since
  --severity LEVEL   The least severity that is listed one by one: critical, high, medium, low, info (default)
  --sections LIST    Only these chapters, with commas: summary,findings,plan …
  --source-url URL   Where the files are shown on the web, so that places are links:
                     https://github.com/OWNER/REPOSITORY/blob/COMMIT/ or with {path} and {line} in it
  --title TEXT       In place of the project's name
  --note TEXT        Words for the cover
  --logo FILE        An image for the cover
  --config FILE      Settings; else those of a relata.toml among the files
  --sources          HTML with the text of the files in it: a whole analysis to hand on
  --target ID        Only this one, where the files describe several: a dump, a history, models
  --layout NAME      Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME     postgresql, mysql or sqlite: read every file as that, whatever it looks like
  --partial          The files change a database that is there: what they do not make is taken for there
  --define NAME=VALUE
                     What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  -o, --output FILE  Write there, not to standard output
  -h, --help         Print this

Examples:
  relata report schema.sql -o audit.html             the whole audit as one page
  relata report schema.sql -o audit.html --sources   and the text of the files in it, to hand on
  relata report new/ --base old/ --format pr         a comment for a pull request
  relata report db --sections summary,plan --severity high --format text
                                                     what to do first

Chapters, in their order:
  summary, changes, read, history, glance, diagram, compliance, column-types, indexes, references, constraints, nulls,
  tenancy, row-security, performance, storage, integrity, findings, strengths, risks, plan, monitoring, tables, views,
  types, functions, checked, limits
";

const DIAGRAM: &str = "\
Draws the tables and foreign keys of a schema.

Usage: relata diagram [OPTIONS] PATH...

Options:
  --format FORMAT    svg (default), mermaid, dbml, plantuml, text
  --config FILE      Settings; else those of a relata.toml among the files
  --focus NAME       Only this table and its neighbours; `schema.name` or `name`, with * for any text; may be repeated
  --hops N           How many keys away from --focus a neighbour may be: 1 unless said
  --from NAME        Only the tables on the shortest way from this one …
  --to NAME          … to this one; each needs the other
  --cascade NAME     Only what deleting a row of this table takes along, changes or is refused for
  --show WHAT        all (default), keys, names: how much of each table
  --views            Views too, with what they read
  --overview         Groups of tables with their counts, and one line for all keys between two of them (svg)
  --link-base URL    Make table names links to URL and `schema.table` behind it (svg)
  --theme THEME      auto (default: as the reader's system says), light, dark (svg)
  --target ID        Only this one, where the files describe several: a dump, a history, models
  --layout NAME      Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME     postgresql, mysql or sqlite: read every file as that, whatever it looks like
  --partial          The files change a database that is there: what they do not make is taken for there
  --define NAME=VALUE
                     What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  -o, --output FILE  Write there, not to standard output
  -h, --help         Print this

Examples:
  relata diagram schema.sql -o schema.svg            all of it
  relata diagram schema.sql --focus orders --hops 2  a table and what is near
  relata diagram db/migrations --format mermaid --show keys
                                                     for a README on GitHub or GitLab
  relata diagram schema.sql --cascade customers      what deleting a customer takes along
";

const CATALOG: &str = "\
Prints the schema that the files lead to as normalised JSON.

Usage: relata catalog [OPTIONS] PATH...

Options:
  --config FILE      Settings; else those of a relata.toml among the files
  --target ID        Only this one, where the files describe several: a dump, a history, models
  --layout NAME      Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME     postgresql, mysql or sqlite: read every file as that, whatever it looks like
  --partial          The files change a database that is there: what they do not make is taken for there
  --define NAME=VALUE
                     What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  -h, --help         Print this

Examples:
  relata catalog db/migrations > now.json            what two states of a schema can be compared by
";

const HISTORY: &str = "\
Lists the migrations in the order in which their tool runs them: what each changes, how the tool wraps it in
transactions, what is wrong with it, and where the tool would stop.

Usage: relata history [OPTIONS] PATH...

Options:
  --format FORMAT    text (default), json
  --config FILE      Settings; else those of a relata.toml among the files
  --target ID        Only this one, where the files describe several: a dump, a history, models
  --layout NAME      Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME     postgresql, mysql or sqlite: read every file as that, whatever it looks like
  --partial          The files change a database that is there: what they do not make is taken for there
  --define NAME=VALUE
                     What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  -h, --help         Print this

Examples:
  relata history db/migrations                       what each migration does, and where it would stop
";

const SQUASH: &str = "\
Writes what the files lead to as one migration: every object in an order in which PostgreSQL takes it, with a comment
that says which files made and changed it. What it cannot hold (rows, dynamic SQL) is listed at its head and on
standard error.

Usage: relata squash [OPTIONS] PATH...

Options:
  --format FORMAT    sql (default), alembic (a base revision)
  --config FILE      Settings; else those of a relata.toml among the files
  --target ID        Only this one, where the files describe several: a dump, a history, models
  --layout NAME      Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME     postgresql, mysql or sqlite: read every file as that, whatever it looks like
  --partial          The files change a database that is there: what they do not make is taken for there
  --define NAME=VALUE
                     What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  -o, --output FILE  Write there, not to standard output
  -h, --help         Print this

Examples:
  relata squash db/migrations -o schema.sql          all migrations as one
  relata squash versions/ --format alembic           the same as a base revision of Alembic
";

const FIX: &str = "\
Writes one migration with the fixes of the findings, in the layout and under the next version of the project's tool.
Fixes that contradict each other are resolved by rank. What cannot run in a transaction stands apart as the tool needs
it; what data could stand in the way stands before each fix, with the query that shows it.

Usage: relata fix [OPTIONS] PATH...

Options:
  --format FORMAT        project (default: files as its tool has them), sql (one script for psql)
  --rule NAME            Only findings of this rule; once for each
  --finding FINGERPRINT  Only this finding (relata check --format json has them); once for each
  --severity SEVERITY    Only findings at least this bad: critical, high, medium, low, info
  --name WORDS           What the migration is called; relata_fixes by default
  --version VERSION      Its version; by default the one after the last
  --config FILE          Settings; else those of a relata.toml among the files
  --target ID            Only this one, where the files describe several: a dump, a history, models
  --layout NAME          Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME         postgresql, mysql or sqlite: read every file as that, whatever it looks like
  --partial              The files change a database that is there: what they do not make is taken for there
  --define NAME=VALUE
                         What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  -o, --output FOLDER    Write the files there (never over one that is there), not to standard output
  -h, --help             Print this

Examples:
  relata fix db/migrations                           see what would be written
  relata fix db/migrations -o .                      write it, as the next migration of the tool
  relata fix schema.sql --rule foreign-key-not-indexed --format sql
                                                     one kind of finding, as a script for psql
";

const RULES: &str = "\
Lists the rules with category, severity, certainty and what they flag.

Usage: relata rules [OPTIONS]

Options:
  --format FORMAT  text (default), json (with examples), markdown
  -h, --help       Print this

Examples:
  relata rules                                       names, for --rule and for relata.toml
  relata rules --format markdown                     with why, and with examples of what is flagged
";

/// The help of a command, or of the program.
pub(crate) fn help(of: Option<Name>) -> &'static str {
    match of {
        None => MAIN,
        Some(Name::Check) => CHECK,
        Some(Name::Report) => REPORT,
        Some(Name::Diagram) => DIAGRAM,
        Some(Name::Catalog) => CATALOG,
        Some(Name::History) => HISTORY,
        Some(Name::Squash) => SQUASH,
        Some(Name::Fix) => FIX,
        Some(Name::Rules) => RULES,
    }
}
