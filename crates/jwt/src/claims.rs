//! The claims of a token whose signature verified, by type.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use time::UtcDateTime;

use crate::claim_path;
use crate::json;
use crate::numeric_date::{self, Rounding};
use crate::rejection::{Check, Rejection};
use studio_acs_refusal::{Base64Fault, Base64Form};

/// The most names of claims that a message lists.
const LISTED: usize = 40;

/// The most paths that are told, and the most names of one: Keycloak's `resource_access.client.roles` has three.
const MOST_PATHS: usize = 200;
const DEEPEST: usize = 3;

/// The claims, each once. The method that reads a claim fixes its type.
#[derive(Debug, Clone)]
pub(crate) struct Claims {
    members: Map<String, Value>,
    /// The same as they were signed: a number's digits are only here.
    text: Vec<u8>,
}

impl Claims {
    /// Parses the claims of a token, in base64url, whoever has signed it.
    pub(crate) fn parse(text: &str) -> Result<Self, Rejection> {
        let shape = |found: String| Check::ClaimsShape.reject("a JSON object in base64url", found);
        let text = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| shape(Base64Fault::of(text.as_bytes(), Base64Form::Url).to_string()))?;
        Ok(Self { members: json::object(&text).map_err(shape)?, text })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The claim of this name; `None` if it is absent, or null, as many libraries write a claim without a value.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// The refusal for a required claim: it is absent, or null.
    pub(crate) fn missing(&self, name: &str) -> Rejection {
        match self.members.get(name) {
            Some(value) => of_type(name, "a value", value),
            None => Check::ClaimPresent.reject(name.to_owned(), "no such claim"),
        }
    }

    /// The claim at this [path](claim_path); `None` if it is absent.
    pub(crate) fn at(&self, path: &str) -> Option<&Value> {
        claim_path::find(&self.members, path)
    }

    /// The names of the claims that are there, in order, and a bounded number of them.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.members.keys().map(String::as_str).take(LISTED).collect()
    }

    /// Where texts and lists are, a bounded number of them.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        add_paths(&self.members, "", DEEPEST, &mut paths);
        paths
    }

    /// Returns a text; `None` if the claim is absent.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Rejection> {
        self.get(name).map(|value| as_text(value, name)).transpose()
    }

    /// Returns an ID: a text, or the digits of a number, as some libraries write one; `None` if the claim is absent, or of
    /// another type.
    pub(crate) fn id(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.get(name)? {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Number(_) => self.digits(name).map(Cow::Owned),
            _ => None,
        }
    }

    pub(crate) fn required_text(&self, name: &str) -> Result<&str, Rejection> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    /// A list of texts, or the one text that stands for such a list; none if the claim is absent.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&str>, Rejection> {
        self.get(name).map_or_else(|| Ok(Vec::new()), |value| as_texts(value, name))
    }

    /// The texts that a claim says, in a list or by itself. A value of another type says nothing, and a rule that only
    /// asks whether something is said does not refuse it.
    pub(crate) fn said(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = match self.get(name) {
            None => &[],
            Some(Value::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        values.iter().filter_map(Value::as_str)
    }

    /// The words of `names`, with spaces between or in a list (RFC 8693 4.2; Entra ID, Okta).
    pub(crate) fn words(&self, names: &[&str]) -> Vec<&str> {
        let texts = names.iter().flat_map(|name| self.said(name));
        texts.flat_map(|text| text.split(' ')).filter(|word| !word.is_empty()).collect()
    }

    /// Returns a time in whole seconds; `None` if the claim is absent.
    pub(crate) fn time(&self, name: &str, rounding: Rounding) -> Result<Option<UtcDateTime>, Rejection> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let seconds = self.seconds(name, value, rounding);
        let time = seconds.and_then(|seconds| UtcDateTime::from_unix_timestamp(seconds).ok());
        time.map(Some).ok_or_else(|| {
            let found = match value {
                Value::Number(_) => format!("the number {}", self.digits(name).unwrap_or_default()),
                other => type_of(other).to_owned(),
            };
            Check::ClaimsShape.reject(format!("{name}, a number of seconds since 1970"), found)
        })
    }

    pub(crate) fn required_time(&self, name: &str, rounding: Rounding) -> Result<UtcDateTime, Rejection> {
        self.time(name, rounding)?.ok_or_else(|| self.missing(name))
    }

    fn seconds(&self, name: &str, value: &Value, rounding: Rounding) -> Option<i64> {
        let Value::Number(number) = value else { return None };
        number.as_i64().or_else(|| numeric_date::whole_seconds(&self.digits(name)?, rounding))
    }

    /// The number `name` as it is written.
    fn digits(&self, name: &str) -> Option<String> {
        let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(&self.text).ok()?;
        Some(members.get(name)?.get().to_owned())
    }
}

