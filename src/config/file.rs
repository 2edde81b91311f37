//! The configuration file: TOML → the text of each setting, with its line.

use aws_config::SdkConfig;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, FileError};
use super::set_by::SetBy;
use super::setting::{SETTINGS, Setting, SettingKind};
use super::table::{TABLES, Table};
use studio_acs_aws::{PATIENCE, Source};
use studio_acs_refusal::nearest;

/// The file's text of each setting.
#[derive(Default)]
pub(super) struct ConfigFile {
    place: String,
    values: Vec<FileValue>,
    /// The tables that repeat, each with the line of its heading.
    headings: Vec<(&'static Table, usize)>,
}

/// One value of the file.
pub(super) struct FileValue {
    setting: &'static Setting,
    /// In which table of its kind it stands, from zero.
    nth: usize,
    /// The value as a flag has it.
    pub(super) text: String,
    /// The line of its key, from one.
    pub(super) line: usize,
    /// Whether it is no value of the setting's type, which is told already.
    pub(super) is_faulty: bool,
}

impl ConfigFile {
    /// Parses the text of the file at `place`. Comes with the faults of single keys.
    ///
    /// # Errors
    /// A text that is not UTF-8, or not TOML; a key that stands twice in a table.
    pub(super) fn parse(place: &str, bytes: &[u8]) -> Result<(Self, Vec<ConfigError>), ConfigError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let valid = bytes.get(..error.valid_up_to()).map(String::from_utf8_lossy).unwrap_or_default();
            ConfigError::from(FileError::at(place, &valid, valid.len(), "a byte that is not UTF-8"))
        })?;
        let root = DeTable::parse(text).map_err(|error| {
            let offset = error.span().map_or(text.len(), |span| span.start);
            // Only the message: the part of the file that the parser shows may be a secret in the wrong place.
            let reason = if error.message().starts_with("duplicate key") { TWICE } else { error.message() };
            ConfigError::from(FileError::at(place, text, offset, reason))
        })?;
        let file = Self { place: place.to_owned(), ..Self::default() };
        let mut parser = Parser { text, file, errors: Vec::new() };
        parser.table("", root.get_ref(), 0);
        parser.errors.sort_by_key(|(line, _)| *line);
        Ok((parser.file, parser.errors.into_iter().map(|(_, error)| error).collect()))
    }

    /// The file's path, or the name of the parameter or secret.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Returns the value of a setting in the `nth` table of its kind; `None` where it has none.
    pub(super) fn value(&self, setting: &Setting, nth: usize) -> Option<&FileValue> {
        self.values.iter().find(|value| value.setting.name == setting.name && value.nth == nth)
    }

    /// Returns the lines of the headings of a table that repeats.
    pub(super) fn headings(&self, table: &Table) -> impl Iterator<Item = usize> {
        self.headings.iter().filter(move |(other, _)| *other == table).map(|(_, line)| *line)
    }
}

/// Reads the bytes of the file that `text` names. Comes with its place.
///
/// # Errors
/// The reason why it cannot be read.
pub(super) async fn read(text: &str) -> Result<(String, Vec<u8>), String> {
    let source = Source::parse(text)?;
    let place = source.to_string();
    let bytes = match &source {
        Source::Path(path) => std::fs::read(path).map_err(|error| format!("{place}: {error}"))?,
        _ => {
            let sdk: SdkConfig = studio_acs_aws::sdk(PATIENCE).await.map_err(|error| error.to_string())?;
            source.document(&sdk).await.map_err(|error| error.to_string())?.into_bytes()
        }
    };
    Ok((place, bytes))
}

const TWICE: &str = "the same key or table twice";

/// Takes a parsed file apart.
struct Parser<'t> {
    text: &'t str,
    file: ConfigFile,
    errors: Vec<(usize, ConfigError)>,
}

