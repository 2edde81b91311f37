//! The form of a page of ours, read and bounded.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use studio_acs_refusal::{is_plain, printable};
use studio_acs_saml::FORM;

use super::FormError;

/// The most bytes of a form: an entry's name, and a ticket number.
pub(in crate::http) const FORM_LIMIT: usize = 4_096;
/// The most characters of a field.
const LONGEST_FIELD: usize = 64;
/// The most characters of a request's id: two SHA-256 digests.
const LONGEST_ID: usize = 128;

/// The fields that a page of ours sends. Each is `None` where it is missing or empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::http) struct Form {
    /// The page's CSRF token.
    pub(in crate::http) csrf_token: Option<String>,
    /// Whether the user says that the sign-in is theirs.
    pub(in crate::http) confirms: Option<bool>,
    /// The id of the entry that was chosen.
    pub(in crate::http) entry: Option<String>,
    /// The ticket number that was typed.
    pub(in crate::http) ticket_number: Option<String>,
    /// The id of the request that is decided on, and whether it is approved.
    pub(in crate::http) decision: Option<(String, bool)>,
    /// Whether the waiting page asks how far the user profile is, and wants nothing opened.
    pub(in crate::http) asks_progress: Option<bool>,
}

impl Form {
    /// Reads the fields of a URL-encoded form or query. Fields of other names are passed over.
    pub(in crate::http) fn read(encoded: &[u8]) -> Result<Self, FormError> {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(encoded) {
            match &*name {
                "csrf_token" => set(&mut form.csrf_token, "csrf_token", text("csrf_token", &value, LONGEST_FIELD)?)?,
                "confirm" => set(&mut form.confirms, "confirm", Some(true))?,
                "decline" => set(&mut form.confirms, "decline", Some(false))?,
                "entry" => set(&mut form.entry, "entry", text("entry", &value, LONGEST_FIELD)?)?,
                "ticket_number" => {
                    set(&mut form.ticket_number, "ticket_number", text("ticket_number", &value, LONGEST_FIELD)?)?;
                }
                "approve" => set(&mut form.decision, "approve", Some(decision("approve", &value, true)?))?,
                "deny" => set(&mut form.decision, "deny", Some(decision("deny", &value, false)?))?,
                "progress" => set(&mut form.asks_progress, "progress", Some(true))?,
                _ => {}
            }
        }
        Ok(form)
    }

    /// Checks that the body is a URL-encoded form, by its one media type. The type's parameters mean nothing.
    pub(in crate::http) fn check_content_type(headers: &HeaderMap) -> Result<(), FormError> {
        let types: Vec<_> = headers.get_all(CONTENT_TYPE).iter().collect();
        let found = match types.as_slice() {
            [] => "none".to_owned(),
            [one] => match one.to_str().map(|text| text.split(';').next().unwrap_or_default().trim()) {
                Ok(media_type) if media_type.eq_ignore_ascii_case(FORM) => return Ok(()),
                Ok(media_type) => printable(media_type),
                Err(_) => "one that is not ASCII".to_owned(),
            },
            several => several.len().to_string(),
        };
        Err(FormError::ContentType { found })
    }
}

/// Sets a field once: of two answers to one question nobody can say which one is meant.
fn set<T>(field: &mut Option<T>, name: &'static str, value: Option<T>) -> Result<(), FormError> {
    if field.is_some() {
        return Err(FormError::Repeated { field: name });
    }
    *field = value;
    Ok(())
}

fn text(field: &'static str, value: &str, limit: usize) -> Result<Option<String>, FormError> {
    let value = value.trim();
    let found = value.chars().count();
    if found > limit {
        return Err(FormError::TooLong { field, limit, found });
    }
    if !value.chars().all(is_plain) {
        return Err(FormError::NotPlain { field });
    }
    Ok((!value.is_empty()).then(|| value.to_owned()))
}

fn decision(field: &'static str, id: &str, approves: bool) -> Result<(String, bool), FormError> {
    let id = text(field, id, LONGEST_ID)?.ok_or(FormError::NoRequest { field })?;
    Ok((id, approves))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_has_one_bounded_answer() {
        let form = Form::read(b"csrf_token=a&entry=+b+&ticket_number=&approve=c&unknown=1").unwrap();
        let expected = Form {
            csrf_token: Some("a".to_owned()),
            entry: Some("b".to_owned()),
            decision: Some(("c".to_owned(), true)),
            ..Form::default()
        };
        assert_eq!(form, expected);
        let (long, longest) = ("x".repeat(65), "x".repeat(64));
        assert!(Form::read(format!("entry={longest}").as_bytes()).is_ok());
        let limit = LONGEST_FIELD;
        for (encoded, error) in [
            (format!("entry={long}"), FormError::TooLong { field: "entry", limit, found: 65 }),
            ("ticket_number=a%00".to_owned(), FormError::NotPlain { field: "ticket_number" }),
            ("entry=a&entry=a".to_owned(), FormError::Repeated { field: "entry" }),
            ("confirm=yes&decline=yes".to_owned(), FormError::Repeated { field: "decline" }),
            ("approve=+".to_owned(), FormError::NoRequest { field: "approve" }),
            ("deny=a&approve=a".to_owned(), FormError::Repeated { field: "approve" }),
        ] {
            assert_eq!(Form::read(encoded.as_bytes()), Err(error), "{encoded}");
        }
    }
}
