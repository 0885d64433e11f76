//! Shown while files are dragged over the page.

use yew::prelude::*;

/// Properties of [`DropOverlay`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// There is a project that files can be added to.
    pub(crate) add: bool,
}

/// Where to let go.
#[component]
pub(crate) fn DropOverlay(props: &Props) -> Html {
    html! {
        <div class="rl-drop" data-testid="drop-overlay">
            if props.add {
                <div class="rl-drop-half" data-drop-add="1"><span>{ "Add to this project" }</span></div>
            }
            <div class="rl-drop-half"><span>{ if props.add { "Open instead" } else { "Drop to analyse" } }</span></div>
        </div>
    }
}
