//! `studio-acs config show`: the settings in force, each with its source.

use std::fmt;

use serde_json::{Value, json};

use super::layers::Layers;
use super::set_by::SetBy;
use super::setting::{SETTINGS, Setting};
use super::table::{TABLES, Table};

/// The settings in force.
pub struct Shown(Vec<Section>);

/// One table of settings.
struct Section {
    table: &'static Table,
    lines: Vec<Line>,
}

/// One setting in force.
struct Line {
    setting: &'static Setting,
    value: String,
    set_by: SetBy,
}

/// Returns the settings that these layers, which parse, put in force. A table that repeats stands there as often as it is
/// set. Secrets are not in it: a setting holds a secret's place, and the query of a URL is left out.
pub fn show(layers: &Layers<'_>) -> Shown {
    let mut sections = Vec::new();
    for table in TABLES {
        for nth in 0..layers.count(table).max(1) {
            let ours = SETTINGS.iter().filter(|setting| setting.table == Some(table));
            let lines: Vec<_> = ours.filter_map(|setting| Line::of(layers, setting, nth)).collect();
            if !table.repeats || lines.iter().any(|line| line.set_by != SetBy::Default) {
                sections.push(Section { table, lines });
            }
        }
    }
    Shown(sections)
}

impl Line {
    fn of(layers: &Layers<'_>, setting: &'static Setting, nth: usize) -> Option<Self> {
        let given = layers.given(setting, nth).map(|given| (given.text, given.set_by));
        let (text, set_by) = given.or_else(|| Some((setting.default?.to_owned(), SetBy::Default)))?;
        Some(Self { setting, value: without_query(text.trim()), set_by })
    }
}

/// Leaves out a URL's query: a secret may stand there under any name.
fn without_query(text: &str) -> String {
    match text.split_once('?') {
        Some((url, _)) if url.contains("://") => format!("{url}?…"),
        _ => text.to_owned(),
    }
}

impl Shown {
    /// Returns the settings for programs.
    pub fn json(&self) -> Value {
        let settings = self.0.iter().flat_map(|section| &section.lines).map(|Line { setting, value, set_by }| {
            json!({
                "setting": setting.path(),
                "flag": format!("--{}", setting.name),
                "variable": setting.variable(),
                "value": value,
                "origin": set_by.describe(setting),
            })
        });
        json!({ "settings": settings.collect::<Vec<_>>() })
    }
}

/// The settings for people: a file that would put the same in force, each line with its source.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, Section { table, lines }) in self.0.iter().enumerate() {
            writeln!(f, "{}{}", if place == 0 { "" } else { "\n" }, table.heading())?;
            for Line { setting, value, set_by } in lines {
                let assignment = setting.assignment(value);
                writeln!(f, "{assignment:<40} # {}", set_by.describe(setting))?;
            }
        }
        Ok(())
    }
}
