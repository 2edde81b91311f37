//! Seeds from the vectors.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use fixtures::manifest::{self, Row, Verdict};
use fixtures::tokens;

/// Panics where something does not hold that must.
type Check = fn(&[u8]);

/// The targets, by name.
pub const TARGETS: [(&str, Check); 6] = [
    ("canonical", crate::canonical::check),
    ("form", crate::form::check),
    ("metadata", crate::metadata::check),
    ("token", crate::token::check),
    ("verify", crate::verify::check),
    ("xml", crate::xml::check),
];

/// The largest seed: one vector has a mebibyte and would be most of the work.
const LONGEST: usize = 64 << 10;

/// The seeds of a target, in a fixed order, each once.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let rows = manifest::rows("library");
    let seeds: BTreeSet<Vec<u8>> = match target {
        "form" => {
            let forms = rows.iter().filter_map(|row| row.form.as_deref()).map(manifest::read);
            forms.chain(messages(&rows).iter().step_by(10).map(|message| form(message))).collect()
        }
        "token" => tokens::rows().iter().flat_map(|row| &row.authorization).filter_map(|value| token(value)).collect(),
        "metadata" => rows.iter().map(|row| manifest::read(&row.metadata)).collect(),
        _ => messages(&rows).into_iter().collect(),
    };
    seeds.into_iter().filter(|seed| seed.len() <= LONGEST).collect()
}

/// The messages that are accepted, each once.
pub fn accepted() -> Vec<Vec<u8>> {
    let mut rows = manifest::rows("library");
    rows.retain(|row| row.expect == Verdict::Accept);
    messages(&rows)
}

fn messages(rows: &[Row]) -> Vec<Vec<u8>> {
    let files: BTreeSet<_> = rows.iter().filter_map(|row| row.file.as_deref()).collect();
    files.into_iter().map(manifest::read).collect()
}

fn form(message: &[u8]) -> Vec<u8> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("SAMLResponse", &STANDARD.encode(message)).append_pair("RelayState", "a b").finish().into_bytes()
}

fn token(authorization: &str) -> Option<Vec<u8>> {
    authorization.split_once(' ').map(|(_, token)| token.as_bytes().to_vec())
}
