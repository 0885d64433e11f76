//! What a shell and `man` are told about the program: commands and options off its own help, the words that an option takes off the lists by which
//! arguments are read. There is no second list of any of them.

use std::fmt::Write as _;

use crate::args::{self, Name, Shell};
use crate::help;

/// An option as its help has it.
#[derive(PartialEq, Eq, Debug)]
struct Opt {
    short: Option<char>,
    long: String,
    /// What stands for its value: `FORMAT`.
    value: Option<String>,
    text: String,
}

impl Opt {
    fn is_file(&self) -> bool {
        matches!(self.value.as_deref(), Some("FILE" | "PATH" | "FOLDER"))
    }
}

/// The first line of a help.
fn summary(help: &str) -> &str {
    help.lines().next().unwrap_or_default()
}

/// The options of a help: lines that begin with two blanks and a hyphen, and what is indented below them.
fn options(help: &str) -> Vec<Opt> {
    let mut found: Vec<Opt> = Vec::new();
    for line in help.lines() {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        if indent == 2 && line.starts_with('-') {
            let (signs, text) = line.split_once("  ").unwrap_or((line, ""));
            let mut opt = Opt { short: None, long: String::new(), value: None, text: text.trim().to_owned() };
            for word in signs.split([',', ' ']).filter(|w| !w.is_empty()) {
                if let Some(long) = word.strip_prefix("--") {
                    opt.long = long.to_owned();
                } else if let Some(short) = word.strip_prefix('-') {
                    opt.short = short.chars().next();
                } else {
                    opt.value = Some(word.to_owned());
                }
            }
            found.push(opt);
        } else if indent > 2
            && let Some(last) = found.last_mut()
            && !line.is_empty()
        {
            if !last.text.is_empty() {
                last.text.push(' ');
            }
            last.text.push_str(line);
        }
    }
    found
}

/// The examples of a help, each with what it does: what is indented further belongs to the line above.
fn examples(help: &str) -> Vec<(String, String)> {
    let lines = help.split("\nExamples:\n").nth(1).unwrap_or_default().lines().take_while(|l| l.starts_with("  "));
    let mut found: Vec<(String, String)> = Vec::new();
    for line in lines {
        match found.last_mut() {
            Some((_, what)) if line.starts_with("   ") => what.push_str(line.trim()),
            _ => {
                let (command, what) = line.trim().split_once("  ").unwrap_or((line.trim(), ""));
                found.push((command.to_owned(), what.trim().to_owned()));
            }
        }
    }
    found
}

/// Commands without options of their own.
const OTHERS: [(&str, &str); 3] = [
    ("help", "Print help"),
    ("completions", "Print what a shell needs to complete commands and options"),
    ("man", "Print the manual page"),
];

/// The script that makes a shell complete commands, options and their words.
pub(crate) fn completions(shell: Shell) -> String {
    match shell {
        Shell::Bash => bash(),
        Shell::Zsh => zsh(),
        Shell::Fish => fish(),
    }
}

fn commands() -> Vec<(&'static str, &'static str)> {
    let own = Name::ALL.into_iter().map(|name| (name.word(), summary(help::help(Some(name)))));
    own.chain(OTHERS).collect()
}

fn bash() -> String {
    let words: Vec<&str> = commands().into_iter().map(|(word, _)| word).collect();
    let names: Vec<&str> = Name::ALL.into_iter().map(Name::word).collect();
    let (mut values, mut flags) = (String::new(), String::new());
    for name in Name::ALL {
        let options = options(help::help(Some(name)));
        for opt in &options {
            let choices = args::words(name, &opt.long).join(" ");
            if !choices.is_empty() {
                let _ = writeln!(values, "    \"{} --{}\") words=\"{choices}\" ;;", name.word(), opt.long);
            }
        }
        let long: Vec<String> = options.iter().map(|o| format!("--{}", o.long)).collect();
        let _ = writeln!(flags, "      {}) words=\"{}\" ;;", name.word(), long.join(" "));
    }
    format!(
        "# bash completion for relata: eval \"$(relata completions bash)\"\n\
         _relata() {{\n\
         \x20 local words=\"\" cur=\"${{COMP_WORDS[COMP_CWORD]}}\" prev=\"${{COMP_WORDS[COMP_CWORD - 1]}}\" command=\"${{COMP_WORDS[1]}}\"\n\
         \x20 if [ \"$COMP_CWORD\" -eq 1 ]; then\n\
         \x20   words=\"{} --help --version\"\n\
         \x20 elif [ \"$COMP_CWORD\" -eq 2 ] && [ \"$command\" = completions ]; then\n\
         \x20   words=\"{}\"\n\
         \x20 elif [ \"$COMP_CWORD\" -eq 2 ] && [ \"$command\" = help ]; then\n\
         \x20   words=\"{}\"\n\
         \x20 else\n\
         \x20   case \"$command $prev\" in\n{values}    *)\n\
         \x20     case \"$cur\" in -*) case \"$command\" in\n{flags}      esac ;; esac ;;\n\
         \x20   esac\n\
         \x20 fi\n\
         \x20 COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n\
         }}\n\
         complete -o default -F _relata relata\n",
        words.join(" "),
        Shell::words().join(" "),
        names.join(" "),
    )
}

