//! What `--help` prints.

use crate::args::Name;

const MAIN: &str = "\
Reads database schemas from files, shows them and judges them. Nothing leaves this machine.

Usage: relata COMMAND [OPTIONS] PATH...

Commands:
  check    Print findings; fail when there are bad ones
  report   Write an audit report: Markdown, HTML or JSON
  diagram  Draw tables and foreign keys: SVG, Mermaid, DBML, PlantUML or text
  catalog  Print the schema as normalised JSON
  history  List the migrations in order: what each changes, and where their tool would stop
  rules    List the rules

PATH is a file, a folder or an archive (zip, gz); `-` is standard input. Several files are read in the order given, the
files of a folder in the order of the tool that they were written for.

Options:
  -h, --help     Print this, or the help of a command: relata check --help
  -V, --version  Print the version

Exit status: 0 well, 1 findings at or above --fail-on, 2 unusable input or arguments.
";

const CHECK: &str = "\
Prints what is wrong with a schema and where. Ends with 1 when a finding is at or above --fail-on.

Usage: relata check [OPTIONS] PATH...

Options:
  --format FORMAT     text (default), json, sarif (code scanning), github (annotations of an Actions run)
  --fail-on SEVERITY  critical, high (default), medium, low, info; never to end with 0 whatever is found
  --config FILE       Settings in TOML: fail-on = \"medium\", server-version = 15
  --target ID         Only this one, where the files describe several: a dump, a history, models
  --layout NAME       Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME      postgresql: read every file as PostgreSQL's, whatever it looks like
  --define NAME=VALUE
                      What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  --base PATH         A file or folder with an older state: only findings that it does not have
  -h, --help          Print this
";

const REPORT: &str = "\
Writes an audit report: what was read, findings with evidence and fixes, score, every table.

Usage: relata report [OPTIONS] PATH...

Options:
  --format FORMAT    markdown (default), html (one page, nothing to load, ready to print), json
  --target ID        Only this one, where the files describe several: a dump, a history, models
  --layout NAME      Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME     postgresql: read every file as PostgreSQL's, whatever it looks like
  --define NAME=VALUE
                     What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  -o, --output FILE  Write there, not to standard output
  -h, --help         Print this
";

const DIAGRAM: &str = "\
Draws the tables and foreign keys of a schema.

Usage: relata diagram [OPTIONS] PATH...

Options:
  --format FORMAT    svg (default), mermaid, dbml, plantuml, text
  --focus NAME       Only this table and its neighbours; `schema.name` or `name`, with * for any text; may be repeated
  --hops N           How many keys away from --focus a neighbour may be: 1 unless said
  --from NAME --to NAME
                     Only the tables on the shortest way between two
  --cascade NAME     Only what deleting a row of this table takes along, changes or is refused for
  --show WHAT        all (default), keys, names: how much of each table
  --views            Views too, with what they read
  --overview         Groups of tables with their counts, and one line for all keys between two of them (svg)
  --link-base URL    Make table names links to URL and `schema.table` behind it (svg)
  --theme THEME      auto (default: as the reader's system says), light, dark (svg)
  --target ID        Only this one, where the files describe several: a dump, a history, models
  --layout NAME      Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME     postgresql: read every file as PostgreSQL's, whatever it looks like
  --define NAME=VALUE
                     What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  -o, --output FILE  Write there, not to standard output
  -h, --help         Print this
";

const CATALOG: &str = "\
Prints the schema that the files lead to as normalised JSON.

Usage: relata catalog [OPTIONS] PATH...

Options:
  --target ID        Only this one, where the files describe several: a dump, a history, models
  --layout NAME      Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME     postgresql: read every file as PostgreSQL's, whatever it looks like
  --define NAME=VALUE
                     What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  -h, --help         Print this
";

const HISTORY: &str = "\
Lists the migrations in the order in which their tool runs them: what each changes, how the tool wraps it in
transactions, what is wrong with it, and where the tool would stop.

Usage: relata history [OPTIONS] PATH...

Options:
  --format FORMAT    text (default), json
  --target ID        Only this one, where the files describe several: a dump, a history, models
  --layout NAME      Read the migrations as those of this tool: flyway, prisma, dbmate …
  --dialect NAME     postgresql: read every file as PostgreSQL's, whatever it looks like
  --define NAME=VALUE
                     What a placeholder stands for: {{ NAME }}, ${NAME}, :NAME, @NAME …; once for each name
  -h, --help         Print this
";

const RULES: &str = "\
Lists the rules with category, severity, certainty and what they flag.

Usage: relata rules [OPTIONS]

Options:
  --format FORMAT  text (default), json (with examples), markdown
  -h, --help       Print this
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
        Some(Name::Rules) => RULES,
    }
}
