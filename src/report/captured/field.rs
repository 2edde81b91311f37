//! A field in any text that holds more: a command, a script, a log, or a browser's list of fields.

use studio_acs_saml::{Check, FORM, Rejection, UnverifiedResponse};

const NAME: &str = "SAMLResponse";
/// The least characters of a response or a token: a shorter word behind the name is a sentence.
const LEAST: usize = 16;
/// The longest line of a value that is folded over lines: the longest one of mail (RFC 5322 2.1.1).
const LONGEST_LINE: usize = 998;
/// The escapes of scripts that stand before a name.
const ESCAPES: [&str; 5] = ["\\u0026", "\\x26", "\\n", "\\r", "\\t"];

/// A `SAMLResponse` in a text, as far as it was sent.
enum Field {
    /// The form around it.
    Form(String),
    /// The value alone, of which no `+` is a space.
    Value(String),
    /// It stands in an address.
    Address,
}

/// Reads the one `SAMLResponse` of a text; `None` if it has none.
pub(super) fn of_script(text: &str) -> Option<Result<UnverifiedResponse, Rejection>> {
    let mut fields = fields(text);
    if fields.iter().any(|field| !matches!(field, Field::Address)) {
        fields.retain(|field| !matches!(field, Field::Address));
    }
    Some(match &*fields {
        [] => return None,
        [Field::Form(form)] => UnverifiedResponse::from_form(Some(FORM), form.as_bytes()),
        [Field::Value(value)] => UnverifiedResponse::from_base64(value.as_bytes()),
        [Field::Address, ..] => Err(Check::Method.reject("POST", "GET")),
        several => Err(super::several(several.len())),
    })
}

fn fields(text: &str) -> Vec<Field> {
    let encodes = text.contains("--data-urlencode");
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(NAME) {
        rest = after;
        let word = before.rsplit(|c: char| c.is_whitespace() || is_quote(c)).next().unwrap_or_default();
        let value = after.trim_start_matches(is_separator);
        let separator = after.strip_suffix(value).unwrap_or_default();
        let first = value.split(|c: char| c.is_whitespace() || is_quote(c)).next().unwrap_or_default();
        if !is_start(word) || separator.is_empty() || first.len() < LEAST {
            continue;
        }
        let is_form = separator == "=";
        let opened = before.strip_suffix(word).and_then(|before| before.chars().next_back()).filter(|_| is_form);
        let quote = if is_form { opened } else { separator.chars().next_back() }.filter(|c| is_quote(*c));
        let end = match quote {
            Some(quote) => value.find(quote).unwrap_or(value.len()),
            None => end_of_folded(value, is_form),
        };
        let (value, behind) = value.split_at_checked(end).unwrap_or((value, ""));
        rest = behind;
        let plain = |value: &str| if quote.is_some() { unescaped(value, text) } else { value.to_owned() };
        found.push(if is_form && is_address(word) {
            Field::Address
        } else if is_form && !encodes {
            Field::Form(plain(&format!("{word}{NAME}={value}")))
        } else {
            Field::Value(decoded(&plain(value), false))
        });
    }
    found
}

/// Whether a name begins behind these characters of its word.
fn is_start(word: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '%');
    !word.ends_with(is_of_name) || ESCAPES.iter().any(|escape| word.ends_with(escape))
}

fn is_address(word: &str) -> bool {
    word.contains('?') && ["https://", "http://", "/"].iter().any(|start| word.starts_with(start))
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'')
}

fn is_separator(c: char) -> bool {
    c.is_ascii_whitespace() || is_quote(c) || matches!(c, '=' | ':' | '\\' | '>' | ',' | '(' | '^' | '`')
}

/// The end of a value without quotation marks: of its word in a form, else of its line, and of the lines that it is
/// folded over, up to a blank line or another field.
fn end_of_folded(value: &str, is_form: bool) -> usize {
    let mut end = 0_usize;
    let mut at = 0_usize;
    for line in value.split_inclusive('\n') {
        let content = line.trim();
        if at > 0 && !goes_on(value.get(..end).unwrap_or_default(), content) {
            break;
        }
        let indent = line.len().saturating_sub(line.trim_start().len());
        let word = content.find(|c: char| c.is_whitespace() || is_quote(c)).filter(|_| is_form);
        end = at.saturating_add(indent).saturating_add(word.unwrap_or(content.len()));
        at = at.saturating_add(line.len());
        if word.is_some() || width(content) > LONGEST_LINE {
            break;
        }
    }
    end
}

/// The characters of a line before it was put into percent-encoding.
fn width(line: &str) -> usize {
    line.len().saturating_sub(line.matches('%').count().saturating_mul(2))
}

/// Whether a line goes on with the value before it.
fn goes_on(value: &str, line: &str) -> bool {
    let is_of_value = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '%' | '-' | '_' | '&' | '.');
    let is_another = line.starts_with("RelayState") || line.starts_with("--");
    let is_padding = line.chars().all(|c| c == '=');
    let is_over = value.ends_with('=') && line.len() < LEAST && !is_padding;
    !line.is_empty() && line.chars().all(is_of_value) && !is_another && !is_over
}

