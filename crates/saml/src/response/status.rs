//! The identity provider's own words for a sign-in that it refused (Core 3.2.2). They are unsigned text of any sender: they
//! are bounded, escaped and only shown.

use crate::names::SAMLP;
use crate::xml::{Child, Element};
use studio_acs_refusal::{printable, printable_within};

/// The prefix of the codes that the standard defines (Core 3.2.2.2).
const CODES: &str = "urn:oasis:names:tc:SAML:2.0:status:";
/// The most codes that are shown of those inside each other. The standard defines two levels.
const LEVELS: usize = 3;
/// The most characters of a message that are shown.
const MESSAGE_LIMIT: usize = 512;

/// Returns the codes from the outermost on, the message, and whether details exist, such as
/// `Responder, RequestDenied; message: "not assigned"; StatusDetail is present`.
pub(super) fn explained(status: Element<'_>, code: Element<'_>) -> String {
    let nested = std::iter::successors(Some(code), |code| code.named(SAMLP, "StatusCode").next());
    let codes: Vec<_> = nested.take(LEVELS).map(short).collect();
    let message = status.named(SAMLP, "StatusMessage").next().map(words).filter(|message| !message.is_empty());
    let message =
        message.map(|message| format!("message: \"{}\"", printable_within(&message, MESSAGE_LIMIT).replace('"', "'")));
    let detail = status.named(SAMLP, "StatusDetail").next().map(|_| "StatusDetail is present".to_owned());
    [Some(codes.join(", ")), message, detail].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// A code, without the prefix of those that the standard defines.
fn short(code: Element<'_>) -> String {
    let value = code.attribute("Value").unwrap_or_default();
    match value.strip_prefix(CODES).unwrap_or(value) {
        "" => "an empty code".to_owned(),
        code => printable(code),
    }
}

/// The text, on one line. Some write it into an attribute, which the schema does not have.
fn words(message: Element<'_>) -> String {
    let texts = message.children().filter_map(|child| if let Child::Text(text) = child { Some(text) } else { None });
    let texts = texts.chain(message.attribute("Value"));
    let words: Vec<_> = texts.flat_map(str::split_ascii_whitespace).collect();
    words.join(" ")
}
