//! Prints the JSON Schema of `relata.toml`; `cargo xtask docs` writes it to `docs/schemas/relata.schema.json`.

#![allow(clippy::print_stdout, reason = "it is what the program is for")]

fn main() {
    println!("{}", serde_json::to_string_pretty(&relata_core::policy::json_schema()).unwrap_or_default());
}