/// The values behind `name`, each with the characters between: quotation marks, colons, or white space.
pub(super) fn values<'t>(text: &'t str, name: &str, is_of_value: fn(char) -> bool) -> Vec<(&'t str, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(name) {
        let value = after.trim_start_matches(is_separator);
        let separator = after.strip_suffix(value).unwrap_or_default();
        let end = value.find(|c| !is_of_value(c)).unwrap_or(value.len());
        let (value, behind) = value.split_at_checked(end).unwrap_or((value, ""));
        rest = behind;
        let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        if !separator.is_empty() && value.len() >= LEAST && is_start(word) {
            found.push((separator, value.to_owned()));
        }
    }
    found
}

/// Quoted text without the escapes of its language: of scripts (`\/`, `\u002B`, `\x2B`, `\n`), which a
/// shell has in `$'…'` only, and of the shell of Windows (`^`).
fn unescaped(value: &str, text: &str) -> String {
    let is_command = text.starts_with("curl ") || text.contains("Invoke-");
    let is_script = !is_command || text.contains("$'");
    let is_windows = text.contains("^\"");
    let mut plain = String::new();
    let mut rest = value;
    let is_escape = |c: char| (is_script && c == '\\') || (is_windows && c == '^');
    while let Some((before, after)) = rest.split_once(is_escape) {
        plain.push_str(before);
        let is_caret = rest.get(before.len()..).is_some_and(|rest| rest.starts_with('^'));
        let code = |digits: Option<&str>| digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let (number, length) = match after.chars().next().filter(|_| !is_caret) {
            Some('u') => (code(after.get(1..5)), 5),
            Some('x') => (code(after.get(1..3)), 3),
            Some('n' | 'r') => (Some(u32::from('\n')), 1),
            _ => (None, 0),
        };
        plain.extend(number.and_then(char::from_u32));
        rest = after.get(length..).unwrap_or_default();
    }
    plain + rest
}

/// A value out of its percent-encoding, in which a form writes a space as `+`.
pub(super) fn decoded(value: &str, is_form: bool) -> String {
    let value = value.replace('&', "%26");
    let field = if is_form { format!("v={value}") } else { format!("v={}", value.replace('+', "%2B")) };
    form_urlencoded::parse(field.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let texts = fields(text).into_iter().map(|field| match field {
            Field::Form(form) => form_urlencoded::parse(form.as_bytes())
                .find_map(|(name, value)| (name == NAME).then(|| value.into_owned()))
                .unwrap_or_default(),
            Field::Value(value) => value,
            Field::Address => "an address".to_owned(),
        });
        texts.map(|text| text.split_whitespace().collect()).collect()
    }

    #[test]
    fn a_field_is_found_in_any_text() {
        const VALUE: &str = "PHNhbWxwOlJlc3BvbnNl+/PHNhbWxwOg==";
        const ENCODED: &str = "PHNhbWxwOlJlc3BvbnNl%2B%2FPHNhbWxwOg%3D%3D";
        for text in [
            format!("SAMLResponse: {VALUE}\nRelayState: \n"),
            format!("SAMLResponse\n{VALUE}\nRelayState\nx"),
            format!("RelayState\t\nSAMLResponse\t{VALUE}\n"),
            format!("SAMLResponse:\"{VALUE}\""),
            format!("curl 'https://a/saml' --data-raw 'SAMLResponse={ENCODED}&RelayState=' --compressed"),
            format!("curl 'https://a/saml' --data-raw 'RelayState=x&SAMLResponse={ENCODED}' --compressed"),
            format!("curl https://a/saml -d SAMLResponse={ENCODED} --compressed"),
            format!("curl \"https://a/saml\" --data-urlencode \"SAMLResponse={VALUE}\""),
            format!("curl ^\"https://a^\" --data-raw ^\"SAMLResponse={}^\"", ENCODED.replace('%', "^%^")),
            format!("fetch(\"https://a\", {{\"body\": \"SAMLResponse={ENCODED}\\u0026RelayState=\"}})"),
            format!("fetch(\"https://a\", {{\"body\": \"RelayState=\\u0026SAMLResponse={ENCODED}\"}})"),
            format!("Invoke-WebRequest -Body \"SAMLResponse={ENCODED}&RelayState=x\""),
            format!("<script>post({{SAMLResponse: '{}'}})</script>", VALUE.replace('+', "\\u002B").replace('/', "\\/")),
            "SAMLResponse: PHNhbWxwOlJlc3Bv\n  bnNl+/PHNhbWxwOg\n  ==\nRelayState: x".to_owned(),
        ] {
            assert_eq!(texts(&text), [VALUE], "{text}");
        }
        for text in [
            "the SAMLResponse is absent",
            "SAMLResponse=",
            "SAMLResponsePHNhbWxwOlJlc3BvbnNl",
            "",
            "curl -d 'OldSAMLResponse=PHNhbWxwOlJlc3BvbnNl'",
        ] {
            assert_eq!(texts(text), [""; 0], "{text}");
        }
    }

    /// Each byte is read a bounded number of times: else this takes minutes.
    #[test]
    fn a_text_of_names_is_read_once() {
        assert_eq!(texts(&"SAMLResponse=".repeat(200_000)).len(), 1);
        assert_eq!(texts(&"SAMLResponse: a ".repeat(200_000)).len(), 0);
    }
}
