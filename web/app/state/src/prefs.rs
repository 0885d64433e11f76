//! What is kept between visits: theme and panel sizes. Stored as one short line of text, read without trust.

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The word in storage and in the root's `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one that the toggle goes to, given whether the system is dark now.
    pub fn toggled(self, system_is_dark: bool) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
            Self::System if system_is_dark => Self::Light,
            Self::System => Self::Dark,
        }
    }
}

/// The panels that can be resized and hidden.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "where they are")]
pub enum Panel {
    Left,
    Right,
    Bottom,
}

impl Panel {
    /// The least, usual and greatest size in CSS pixels.
    pub fn sizes(self) -> (u32, u32, u32) {
        match self {
            Self::Left => (180, 260, 480),
            Self::Right => (280, 380, 640),
            Self::Bottom => (120, 260, 720),
        }
    }
}

/// What is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prefs {
    /// The theme.
    pub theme: Theme,
    sizes: [u32; 3],
    hidden: [bool; 3],
}

impl Default for Prefs {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            sizes: [Panel::Left, Panel::Right, Panel::Bottom].map(|p| p.sizes().1),
            hidden: [false; 3],
        }
    }
}

fn place(panel: Panel) -> usize {
    match panel {
        Panel::Left => 0,
        Panel::Right => 1,
        Panel::Bottom => 2,
    }
}

impl Prefs {
    /// A panel's size in CSS pixels.
    pub fn size(&self, panel: Panel) -> u32 {
        self.sizes.get(place(panel)).copied().unwrap_or(panel.sizes().1)
    }

    /// Sets a panel's size, within its bounds.
    pub fn resize(&mut self, panel: Panel, size: u32) {
        let (least, _, most) = panel.sizes();
        if let Some(s) = self.sizes.get_mut(place(panel)) {
            *s = size.clamp(least, most);
        }
    }

    /// Whether a panel is hidden.
    pub fn is_hidden(&self, panel: Panel) -> bool {
        self.hidden.get(place(panel)).copied().unwrap_or(false)
    }

    /// Hides a panel or shows it again.
    pub fn toggle(&mut self, panel: Panel) {
        if let Some(h) = self.hidden.get_mut(place(panel)) {
            *h = !*h;
        }
    }

    /// As a line to store.
    pub fn store(&self) -> String {
        let [a, b, c] = self.sizes;
        let [x, y, z] = self.hidden.map(u8::from);
        format!("1 {} {a} {b} {c} {x}{y}{z}", self.theme.name())
    }

    /// From a stored line; whatever is amiss in it gives the usual value.
    pub fn restore(line: &str) -> Self {
        let mut prefs = Self::default();
        let mut words = line.split(' ');
        if words.next() != Some("1") {
            return prefs;
        }
        prefs.theme = match words.next() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        };
        for panel in [Panel::Left, Panel::Right, Panel::Bottom] {
            if let Some(size) = words.next().and_then(|w| w.parse().ok()) {
                prefs.resize(panel, size);
            }
        }
        for (hidden, c) in prefs.hidden.iter_mut().zip(words.next().unwrap_or_default().chars()) {
            *hidden = c == '1';
        }
        prefs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back() {
        let mut prefs = Prefs { theme: Theme::Dark, ..Prefs::default() };
        prefs.resize(Panel::Right, 500);
        prefs.resize(Panel::Left, 5);
        prefs.toggle(Panel::Bottom);
        assert_eq!(prefs.size(Panel::Left), 180, "within bounds");
        assert_eq!(Prefs::restore(&prefs.store()), prefs);
    }

    #[test]
    fn rubbish_is_forgiven() {
        for line in ["", "2 dark 1 2 3 111", "1", "1 pink x y z ?", "1 light 99999999999 -1"] {
            let prefs = Prefs::restore(line);
            assert_eq!(prefs.size(Panel::Left), 260, "{line}");
        }
    }
}
