//! The form of a text that is no token, in words that show nothing of it: an operator learns what the API client sends.

/// Words that programs write for a value that they do not have.
const NOTHING: [(&str, &str); 6] = [
    ("undefined", "the word undefined"),
    ("null", "the word null"),
    ("None", "the word None"),
    ("nil", "the word nil"),
    ("[object Object]", "the words [object Object]"),
    ("NaN", "the word NaN"),
];
/// How `<` begins in base64.
const XML_IN_BASE64: [&str; 4] = ["PD94bW", "PHNhbW", "PHA6", "PFJlc3"];

/// Returns the form of `text`, which is not three parts of base64url with dots between.
pub(crate) fn of(text: &str) -> &'static str {
    let parts: Vec<_> = text.split('.').collect();
    if let Some((_, said)) = NOTHING.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)) {
        return said;
    }
    let is_quoted = |quote: char| text.starts_with(quote) || text.ends_with(quote);
    let is_placeholder = text.starts_with('$') || text.starts_with("{{");
    if is_placeholder || (text.starts_with('<') && text.ends_with('>') && !text.contains(['/', ':', ' '])) {
        "the name of a variable"
    } else if text.starts_with('<')
        || text.starts_with("SAMLResponse=")
        || (parts.len() == 1 && XML_IN_BASE64.iter().any(|start| text.starts_with(start)))
    {
        "a SAML response, or other XML"
    } else if text.starts_with('{') || text.starts_with("%7B") {
        "JSON: a whole answer, and not the token in it"
    } else if text.split_ascii_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("Bearer")) {
        "the scheme Bearer twice"
    } else if is_quoted('"') || is_quoted('\'') {
        "quotation marks around it"
    } else if text.contains('%') {
        "percent signs, as in a URL"
    } else if text.contains(|c: char| c.is_ascii_whitespace()) {
        "white space in it"
    } else {
        of_parts(&parts)
    }
}

fn of_parts(parts: &[&str]) -> &'static str {
    match parts {
        [_] => "one part without dots: an opaque token, which only its issuer can read",
        [_, _] => "two parts: a token without its signature",
        [_, _, ""] => "two parts and nothing behind the second dot: a token without a signature",
        [_, _, _] if parts.iter().any(|part| part.ends_with('=')) => "three parts with padding (=)",
        [_, _, _] if parts.concat().contains(['+', '/']) => "three parts of base64 with + and /",
        [_, _, _] => "three parts with other characters in them, or an empty one",
        [_, _, _, _, _] => "five parts: an encrypted token (JWE)",
        _ => "another number of parts",
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_form_is_named() {
        for (text, words) in [
            ("undefined", "undefined"),
            ("NULL", "null"),
            ("[object Object]", "[object Object]"),
            ("<samlp:Response/>", "SAML"),
            ("PHNhbWxwOlJlc3BvbnNl", "SAML"),
            ("PD94bWwgdmVyc2lvbj0", "SAML"),
            ("SAMLResponse=PHNhbWxw", "SAML"),
            ("{\"access_token\":\"a.b.c\"}", "JSON"),
            ("%7B%22access_token%22", "JSON"),
            ("$TOKEN", "variable"),
            ("${ACCESS_TOKEN}", "variable"),
            ("{{access_token}}", "variable"),
            ("<YOUR_TOKEN>", "variable"),
            ("Bearer a.b.c", "Bearer twice"),
            ("\"a.b.c\"", "quotation marks"),
            ("'a.b.c'", "quotation marks"),
            ("a.b.c%3D", "percent signs"),
            ("a.b c.d", "white space"),
            ("gho_16C7e42F292c6912E7710c838347Ae178B4a", "opaque"),
            ("00-Ab_cd", "opaque"),
            ("a.b", "two parts"),
            ("a.b.", "without a signature"),
            ("a.b.c=", "padding"),
            ("a.b.c+d", "+ and /"),
            ("a..c", "an empty one"),
            ("a.b.c.d.e", "JWE"),
            ("a.b.c.d", "another number"),
        ] {
            assert!(of(text).contains(words), "{text}: {}", of(text));
        }
    }
}
