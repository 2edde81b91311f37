//! The chain: [`Event`] → [`Record`], each with the fingerprint of the one before it.
//!
//! The shape is that of OCSF's profile `record_integrity`: SHA-256 over the canonical JSON (RFC 8785) of the whole
//! record without its own fingerprint. The profile is not released yet, so it stands under `unmapped`. The seal, for which
//! OCSF has no field, stands beside the fingerprint.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use serde_json::{Map, Value, json};

use crate::event::Event;
use crate::seal::SealKey;
use studio_acs_refusal::hex;

/// The OCSF version of the records.
const SCHEMA_VERSION: &str = "1.8.0";

/// The OCSF profiles of each record: `cloud` has the member of that name, and the region of a resource.
const PROFILES: [&str; 1] = ["cloud"];

/// The name of the seal, beside the fingerprint.
pub(crate) const SEAL: &str = "seal";

/// The records of one process.
#[derive(Debug)]
pub(crate) struct Chain {
    id: String,
    end: u64,
    last: Option<String>,
    seal_key: Option<SealKey>,
}

/// A line of the record: JSON without line ends, canonical, so that its bytes are what was hashed.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// Its number, from 0.
    pub(crate) sequence: u64,
    /// Milliseconds since 1970.
    pub(crate) time: i64,
    /// The line.
    pub(crate) text: Arc<str>,
}

impl Chain {
    /// A chain with a random name, whose records are sealed if there is a key; `None` without randomness.
    pub(crate) fn new(seal_key: Option<SealKey>) -> Option<Self> {
        let mut id = [0_u8; 16];
        rand::fill(&mut id).ok()?;
        Some(Self { id: hex(&id), end: 0, last: None, seal_key })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The number of records.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Makes the event the chain's next record.
    pub(crate) fn append(&mut self, event: Event) -> Record {
        let Event { mut fields, time, correlation, unmapped } = event;
        let sequence = self.end;
        let mut metadata = json!({
            "version": SCHEMA_VERSION,
            "profiles": PROFILES,
            "uid": format!("{}-{sequence}", self.id),
            "sequence": sequence,
            "product": {"name": "studio-acs", "vendor_name": "studio-acs", "version": env!("CARGO_PKG_VERSION")},
        });
        if let (false, Some(metadata)) = (correlation.is_empty(), metadata.as_object_mut()) {
            metadata.insert("correlation_uid".to_owned(), correlation.into());
        }
        fields.insert("metadata".to_owned(), metadata);
        let unsigned = Unsigned::write(&fields, &unmapped, &self.id, self.last.as_deref());
        let hash = hash(&unsigned.text);
        let seal = self.seal_key.as_ref().map(|key| key.seal(&hash));
        let text = unsigned.signed(&hash, seal.as_ref()).into();
        self.last = Some(hash);
        self.end = self.end.saturating_add(1);
        Record { sequence, time, text }
    }
}

/// The text that is hashed, written once, and the places in it where the fingerprint and the seal will stand.
struct Unsigned {
    text: String,
    fingerprint: usize,
    seal: usize,
}

impl Unsigned {
    /// Writes the record of these fields, with `unmapped` and the place in the chain, in the order of its names.
    fn write(fields: &Map<String, Value>, unmapped: &Map<String, Value>, chain: &str, last: Option<&str>) -> Self {
        let mut written = Self { text: String::with_capacity(TYPICAL), fingerprint: 0, seal: 0 };
        written.members(fields, UNMAPPED, |written| {
            written.members(unmapped, ATTESTATIONS, |written| written.attestation(chain, last));
        });
        written
    }

