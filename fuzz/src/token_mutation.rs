//! A mutator that knows tokens: it changes the JSON inside their parts, and signs again.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::mutation::{Default, put};
use crate::token_keys::KEYS;
use fixtures::mutate::Random;
use fixtures::tokens::{self, ACCEPTED};

/// Values that are read in more ways than one, or in none.
const ODD: [&str; 24] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1e10",
    "1768471230",
    "1768471230.5",
    "9223372036854775807",
    "1e400",
    "\"\"",
    "\" \"",
    "\"none\"",
    "\"HS256\"",
    "\"ES256\"",
    "\"at+jwt\"",
    "\"access\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "[]",
    "[\"\"]",
    "[null]",
    "{}",
    "{\"a\":1,\"a\":2}",
];

/// The members of the headers and of the claims of accepted tokens.
static DONORS: LazyLock<[Vec<(String, Value)>; 2]> = LazyLock::new(|| {
    let rows: Vec<_> = tokens::rows().into_iter().filter(|row| row.code == ACCEPTED).collect();
    let members = |part: usize| {
        let parts = rows.iter().filter_map(|row| row.authorization.first()?.split(['.', ' ']).nth(part + 1));
        parts.filter_map(|part| object(&URL_SAFE_NO_PAD.decode(part).ok()?)).flatten().collect()
    };
    [members(0), members(1)]
});

/// Changes `data[..size]` to at most `max` bytes: in three of four cases inside a part. A third of the mutants are
/// signed again, by the key that they name, so that they come past the signature to the claims' own rules.
pub fn mutate(data: &mut [u8], size: usize, max: usize, seed: u32, default: Default) -> usize {
    let mut random = Random::of("token", seed.into());
    let mutant = if random.below(4) > 0 { mutant(&data[..size], &mut random) } else { None };
    let size = put(data, mutant, max).unwrap_or_else(|| default(data, size, max));
    if random.below(3) > 0 {
        return size;
    }
    let signed = sign(&data[..size]);
    put(data, signed, max).unwrap_or(size)
}

/// Makes one change; `None` if nothing can change.
pub fn mutant(bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut parts: Vec<_> = text.split('.').map(str::to_owned).collect();
    let at = random.below(parts.len().min(8));
    let part = parts.get_mut(at)?;
    if random.below(4) == 0 {
        let changed = changed_bytes(part.as_bytes(), random);
        *part = String::from_utf8_lossy(&changed).into_owned();
    } else {
        let json = URL_SAFE_NO_PAD.decode(&*part).ok()?;
        *part = URL_SAFE_NO_PAD.encode(changed_json(&json, at, random).unwrap_or_else(|| changed_bytes(&json, random)));
    }
    Some(parts.join(".").into_bytes())
}

/// The token as the issuer would sign it: with the signature of the key that its header names.
pub fn sign(bytes: &[u8]) -> Option<Vec<u8>> {
    let (signed, _) = std::str::from_utf8(bytes).ok()?.rsplit_once('.')?;
    let header = object(&URL_SAFE_NO_PAD.decode(signed.split('.').next()?).ok()?)?;
    let named = header.get("kid").filter(|id| !id.is_null()).map_or(Some(""), Value::as_str)?;
    let key = KEYS.get(named)?.iter().find(|key| header.get("alg").is_some_and(|name| name == key.algorithm))?;
    let signature = key.sign(signed.as_bytes());
    Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)).into_bytes())
}

/// One member put in, taken out or replaced.
fn changed_json(json: &[u8], part: usize, random: &mut Random) -> Option<Vec<u8>> {
    let mut members = object(json)?;
    let text = std::str::from_utf8(json).ok()?.trim();
    let (name, value) = random.pick(DONORS.get(part)?)?;
    let odd = random.pick(&ODD)?;
    let inner = text.get(1..text.len() - 1)?;
    let key = Value::from(name.as_str());
    let own: Vec<_> = members.keys().cloned().collect();
    let mine = random.pick(&own)?;
    let changed = match random.below(7) {
        0 => format!("{{{key}:{value},{inner}}}"),
        1 => format!("{{{inner},{key}:{value}}}"),
        2 => format!("{{{inner},{}:{odd}}}", Value::from(mine.as_str())),
        3 => text.replacen(&format!("\"{mine}\""), &format!("\"{}\"", escaped(mine)), 1),
        4 => {
            members.remove(mine);
            Value::from(members).to_string()
        }
        5 => {
            members.insert(mine.clone(), Value::from("\u{1}"));
            Value::from(members).to_string().replace("\"\\u0001\"", odd)
        }
        _ => {
            let twin = DONORS.get(part)?.iter().filter(|(name, _)| name == mine).map(|(_, value)| value.clone());
            let twins: Vec<_> = twin.collect();
            members.insert(mine.clone(), random.pick(&twins)?.clone());
            Value::from(members).to_string()
        }
    };
    Some(changed.into_bytes())
}

/// The name with an escape for its first letter.
fn escaped(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| format!("\\u{:04x}{}", u32::from(first), letters.as_str()))
}

/// A few bytes changed, put in, taken out or doubled.
fn changed_bytes(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let part = random.part(bytes.len().max(1), 8);
    let part = part.start.min(bytes.len())..part.end.min(bytes.len());
    match random.below(4) {
        0 => bytes[part].iter_mut().for_each(|byte| *byte ^= 1 << random.below(8)),
        1 => bytes.insert(part.start, random.number() as u8),
        2 => drop(bytes.drain(part)),
        _ => {
            let doubled = bytes[part.clone()].to_vec();
            drop(bytes.splice(part.start..part.start, doubled));
        }
    }
    bytes
}

fn object(json: &[u8]) -> Option<Map<String, Value>> {
    crate::token::object(json.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds;
    use crate::token::is_accepted;

    #[test]
    fn what_is_signed_again_is_accepted() {
        let tokens: Vec<_> = seeds::of("token").into_iter().filter(|token| is_accepted(token)).collect();
        let taken = tokens.iter().filter(|token| sign(token).is_some_and(|signed| is_accepted(&signed))).count();
        assert!(tokens.len() > 20 && taken == tokens.len(), "{taken} of {}", tokens.len());
    }
}