fn zsh() -> String {
    // Inside single quotes and brackets.
    let escape = |text: &str| text.replace('\'', "'\\''").replace('[', "\\[").replace(']', "\\]").replace(':', "\\:");
    let mut out = String::from("#compdef relata\n_relata() {\n  local -a commands\n  commands=(\n");
    for (word, text) in commands() {
        let _ = writeln!(out, "    '{word}:{}'", escape(text));
    }
    out.push_str(
        "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n",
    );
    for name in Name::ALL {
        let _ = write!(out, "    {}) _arguments", name.word());
        for opt in options(help::help(Some(name))) {
            let action = match (&opt.value, args::words(name, &opt.long)) {
                (None, _) => String::new(),
                (Some(value), choices) if !choices.is_empty() => format!(":{value}:({})", choices.join(" ")),
                (Some(value), _) if opt.is_file() => format!(":{value}:_files"),
                (Some(value), _) => format!(":{value}: "),
            };
            let _ = write!(out, " '--{}[{}]{action}'", opt.long, escape(&opt.text));
        }
        let _ = writeln!(out, " '*:path:_files' ;;");
    }
    let _ = writeln!(out, "    completions) _values shell {} ;;", Shell::words().join(" "));
    out.push_str("  esac\n}\nif [[ $zsh_eval_context[-1] == loadautofunc ]]; then _relata \"$@\"; else compdef _relata relata; fi\n");
    out
}

fn fish() -> String {
    let escape = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
    let mut out = String::from("# fish completion for relata: relata completions fish | source\n");
    for (word, text) in commands() {
        let _ = writeln!(out, "complete -c relata -n __fish_use_subcommand -f -a {word} -d '{}'", escape(text));
    }
    for name in Name::ALL {
        for opt in options(help::help(Some(name))) {
            let short = opt.short.map(|c| format!(" -s {c}")).unwrap_or_default();
            let value = match (&opt.value, args::words(name, &opt.long)) {
                (None, _) => String::new(),
                (Some(_), choices) if !choices.is_empty() => format!(" -x -a '{}'", choices.join(" ")),
                (Some(_), _) if opt.is_file() => " -r -F".to_owned(),
                (Some(_), _) => " -x".to_owned(),
            };
            let _ = writeln!(
                out,
                "complete -c relata -n '__fish_seen_subcommand_from {}'{short} -l {}{value} -d '{}'",
                name.word(),
                opt.long,
                escape(&opt.text)
            );
        }
    }
    let _ = writeln!(
        out,
        "complete -c relata -n '__fish_seen_subcommand_from completions' -f -a '{}'",
        Shell::words().join(" ")
    );
    out
}

