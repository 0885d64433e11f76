//! What can be done, by name: the search lists it beside tables and columns, so that every action can be reached by keyboard.

use relata_protocol::{Detail, DiagramFormat, ReportFormat, SearchHit};

use crate::lens::Lens;
use crate::prefs::{Panel, Theme};
use crate::state::diagram::Change;
use crate::state::{Dialog, Phase, State, View};
use crate::{Action, text};

/// Something that can be done.
#[derive(Clone, PartialEq, Debug)]
pub struct Command {
    /// Its name.
    pub name: String,
    /// Its keys, where it has some.
    pub keys: &'static str,
    /// What it does.
    pub action: Action,
}

/// Something that a search found.
#[derive(Clone, PartialEq, Debug)]
pub enum Hit {
    /// By the engine: whatever has a name.
    Found(SearchHit),
    /// Something to do.
    Command(Box<Command>),
    /// A revision of the history, by place.
    Revision(u32, String, String),
}

impl Hit {
    /// What it is.
    pub fn kind(&self) -> &str {
        match self {
            Self::Found(hit) => &hit.kind,
            Self::Command(_) => "command",
            Self::Revision(..) => "migration",
        }
    }

    /// Its name.
    pub fn label(&self) -> &str {
        match self {
            Self::Found(hit) => &hit.label,
            Self::Command(c) => &c.name,
            Self::Revision(_, id, _) => id,
        }
    }

    /// Where it is, or its keys.
    pub fn aside(&self) -> &str {
        match self {
            Self::Found(hit) => &hit.path,
            Self::Command(c) => c.keys,
            Self::Revision(_, _, message) => message,
        }
    }

    /// Whether its name is an identifier rather than words.
    pub fn is_identifier(&self) -> bool {
        match self {
            Self::Found(hit) => hit.finding.is_none(),
            Self::Command(_) => false,
            Self::Revision(..) => true,
        }
    }
}

/// What can be done now.
pub fn commands(state: &State) -> Vec<Command> {
    let mut out = Vec::new();
    let mut add = |name: &str, keys: &'static str, action: Action| {
        out.push(Command { name: name.to_owned(), keys, action });
    };
    if state.phase != Phase::Workspace {
        return out;
    }
    for view in View::ALL.into_iter().filter(|v| *v != View::History || state.has_history()) {
        add(&format!("Go to {}", view.name().to_lowercase()), "", Action::Show(view));
    }
    let change = |c: Change| Action::Change(Box::new(c));
    let board = &state.drawing.board;
    add("Show everything", "0", Action::Fit);
    for (name, detail) in
        [("Show all columns", Detail::Columns), ("Show keys only", Detail::Keys), ("Show names only", Detail::Names)]
    {
        add(name, "", change(Change::Detail(detail)));
    }
    add(if board.views { "Leave out views" } else { "Show views" }, "", change(Change::Views(!board.views)));
    if let Some(path) = state.highlighted().and_then(|key| state.path_of(key)) {
        let name = path.rsplit('.').next().unwrap_or(path).to_owned();
        for (hops, keys) in [(1, "1"), (2, "2"), (3, "3")] {
            let within = text::counted(hops.into(), "reference");
            add(&format!("Focus {name} and what is within {within}"), keys, change(Change::Focus(Some(hops))));
        }
        add(&format!("Path from {name} to another table"), "P", Action::OpenRoutes);
        add(&format!("Hide {name}"), "H", change(Change::Hide));
        add(&format!("Hide all but {name}"), "", change(Change::HideOthers));
        let collapsed = board.collapsed.contains(path);
        add(&format!("{} {name}", if collapsed { "Expand" } else { "Collapse" }), "C", change(Change::Collapse));
        let pinned = board.pins.contains_key(path);
        add(&format!("{} {name}", if pinned { "Unpin" } else { "Pin" }), "T", change(Change::Pin));
        if let Some(key) = state.highlighted() {
            add(&format!("Mark {name}"), "M", Action::Mark(key));
        }
    }
    if !state.drawing.marked.is_empty() {
        let n = text::counted(state.subjects().len() as u64, "table");
        add(&format!("Group {n}"), "G", change(Change::Group));
        add(&format!("Hide {n}"), "H", change(Change::Hide));
    }
    if board.focus.is_some() {
        add("Leave the focus", "F", change(Change::Focus(None)));
    }
    if board.focus.is_some() || !board.hidden.is_empty() {
        add("Show what is hidden", "", change(Change::ShowAll));
    }
    if board.folded.is_empty() {
        add("Fold every cluster", "", change(Change::FoldAll));
    } else {
        add("Unfold every cluster", "", change(Change::UnfoldAll));
    }
    add("Keep every table where it is", "", change(Change::PinAll));
    if !board.is_plain() {
        add("Reset the arrangement", "", change(Change::Reset));
    }
    add("Arrangement: hidden, groups, save and load", "", Action::OpenDialog(Dialog::Arrangement));
    for lens in Lens::ALL.into_iter().filter(|l| *l != state.drawing.lens) {
        let name = if lens == Lens::Off {
            lens.name().to_owned()
        } else {
            format!("Highlight: {}", lens.name().to_lowercase())
        };
        add(&name, "", Action::SetLens(lens));
    }
    let (undo, redo) = state.drawing.steps();
    if let Some(what) = undo {
        add(&format!("Undo {what}"), "Ctrl Z", Action::Undo);
    }
    if let Some(what) = redo {
        add(&format!("Redo {what}"), "Ctrl Shift Z", Action::Redo);
    }
    add("Add or remove files", "", Action::OpenDialog(Dialog::Add));
    add("Correct what was found", "", Action::OpenDialog(Dialog::Target));
    for (name, format) in [
        ("Save the report as Markdown", ReportFormat::Markdown),
        ("Save the report as HTML", ReportFormat::Html),
        ("Save the report as JSON", ReportFormat::Json),
        ("Save the report as SARIF", ReportFormat::Sarif),
        ("Save the report as plain text", ReportFormat::Text),
    ] {
        add(name, "", Action::SaveReport(format));
    }
    for (name, format) in [
        ("Save the diagram as SVG", DiagramFormat::Svg),
        ("Save the diagram as Mermaid", DiagramFormat::Mermaid),
        ("Save the diagram as DBML", DiagramFormat::Dbml),
        ("Save the diagram as PlantUML", DiagramFormat::PlantUml),
        ("Save the diagram as plain text", DiagramFormat::Text),
    ] {
        add(name, "", Action::ExportDiagram(format));
    }
    add("Copy Markdown for a pull request", "", Action::CopyPullRequest);
    add("Download the migration that repairs findings", "", Action::SaveFix(Vec::new()));
    add("Download the whole schema as one migration", "", Action::SaveSchema);
    if !state.options.waivers.is_empty() {
        add("Save the waivers as relata.toml", "", Action::SaveWaivers);
    }
    for scale in 1..=4 {
        add(&format!("Save the diagram as PNG, {scale}×"), "", Action::ExportPicture(scale));
    }
    add("Print the diagram, or save it as PDF", "", Action::PrintDiagram);
    for (name, panel) in [("list of tables", Panel::Left), ("inspector", Panel::Right)] {
        let verb = if state.prefs.is_hidden(panel) { "Show" } else { "Hide" };
        add(&format!("{verb} the {name}"), "", Action::TogglePanel(panel));
    }
    for theme in [Theme::Light, Theme::Dark, Theme::System].into_iter().filter(|t| *t != state.prefs.theme) {
        add(&format!("Theme: {}", theme.name()), "", Action::SetTheme(theme));
    }
    add("Keys", "?", Action::OpenDialog(Dialog::Shortcuts));
    add("Why nothing leaves this tab", "", Action::OpenDialog(Dialog::Privacy));
    add("Close this project", "", Action::Close);
    add("Forget everything", "", Action::Forget);
    out
}

