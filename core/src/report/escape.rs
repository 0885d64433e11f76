//! Text of the input on its way into a document. Everything that a schema says is data: no name may become markup, a link, a terminal command
//! or a second line.

use std::borrow::Cow;

/// `text` on one line, with a visible sign for everything that does not show itself: control characters, line and paragraph separators, and the
/// marks that reorder or hide what stands around them (Unicode Technical Report 36, "Bidirectional Text Spoofing").
pub fn visible(text: &str) -> Cow<'_, str> {
    show(text, false)
}

/// Like [`visible`], but lines stay lines and tabs stay tabs: for blocks of SQL. CRLF becomes LF.
pub fn visible_block(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        Cow::Owned(show(&text.replace("\r\n", "\n"), true).into_owned())
    } else {
        show(text, true)
    }
}

/// An expression or a comment on one line: each line break with the white space around it becomes one blank.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(['\n', '\r']) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<&str> = text.split(['\n', '\r']).map(str::trim).filter(|l| !l.is_empty()).collect();
    Cow::Owned(lines.join(" "))
}

/// A document in which no line is a command to the runner of a CI job. GitHub's runner obeys any line of a step's output that starts with `::` or
/// `##[` behind white space, and SQL can have such lines, inside a name or a literal: there the first character is written as an escape. Source:
/// GitHub Actions runner, `ActionCommand.TryParseV2` and `TryParse`.
pub fn inert(document: String) -> String {
    let acts = |line: &str| {
        let line = line.trim_start();
        line.starts_with("::") || line.starts_with("##[")
    };
    if !document.lines().any(acts) {
        return document;
    }
    let mut out = String::with_capacity(document.len() + 16);
    for line in document.split_inclusive('\n') {
        if acts(line) {
            let body = line.trim_start();
            out.push_str(line.strip_suffix(body).unwrap_or_default());
            let mut chars = body.chars();
            out.push_str(&chars.next().map(|c| format!("\\u{{{:x}}}", u32::from(c))).unwrap_or_default());
            out.push_str(chars.as_str());
        } else {
            out.push_str(line);
        }
    }
    out
}

fn show(text: &str, block: bool) -> Cow<'_, str> {
    let hidden = |c: char| is_hidden(c) && !(block && matches!(c, '\n' | '\t'));
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if !hidden(c) => out.push(c),
            // The block "Control Pictures" has a sign for each of these.
            '\u{0}'..='\u{1f}' => {
                out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER))
            }
            '\u{7f}' => out.push('\u{2421}'),
            c => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
        }
    }
    Cow::Owned(out)
}

/// Joiners (U+200C, U+200D) stay: scripts and emoji need them.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Text for HTML: between tags and inside a quoted attribute.
pub(super) fn html(text: &str) -> String {
    html_of(&visible(text))
}

/// A block of text for HTML: inside `<pre>`.
pub(super) fn html_block(text: &str) -> String {
    html_of(&visible_block(text))
}

