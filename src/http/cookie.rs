//! The cookies: the resume token of a sign-in that goes on, which entry was chosen last, and whose sign-in was
//! confirmed last.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// How long a choice is remembered, in seconds: a year.
const REMEMBERED: i64 = 31_536_000;

/// Writes and reads the cookies. `__Host-` binds a cookie to this one host, and to https
/// (<https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3>); on loopback without TLS, where
/// browsers would not keep it, it has a plain name.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    confidential: bool,
}

impl Cookies {
    /// For pages by https, or by http on loopback.
    pub fn new(https: bool) -> Self {
        Self { confidential: https }
    }

    /// The resume token, for as long as the browser's window is open, and only for requests from our own pages.
    pub(super) fn resume_token(self, resume_token: &str) -> Option<HeaderValue> {
        self.header("resume", resume_token, "; HttpOnly; SameSite=Strict")
    }

    /// No resume token any more.
    pub(super) fn no_resume_token(self) -> Option<HeaderValue> {
        self.header("resume", "", "; HttpOnly; SameSite=Strict; Max-Age=0")
    }

    /// The entry that was chosen. The access portal's post comes from another site and brings it; it says only which
    /// entry to show first.
    pub(super) fn last_choice(self, entry: &str) -> Option<HeaderValue> {
        self.seen_by_the_acs("last", entry, REMEMBERED)
    }

    /// The proof that a user confirmed a sign-in last in this browser.
    pub(super) fn confirmed(self, signed: &str, seconds: i64) -> Option<HeaderValue> {
        self.seen_by_the_acs("confirmed", signed, seconds)
    }

    /// A cookie that comes with the access portal's post, which is another site's: `SameSite=Lax` and `Strict` would
    /// keep it back.
    fn seen_by_the_acs(self, what: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
        // Without TLS a browser takes no `SameSite=None`: the cookie stays away, as if none were set.
        let site = if self.confidential { "None" } else { "Lax" };
        self.header(what, value, &format!("; HttpOnly; SameSite={site}; Max-Age={seconds}"))
    }

    /// The resume token that came.
    pub(super) fn read_resume_token(self, headers: &HeaderMap) -> Option<&str> {
        self.read("resume", headers)
    }

    /// The last choice that came.
    pub(super) fn read_last_choice(self, headers: &HeaderMap) -> Option<&str> {
        self.read("last", headers)
    }

    /// The proof of a confirmation that came.
    pub(super) fn read_confirmed(self, headers: &HeaderMap) -> Option<&str> {
        self.read("confirmed", headers)
    }

    fn name(self, what: &str) -> String {
        if self.confidential { format!("__Host-studio-acs-{what}") } else { format!("studio-acs-{what}") }
    }

    fn header(self, what: &str, value: &str, attributes: &str) -> Option<HeaderValue> {
        let secure = if self.confidential { "; Secure" } else { "" };
        let mut header =
            HeaderValue::from_str(&format!("{}={value}; Path=/{secure}{attributes}", self.name(what))).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// The one cookie of this name: with two, either could be ours.
    fn read<'a>(self, what: &str, headers: &'a HeaderMap) -> Option<&'a str> {
        let name = self.name(what);
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut named = lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix(&name)?.strip_prefix('='));
        named.next().filter(|value| named.next().is_none() && !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resume_token_is_for_this_host_and_its_own_pages() {
        let header = Cookies::new(true).resume_token("a.b").unwrap();
        let expected = "__Host-studio-acs-resume=a.b; Path=/; Secure; HttpOnly; SameSite=Strict";
        assert_eq!(header.to_str().unwrap(), expected);
    }

    #[test]
    fn a_browser_that_is_known_is_so_for_this_host_and_at_a_post_of_another_site() {
        let header = |https| Cookies::new(https).confirmed("1.x", 60).unwrap().to_str().unwrap().to_owned();
        let expected = "__Host-studio-acs-confirmed=1.x; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=60";
        assert_eq!(header(true), expected);
        assert_eq!(header(false), "studio-acs-confirmed=1.x; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
    }

    #[test]
    fn one_cookie_of_a_name_is_read() {
        let cookies = Cookies::new(true);
        let read = |line: &'static str| {
            let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(line))]);
            cookies.read_resume_token(&headers).map(str::to_owned)
        };
        assert_eq!(read("a=b; __Host-studio-acs-resume=x.y; c=d").as_deref(), Some("x.y"));
        for line in [
            "studio-acs-resume=x.y",
            "__Host-studio-acs-resume=",
            "__Host-studio-acs-resume=x.y; __Host-studio-acs-resume=z",
            "x__Host-studio-acs-resume=x.y",
            "__Host-studio-acs-resumex=y",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
