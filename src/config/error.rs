//! Faults of a configuration.

use std::fmt;

use super::set_by::SetBy;
use super::setting::{SETTINGS, Setting};

/// A fault of one setting.
#[derive(Debug, Clone)]
pub enum ConfigError {
    /// It is missing, or its value is none it takes.
    Wrong {
        /// The setting.
        setting: &'static Setting,
        /// Where its value comes from.
        set_by: SetBy,
        /// The reason.
        reason: String,
    },
    /// No setting has this name.
    UnknownVariable {
        /// The variable that is set.
        name: String,
        /// The variable of a setting that it most likely stands for.
        nearest: String,
    },
    /// A line of the file is no setting.
    File(FileError),
}

/// A fault in a line of the configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file, or the parameter or secret that holds its text.
    pub place: String,
    /// The line, counted from one.
    pub line: usize,
    /// The key or table, with the tables around it, such as `saml.skew`.
    pub name: String,
    /// The reason.
    pub reason: String,
    /// A line that works.
    pub example: String,
}

impl FileError {
    /// A fault at this offset of the text, which need not be TOML.
    pub(super) fn at(place: &str, text: &str, offset: usize, reason: &str) -> Self {
        let line = Self::line(text, offset);
        let (mut table, mut name) = ("", String::new());
        for written in text.lines().take(line) {
            let (written, _) = written.split_once('#').unwrap_or((written, ""));
            if written.trim_start().starts_with('[') {
                table = written.trim().trim_matches(['[', ']']);
                name = table.to_owned();
            } else if let Some((key, _)) = written.split_once('=') {
                name = if table.is_empty() { key.trim().to_owned() } else { format!("{table}.{}", key.trim()) };
            }
        }
        let setting = SETTINGS.iter().find(|setting| setting.path().as_ref() == Some(&name));
        let name = if name.is_empty() { "the file".to_owned() } else { name };
        Self { place: place.to_owned(), line, name, reason: reason.to_owned(), example: Self::example(setting) }
    }

    /// The line of this offset, counted from one.
    pub(super) fn line(text: &str, offset: usize) -> usize {
        text.bytes().take(offset).filter(|byte| *byte == b'\n').count().saturating_add(1)
    }

    /// A line that gives this setting a value, or, without one, some setting.
    pub(super) fn example(setting: Option<&Setting>) -> String {
        let setting = setting.or_else(|| SETTINGS.iter().find(|setting| setting.table.is_some()));
        let line = setting.and_then(|setting| Some((setting.assignment(setting.example), setting.table?.heading())));
        line.map(|(line, heading)| format!("{line} under {heading}")).unwrap_or_default()
    }
}

impl From<FileError> for ConfigError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong { setting, set_by: SetBy::File { place, line }, reason } => {
                let (meaning, range, path) =
                    (setting.meaning, setting.range_in_toml(), setting.path().unwrap_or_default());
                let example = FileError::example(Some(setting));
                write!(f, "{place}:{line}: {path}: {reason}. It is {meaning} ({range}), for example {example}")
            }
            Self::Wrong { setting, set_by: _, reason } => {
                let (Setting { name, meaning, range, example, .. }, variable) = (setting, setting.variable());
                write!(
                    f,
                    "{variable} (--{name}): {reason}. It is {meaning} ({range}), for example {variable}={example}"
                )
            }
            Self::UnknownVariable { name, nearest } => {
                write!(f, "{name}: there is no such setting: the nearest is {nearest}")
            }
            Self::File(FileError { place, line, name, reason, example }) => {
                write!(f, "{place}:{line}: {name}: {reason}; for example {example}")
            }
        }
    }
}

/// All faults of a configuration; at least one.
#[derive(Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}
