//! Faults of a configuration.

use std::fmt;

use super::setting::Setting;

/// A fault of one setting.
#[derive(Debug)]
pub enum ConfigError {
    /// It is missing, or its value is none it takes.
    Wrong {
        /// Which.
        setting: &'static Setting,
        /// Why.
        reason: String,
    },
    /// No setting has this name.
    Unknown(String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong { setting, reason } => {
                let (Setting { name, meaning, range, example, .. }, variable) = (setting, setting.variable());
                write!(
                    f,
                    "{variable} (--{name}): {reason}. It is {meaning} ({range}), for example {variable}={example}"
                )
            }
            Self::Unknown(variable) => write!(f, "{variable}: there is no such setting; is it misspelt?"),
        }
    }
}

/// Everything that is wrong with a configuration; at least one error.
#[derive(Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}
