//! The base paths that all routes are served under: what stands before the ACS's path in our ACS URLs.

use axum::http::Uri;

/// The base path of an ACS URL: a custom domain's mapping has one, and so may a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BasePath {
    /// None, or the stage of API Gateway's own address, which the event's path is without.
    None,
    /// Every route is served under this path too.
    Served(String),
    /// No route is served at this URL's path, for this reason.
    Unserved(&'static str),
}

impl BasePath {
    /// The base path of `url`, where the ACS is served at `acs_path`, and the token API if `has_token_api`.
    pub fn of(url: &str, acs_path: &str, has_token_api: bool) -> Self {
        let uri: Uri = url.parse().unwrap_or_default();
        let path = uri.path();
        let Some(before) = path.strip_suffix('/').unwrap_or(path).strip_suffix(acs_path) else {
            return Self::Unserved("it does not end with the path that is served");
        };
        let is_gateway = uri.host().is_some_and(|host| host.to_ascii_lowercase().contains(".execute-api."));
        if before.is_empty() || is_gateway {
            return Self::None;
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "$-_.+!'()".contains(c);
        let is_segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.chars().all(plain);
        let mut segments = before.split('/');
        if segments.next() != Some("") || !segments.all(is_segment) {
            return Self::Unserved("a segment before the ACS path is empty, or has characters that no base path has");
        }
        if has_token_api && (before == "/studio" || before.starts_with("/studio/")) {
            return Self::Unserved("the base path is the token API's own, /studio/PROFILE");
        }
        let ours = ["", "/continue", "/review", "/metadata"].map(|page| format!("{acs_path}{page}"));
        let ours = || ours.iter().map(String::as_str).chain(["/healthz", "/readyz", "/openapi.json", "/studio-url"]);
        if ours().filter_map(|route| route.strip_prefix(before)).any(|below| ours().any(|route| route == below)) {
            return Self::Unserved("below the base path, a path of ours is the same as another one without it");
        }
        Self::Served(before.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_acs_path_is_the_base_path() {
        let served = |path: &str| BasePath::Served(path.to_owned());
        for (url, expected) in [
            ("https://studio.corp.example/saml", BasePath::None),
            ("https://studio.corp.example/saml/", BasePath::None),
            ("https://studio.corp.example/sso/saml/", served("/sso")),
            ("https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml", BasePath::None),
            ("https://abc123-vpce-1.execute-api.cn-north-1.amazonaws.com.cn/saml/saml", BasePath::None),
            ("https://studio.corp.example/sso/saml", served("/sso")),
            ("https://studio.corp.example/saml/saml", served("/saml")),
            ("https://studio.corp.example/a/b-c_d.e/saml", served("/a/b-c_d.e")),
            ("https://studio.corp.example/studios/saml", served("/studios")),
        ] {
            assert_eq!(BasePath::of(url, "/saml", true), expected, "{url}");
        }
        for url in [
            "https://studio.corp.example//saml",
            "https://studio.corp.example/saml//",
            "https://studio.corp.example/x//saml",
            "https://studio.corp.example/../saml",
            "https://studio.corp.example/{x}/saml",
            "https://studio.corp.example/acs",
            "https://studio.corp.example/xsaml",
            "https://studio.corp.example/studio/saml",
        ] {
            assert!(matches!(BasePath::of(url, "/saml", true), BasePath::Unserved(_)), "{url}");
        }
        assert_eq!(BasePath::of("https://studio.corp.example/studio/saml", "/saml", false), served("/studio"));
        for (url, acs_path) in [
            ("https://studio.corp.example/continue/continue", "/continue"),
            ("https://studio.corp.example/review/review", "/review"),
            ("https://studio.corp.example/x/x/healthz", "/x/healthz"),
        ] {
            assert!(matches!(BasePath::of(url, acs_path, false), BasePath::Unserved(_)), "{url}");
        }
    }
}
