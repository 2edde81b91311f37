//! The origins of pages (RFC 6454; <https://fetch.spec.whatwg.org/#origin-header>): from which pages a browser may post a
//! response.

use axum::http::Uri;
use studio_acs_refusal::printable;

use studio_acs_refusal::broken_rules;

/// How an operator lists requests without an `Origin`.
const ABSENT: &str = "absent";
/// The value by which a browser does not say which page a request comes from: the page forbids it
/// (`Referrer-Policy: no-referrer`, `same-origin`), or the page has no origin.
const NULL: &str = "null";

/// The origins of the pages that may post a response; any, where none is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedOrigins(Vec<String>);

/// Why a response is not taken from where it comes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// It comes from a page of another origin.
    #[error("expected the Origin {expected}, found {found}")]
    NotAllowed {
        /// The list.
        expected: String,
        /// The header's value, bounded and printable.
        found: String,
    },
    /// The browser does not say where it comes from.
    #[error("expected the Origin {expected}, found no Origin header")]
    Absent {
        /// The list.
        expected: String,
    },
    /// Any of them may be the browser's.
    #[error("expected one Origin header, found several")]
    Several,
}

broken_rules!(OriginError {
    Self::NotAllowed { .. }, Self::NotAllowed { expected: String::new(), found: String::new() } => "form", "origin_not_allowed", "the page that posts is of a listed origin, where there is a list";
    Self::Absent { .. }, Self::Absent { expected: String::new() } => "form", "origin_not_allowed", "the request names the page's origin, where there is a list";
    Self::Several, Self::Several => "form", "origin_not_allowed", "the request has one Origin header at most, where there is a list";
});

impl AllowedOrigins {
    /// These items: each `null`, `absent`, or an origin exactly as browsers write it (RFC 6454 6.2).
    ///
    /// # Errors
    /// The first item that is none of these.
    pub fn of(items: Vec<String>) -> Result<Self, String> {
        match items.iter().find(|item| !is_serialised(item)) {
            None => Ok(Self(items)),
            Some(item) => Err(format!(
                "`{item}` is not an origin as browsers send it: https and the host in lower case, without a path, a slash at its end or the usual port; nor null, nor absent"
            )),
        }
    }

    /// The items, in the operator's order.
    pub fn items(&self) -> &[String] {
        &self.0
    }

    /// Returns the listed items that any page of any site can make a browser send: with one of them the list protects
    /// nothing.
    pub fn unprotected(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str).filter(|item| [NULL, ABSENT].contains(item))
    }

    /// Checks the values of a request's `Origin` headers.
    ///
    /// # Errors
    /// [`OriginError`], where a list is set.
    pub fn check<'a>(&self, mut sent: impl Iterator<Item = &'a [u8]>) -> Result<(), OriginError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let (first, second) = (sent.next(), sent.next());
        if second.is_some() {
            return Err(OriginError::Several);
        }
        let is_listed = |found: &[u8]| self.0.iter().any(|item| item != ABSENT && item.as_bytes() == found);
        let expected = || self.0.join(" or ");
        match first {
            None if self.0.iter().any(|item| item == ABSENT) => Ok(()),
            None => Err(OriginError::Absent { expected: expected() }),
            Some(found) if is_listed(found) => Ok(()),
            Some(found) => {
                Err(OriginError::NotAllowed { expected: expected(), found: printable(&String::from_utf8_lossy(found)) })
            }
        }
    }
}

/// Whether browsers would write this very text: the scheme, a host in lower case, and no port that the scheme has anyway.
fn is_serialised(item: &str) -> bool {
    if [NULL, ABSENT].contains(&item) {
        return true;
    }
    let uri: Uri = item.parse().unwrap_or_default();
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return false };
    let usual = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return false,
    };
    let port = match uri.port() {
        Some(port) if port.as_u16() == usual => return false,
        Some(port) => format!(":{port}"),
        None => String::new(),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._[:]".contains(c);
    !host.is_empty() && host.chars().all(plain) && item == format!("{scheme}://{host}{port}").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(items: &[&str]) -> AllowedOrigins {
        AllowedOrigins::of(items.iter().map(|item| (*item).to_owned()).collect()).unwrap()
    }

    #[test]
    fn an_origin_is_listed_as_browsers_write_it() {
        for item in [
            "https://d-1234567890.awsapps.com",
            "https://idp.example:8443",
            "http://127.0.0.1:8400",
            "https://[2001:db8::1]",
            "https://xn--bcher-kva.example",
            "null",
            "absent",
        ] {
            assert!(AllowedOrigins::of(vec![item.to_owned()]).is_ok(), "{item}");
        }
        for item in [
            "",
            "*",
            "idp.example",
            "https://",
            "https://idp.example/",
            "https://idp.example/start",
            "https://idp.example?a",
            "https://idp.example:443",
            "http://idp.example:80",
            "https://idp.example:0443",
            "https://IDP.example",
            "HTTPS://idp.example",
            "https://user@idp.example",
            "https://bücher.example",
            "https://*.awsapps.com",
            "ftp://idp.example",
            "NULL",
            "none",
        ] {
            assert!(AllowedOrigins::of(vec![item.to_owned()]).is_err(), "{item}");
        }
    }

    #[test]
    fn one_origin_of_the_list_is_taken_and_nothing_else() {
        let idp = "https://idp.example";
        let of = |list: &[&str], sent: &[&str]| allowed(list).check(sent.iter().map(|value| value.as_bytes()));
        for (list, sent) in [
            (&[][..], &["https://attacker.example"][..]),
            (&[], &[]),
            (&[], &["a", "b"]),
            (&[idp], &[idp]),
            (&["https://other.example", idp], &[idp]),
            (&[idp, "null"], &["null"]),
            (&[idp, "absent"], &[]),
        ] {
            assert_eq!(of(list, sent), Ok(()), "{list:?} {sent:?}");
        }
        for (list, sent, reason) in [
            (&[idp][..], &["https://attacker.example"][..], "found https://attacker.example"),
            (&[idp], &["https://idp.example.attacker.example"], "found https://idp.example.attacker.example"),
            (&[idp], &["https://idp.example/"], "expected the Origin https://idp.example, found"),
            (&[idp], &["http://idp.example"], "found http://idp.example"),
            (&[idp], &["https://idp.example https://attacker.example"], "found"),
            (&[idp], &["null"], "found null"),
            (&[idp], &[""], "found "),
            (&[idp], &[], "found no Origin header"),
            (&["null"], &[], "found no Origin header"),
            (&["absent"], &["null"], "found null"),
            (&["absent"], &["absent"], "found absent"),
            (&[idp], &[idp, idp], "found several"),
            (&["absent"], &[idp, idp], "found several"),
            (&[idp], &["a\u{202e}\u{7}"], "found a\\u{202e}\\u{7}"),
        ] {
            let error = of(list, sent).unwrap_err();
            assert!(error.to_string().contains(reason), "{list:?} {sent:?}: {error}");
            assert_eq!(error.code(), "origin_not_allowed");
        }
        let long = "x".repeat(5_000);
        assert!(of(&[idp], &[&long]).unwrap_err().to_string().chars().count() < 300, "it is cut");
        assert_eq!(allowed(&[idp, "null", "absent"]).unprotected().collect::<Vec<_>>(), ["null", "absent"]);
    }
}