fn add_paths(members: &Map<String, Value>, before: &str, names: usize, paths: &mut Vec<String>) {
    let Some(rest) = names.checked_sub(1) else { return };
    for (name, value) in members {
        if paths.len() >= MOST_PATHS {
            return;
        }
        match value {
            Value::String(_) | Value::Array(_) => paths.push(format!("{before}{name}")),
            Value::Object(inner) => add_paths(inner, &format!("{before}{name}."), rest, paths),
            _ => {}
        }
    }
}

pub(crate) fn as_text<'v>(value: &'v Value, name: &str) -> Result<&'v str, Rejection> {
    value.as_str().ok_or_else(|| of_type(name, "a text", value))
}

pub(crate) fn as_texts<'v>(value: &'v Value, name: &str) -> Result<Vec<&'v str>, Rejection> {
    match value {
        Value::String(text) => Ok(vec![text]),
        Value::Array(list) => {
            let texts: Option<Vec<_>> = list.iter().map(Value::as_str).collect();
            texts.ok_or_else(|| of_type(name, "a list of texts", value))
        }
        other => Err(of_type(name, "a text or a list of texts", other)),
    }
}

pub(crate) fn of_type(name: &str, wanted: &str, found: &Value) -> Rejection {
    Check::ClaimsShape.reject(format!("{name}, {wanted}"), type_of(found))
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list of something else",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(json: &str) -> Claims {
        Claims::parse(&URL_SAFE_NO_PAD.encode(json)).expect("claims")
    }

    #[test]
    fn names_and_paths_of_claims_are_told_and_bounded() {
        let nested = claims(
            r#"{"aud":"x","exp":7,"realm_access":{"deeper":{"list":[],"too":{"deep":"b"}},"n":1,"roles":["a"]},"sub":"ana"}"#,
        );
        assert_eq!(nested.names(), ["aud", "exp", "realm_access", "sub"]);
        assert_eq!(nested.paths(), ["aud", "realm_access.deeper.list", "realm_access.roles", "sub"]);
        let members = |count| {
            let members: Vec<_> = (0..count).map(|number| format!("\"c{number:03}\":\"\"")).collect();
            claims(&format!("{{{}}}", members.join(",")))
        };
        for (count, names, paths) in [(40, 40, 40), (41, 40, 41), (200, 40, 200), (201, 40, 200)] {
            assert_eq!((members(count).names().len(), members(count).paths().len()), (names, paths), "{count}");
        }
    }

    #[test]
    fn a_claim_of_another_type_is_named_by_its_type() {
        for (json, found) in [
            ("null", "null"),
            ("true", "true or false"),
            ("1.5", "a number"),
            ("\"a\"", "a text"),
            ("[1]", "a list of something else"),
            ("{}", "an object"),
        ] {
            let value = serde_json::from_str(json).expect("JSON");
            let rejection = of_type("name", "a text", &value);
            assert_eq!((rejection.expected(), rejection.found()), ("name, a text", found));
        }
    }
}
