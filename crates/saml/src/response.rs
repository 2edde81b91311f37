//! The shape of a response (Core 3.3.3, Profiles 4.1.4.2): one successful response with one assertion.

mod status;

use crate::names::{SAML, SAMLP, SUCCESS};
use crate::rejection::{Check, Rejection};
use crate::xml::{Document, Element};
use studio_acs_refusal::Trace;

/// A document that has the shape of a response. Nothing in it is verified.
pub(crate) struct UnverifiedShape<'d> {
    pub(crate) response: Element<'d>,
    pub(crate) assertion: Element<'d>,
}

impl<'d> UnverifiedShape<'d> {
    pub(crate) fn find(document: &'d Document<'d>, trace: &mut dyn Trace<Check>) -> Result<Self, Rejection> {
        let response = check_response(document)?;
        trace.passed(Check::Response, &"a SAML 2.0 Response");
        check_status(response)?;
        trace.passed(Check::Status, &"Success");
        if response.descendants().any(|element| element.is(SAML, "EncryptedAssertion")) {
            return Err(Check::NotEncrypted.reject("an Assertion in plain text", "EncryptedAssertion"));
        }
        trace.passed(Check::NotEncrypted, &"no EncryptedAssertion");
        let assertion = check_one_assertion(response)?;
        trace.passed(Check::OneAssertion, &"one");
        Ok(Self { response, assertion })
    }
}

fn check_response<'d>(document: &'d Document<'d>) -> Result<Element<'d>, Rejection> {
    let refuse = |found: String| Err(Check::Response.reject("a Response of SAML 2.0 with ID and IssueInstant", found));
    match document.root() {
        None => refuse("no element".to_owned()),
        Some(root) if !root.is(SAMLP, "Response") => refuse(format!("{{{}}}{}", root.namespace(), root.local())),
        Some(root) if root.attribute("Version") != Some("2.0") => {
            refuse(format!("Version {}", root.attribute("Version").unwrap_or("absent")))
        }
        Some(root) if root.attribute("ID").unwrap_or_default().is_empty() => refuse("no ID".to_owned()),
        Some(root) if root.attribute("IssueInstant").is_none() => refuse("no IssueInstant".to_owned()),
        Some(root) => Ok(root),
    }
}

/// Only the top-level code counts: a nested one is detail (Core 3.2.2.2), which the refusal shows.
fn check_status(response: Element<'_>) -> Result<(), Rejection> {
    let mut statuses = response.named(SAMLP, "Status");
    let status = match (statuses.next(), statuses.next()) {
        (Some(status), None) => status,
        (None, _) => return Err(Check::Status.reject(SUCCESS, "no status code")),
        (Some(_), Some(_)) => return Err(Check::Status.reject(SUCCESS, "several statuses")),
    };
    let mut codes = status.named(SAMLP, "StatusCode");
    match (codes.next(), codes.next()) {
        (Some(code), None) if code.attribute("Value") == Some(SUCCESS) => Ok(()),
        (Some(code), None) => Err(Rejection::explained(Check::Status, SUCCESS, status::explained(status, code))),
        (None, _) => Err(Check::Status.reject(SUCCESS, "no status code")),
        (Some(_), Some(_)) => Err(Check::Status.reject(SUCCESS, "several status codes")),
    }
}

/// One assertion, directly in the response, and no other assertion or response anywhere: no reader can confuse them.
fn check_one_assertion(response: Element<'_>) -> Result<Element<'_>, Rejection> {
    let mut assertions = response.named(SAML, "Assertion");
    let everywhere = response.descendants().filter(|e| e.is(SAML, "Assertion") || e.is(SAMLP, "Response")).count();
    match (assertions.next(), everywhere) {
        (Some(assertion), 1) => Ok(assertion),
        (_, found) => Err(Check::OneAssertion.reject(
            "one Assertion, directly in the Response, and no other Response",
            format_args!("{found} in the document"),
        )),
    }
}
