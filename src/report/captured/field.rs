//! A field in any text that holds more: a request with its headers, a command, a script, or a browser's list of fields.

/// The least characters of a response or a token: a shorter word behind the name is a sentence.
const LEAST: usize = 16;
/// The longest line of a value that is folded over lines.
const LONGEST_LINE: usize = 128;
/// Programs' options by which they encode a value themselves.
const ENCODING: [&str; 3] = ["--data-urlencode", "--form", "multipart/form-data"];

/// Returns each `SAMLResponse` in `text`, decoded as a form or as the text of a program where it stands in one.
pub(super) fn responses(text: &str) -> Vec<String> {
    let encodes = ENCODING.iter().any(|option| text.contains(option));
    let is_of_value =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_' | '%' | '^' | '\\' | '.' | '…');
    let values = values(text, "SAMLResponse", is_of_value);
    values.into_iter().map(|(separator, value)| decoded(&unescaped(&value), separator == "=" && !encodes)).collect()
}

/// Returns the values behind `name`, each with the characters between: quotation marks, colons, or white space.
pub(super) fn values<'t>(text: &'t str, name: &str, is_of_value: fn(char) -> bool) -> Vec<(&'t str, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(name) {
        let value = after.trim_start_matches(is_separator);
        let separator = after.strip_suffix(value).unwrap_or_default();
        let (line, behind) = until(value, is_of_value);
        let (value, behind) = unfolded(line, behind, is_of_value);
        rest = behind;
        if !separator.is_empty() && value.len() >= LEAST {
            found.push((separator, value));
        }
    }
    found
}

fn is_separator(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '=' | ':' | '"' | '\'' | '\\' | '>' | ',' | '(' | '^' | '`')
}

/// Splits at the first character that is not one of a value.
fn until(text: &str, is_of_value: fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !is_of_value(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// The value that begins with `line` and goes on with lines of its length; and the text behind it.
fn unfolded<'t>(line: &str, mut rest: &'t str, is_of_value: fn(char) -> bool) -> (String, &'t str) {
    let mut value = line.to_owned();
    if !(LEAST..=LONGEST_LINE).contains(&line.len()) {
        return (value, rest);
    }
    while let Some(next) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) {
        let (more, behind) = until(next.trim_start_matches([' ', '\t']), is_of_value);
        let ends = behind.is_empty() || behind.starts_with(['\r', '\n', '"', '\'']);
        let is_another = more.starts_with("RelayState") || more.starts_with("--") || value.ends_with('=');
        if more.is_empty() || more.len() > line.len() || !ends || is_another {
            break;
        }
        value.push_str(more);
        rest = behind;
        if more.len() < line.len() {
            break;
        }
    }
    (value, rest)
}

/// A value without the escapes of scripts (`\/`, `\u002B`, `\x2B`, `\n`) and of the shell of Windows (`^`).
fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once(['\\', '^']) {
        text.push_str(before);
        let code = |digits: Option<&str>| digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let (number, length) = match after.chars().next() {
            Some('u') => (code(after.get(1..5)), 5),
            Some('x') => (code(after.get(1..3)), 3),
            Some('n' | 'r') if rest.get(before.len()..).is_some_and(|rest| rest.starts_with('\\')) => (None, 1),
            _ => (None, 0),
        };
        text.extend(number.and_then(char::from_u32));
        rest = after.get(length..).unwrap_or_default();
    }
    text + rest
}

/// A value out of its percent-encoding, in which a form writes a space as `+`.
pub(super) fn decoded(value: &str, is_form: bool) -> String {
    let field = if is_form { format!("v={value}") } else { format!("v={}", value.replace('+', "%2B")) };
    form_urlencoded::parse(field.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_in_any_text() {
        const VALUE: &str = "PHNhbWxwOlJlc3BvbnNl+/PHNhbWxwOg==";
        const ENCODED: &str = "PHNhbWxwOlJlc3BvbnNl%2B%2FPHNhbWxwOg%3D%3D";
        for text in [
            format!("SAMLResponse: {VALUE}\nRelayState: \n"),
            format!("SAMLResponse\n{VALUE}\nRelayState\nx"),
            format!("RelayState\t\nSAMLResponse\t{VALUE}\n"),
            format!("SAMLResponse:\"{VALUE}\""),
            format!("POST /saml HTTP/1.1\r\nHost: a\r\n\r\nSAMLResponse={ENCODED}&RelayState="),
            format!("curl 'https://a/saml' --data-raw 'SAMLResponse={ENCODED}&RelayState=' --compressed"),
            format!("curl \"https://a/saml\" --data-urlencode \"SAMLResponse={VALUE}\""),
            format!("curl ^\"https://a^\" --data-raw ^\"SAMLResponse={}^\"", ENCODED.replace('%', "^%^")),
            format!("fetch(\"https://a\", {{\"body\": \"SAMLResponse={ENCODED}\\u0026RelayState=\"}})"),
            format!("Invoke-WebRequest -Body \"SAMLResponse={ENCODED}&RelayState=x\""),
            format!("<script>post({{SAMLResponse: '{}'}})</script>", VALUE.replace('+', "\\u002B").replace('/', "\\/")),
            format!("Content-Disposition: form-data; name=\"SAMLResponse\"\r\n\r\n{VALUE}\r\n--x").replace("form-", ""),
            "SAMLResponse: PHNhbWxwOlJlc3Bv\n  bnNl+/PHNhbWxwOg\n  ==\nRelayState: x".to_owned(),
        ] {
            assert_eq!(responses(&text), [VALUE], "{text}");
        }
        for text in ["the SAMLResponse is absent", "SAMLResponse=", "SAMLResponsePHNhbWxwOlJlc3BvbnNl", ""] {
            assert_eq!(responses(text), [""; 0], "{text}");
        }
    }

    /// Each byte is read a bounded number of times: else this takes minutes.
    #[test]
    fn a_text_of_names_is_read_once() {
        assert_eq!(responses(&"SAMLResponse=".repeat(200_000)).len(), 1);
        assert_eq!(responses(&"SAMLResponse: a".repeat(200_000)).len(), 0);
    }
}