    /// Writes an object of `members` and of one more, which `write` writes.
    fn members(&mut self, members: &Map<String, Value>, one_more: &str, write: impl FnOnce(&mut Self)) {
        let mut sorted: Vec<_> = members.iter().map(|(name, value)| (name.as_str(), Some(value))).collect();
        sorted.push((one_more, None));
        sorted.sort_unstable_by_key(|(name, _)| *name);
        let mut write = Some(write);
        for (place, (name, value)) in sorted.into_iter().enumerate() {
            self.text.push(if place == 0 { '{' } else { ',' });
            write_text(name, &mut self.text);
            self.text.push(':');
            match (value, write.take_if(|_| value.is_none())) {
                (Some(value), _) => write_value(value, &mut self.text),
                (None, Some(write)) => write(self),
                (None, None) => {}
            }
        }
        self.text.push('}');
    }

    fn attestation(&mut self, chain: &str, last: Option<&str>) {
        self.text.push_str("[{\"chain_uid\":");
        write_text(chain, &mut self.text);
        self.fingerprint = self.text.len();
        if let Some(last) = last {
            self.text.push_str(",\"prev_event\":{\"fingerprint\":");
            write_fingerprint(last, &mut self.text);
            self.text.push('}');
        }
        self.seal = self.text.len();
        self.text.push_str("}]");
    }

    /// The record's text, with this fingerprint and this seal in their places.
    fn signed(&self, hash: &str, seal: Option<&Value>) -> String {
        let (before, rest) = self.text.split_at_checked(self.fingerprint).unwrap_or_default();
        let place = self.seal.saturating_sub(self.fingerprint);
        let (previous, after) = rest.split_at_checked(place).unwrap_or_default();
        let mut text = String::with_capacity(self.text.len().saturating_add(LONGEST_PROOF));
        text.push_str(before);
        text.push_str(",\"fingerprint\":");
        write_fingerprint(hash, &mut text);
        text.push_str(previous);
        if let Some(seal) = seal {
            text.push(',');
            write_text(SEAL, &mut text);
            text.push(':');
            write_value(seal, &mut text);
        }
        text.push_str(after);
        text
    }
}

/// The bytes of most records, and of a fingerprint with a seal.
const TYPICAL: usize = 2048;
const LONGEST_PROOF: usize = 320;

/// The members of a record that the chain adds to.
const UNMAPPED: &str = "unmapped";
const ATTESTATIONS: &str = "attestation_list";

/// RFC 8785, for what we write: names in ASCII, and integers.
pub(crate) fn canonical(record: &Map<String, Value>) -> String {
    let mut text = String::with_capacity(TYPICAL);
    write_object(record, &mut text);
    text
}

fn write_object(members: &Map<String, Value>, text: &mut String) {
    // Its maps keep the order in which they were filled: a library of the policy's asks for that.
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    text.push('{');
    for (place, (name, value)) in sorted.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        write_text(name, text);
        text.push(':');
        write_value(value, text);
    }
    text.push('}');
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => write_object(members, text),
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_value(item, text);
            }
            text.push(']');
        }
        Value::String(value) => write_text(value, text),
        Value::Null | Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
    }
}

fn write_text(value: &str, text: &mut String) {
    if value.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        // serde_json escapes as RFC 8785 3.2.2.2 asks.
        return text.push_str(&Value::from(value).to_string());
    }
    text.push('"');
    text.push_str(value);
    text.push('"');
}

fn write_fingerprint(hash: &str, text: &mut String) {
    text.push_str("{\"algorithm\":\"SHA-256\",\"algorithm_id\":3,\"encoding_id\":1,\"serialization_id\":2,\"value\":");
    write_text(hash, text);
    text.push('}');
}

/// SHA-256 of the text, in hexadecimal.
pub(crate) fn hash(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_nothing_is_between() {
        let value = json!({"b": [1, {"z": "ä\u{1}\"", "a": null}], "A": true});
        let Value::Object(map) = value else { panic!("an object") };
        assert_eq!(canonical(&map), "{\"A\":true,\"b\":[1,{\"a\":null,\"z\":\"ä\\u0001\\\"\"}]}");
    }
}
