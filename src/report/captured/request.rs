//! A captured request: what the server asks of it before its form.

use studio_acs_saml::{Check, FORM, Rejection, UnverifiedResponse};

use super::field;

/// The words of commands and scripts before a method.
const METHODS: [&str; 5] = ["--request ", "-X ", "-Method ", "\"method\": ", "method: "];
const MULTIPART: &str = "multipart/form-data";

/// Reads a request with its headers as the server reads it. A capture without a media type is taken for a form.
pub(super) fn read(text: &str) -> Result<UnverifiedResponse, Rejection> {
    let at = [text.find("\r\n\r\n"), text.find("\n\n")].into_iter().flatten().min();
    let (head, body) = at.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""));
    let mut words = head.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if method != "POST" {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        return UnverifiedResponse::from_form(Some(FORM), query.as_bytes())
            .and_then(|_| Err(Check::Method.reject("POST", method)));
    }
    let body = body.trim();
    // Some editors lose the blank line.
    if body.is_empty()
        && let Some(read) = of_text(head)
    {
        return read;
    }
    let headers = head.lines().filter_map(|line| line.split_once(':'));
    let mut types = headers.filter(|(name, _)| name.trim().eq_ignore_ascii_case("content-type"));
    UnverifiedResponse::from_form(Some(types.next().map_or(FORM, |(_, value)| value.trim())), body.as_bytes())
}

/// Reads the one `SAMLResponse` of the request that a text is or repeats; `None` if it has none.
pub(super) fn of_text(text: &str) -> Option<Result<UnverifiedResponse, Rejection>> {
    let read = field::of_script(text)?;
    Some(read.and_then(|response| check(text).map(|()| response)))
}

/// Whether the server would read the request that a command, a script or a log repeats, as far as the text tells it.
///
/// # Errors
/// `method_not_allowed`, `unsupported_media_type`, `malformed_request`.
fn check(text: &str) -> Result<(), Rejection> {
    let is_of_word = |c: char| c.is_ascii_alphabetic();
    let method = |mark: &&str| {
        let value = text.split_once(*mark)?.1.trim_start_matches(['"', '\'', '^', '$']);
        value.split(|c| !is_of_word(c)).next().filter(|word| !word.is_empty())
    };
    let asks = text.starts_with("curl ") && (text.contains(" --get") || text.contains(" -G"));
    let method = METHODS.iter().find_map(method).or(asks.then_some("GET"));
    if let Some(method) = method.filter(|method| !method.eq_ignore_ascii_case("POST")) {
        return Err(Check::Method.reject("POST", method.to_ascii_uppercase()));
    }
    let lower = text.to_ascii_lowercase();
    UnverifiedResponse::check_content_type(Some(media_type(&lower).unwrap_or(FORM)))
}

/// The media type that a text, in lower case, names in a header.
fn media_type(lower: &str) -> Option<&str> {
    let has_parts = lower.contains("content-disposition: form-data")
        || (lower.starts_with("curl ") && (lower.contains(" --form ") || lower.contains(" -f '")));
    if has_parts {
        return Some(MULTIPART);
    }
    ["content-type", "contenttype"].into_iter().flat_map(|name| lower.split(name).skip(1)).find_map(|after| {
        let value = after.trim_start_matches(['"', '\'', ':', ' ', '\t', '=', '^', '\\']);
        let has_gap = value.len() < after.len();
        let end = value.find(|c: char| c.is_whitespace() || matches!(c, ';' | '"' | '\'' | ',' | '^' | '\\'));
        value.get(..end.unwrap_or(value.len())).filter(|value| has_gap && value.contains('/'))
    })
}
