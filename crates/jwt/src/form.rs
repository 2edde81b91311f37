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

/// How the usual headers begin in base64 (`{"alg"`, `{"typ"`, `{"kid"`), without their first one to three characters.
const CUT_HEADERS: [&str; 9] = ["yJhbG", "JhbGc", "hbGci", "yJ0eX", "J0eXA", "0eXAi", "yJraW", "JraWQ", "raWQi"];
/// The characters at the start of a page in which a tag tells that it is one.
const BEGIN_OF_PAGE: usize = 512;

/// Returns the form of `text`, which is not three parts of base64url, the first of them an object, with dots
/// between.
pub(crate) fn of(text: &str) -> &'static str {
    let parts: Vec<_> = text.split('.').collect();
    if let Some((_, said)) = NOTHING.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)) {
        return said;
    }
    let is_quoted = |quote: char| text.starts_with(quote) || text.ends_with(quote);
    let is_placeholder = text.starts_with('$') || text.starts_with("{{");
    if text.starts_with('<') && has_tag_of_html(text) {
        "an HTML page"
    } else if is_placeholder || (text.starts_with('<') && text.ends_with('>') && !text.contains(['/', ':', ' '])) {
        "the name of a variable"
    } else if text.starts_with('<')
        || text.starts_with("SAMLResponse=")
        || (parts.len() == 1 && XML_IN_BASE64.iter().any(|start| text.starts_with(start)))
    {
        "a SAML response, or other XML"
    } else if text.starts_with('{') || text.starts_with("%7B") {
        of_json(text)
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

fn has_tag_of_html(text: &str) -> bool {
    let begin = text.chars().take(BEGIN_OF_PAGE).collect::<String>().to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body"].into_iter().any(|tag| begin.contains(tag))
}

/// JSON by the names of its members: a token endpoint's answer, or something else.
fn of_json(text: &str) -> &'static str {
    let has = |names: &[&str]| names.iter().any(|name| text.contains(&format!("\"{name}\"")));
    if has(&["access_token", "id_token"]) {
        "JSON: a whole answer, and not the token in it"
    } else if has(&["error", "errorCode", "error_description"]) {
        "JSON: a refusal of the token endpoint"
    } else if has(&["keys", "kty"]) {
        "JSON: a key set"
    } else if has(&["alg", "iss", "sub", "aud"]) {
        "JSON: the decoded parts of a token"
    } else {
        "JSON: a whole answer, and not the token in it"
    }
}

fn of_parts(parts: &[&str]) -> &'static str {
    match parts {
        [_] => "one part without dots: an opaque token, which only its issuer can read",
        [first, ..] if CUT_HEADERS.iter().any(|begin| first.starts_with(begin)) => {
            "a token without its first characters"
        }
        [first, ..] if !first.is_empty() && !begins_with_brace(first) => {
            "parts of which the first is no header: an opaque token, which only its issuer can read"
        }
        [_, _] => "two parts: a token without its signature",
        [_, _, ""] => "two parts and nothing behind the second dot: a token without a signature",
        [_, _, _] if parts.iter().any(|part| part.ends_with('=')) => "three parts with padding (=)",
        [_, _, _] if parts.concat().contains(['+', '/']) => "three parts of base64 with + and /",
        [_, _, _] => "three parts with other characters in them, or an empty one",
        [_, _, _, _, _] => "five parts: an encrypted token (JWE)",
        _ => "another number of parts",
    }
}

/// Whether base64 is of a text that begins with a brace, as each header of a JWT does. The first character and a part of the
/// second one tell.
pub(crate) fn begins_with_brace(base64: &str) -> bool {
    let mut characters = base64.chars();
    characters.next() == Some('e')
        && characters.next().is_some_and(|c| matches!(c, 'w'..='z' | '0'..='9' | '-' | '_' | '+' | '/'))
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
            ("\"eyJ.b.c", "quotation marks"),
            ("eyJ.b.c'", "quotation marks"),
            ("a.b.c%3D", "percent signs"),
            ("a.b c.d", "white space"),
            ("gho_16C7e42F292c6912E7710c838347Ae178B4a", "one part without dots"),
            ("00-Ab_cd", "one part without dots"),
            // As Google, Entra ID, Ory, Vault and Slack write them, and PASETO.
            ("ya29.a0AfB_byC", "opaque"),
            ("0.AXoAdW5kZXJz.AgABAAEAAAD--DLA3VO7", "opaque"),
            ("ory_at_dG9rZW4.c2lnbmVk", "opaque"),
            ("hvs.CAESIJ", "opaque"),
            ("xoxe.xoxp-1-Mi0yLTEyMw", "opaque"),
            ("v4.public.eyJzdWIiOiJhIn0", "opaque"),
            ("v2.local.QAxIpVe", "opaque"),
            ("v4.public.eyJzdWIiOiJhIn0.eyJraWQiOiJhIn0", "opaque"),
            ("a.b.c.d.e", "opaque"),
            ("yJhbGciOiJSUzI1NiJ9.e30.c2ln", "first characters"),
            ("bGci.e30.c2ln", "opaque"),
            ("eyJ.b", "two parts"),
            ("ew0K.b", "two parts"),
            ("e30.b.", "without a signature"),
            ("eyJ.b.c=", "padding"),
            ("eyJ.b.c+d", "+ and /"),
            ("eyJ..c", "an empty one"),
            (".b.c", "an empty one"),
            ("eyJ.b.c.d.e", "JWE"),
            ("eyJ.b.c.d", "another number"),
            ("evil.b", "opaque"),
            ("<!DOCTYPE html><title>Sign in</title>", "HTML"),
            ("<HTML><body>", "HTML"),
            ("{\"error\":\"invalid_client\"}", "refusal"),
            ("{\"keys\":[{\"kty\":\"RSA\"}]}", "a key set"),
            ("{\"kty\":\"RSA\"}", "a key set"),
            ("{\"iss\":\"https://idp.example.com\",\"sub\":\"alice\"}", "decoded"),
            ("{\"alg\":\"RS256\"}", "decoded"),
            ("{\"token\":\"a\"}", "whole answer"),
        ] {
            assert!(of(text).contains(words), "{text}: {}", of(text));
        }
    }
}
