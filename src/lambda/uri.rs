//! A path and a query as an event has them → a URI. API Gateway decodes some of them.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::fields::Malformed;

/// RFC 3986 3.4: what a query may not hold. A percent sign stays: it may begin what was not decoded.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// RFC 3986 3.3: nor may a path, nor a question mark, which would begin a query.
const PATH: &AsciiSet = &QUERY.add(b'?');

/// The URI of this path and query, and of nothing else: no host, no scheme.
///
/// # Errors
/// [`Malformed`]: a path that does not begin with a slash, or both longer than a URI can be.
pub(super) fn uri(path: &str, query: &str) -> Result<Uri, Malformed> {
    if !path.starts_with('/') {
        return Err(Malformed::new("/path", "a path that begins with a slash"));
    }
    let mut text = utf8_percent_encode(path, PATH).to_string();
    if !query.is_empty() {
        text.push('?');
        text.extend(utf8_percent_encode(query, QUERY));
    }
    let both =
        PathAndQuery::try_from(text).map_err(|_| Malformed::new("/path", "at most 65,534 bytes with its query"))?;
    Ok(Uri::from(both))
}

/// The query of parameters that the gateway has decoded.
pub(super) fn query_of(parameters: &[(String, Vec<String>)]) -> String {
    let pairs = parameters.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_a_path_and_a_query_a_query() {
        for (path, query, expected) in [
            ("/saml", "", "/saml"),
            ("/saml", "a=b&a=%20", "/saml?a=b&a=%20"),
            ("/", "", "/"),
            ("//elsewhere.example/saml", "", "//elsewhere.example/saml"),
            ("/a/../saml", "", "/a/../saml"),
            ("/saml?a=b", "", "/saml%3Fa=b"),
            ("/saml#a", "b#c", "/saml%23a?b%23c"),
            ("/%2fsaml", "", "/%2fsaml"),
            ("/a b\u{0}\r\n", "c d", "/a%20b%00%0D%0A?c%20d"),
            ("/ü{}", "ü", "/%C3%BC%7B%7D?%C3%BC"),
        ] {
            let found = uri(path, query).unwrap();
            assert_eq!(found.to_string(), expected, "{path:?} {query:?}");
            assert_eq!((found.host(), found.scheme()), (None, None), "{path:?}");
        }
        for path in ["", "saml", "*", "https://elsewhere.example/saml", "\\saml"] {
            assert!(uri(path, "").is_err(), "{path:?}");
        }
        assert!(uri("/saml", &"x".repeat(65_535)).is_err());
    }

    #[test]
    fn decoded_parameters_are_encoded_again() {
        let parameters = [("page".to_owned(), vec!["a&b=c".to_owned(), "ü +".to_owned()]), ("x".to_owned(), vec![])];
        assert_eq!(query_of(&parameters), "page=a%26b%3Dc&page=%C3%BC+%2B");
    }
}
