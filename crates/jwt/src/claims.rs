//! The claims of a token whose signature verified, by type.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use time::UtcDateTime;

use crate::json;
use crate::rejection::{Check, Rejection};

/// The claims, each once. The method that reads a claim fixes its type.
#[derive(Debug, Clone)]
pub(crate) struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    /// Parses the claims of a token, in base64url, whoever has signed it.
    pub(crate) fn parse(text: &str) -> Result<Self, Rejection> {
        let shape = |found: String| Check::ClaimsShape.reject("a JSON object in base64url", found);
        let claims = URL_SAFE_NO_PAD.decode(text).map_err(|error| shape(error.to_string()))?;
        Ok(Self(json::object(&claims).map_err(shape)?))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns a text; `None` if the claim is absent.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Rejection> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(of_type(name, "a text")),
        }
    }

    pub(crate) fn required_text(&self, name: &str) -> Result<&str, Rejection> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    /// A list of texts, or the one text that stands for such a list; none if the claim is absent.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&str>, Rejection> {
        match self.0.get(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Array(list)) => {
                let texts: Option<Vec<_>> = list.iter().map(Value::as_str).collect();
                texts.ok_or_else(|| of_type(name, "a list of texts"))
            }
            Some(_) => Err(of_type(name, "a text or a list of texts")),
        }
    }

    /// Words with spaces between, or a list (RFC 8693 4.2; Entra ID, Okta); none if the claim is absent.
    pub(crate) fn words(&self, name: &str) -> Result<Vec<&str>, Rejection> {
        Ok(self.texts(name)?.into_iter().flat_map(|text| text.split(' ')).filter(|word| !word.is_empty()).collect())
    }

    /// Returns a time in whole seconds since 1970; `None` if the claim is absent.
    pub(crate) fn time(&self, name: &str) -> Result<Option<UtcDateTime>, Rejection> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let seconds = value.as_i64().and_then(|seconds| UtcDateTime::from_unix_timestamp(seconds).ok());
        seconds.map(Some).ok_or_else(|| of_type(name, "a time in whole seconds since 1970"))
    }

    pub(crate) fn required_time(&self, name: &str) -> Result<UtcDateTime, Rejection> {
        self.time(name)?.ok_or_else(|| missing(name))
    }
}

pub(crate) fn missing(name: &str) -> Rejection {
    Check::ClaimPresent.reject(name.to_owned(), "no such claim")
}

fn of_type(name: &str, wanted: &str) -> Rejection {
    Check::ClaimsShape.reject(format!("{name}, {wanted}"), "another type")
}