/// What a search shows for a text: what the engine found, revisions and commands.
pub fn hits(state: &State, typed: &str, found: &[SearchHit]) -> Vec<Hit> {
    let only_commands = typed.trim_start().starts_with('>');
    let needle = typed.trim_start().trim_start_matches('>').trim().to_lowercase();
    let words: Vec<&str> = needle.split_whitespace().collect();
    let fits = |name: &str| {
        let lower = name.to_lowercase();
        words.iter().all(|w| lower.contains(w))
    };
    let command = |c: Command| Hit::Command(Box::new(c));
    let (first, rest): (Vec<Command>, Vec<Command>) = commands(state)
        .into_iter()
        .filter(|c| fits(&c.name))
        .partition(|c| needle.is_empty() || c.name.to_lowercase().starts_with(&needle));
    if needle.is_empty() || only_commands {
        return first.into_iter().chain(rest).map(command).collect();
    }
    let revisions = state.past.list.iter().flat_map(|list| (0..).zip(&list.rows));
    let revisions = revisions
        .filter(|(_, r)| fits(&format!("{} {}", r.id, r.message.as_deref().unwrap_or_default())))
        .take(REVISIONS)
        .map(|(at, r)| Hit::Revision(at, r.id.clone(), r.message.clone().unwrap_or_else(|| r.summary.clone())));
    let found = found.iter().cloned().map(Hit::Found);
    first.into_iter().map(command).chain(found).chain(revisions).chain(rest.into_iter().map(command)).collect()
}

/// How many revisions a search shows.
const REVISIONS: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::analysed;

    #[test]
    fn commands_are_found_by_their_words() {
        let (state, _) = analysed(1);
        let names = |typed: &str| hits(&state, typed, &[]).iter().map(|h| h.label().to_owned()).collect::<Vec<_>>();
        assert_eq!(names("mermaid"), ["Save the diagram as Mermaid"]);
        assert_eq!(names("keys")[0], "Keys", "what begins like that comes first");
        assert_eq!(names("names show"), ["Show names only"]);
        assert!(names("").len() > 20, "all of them before anything is typed");
        assert!(names("> theme").iter().all(|n| n.starts_with("Theme")));
    }

    #[test]
    fn what_needs_a_table_is_offered_with_one() {
        let (state, _) = analysed(1);
        assert!(commands(&state).iter().all(|c| !c.name.starts_with("Focus")));
        assert!(commands(&State::new(crate::prefs::Prefs::default())).is_empty(), "nothing on the landing");
    }
}