/// The manual page, in the macros of man(7).
pub(crate) fn man() -> String {
    let main = help::help(None);
    let mut out = format!(
        ".TH RELATA 1 \"\" \"relata {}\" \"User Commands\"\n.SH NAME\nrelata \\- {}\n.SH SYNOPSIS\n.B relata\n\
         .I COMMAND\n[\\fIOPTIONS\\fR] \\fIPATH\\fR...\n.SH DESCRIPTION\n",
        env!("CARGO_PKG_VERSION"),
        roff(summary(main).trim_end_matches('.')).to_lowercase(),
    );
    let paths = main.split("\n\n").find(|paragraph| paragraph.starts_with("PATH is"));
    let _ = writeln!(out, "{}", roff(paths.unwrap_or_default()));
    out.push_str(".SH COMMANDS\n");
    for name in Name::ALL {
        let help = help::help(Some(name));
        // Everything before the usage says what the command does.
        let what: Vec<&str> = help.lines().take_while(|l| !l.starts_with("Usage:")).filter(|l| !l.is_empty()).collect();
        let usage = help.lines().find_map(|l| l.strip_prefix("Usage: ")).unwrap_or_default();
        let _ = write!(out, ".SS {}\n{}\n.PP\n.B {}\n", name.word(), roff(&what.join("\n")), roff(usage));
        for opt in options(help) {
            let short = opt.short.map(|c| format!("\\-{c}, ")).unwrap_or_default();
            let value = opt.value.as_deref().map(|v| format!(" \\fI{v}\\fB")).unwrap_or_default();
            let _ = write!(out, ".TP\n\\fB{short}\\-\\-{}{value}\\fR\n{}\n", roff(&opt.long), roff(&opt.text));
        }
    }
    for (word, text) in OTHERS {
        let _ = write!(out, ".SS {word}\n{}.\n", roff(text));
    }
    out.push_str(".SH EXIT STATUS\n");
    for (status, meaning) in [
        ("0", "Well: nothing at or above the severity of --fail-on."),
        ("1", "Findings at or above it."),
        ("2", "Unusable input or arguments, or nothing was read that describes a schema."),
    ] {
        let _ = write!(out, ".TP\n.B {status}\n{}\n", roff(meaning));
    }
    out.push_str(
        ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nWhen set and not empty, nothing is coloured.\n\
         .TP\n.B CLICOLOR_FORCE\nWhen set and not 0, output is coloured even where it is no terminal.\n\
         .TP\n.B CLICOLOR\nWhen 0, output is not coloured in a terminal either.\n\
         .TP\n.B COLUMNS\nHow wide a line may be; else as wide as the terminal, or 80. A line has at least 40 columns and at most 120.\n\
         .TP\n.B TERM\n\\(lqdumb\\(rq: no colours and no progress.\n.SH EXAMPLES\n",
    );
    let of_commands = Name::ALL.into_iter().flat_map(|name| examples(help::help(Some(name))));
    for (command, what) in examples(main).into_iter().chain(of_commands) {
        let _ = write!(out, ".TP\n.B {}\n{}\n", roff(&command), roff(&what));
    }
    out
}

/// Text of a manual page: no hyphen that becomes a dash, no line that is taken for a request. Source: groff_man(7), groff_char(7).
fn roff(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    let lines: Vec<String> = escaped
        .lines()
        .map(|line| if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line.to_owned() })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn options_are_read_off_a_help() {
        let help = "Does it.\n\nUsage: relata x PATH\n\nOptions:\n  --format FORMAT  text (default), json; sarif to scan\n  \
                    --define NAME=VALUE\n                   A value\n                   of it\n  -o, --output FILE  There\n  -h, --help  This\n\nMore.\n";
        let found = options(help);
        let opt = |short, long: &str, value: Option<&str>, text: &str| Opt {
            short,
            long: long.to_owned(),
            value: value.map(str::to_owned),
            text: text.to_owned(),
        };
        assert_eq!(
            found,
            [
                opt(None, "format", Some("FORMAT"), "text (default), json; sarif to scan"),
                opt(None, "define", Some("NAME=VALUE"), "A value of it"),
                opt(Some('o'), "output", Some("FILE"), "There"),
                opt(Some('h'), "help", None, "This"),
            ]
        );
    }

    /// What an option takes and what its help says of that are one.
    #[test]
    fn the_words_of_an_option_are_in_its_help() {
        // Long lists: the help names some, or the command that lists them.
        let open = ["layout", "sections", "rule"];
        for name in Name::ALL {
            for opt in options(help::help(Some(name))) {
                let words = args::words(name, &opt.long);
                let listed = opt.text.contains("(default") || opt.text.contains("default)");
                assert!(!listed || !words.is_empty(), "{} --{}", name.word(), opt.long);
                if !open.contains(&opt.long.as_str()) {
                    for word in words {
                        assert!(opt.text.contains(word), "{} --{} takes {word}", name.word(), opt.long);
                    }
                }
            }
        }
    }

    #[test]
    fn every_chapter_of_a_report_is_in_its_help() {
        let (_, chapters) = help::help(Some(Name::Report)).split_once("Chapters, in their order:").unwrap();
        let named: Vec<&str> = chapters.split(',').map(str::trim).collect();
        assert_eq!(named, args::words(Name::Report, "sections"));
    }

    #[test]
    fn an_example_that_is_wide_has_its_words_on_the_next_line() {
        let found = examples("X.\n\nExamples:\n  a b   does it\n  a --long\n        does more\n\nMore:\n  c\n");
        let pair = |command: &str, what: &str| (command.to_owned(), what.to_owned());
        assert_eq!(found, [pair("a b", "does it"), pair("a --long", "does more")]);
    }

    /// What an example shows, the program takes.
    #[test]
    fn examples_are_understood() {
        for name in Name::ALL {
            let examples = examples(help::help(Some(name)));
            assert!(!examples.is_empty(), "{}", name.word());
            for (command, what) in examples {
                assert!(!what.is_empty(), "{command}");
                let words = command.split(" > ").next().unwrap_or_default().split_whitespace().skip(1);
                assert!(args::parse(words.map(Into::into)).is_ok(), "{command}");
            }
        }
    }

    #[test]
    fn every_command_has_a_summary_and_help_among_its_options() {
        for name in Name::ALL {
            let help = help::help(Some(name));
            assert!(!summary(help).is_empty(), "{}", name.word());
            assert!(options(help).iter().any(|o| o.long == "help"), "{}", name.word());
        }
    }

    /// Asks a real bash what it would complete.
    fn completed(words: &[&str]) -> Option<String> {
        let quoted: Vec<String> = words.iter().map(|w| format!("'{w}'")).collect();
        let script = format!(
            "{}\nCOMP_WORDS=({}); COMP_CWORD={}; _relata; echo \"${{COMPREPLY[*]}}\"",
            bash(),
            quoted.join(" "),
            words.len() - 1
        );
        let output = Command::new("bash").args(["--norc", "-c", &script]).output().ok()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    #[test]
    fn bash_completes_commands_options_and_words() {
        let Some(commands) = completed(&["relata", "ch"]) else { return };
        assert_eq!(commands, "check");
        assert_eq!(completed(&["relata", "check", "--fail"]).unwrap(), "--fail-on");
        assert_eq!(completed(&["relata", "check", "--format", "s"]).unwrap(), "sarif");
        assert_eq!(completed(&["relata", "check", "--fail-on", "m"]).unwrap(), "medium");
        assert_eq!(completed(&["relata", "report", "--severity", "m"]).unwrap(), "medium");
        assert_eq!(completed(&["relata", "diagram", "--show", "k"]).unwrap(), "keys");
        assert_eq!(completed(&["relata", "diagram", "--fr"]).unwrap(), "--from");
        assert_eq!(completed(&["relata", "diagram", "--to"]).unwrap(), "--to");
        assert_eq!(completed(&["relata", "squash", "--con"]).unwrap(), "--config");
        assert_eq!(completed(&["relata", "fix", "--con"]).unwrap(), "--config");
        assert_eq!(completed(&["relata", "history", "--layout", "goo"]).unwrap(), "goose");
        assert_eq!(completed(&["relata", "completions", "z"]).unwrap(), "zsh");
        assert_eq!(completed(&["relata", "check", "x"]).unwrap(), "", "file names are the shell's own matter");
    }

    #[test]
    fn other_shells_name_every_command() {
        for script in [zsh(), fish()] {
            assert!(Name::ALL.into_iter().all(|name| script.contains(name.word())), "{script}");
        }
        for (program, argument, script) in [("zsh", "-n", zsh()), ("fish", "--no-execute", fish())] {
            let file = std::env::temp_dir().join(format!("relata-completion-{program}-{}", std::process::id()));
            std::fs::write(&file, script).unwrap();
            if let Ok(output) = Command::new(program).arg(argument).arg(&file).output() {
                assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
            }
            std::fs::remove_file(file).unwrap();
        }
    }

    #[test]
    fn the_manual_has_every_command_and_no_stray_request() {
        let page = man();
        for name in Name::ALL {
            assert!(page.contains(&format!(".SS {}\n", name.word())), "{}", name.word());
        }
        let known = [".TH", ".SH", ".SS", ".TP", ".PP", ".B ", ".I "];
        for line in page.lines().filter(|l| l.starts_with(['.', '\''])) {
            assert!(known.iter().any(|k| line.starts_with(k)), "{line}");
        }
        assert!(page.contains("relata check db/migrations"), "{page}");
    }
}
