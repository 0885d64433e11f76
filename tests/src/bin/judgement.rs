//! Writes what Relata says of the corpus to `tests/findings.txt` and `docs/scoring.md`. `cargo xtask snapshot` calls it.

#![allow(clippy::print_stdout, reason = "a command line speaks through its standard streams")]

use std::path::Path;

use relata_tests::{corpus, judgement};

fn main() -> std::io::Result<()> {
    let Some(folder) = corpus::folder() else { return Ok(()) };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let judgements = judgement::judgements(&folder);
    let findings = root.join("findings.txt");
    let now = judgement::findings_text(&judgements);
    print!("{}", judgement::difference(&std::fs::read_to_string(&findings).unwrap_or_default(), &now));
    std::fs::write(findings, now)?;
    std::fs::write(root.join("../docs/scoring.md"), judgement::scoring_text(&judgements))
}
