//! `studio-acs config init`: a commented file.

use std::fmt::Write as _;

use super::setting::{SETTINGS, Setting};
use super::table::TABLES;

/// The widest line of a comment, in characters.
const WIDTH: usize = 116;

/// Returns a file with every setting, all of them commented out: it puts nothing but the defaults in force.
pub fn template() -> String {
    let mut text = comment(
        "The configuration of studio-acs. A line that begins with #: takes effect once #: is removed; without it, the value \
         that it shows is the default. A flag goes before a variable, and a variable before this file. Secrets never stand \
         here, only their places: a path that begins with / or ./, ssm:NAME or secretsmanager:NAME. `studio-acs config \
         show` prints the settings in force, and where each comes from.",
    );
    for table in TABLES {
        // A heading that repeats is an entry by itself.
        let before = if table.repeats { "#: " } else { "" };
        let _ = write!(text, "\n{}{before}{}\n", comment(&capitalised(table.meaning)), table.heading());
        for setting in SETTINGS.iter().filter(|setting| setting.table == Some(table)) {
            text.push('\n');
            text.push_str(&described(setting));
        }
    }
    text
}

fn described(setting: &Setting) -> String {
    let (Setting { meaning, default, example, name, .. }, range) = (setting, setting.range_in_toml());
    let (value, note) = match default {
        None => (*example, "Required. ".to_owned()),
        Some(default) if default == example => (*default, String::new()),
        Some(default) => (*default, format!("For example {}. ", setting.in_toml(example))),
    };
    let meaning = capitalised(meaning);
    let about = format!("{meaning} ({range}). {note}--{name}, {}", setting.variable());
    format!("{}#: {}\n", comment(&about), setting.assignment(value))
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Returns the text as lines of a comment.
fn comment(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count().saturating_add(word.chars().count()) < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!(" {word}")),
        }
    }
    lines.iter().map(|line| format!("#{line}\n")).collect()
}