fn html_of(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Prose for Markdown: one line in which nothing is markup. Source: CommonMark 0.31, "Backslash escapes"; GitHub Flavored Markdown, "Autolinks".
pub(super) fn markdown(text: &str) -> String {
    markdown_of(text, true)
}

/// The same for text that does not begin its line.
pub(super) fn markdown_inside(text: &str) -> String {
    markdown_of(text, false)
}

fn markdown_of(text: &str, starts_line: bool) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 8);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in text.char_indices() {
        let special = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' | '@' => true,
            // What would start a heading, a list or an underline.
            '#' | '+' | '-' | '=' => starts_line && at == 0,
            '.' | ')' => starts_line && at > 0 && at == digits || text.get(..at).is_some_and(ends_in_www),
            ':' => text.get(at + 1..).is_some_and(|rest| rest.starts_with("//")),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn ends_in_www(text: &str) -> bool {
    let tail = text.len().checked_sub(3).and_then(|at| text.get(at..));
    tail.is_some_and(|t| t.eq_ignore_ascii_case("www"))
}

/// A code span for Markdown, outside tables. Source: CommonMark 0.31, "Code spans".
pub(super) fn markdown_code(text: &str) -> String {
    let text = visible(text);
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let blank = text.chars().all(|c| c == ' ');
    let pad = !blank && (text.starts_with(['`', ' ']) || text.ends_with(['`', ' '])) || text.starts_with('`');
    let space = if pad { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A code span for a cell of a Markdown table. GitHub splits rows into cells before it reads code spans, so a bar, and what could hide one, is
/// written as an entity in an HTML element.
pub(super) fn markdown_cell_code(text: &str) -> String {
    if text.is_empty() || !text.contains(['|', '`', '\\']) {
        return markdown_code(text);
    }
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 24);
    out.push_str("<code>");
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            out.push_str(&format!("&#{};", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out.push_str("</code>");
    out
}

/// A fenced block for Markdown, ended by a line break.
pub(super) fn markdown_block(language: &str, text: &str) -> String {
    let text = visible_block(text);
    let fence = "`".repeat((longest_run(&text, '`') + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// The message of a GitHub workflow command. Source: GitHub Actions toolkit, `escapeData`.
pub(super) fn github_message(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in visible_block(text).chars() {
        match c {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            c => out.push(c),
        }
    }
    out
}

/// A property of a GitHub workflow command. Source: GitHub Actions toolkit, `escapeProperty`. A file name keeps its control characters, as escapes,
/// where these exist: it must still name the file.
pub(super) fn github_property(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            ':' => out.push_str("%3A"),
            ',' => out.push_str("%2C"),
            c => out.push_str(&visible(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}

/// A path as a URI reference: what RFC 3986 does not allow in a path is percent-encoded; `/` stays.
pub(super) fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 8);
    // A colon in the first segment would read as a scheme.
    for b in path.bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    if path.starts_with('/') { format!("file://{out}") } else { out }
}

/// A URL between `<` and `>`, in a cell of a table or outside: what could end it is percent-encoded. Source: CommonMark 0.31, "Links".
pub(super) fn markdown_url(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '<' | '>' | '\\' | '|' | '`' | ' ' => out.push_str(&format!("%{:02X}", u32::from(c))),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A piece of a message: rules write names in backticks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Piece<'a> {
    /// Words.
    Text(&'a str),
    /// A name or code.
    Code(&'a str),
}

/// Splits a message at its backticks. A name may hold backticks itself, so where one of `names` stands between two of them, it is taken whole. A
/// backtick without partner is text.
pub(super) fn pieces<'a>(message: &'a str, names: &[&str]) -> Vec<Piece<'a>> {
    let mut out = Vec::new();
    let mut rest = message;
    while let Some(at) = rest.find('`') {
        let (text, tail) = (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default());
        let known = names
            .iter()
            .filter(|n| n.contains('`') && tail.strip_prefix(**n).is_some_and(|after| after.starts_with('`')))
            .map(|n| n.len())
            .max();
        let Some(end) = known.or_else(|| tail.find('`')) else { break };
        if !text.is_empty() {
            out.push(Piece::Text(text));
        }
        out.push(Piece::Code(tail.get(..end).unwrap_or_default()));
        rest = tail.get(end + 1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_itself_is_shown() {
        assert_eq!(visible("plain ü 名 👩‍💻"), "plain ü 名 👩‍💻");
        assert_eq!(visible("a\nb\tc\u{1b}[31m\u{7f}"), "a␊b␉c␛[31m␡");
        assert_eq!(visible("\u{9b}31m \u{202e}gnp \u{feff}"), "\\u{9b}31m \\u{202e}gnp \\u{feff}");
        assert_eq!(visible_block("a\r\n\tb\u{1b}"), "a\n\tb␛");
        assert_eq!(visible_block("a\rb"), "a␍b");
        assert_eq!(one_line("CASE\r\n    WHEN a\n  THEN b  END"), "CASE WHEN a THEN b  END");
    }

    #[test]
    fn no_line_is_a_command_to_a_runner() {
        assert_eq!(
            inert("a::b\n  ::error::x\n##[debug]\nz".to_owned()),
            "a::b\n  \\u{3a}:error::x\n\\u{23}#[debug]\nz"
        );
        assert_eq!(inert("## A heading\n: x\n".to_owned()), "## A heading\n: x\n");
    }

    #[test]
    fn html_has_no_markup_of_the_input() {
        assert_eq!(html("<script>'\"&\n"), "&lt;script&gt;&#39;&quot;&amp;␊");
        assert_eq!(html_block("a <\nb"), "a &lt;\nb");
    }

    #[test]
    fn markdown_prose_has_no_markup_of_the_input() {
        assert_eq!(markdown("a*b_c`d|e<f>[g](h)"), "a\\*b\\_c\\`d\\|e\\<f\\>\\[g\\](h)");
        assert_eq!(markdown("# not a heading"), "\\# not a heading");
        assert_eq!(markdown("12. not a list"), "12\\. not a list");
        assert_eq!(markdown("- not a list"), "\\- not a list");
        assert_eq!(markdown("see 3.5 and a-b"), "see 3.5 and a-b");
        assert_eq!(markdown("http://x www.x @me &amp;"), "http\\://x www\\.x \\@me \\&amp;");
        assert_eq!(markdown("line\nbreak"), "line␊break");
    }

    #[test]
    fn code_spans_hold_backticks() {
        assert_eq!(markdown_code("a"), "`a`");
        assert_eq!(markdown_code("a`b"), "``a`b``");
        assert_eq!(markdown_code("`a``"), "``` `a`` ```");
        assert_eq!(markdown_code(" a "), "`  a  `");
        assert_eq!(markdown_code("  "), "`  `");
        assert_eq!(markdown_code(""), "\"\"");
    }

    #[test]
    fn cells_hold_bars_and_backslashes() {
        assert_eq!(markdown_cell_code("a_b"), "`a_b`");
        assert_eq!(markdown_cell_code("a|b\\"), "<code>a&#124;b&#92;</code>");
        assert_eq!(markdown_cell_code("<script>|`"), "<code>&#60;script&#62;&#124;&#96;</code>");
    }

    #[test]
    fn blocks_outgrow_their_content() {
        assert_eq!(markdown_block("sql", "select 1;\n"), "```sql\nselect 1;\n```\n");
        assert_eq!(markdown_block("sql", "```\nx"), "````sql\n```\nx\n````\n");
    }

    #[test]
    fn workflow_commands_stay_on_one_line() {
        assert_eq!(github_message("50%\n::error::x"), "50%25%0A::error::x");
        assert_eq!(github_property("a,b:c\r\n%"), "a%2Cb%3Ac%0D%0A%25");
    }

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(uri("db/1 é#?.sql"), "db/1%20%C3%A9%23%3F.sql");
        assert_eq!(uri("c:x"), "c%3Ax");
        assert_eq!(uri("/srv/a.sql"), "file:///srv/a.sql");
    }

    #[test]
    fn names_in_messages_are_found() {
        use Piece::{Code, Text};
        assert_eq!(pieces("`a` has no `b`.", &[]), [Code("a"), Text(" has no "), Code("b"), Text(".")]);
        assert_eq!(pieces("odd ` one", &[]), [Text("odd ` one")]);
        assert_eq!(pieces("`x`y` is long", &["x`y"]), [Code("x`y"), Text(" is long")]);
        assert_eq!(pieces("", &[]), []);
    }
}
