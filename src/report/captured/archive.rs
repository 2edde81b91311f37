//! A browser's archive (HAR), an export of SAML-tracer, or an event of API Gateway: JSON in which a response was posted.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use studio_acs_refusal::FileKind;
use studio_acs_saml::{Check, Rejection, UnverifiedResponse};

use super::page;

const NAME: &str = "SAMLResponse";
/// The members that hold a body, in archives, events and logs.
const BODIES: [&str; 7] = ["text", "body", "postData", "requestBody", "data", "payload", "content"];

/// A response as the server would find it, or why the server refuses the request.
type Found = Result<String, Rejection>;

/// Each `SAMLResponse` that was posted, or that a page holds. An archive repeats one: as a body, as fields, and in the page
/// before the request.
pub(super) fn responses(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    // The library refuses what nests too deep.
    if let Ok(archive) = serde_json::from_str(text) {
        collect(&archive, &mut found);
    }
    let mut seen = BTreeSet::new();
    found.retain(|found| found.as_ref().map_or(true, |response| seen.insert(response.clone())));
    found
}

fn collect(value: &Value, found: &mut Vec<Found>) {
    match value {
        Value::Array(items) => {
            let fields: Vec<_> = items.iter().filter_map(field).collect();
            one(&fields, found);
            items.iter().filter(|item| field(item).is_none()).for_each(|item| collect(item, found));
        }
        Value::Object(members) => {
            let mut within = Vec::new();
            let text = |name: &str| members.get(name).and_then(Value::as_str);
            within.extend(text(NAME).map(|value| Ok(decoded(value))));
            let is_base64 = members.get("isBase64Encoded").and_then(Value::as_bool) == Some(true)
                || text("encoding") == Some("base64");
            for body in BODIES.into_iter().filter_map(text) {
                let plain = is_base64.then(|| STANDARD.decode(body).ok()).flatten();
                let plain = plain.and_then(|bytes| String::from_utf8(bytes).ok());
                of_body(plain.as_deref().unwrap_or(body), &mut within);
            }
            members.values().for_each(|member| collect(member, &mut within));
            if !within.is_empty()
                && let Err(rejection) = check(members)
            {
                within = vec![Err(rejection)];
            }
            found.append(&mut within);
        }
        _ => {}
    }
}

/// A field of a list: SAML-tracer's, or a HAR's.
fn field(item: &Value) -> Option<(&str, String)> {
    match item {
        Value::Array(pair) => match &**pair {
            [Value::String(name), Value::String(value)] => Some((name, decoded(value))),
            _ => None,
        },
        item => Some((item.get("name")?.as_str()?, decoded(item.get("value")?.as_str()?))),
    }
}

/// The one response of a form's fields.
fn one(fields: &[(&str, String)], found: &mut Vec<Found>) {
    let of = |wanted: &str| fields.iter().filter(|(name, _)| *name == wanted).count();
    match (of(NAME), of("RelayState")) {
        (0, _) => {}
        (1, 0 | 1) => found.extend(fields.iter().find(|(name, _)| *name == NAME).map(|(_, value)| Ok(value.clone()))),
        (responses, relay_states) => found.push(Err(Check::FormFields.reject(
            "one SAMLResponse and at most one RelayState",
            format!("{responses} SAMLResponse and {relay_states} RelayState"),
        ))),
    }
}

/// Whether the server would read a request with these members.
fn check(members: &Map<String, Value>) -> Result<(), Rejection> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if let Some(method) = text("method").or(text("httpMethod")).filter(|method| *method != "POST") {
        return Err(Check::Method.reject("POST", method));
    }
    let headers = members.get("headers").and_then(Value::as_object).filter(|_| text("body").is_some());
    let mut headers = headers.into_iter().flatten();
    let of_header = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    // An answer has another type, and members of other names.
    let of_post = text("mimeType").filter(|_| members.contains_key("params") || text("text").is_some_and(is_form));
    match of_header.and_then(|(_, value)| value.as_str()).or(of_post).filter(|media_type| !media_type.is_empty()) {
        Some(media_type) => UnverifiedResponse::check_content_type(Some(media_type)),
        None => Ok(()),
    }
}

fn is_form(body: &str) -> bool {
    body.contains("SAMLResponse=") && !body.trim_start().starts_with('<')
}

/// The responses in the body of a request or an answer: a form's, or a page's.
fn of_body(body: &str, found: &mut Vec<Found>) {
    let kind = FileKind::of(body.as_bytes());
    if kind == FileKind::Xml {
        // Fields inside a message are its text.
    } else if kind == FileKind::Html || !page::responses(body).is_empty() {
        found.extend(page::responses(body).into_iter().map(Ok));
    } else if body.contains("SAMLResponse=") {
        let fields: Vec<_> = form_urlencoded::parse(body.as_bytes()).collect();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, value.clone().into_owned())).collect();
        one(&fields, found);
    }
}

/// A field's value, which some browsers archive as it was sent and others decoded.
fn decoded(value: &str) -> String {
    if value.contains('%') { super::field::decoded(value, true) } else { value.to_owned() }
}
