//! A report that holds what it speaks of: the one HTML file in which somebody hands over a whole analysis.

use std::fmt::Write as _;

use super::escape;
use crate::source::Sources;

/// The largest text that is put in; a reader's browser must still open the page.
const MAX_TEXT: usize = 32 << 20;

/// Adds the text of every file, folded, to a report that [`html`](super::html) made. What was not kept (rows of data) is marked as left out.
pub fn with_sources(html: &str, sources: &Sources) -> String {
    let mut section = String::from(
        "<section class=\"chapter\">\n<h2 id=\"sources\">Sources</h2>\n<p>The text that was read, without rows of data.</p>\n",
    );
    let mut left = MAX_TEXT;
    for (_, file) in sources.files() {
        let _ = write!(section, "<details class=\"source\">\n<summary>{}</summary>\n<pre>", escape::html(&file.name));
        let mut end = 0;
        for (start, text) in file.kept() {
            if start > end && end > 0 {
                section.push_str("\n<i>…</i>\n");
            }
            end = start.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
            if text.len() > left {
                section.push_str("\n<i>The rest is too large for this page.</i>\n");
                left = 0;
                break;
            }
            left -= text.len();
            section.push_str(&escape::html_block(text));
        }
        section.push_str("</pre>\n</details>\n");
    }
    section.push_str("</section>\n");
    // A chapter of its own before the last, which says where the whole has its limits, with its line in the contents.
    let before_last = |html: &str, last: &str, added: &str| match html.rfind(last) {
        Some(at) => {
            let (before, after) = html.split_at(at);
            format!("{before}{added}{after}")
        }
        None => html.to_owned(),
    };
    let limits = "<section class=\"chapter\">\n<h2 id=\"limits\">";
    let place = if html.contains(limits) { limits } else { "<footer>" };
    let html = before_last(html, place, &section);
    let line = "<li><a href=\"#sources\">Sources</a></li>\n";
    let place = if html.contains("<li><a href=\"#limits\">") { "<li><a href=\"#limits\">" } else { "</ol>\n</nav>" };
    escape::inert(before_last(&html, place, line))
}
