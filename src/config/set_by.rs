//! The sources of a setting's value.

use super::setting::Setting;

/// The source of a setting's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetBy {
    /// A flag of the command.
    Flag,
    /// A variable of the environment.
    Variable,
    /// The configuration file.
    File {
        /// The file, or the parameter or secret that holds its text.
        place: String,
        /// The line, counted from one.
        line: usize,
    },
    /// Nothing: the default holds, if there is one.
    Default,
}

impl SetBy {
    /// Returns the source of this setting's value in words, such as `flag --skew` or `studio-acs.toml:3`.
    pub fn describe(&self, setting: &Setting) -> String {
        match self {
            Self::Flag => format!("flag --{}", setting.name),
            Self::Variable => format!("variable {}", setting.variable()),
            Self::File { place, line } => format!("{place}:{line}"),
            Self::Default => "default".to_owned(),
        }
    }
}
