//! The listed differences, `differences-xml.json`: each must still be one.

use serde::Deserialize;

use crate::generator::Case;
use crate::{bergshamras, libxml2, ours, theirs};
use studio_acs_saml::xmldsig::{Document, Limits};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    canonical: Vec<Canonical>,
    parsing: Vec<Parsing>,
}

/// A document whose canonical form is not the same for all: the whole of it, with comments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Canonical {
    xml: String,
    #[serde(default)]
    inclusive: Vec<String>,
    ours: String,
    /// Absent: as ours. `null`: refused.
    #[serde(default = "as_ours", deserialize_with = "theirs_or_null")]
    libxml2: Theirs,
    #[serde(default = "as_ours", deserialize_with = "theirs_or_null")]
    bergshamra: Theirs,
    reason: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Theirs {
    AsOurs,
    Refused,
    Bytes(String),
}

fn as_ours() -> Theirs {
    Theirs::AsOurs
}

fn theirs_or_null<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Theirs, D::Error> {
    Ok(Option::deserialize(deserializer)?.map_or(Theirs::Refused, Theirs::Bytes))
}

/// Documents that not all parsers take, by our verdict.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parsing {
    /// What our refusal says was expected; absent where we take the document.
    ours: Option<String>,
    /// Whose verdict is another: `libxml2`, `bergshamra`.
    not: Vec<String>,
    /// One such document.
    example: String,
    reason: String,
}

impl Parsing {
    /// Whether the row says that this referee's verdict may not be ours.
    pub fn is_of(&self, ours: Option<&str>, referee: &str) -> bool {
        self.ours.as_deref() == ours && self.not.iter().any(|name| name == referee)
    }
}

fn listed() -> Listed {
    serde_json::from_str(include_str!("../../differences-xml.json")).expect("differences-xml.json holds rows")
}

/// The rows about parsing.
pub fn parsing() -> Vec<Parsing> {
    listed().parsing
}

#[test]
fn each_listed_canonical_form_differs_as_listed() {
    let shown = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    for row in listed().canonical {
        let inclusive = row.inclusive.clone();
        let case = Case { xml: row.xml.clone(), apex: 0, omitted: None, with_comments: true, inclusive };
        let found = ours(&case).map(shown);
        assert_eq!(found.as_ref(), Ok(&row.ours), "{row:?}");
        let judged = |theirs: Option<Vec<u8>>| match theirs.map(shown) {
            None => Theirs::Refused,
            Some(bytes) if bytes == row.ours => Theirs::AsOurs,
            Some(bytes) => Theirs::Bytes(bytes),
        };
        assert_eq!(judged(theirs(&case)), row.libxml2, "libxml2: {row:?}");
        assert_eq!(judged(bergshamras(&case)), row.bergshamra, "bergshamra: {row:?}");
        assert!(row.libxml2 != Theirs::AsOurs || row.bergshamra != Theirs::AsOurs, "no difference: {row:?}");
        assert!(!row.reason.is_empty(), "{row:?}");
    }
}

#[test]
fn each_listed_document_is_taken_as_listed() {
    for row in parsing() {
        let ours = Document::parse(&row.example, Limits::RESPONSE).err();
        let ours = ours.as_ref().map(|rejection| rejection.expected());
        assert_eq!(ours, row.ours.as_deref(), "{row:?}");
        let taken =
            [("libxml2", libxml2::parse(&row.example).is_some()), ("bergshamra", uppsala::parse(&row.example).is_ok())];
        let differ: Vec<_> =
            taken.into_iter().filter(|(_, taken)| *taken != ours.is_none()).map(|(name, _)| name).collect();
        assert_eq!(differ, row.not, "{row:?}");
        assert!(!differ.is_empty() && !row.reason.is_empty(), "{row:?}");
    }
}
