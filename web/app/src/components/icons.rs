//! The page's own icons: 16 units square, drawn with the text's colour.

use relata_protocol::Severity;
use yew::prelude::*;

/// The icons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Icon {
    Search,
    Sun,
    Export,
    Close,
    File,
    Folder,
    Table,
    View,
    Key,
    Link,
    Back,
    Plus,
    Minus,
    Fit,
    Copy,
    Code,
    Target,
    Chevron,
    Before,
    Left,
    Right,
    Shield,
    List,
    Group,
    Wrench,
    Printer,
    Trash,
    Help,
    Undo,
    Redo,
    Layers,
    Hide,
    Pin,
    Pen,
    Follow,
}

fn path(icon: Icon) -> &'static str {
    match icon {
        Icon::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3 14 14",
        Icon::Sun => "M8 2.5a5.5 5.5 0 1 0 0 11V2.5ZM8 2.5a5.5 5.5 0 0 1 0 11M8 5.5h2.6M8 8h3.4M8 10.5h2.6",
        Icon::Export => "M8 10V2.5M5 5.2l3-2.7 3 2.7M3 9v4.5h10V9",
        Icon::Close => "M4 4l8 8M12 4l-8 8",
        Icon::File => "M4 2.5h5l3 3v8H4v-11ZM9 2.5v3h3",
        Icon::Folder => "M2.5 4h4l1.3 1.5h5.7v7h-11V4Z",
        Icon::Table => "M2.5 3.5h11v9h-11v-9ZM2.5 6.5h11M6.5 6.5v6",
        Icon::View => {
            "M1.8 8C3.3 5.4 5.5 4 8 4s4.700 1.400 6.200 4C12.700 10.600 10.500 12 8 12S3.300 10.600 1.800 8ZM8 6.300a1.700 1.700 0 1 0 0 3.400 1.700 1.700 0 0 0 0-3.400Z"
        }
        Icon::Key => "M5.500 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8.500 8H14v2.500M11.500 8v2",
        Icon::Link => "M3 4.500v3.200h10M13 7.700v3.800M10.800 9.500 13 11.700l2-2.200M1.500 4.500h3",
        Icon::Back => "M7 3.500 2.800 8 7 12.500M3 8h10.500",
        Icon::Plus => "M8 3v10M3 8h10",
        Icon::Minus => "M3 8h10",
        Icon::Fit => "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
        Icon::Copy => "M5.500 5.500h8v8h-8v-8ZM10.500 5.500v-3h-8v8h3",
        Icon::Code => "M5.500 4 2 8l3.500 4M10.500 4 14 8l-3.500 4",
        Icon::Target => {
            "M8 3.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9ZM8 1.200v3.600M8 11.200v3.600M1.200 8h3.600M11.200 8h3.600"
        }
        Icon::Chevron => "M6 4l4 4-4 4",
        Icon::Before => "M10 4 6 8l4 4",
        Icon::Left => "M2.500 3h11v10h-11V3ZM6 3v10",
        Icon::Right => "M2.500 3h11v10h-11V3ZM10 3v10",
        Icon::Shield => "M8 2l5 1.800v4C13 11 11 13 8 14c-3-1-5-3-5-6.200v-4L8 2Z",
        Icon::List => "M5.500 4H14M5.500 8H14M5.500 12H14M2 4h1M2 8h1M2 12h1",
        Icon::Group => "M2.500 3h11M4.500 6h9M4.500 9h9M2.500 13h11",
        Icon::Wrench => {
            "M13.300 4.200 11 6.500 9.500 5l2.300-2.300a3.300 3.300 0 0 0-4.300 4.200L2.500 12l1.500 1.500 5.100-5a3.300 3.300 0 0 0 4.200-4.300Z"
        }
        Icon::Printer => "M4.500 6V2.500h7V6M4.500 11.500h-2V6h11v5.500h-2M4.500 9.500h7v4h-7v-4Z",
        Icon::Trash => "M3 4.500h10M6 4.500v-2h4v2M4.500 4.500l.6 9h5.800l.6-9",
        Icon::Undo => "M5.500 3 2.500 6l3 3M3 6h6.500a3.500 3.500 0 0 1 0 7H6",
        Icon::Redo => "M10.500 3l3 3-3 3M13 6H6.500a3.500 3.500 0 0 0 0 7H10",
        Icon::Layers => "M8 2.500 14 5.500 8 8.500 2 5.500 8 2.500ZM2 8l6 3 6-3M2 10.500l6 3 6-3",
        Icon::Hide => {
            "M2 8c1.500-2.600 3.600-4 6-4s4.500 1.400 6 4c-1.500 2.600-3.600 4-6 4S3.500 10.600 2 8ZM3 13 13 3"
        }
        Icon::Pin => "M6 2.500h4l-.5 4 2.500 2.500H4l2.500-2.500-.5-4ZM8 9v5",
        Icon::Pen => "M10.800 2.800l2.400 2.400L6 12.400l-3.200.8.800-3.200 7.200-7.200Z",
        Icon::Follow => {
            "M2.500 4h4l1.300 1.500h5.700v3M2.500 4v8.500H7M13.500 11a2.500 2.500 0 1 1-1-2M13.700 7.700v1.600h-1.600"
        }
        Icon::Help => "M6 6a2 2 0 1 1 3 1.800c-.700.400-1 .800-1 1.600M8 11.700v.200M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z",
    }
}

/// An icon beside words, or in a button that has a name of its own: hidden from assistive technology.
pub(crate) fn icon(icon: Icon) -> Html {
    html! {
        <svg class="rl-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d={path(icon)} fill="none" stroke="currentColor" stroke-width="1.300" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
}

/// A severity's shape: they differ in shape as well as in colour, and a word always stands beside them.
pub(crate) fn severity_shape(severity: Severity) -> Html {
    let (name, shape) = match severity {
        Severity::Critical => {
            ("critical", html! { <path d="M5.100 1h5.800L15 5.100v5.800L10.900 15H5.100L1 10.900V5.100L5.100 1Z" /> })
        }
        Severity::High => ("high", html! { <path d="M8 1.500 15 14H1L8 1.500Z" /> }),
        Severity::Medium => ("medium", html! { <path d="M8 1l7 7-7 7-7-7 7-7Z" /> }),
        Severity::Low => ("low", html! { <circle cx="8" cy="8" r="5.500" /> }),
        Severity::Info => {
            ("info", html! { <circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" stroke-width="2" /> })
        }
    };
    html! {
        <svg class={classes!("rl-severity", format!("rl-severity-{name}"))} viewBox="0 0 16 16" width="12" height="12"
            fill="currentColor" aria-hidden="true" focusable="false">{ shape }</svg>
    }
}

/// The mark of the product: three surveyed points and the lines between them.
pub(crate) fn mark() -> Html {
    html! {
        <svg class="rl-mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
            <path d="M5 18.500 12 5l7 13.500M5 18.500h14" fill="none" stroke="currentColor" stroke-width="1.400" />
            <rect x="2.500" y="16" width="5" height="5" class="rl-mark-point" />
            <rect x="16.500" y="16" width="5" height="5" class="rl-mark-point" />
            <rect x="9.500" y="2.500" width="5" height="5" class="rl-mark-main" />
        </svg>
    }
}
