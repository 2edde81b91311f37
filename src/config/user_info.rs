//! Users and passwords in URLs, which no setting and no report repeats.

/// The reason why a setting with such a URL is refused.
pub(super) const REASON: &str = "it has a URL with a user or a password in it, which never stands in a setting: write the URL without it, and change the password";

/// Whether a URL in `text` has a user or a password before its host.
pub(super) fn names_user(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| authority(rest).contains('@'))
}

/// The text with `…` in place of each user and password.
pub fn without_user(text: &str) -> String {
    let mut parts = text.split("://");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for rest in parts {
        shown.push_str("://");
        match authority(rest).rfind('@').and_then(|at| rest.get(at..)) {
            Some(host) => shown.extend(["…", host]),
            None => shown.push_str(rest),
        }
    }
    shown
}

/// The text up to the path. RFC 3986 3.2: a slash, a question mark or a number sign ends it.
fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_before_the_host_only() {
        for (text, shown) in [
            ("https://admin:PW@idp.example/saml", "https://…@idp.example/saml"),
            ("https://PW@idp.example", "https://…@idp.example"),
            ("https://a:P@W@idp.example:8443/?q#f", "https://…@idp.example:8443/?q#f"),
            ("https://a.example/saml,https://u:PW@b.example/", "https://a.example/saml,https://…@b.example/"),
            ("HTTP://:PW@[::1]/", "HTTP://…@[::1]/"),
        ] {
            assert!(names_user(text), "{text}");
            assert_eq!(without_user(text), shown);
        }
        for text in ["https://idp.example/@tenant", "https://idp.example?u=a@b", "mailto:a@b.example", "a@b", "", "://"]
        {
            assert!(!names_user(text), "{text}");
            assert_eq!(without_user(text), text);
        }
    }
}