impl Parser<'_> {
    /// Takes the keys of the table at `path`, which is empty for the file itself.
    fn table(&mut self, path: &str, table: &DeTable<'_>, nth: usize) {
        for (key, value) in table {
            let name = key.get_ref();
            let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            let line = self.line(key.span().start);
            let value = value.get_ref();
            let inner = TABLES.iter().find(|table| table.name == path);
            let is_parent = TABLES.iter().any(|table| table.name.starts_with(&format!("{path}.")));
            if let Some(setting) = SETTINGS.iter().find(|setting| setting.path().as_deref() == Some(&path)) {
                self.value(setting, value, nth, line);
                continue;
            }
            match (inner, value) {
                (Some(Table { repeats: true, .. }), DeValue::Array(items)) if items.iter().all(is_table) => {
                    self.tables(&path, items);
                }
                (Some(Table { repeats: false, .. }), DeValue::Table(table)) => self.table(&path, table, 0),
                (None, DeValue::Table(table)) if is_parent => self.table(&path, table, 0),
                (Some(table), value) => self.misplaced(
                    line,
                    &path,
                    table,
                    &format!("{}, where {} is expected", found(value), table.heading()),
                ),
                (None, value) => self.unknown(line, &path, value),
            }
        }
    }

    /// Takes the tables of a kind that repeats.
    fn tables(&mut self, path: &str, items: &[Spanned<DeValue<'_>>]) {
        let Some(kind) = TABLES.iter().find(|table| table.name == path) else { return };
        for (nth, item) in items.iter().enumerate() {
            self.file.headings.push((kind, self.line(item.span().start)));
            if let DeValue::Table(table) = item.get_ref() {
                self.table(path, table, nth);
            }
        }
    }

    fn value(&mut self, setting: &'static Setting, value: &DeValue<'_>, nth: usize, line: usize) {
        let text = text(setting.kind, value).and_then(|text| match (text.trim(), setting.default) {
            ("", Some("")) => Ok(text),
            ("", Some(default)) => {
                Err(format!("it is empty, and `{default}` would hold: leave the key out, or give it a value"))
            }
            ("", None) => Err("it is empty, and must be given".to_owned()),
            _ => Ok(text),
        });
        let is_faulty = text.is_err();
        if let Err(reason) = &text {
            let (set_by, reason) = (SetBy::File { place: self.file.place.clone(), line }, reason.clone());
            self.errors.push((line, ConfigError::Wrong { setting, set_by, reason }));
        }
        self.file.values.push(FileValue { setting, nth, text: text.unwrap_or_default(), line, is_faulty });
    }

    fn unknown(&mut self, line: usize, path: &str, value: &DeValue<'_>) {
        let is_table =
            matches!(value, DeValue::Table(_)) || matches!(value, DeValue::Array(items) if items.iter().all(is_table));
        if is_table {
            let name = nearest(path, TABLES.iter().map(|table| table.name.to_owned()));
            let Some(table) = TABLES.iter().find(|table| Some(table.name) == name.as_deref()) else { return };
            self.misplaced(line, path, table, &format!("there is no such table: the nearest is {}", table.heading()));
        } else {
            let name = nearest(path, SETTINGS.iter().filter_map(Setting::path));
            let setting = SETTINGS.iter().find(|setting| name.is_some() && setting.path() == name);
            let reason = format!("there is no such setting: the nearest is {}", name.unwrap_or_default());
            self.fault(line, path, reason, setting);
        }
    }

    fn misplaced(&mut self, line: usize, path: &str, table: &Table, reason: &str) {
        let first = SETTINGS.iter().find(|setting| setting.table == Some(table));
        self.fault(line, path, reason.to_owned(), first);
    }

    fn fault(&mut self, line: usize, name: &str, reason: String, example: Option<&Setting>) {
        let (place, name) = (self.file.place.clone(), name.to_owned());
        let error = FileError { place, line, name, reason, example: FileError::example(example) };
        self.errors.push((line, error.into()));
    }

    fn line(&self, offset: usize) -> usize {
        FileError::line(self.text, offset)
    }
}

/// Returns the value as a flag has it.
fn text(kind: SettingKind, value: &DeValue<'_>) -> Result<String, String> {
    match (kind, value) {
        (SettingKind::Text | SettingKind::Secret | SettingKind::List, DeValue::String(text)) => Ok(text.to_string()),
        (SettingKind::Number, DeValue::Integer(number)) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix());
            parsed.map(|number| number.to_string()).map_err(|_| "a whole number that is too large".to_owned())
        }
        (SettingKind::Switch, DeValue::Boolean(is_on)) => Ok(if *is_on { "on" } else { "off" }.to_owned()),
        (SettingKind::List, DeValue::Array(items)) => {
            let texts = items.iter().map(|item| match item.get_ref() {
                DeValue::String(text) if text.contains(',') => Err("a text with a comma in a list of texts".to_owned()),
                DeValue::String(text) => Ok(text.as_ref()),
                other => Err(format!("{} in a list of texts", found(other))),
            });
            Ok(texts.collect::<Result<Vec<_>, _>>()?.join(","))
        }
        (kind, value) => Err(format!("{}, where {} is expected", found(value), kind.as_str())),
    }
}

fn is_table(item: &Spanned<DeValue<'_>>) -> bool {
    matches!(item.get_ref(), DeValue::Table(_))
}

/// Returns the type of a value in words.
fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(items) if !items.is_empty() && items.iter().all(is_table) => "a list of tables",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests;
