//! Colours and weights; `anstream` takes them away where there is no terminal, or with NO_COLOR.

use anstyle::{AnsiColor, Style};

/// What a word means for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Open, passes, is well.
    Good,
    /// Closed, dropped, wrong.
    Bad,
    /// Look here.
    Warning,
}

/// Bold.
pub fn strong(text: &str) -> String {
    let style = Style::new().bold();
    format!("{style}{text}{style:#}")
}

/// Dimmed.
pub fn faint(text: &str) -> String {
    let style = Style::new().dimmed();
    format!("{style}{text}{style:#}")
}

impl Tone {
    /// Its colour.
    pub fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default(),
        }
    }
}

/// Coloured by its meaning.
pub fn toned(text: &str, tone: Tone) -> String {
    let style = tone.style();
    format!("{style}{text}{style:#}")
}
