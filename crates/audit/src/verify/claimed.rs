//! A line that says it is a record.

use serde_json::{Map, Value};

use super::broken::Break;
use crate::chain::{SEAL, canonical, hash};
use crate::event::PROCESS;
use crate::process_counter::ProcessNumber;
use crate::seal::SealKey;

/// The call that mints, as [`Operation::call`](crate::Operation::call) names it, and OCSF's `status_id` of its success.
const MINT: &str = "CreatePresignedDomainUrl";
const SUCCESS: u64 = 1;

/// A line that says it is a record.
pub(super) struct Claimed {
    pub(super) chain: String,
    pub(super) sequence: u64,
    pub(super) previous: Option<String>,
    pub(super) fingerprint: String,
    /// Whether the fingerprint is that of the text.
    pub(super) is_genuine: bool,
    /// The number of its process, as a start record has it.
    pub(super) number: Option<ProcessNumber>,
    /// Whether it is the outcome of a mint that succeeded.
    pub(super) is_mint: bool,
    seal: Option<Value>,
}

impl Claimed {
    /// Reads a line of JSON with a place in a chain.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok()?;
        let mut record: Map<String, Value> = serde_json::from_str(text).ok()?;
        let attestation = record.get("unmapped")?.pointer("/attestation_list/0")?;
        let chain = attestation.get("chain_uid")?.as_str()?.to_owned();
        let sequence = record.get("metadata")?.get("sequence")?.as_u64()?;
        let value = |pointer| attestation.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let (previous, fingerprint) = (value("/prev_event/fingerprint/value"), value("/fingerprint/value"));
        let number = record.get("unmapped")?.get(PROCESS).and_then(ProcessNumber::read);
        let operation = record.get("api").and_then(|api| api.get("operation")).and_then(Value::as_str);
        let is_mint = operation == Some(MINT) && record.get("status_id").and_then(Value::as_u64) == Some(SUCCESS);
        // A text that is not canonical may say two things, such as a name twice.
        let is_canonical = canonical(&record) == text;
        let attestation = record.get_mut("unmapped")?.pointer_mut("/attestation_list/0")?.as_object_mut()?;
        attestation.remove("fingerprint");
        let seal = attestation.remove(SEAL);
        let is_genuine = is_canonical && fingerprint.as_ref() == Some(&hash(&canonical(&record)));
        let fingerprint = fingerprint.unwrap_or_default();
        Some(Self { chain, sequence, previous, fingerprint, is_genuine, number, is_mint, seal })
    }

    /// Whether it carries a seal, genuine or not.
    pub(super) fn is_sealed(&self) -> bool {
        self.seal.is_some()
    }

    /// Checks the seal, if keys are given.
    pub(super) fn check_seal(&self, line: u64, keys: &[SealKey]) -> Result<(), Break> {
        let (chain, sequence) = (self.chain.clone(), self.sequence);
        if keys.is_empty() {
            return Ok(());
        }
        let Some(seal) = &self.seal else { return Err(Break::Unsealed { line, chain, sequence }) };
        let key = seal.get("key_uid").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut named = keys.iter().filter(|known| known.name() == key).peekable();
        if named.peek().is_none() {
            return Err(Break::UnknownSealKey { line, chain, sequence, key });
        }
        // Two keys may have one name.
        if named.any(|known| known.seal(&self.fingerprint) == *seal) {
            return Ok(());
        }
        Err(Break::ForgedSeal { line, chain, sequence, key })
    }
}
