//! How the text of a setting becomes a value.

use std::time::Duration;

use axum::http::Uri;
use axum::http::uri::Authority;
use studio_acs_refusal::is_plain;
use tracing::Level;

use studio_acs_aws::{RefreshRules, Source, is_table};
use studio_acs_identity::DomainId;
use studio_acs_identity::RoleArn;

/// The items of a list. No text is no item; a list of nothing but commas is a mistake, and must not mean "any".
pub(super) fn listed<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    let item = |item: &str| match item.trim() {
        "" => {
            Err("an item of the list is empty: take the comma off that stands at its end or beside another".to_owned())
        }
        item => parse(item),
    };
    if text.is_empty() { Ok(Vec::new()) } else { text.split(',').map(item).collect() }
}

pub(super) fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}

/// How old what cannot be read again may be, in seconds, at most: a month.
pub(super) const OLDEST: u32 = 2_592_000;

/// How often something is read again, and how old it may be where it cannot be; zero for never, and for no bound.
pub(super) fn refresh(every: u32, max_age: u32) -> RefreshRules {
    let given = |count: u32| (count > 0).then(|| seconds(count));
    RefreshRules { every: given(every), max_age: given(max_age) }
}

pub(super) fn within(least: u32, most: u32) -> impl Fn(&str) -> Result<u32, String> {
    move |text| match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("`{text}` is not a whole number from {least} to {most}")),
    }
}

/// `off` or `on`.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "off" => Ok(false),
        "on" => Ok(true),
        _ => Err(format!("`{text}` is not off or on")),
    }
}

/// The place of a secret. A secret itself is not accepted, and not repeated.
pub(super) fn secret(text: &str) -> Result<Option<Source>, String> {
    let is_place = ["ssm:", "secretsmanager:", "/", "./", "../"].iter().any(|start| text.starts_with(start));
    match text {
        "" => Ok(None),
        text if is_place => Source::parse(text).map(Some),
        _ => Err(
            "it is no place of a secret: a path that begins with / or ./, ssm:NAME or secretsmanager:NAME; the secret \
                  itself never stands here"
                .to_owned(),
        ),
    }
}

/// An ACS URL as it will be compared: exactly as the identity provider writes it.
pub(super) fn acs_url(text: &str) -> Result<String, String> {
    if text.matches("://").count() > 1 {
        return Err("several URLs stand in one: separate them by commas".to_owned());
    }
    let uri: Uri = text.parse().map_err(|error| format!("it is not a URL: {error}"))?;
    if uri.host().is_some_and(|host| host.contains('*')) {
        return Err(format!("`{text}` has a host for many: write the URL of each, with commas between"));
    }
    if uri.scheme().is_some() { Ok(text.to_owned()) } else { Err(format!("`{text}` is not a URL with a scheme")) }
}

/// Whether a browser may post a bearer assertion to `acs_url`: by https, or without leaving the machine.
pub fn is_confidential(acs_url: &str) -> bool {
    let uri: Uri = acs_url.parse().unwrap_or_default();
    let loopback = matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]"));
    uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && loopback)
}

/// A URL whose path and query may be anything, but whose traffic no eavesdropper can read, and which has no secret in
/// it.
pub(super) fn url(text: &str) -> Result<Option<String>, String> {
    let uri: Uri = if text.is_empty() { return Ok(None) } else { text.parse().unwrap_or_default() };
    let has_password = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if is_confidential(text) && !has_password {
        Ok(Some(text.to_owned()))
    } else {
        Err("it is not a URL of https, or http on loopback, without a user".to_owned())
    }
}

/// Text of at most so many characters that people see as they are, on one line; `None` for no text.
pub(super) fn plain(longest: usize) -> impl Fn(&str) -> Result<Option<String>, String> {
    move |text| match text.chars().count() {
        0 => Ok(None),
        count if count > longest => Err(format!("it has {count} characters, more than {longest}")),
        _ if !text.chars().all(is_plain) => Err("it has a control or formatting character".to_owned()),
        _ => Ok(Some(text.to_owned())),
    }
}

/// The most bytes of a link.
const LONGEST_LINK: usize = 512;

