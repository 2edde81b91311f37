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
        let mut attestation = Map::from_iter([("chain_uid".to_owned(), self.id.clone().into())]);
        if let Some(last) = &self.last {
            attestation.insert("prev_event".to_owned(), json!({"fingerprint": fingerprint(last)}));
        }
        let mut text = |attestation: &Map<String, Value>| {
            let mut unmapped = unmapped.clone();
            unmapped.insert("attestation_list".to_owned(), json!([attestation]));
            fields.insert("unmapped".to_owned(), unmapped.into());
            canonical(&fields)
        };
        let hash = hash(&text(&attestation));
        attestation.insert("fingerprint".to_owned(), fingerprint(&hash));
        if let Some(key) = &self.seal_key {
            attestation.insert(SEAL.to_owned(), key.seal(&hash));
        }
        let text = text(&attestation).into();
        self.last = Some(hash);
        self.end = self.end.saturating_add(1);
        Record { sequence, time, text }
    }
}

/// RFC 8785, for what we write: names in ASCII, and integers.
pub(crate) fn canonical(record: &Map<String, Value>) -> String {
    let mut sorted = Value::Object(record.clone());
    // Its maps keep the order in which they were filled: a library of the policy's asks for that.
    sorted.sort_all_objects();
    sorted.to_string()
}

/// SHA-256 of the text, in hexadecimal.
pub(crate) fn hash(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

fn fingerprint(hash: &str) -> Value {
    json!({"algorithm": "SHA-256", "algorithm_id": 3, "encoding_id": 1, "serialization_id": 2, "value": hash})
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
