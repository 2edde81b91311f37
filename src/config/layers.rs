//! The layers of settings: a flag, else a variable, else the file, else the default.

use std::env::VarError;

use super::error::{ConfigError, ConfigErrors};
use super::file::{self, ConfigFile};
use super::set_by::SetBy;
use super::setting::{self, SETTINGS, Setting};
use super::table::Table;
use studio_acs_refusal::nearest;

/// A command's flags, the environment's variables and the configuration file, in this order of precedence.
pub struct Layers<'a> {
    flags: Lookup<'a>,
    variables: Lookup<'a>,
    file: Option<ConfigFile>,
    /// Their faults, whatever the settings mean.
    pub(super) errors: Vec<ConfigError>,
}

/// Returns the text of a setting; `None` where it has none.
type Lookup<'a> = Box<dyn Fn(&Setting) -> Option<String> + 'a>;

/// A value that a layer has for a setting.
pub(super) struct Given {
    pub(super) text: String,
    pub(super) set_by: SetBy,
}

impl<'a> Layers<'a> {
    /// Takes only `variables`, such as the environment.
    pub(super) fn of(variables: impl Fn(&Setting) -> Option<String> + 'a) -> Self {
        Self { flags: Box::new(|_| None), variables: Box::new(variables), file: None, errors: Vec::new() }
    }

    /// Takes `flags`, the environment's variables, and the file that one of them names. A file that is a
    /// parameter or a secret is read from AWS now.
    ///
    /// # Errors
    /// A file that cannot be read, or is not TOML. Other errors are told with those of the settings: a flag without a
    /// value, a variable that is not UTF-8, a key that is no setting, and every variable that begins with `STUDIO_ACS_` and
    /// is no setting. Misspelt, it would leave a default in force that no operator chose.
    pub async fn load(flags: impl Fn(&Setting) -> Option<String> + 'a) -> Result<Self, ConfigErrors> {
        let mut layers = Self::of(|setting| std::env::var(setting.variable()).ok());
        layers.flags = Box::new(flags);
        layers.errors = layers.faults();
        let Some(Given { text, set_by }) = layers.given(&setting::CONFIG, 0) else { return Ok(layers) };
        let wrong = |reason| ConfigError::Wrong { setting: &setting::CONFIG, set_by, reason };
        let read = file::read(&text).await.map_err(wrong);
        match read.and_then(|(place, bytes)| ConfigFile::parse(&place, &bytes)) {
            Ok((file, errors)) => {
                layers.errors.extend(errors);
                layers.file = Some(file);
                Ok(layers)
            }
            Err(error) => {
                layers.errors.insert(0, error);
                Err(ConfigErrors(layers.errors))
            }
        }
    }

    /// The same with this text as the file at `place`.
    #[cfg(test)]
    pub(super) fn with_file(mut self, place: &str, text: &[u8]) -> Result<Self, ConfigErrors> {
        let (file, errors) = ConfigFile::parse(place, text).map_err(|error| ConfigErrors(vec![error]))?;
        self.errors.extend(errors);
        self.file = Some(file);
        Ok(self)
    }

    /// Returns the value of the first layer that has one. `nth` counts the tables of a kind that repeats, from zero.
    pub(super) fn given(&self, setting: &'static Setting, nth: usize) -> Option<Given> {
        let said = |text: &String| !text.trim().is_empty();
        if let Some(given) = self.overriding(setting) {
            return Some(given);
        }
        let (file, value) = self.file.as_ref().and_then(|file| Some((file, file.value(setting, nth)?)))?;
        let set_by = SetBy::File { place: file.place().to_owned(), line: value.line };
        Some(value.text.clone()).filter(said).map(|text| Given { text, set_by })
    }

    /// Returns the value of a flag or a variable, which go before the file.
    pub(super) fn overriding(&self, setting: &Setting) -> Option<Given> {
        let said = |text: &String| !text.trim().is_empty();
        let flag = (self.flags)(setting).filter(said).map(|text| Given { text, set_by: SetBy::Flag });
        flag.or_else(|| (self.variables)(setting).filter(said).map(|text| Given { text, set_by: SetBy::Variable }))
    }

    /// Whether the file's value would be in force, and is reported as wrong already.
    pub(super) fn is_faulty(&self, setting: &Setting, nth: usize) -> bool {
        let value = self.file.as_ref().and_then(|file| file.value(setting, nth));
        value.is_some_and(|value| value.is_faulty) && self.overriding(setting).is_none()
    }

    /// Where the value of a setting comes from, or would have to stand in the file's `nth` table of its kind.
    pub(super) fn set_by(&self, setting: &'static Setting, nth: usize) -> SetBy {
        if let Some(given) = self.given(setting, nth) {
            return given.set_by;
        }
        let file = self.file.as_ref();
        let line =
            file.zip(setting.table).and_then(|(file, table)| file.headings(table).nth(nth).map(|line| (file, line)));
        line.map_or(SetBy::Default, |(file, line)| SetBy::File { place: file.place().to_owned(), line })
    }

    /// Returns how many tables of this kind, which repeats, the file has.
    pub(super) fn count(&self, table: &Table) -> usize {
        self.file.as_ref().map_or(0, |file| file.headings(table).count())
    }

    /// Returns the faults of flags and variables.
    fn faults(&self) -> Vec<ConfigError> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let ours = names.filter(|name| name.starts_with("STUDIO_ACS_"));
        let unknown = ours.filter(|name| !SETTINGS.iter().any(|setting| setting.variable() == *name));
        let unknown = unknown.map(|name| {
            let nearest = nearest(&name, SETTINGS.iter().map(Setting::variable)).unwrap_or_default();
            ConfigError::UnknownVariable { name, nearest }
        });
        let mut faults: Vec<_> = unknown.collect();
        for setting in SETTINGS {
            let mut wrong = |set_by, reason: &str| {
                faults.push(ConfigError::Wrong { setting, set_by, reason: reason.to_owned() });
            };
            if (self.flags)(setting).is_some_and(|text| text.trim().is_empty()) {
                let reason = "the flag has no value: leave it out, or the default would hide what the variable says";
                wrong(SetBy::Flag, reason);
            }
            if matches!(std::env::var(setting.variable()), Err(VarError::NotUnicode(_))) {
                wrong(SetBy::Variable, "the variable's value is not UTF-8");
            }
        }
        faults
    }
}