/// A link that a browser opens by https, without a user in it, or an address for mail; `None` for no text.
pub(super) fn help_url(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > LONGEST_LINK || !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(format!("it is not at most {LONGEST_LINK} characters of ASCII without spaces"));
    }
    let is_link = match text.strip_prefix("mailto:") {
        Some(mail) => {
            let address = mail.split('?').next().unwrap_or_default();
            address
                .split_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'))
        }
        None => {
            let uri: Uri = text.parse().unwrap_or_default();
            let names_host = |authority: &Authority| !authority.host().is_empty() && !authority.as_str().contains('@');
            text.starts_with("https://") && uri.authority().is_some_and(names_host)
        }
    };
    if is_link { Ok(Some(text.to_owned())) } else { Err(format!("`{text}` is not a link of https: or mailto:")) }
}

/// Not less than `info`: the log is the record of sign-ins.
pub(super) fn level(text: &str) -> Result<Level, String> {
    match text {
        "info" => Ok(Level::INFO),
        "debug" => Ok(Level::DEBUG),
        "trace" => Ok(Level::TRACE),
        _ => Err(format!("`{text}` is not info, debug or trace")),
    }
}

pub(super) fn origin(text: &str) -> Result<Option<String>, String> {
    let uri: Uri = if text.is_empty() { return Ok(None) } else { text.parse().unwrap_or_default() };
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) if text == format!("{scheme}://{authority}") => Ok(Some(text.to_owned())),
        _ => Err(format!("`{text}` is not an origin, without a slash at its end")),
    }
}

pub(super) fn role(text: &str) -> Result<Option<RoleArn>, String> {
    let parsed = || RoleArn::parse(text).ok_or_else(|| format!("`{text}` is not the ARN of an IAM role"));
    if text.is_empty() { Ok(None) } else { parsed().map(Some) }
}

/// A table's name, or its ARN
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html#DDB-PutItem-request-TableName>).
pub(super) fn table(text: &str) -> Result<Option<String>, String> {
    match text {
        "" => Ok(None),
        text if is_table(text) => Ok(Some(text.to_owned())),
        _ => Err(format!("`{text}` is not a table's name, without dynamodb: before it, or ARN")),
    }
}

pub(super) fn path(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    let shape = text.len() > 1 && text.starts_with('/') && !text.ends_with('/') && text.chars().all(plain);
    let ok = shape && text != "/healthz" && text != "/readyz";
    if ok { Ok(text.to_owned()) } else { Err(format!("`{text}` is not a path such as /saml")) }
}

pub(super) fn domain_id(text: &str) -> Result<DomainId, String> {
    DomainId::parse(text).ok_or_else(|| format!("`{text}` is not a domain ID such as d-abcdefghijkl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_help_link_leads_to_https_or_mail_and_nowhere_else() {
        for good in ["https://help.example", "https://help.example:8443/a?b=c#d", "mailto:a@b.example?subject=x"] {
            assert_eq!(help_url(good), Ok(Some(good.to_owned())));
        }
        let longest = "x".repeat(494);
        assert!(help_url(&format!("https://a.example/{longest}")).is_ok());
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "http://help.example",
            "HTTPS:help.example",
            "https://",
            "https:///path",
            "https://user@help.example",
            "https://help.example/a b",
            "https://help.example/\u{e9}",
            "mailto:",
            "mailto:@b.example",
            "mailto:a@b",
            "mailto:a@b@c.example",
            &format!("https://a.example/x{longest}"),
        ] {
            assert!(help_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn plain_text_is_bounded_and_seen_as_it_is() {
        let name = plain(3);
        assert_eq!((name(""), name("äöü")), (Ok(None), Ok(Some("äöü".to_owned()))));
        for bad in ["abcd", "a\nb", "a\u{202e}", "\u{200b}"] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_secret_is_told_by_its_place_and_never_itself() {
        for place in ["/run/secrets/key", "./key", "../key", "ssm:/studio-acs/key", "secretsmanager:studio-acs/key"] {
            assert_eq!(secret(place).unwrap().unwrap().to_string(), place);
        }
        assert_eq!(secret(""), Ok(None));
        for itself in ["0123456789abcdef0123456789abcdef", "q8x/Zg==", "key", "vault:key"] {
            let reason = secret(itself).unwrap_err();
            assert!(reason.contains("ssm:NAME") && !reason.contains(itself), "{reason}");
        }
    }

    #[test]
    fn a_bearer_assertion_travels_by_https_or_not_at_all() {
        for (url, confidential) in [
            ("https://us.example/saml", true),
            ("http://127.0.0.1:8401/saml", true),
            ("http://[::1]:8401/saml", true),
            ("http://us.example/saml", false),
            ("http://127.0.0.1.example/saml", false),
            ("ftp://us.example/saml", false),
        ] {
            assert_eq!(is_confidential(url), confidential, "{url}");
        }
    }
}
