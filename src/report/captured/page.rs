//! A page whose form posts a response to us, as an identity provider sends it to the browser.

/// Whether the text is a page and no message.
pub(super) fn is_page(text: &str) -> bool {
    let begins = |prefix: &str| text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    ["<!doctype html", "<html", "<head", "<body", "<form", "<input"].iter().any(|prefix| begins(prefix))
}

/// The value of each field `SAMLResponse` of its forms.
pub(super) fn responses(page: &str) -> Vec<String> {
    // Lower case in ASCII keeps each character's place.
    let lower = page.to_ascii_lowercase();
    let tags = lower.match_indices("<input").filter_map(|(at, tag)| page.get(at.checked_add(tag.len())?..));
    let value = |tag: &str| {
        let attributes = attributes(tag);
        let of = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
        of("name").filter(|name| name == "SAMLResponse").and_then(|_| of("value"))
    };
    tags.filter_map(value).collect()
}

/// The attributes of a tag up to its `>`: names in lower case, values with their references resolved.
fn attributes(mut rest: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'));
        let Some((name, after)) = end.and_then(|end| rest.split_at_checked(end)).filter(|(name, _)| !name.is_empty())
        else {
            return attributes;
        };
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=').map(str::trim_start) else {
            attributes.push((name.to_ascii_lowercase(), String::new()));
            rest = after;
            continue;
        };
        let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.split_once(*quote));
        let bare = || value.split_at_checked(value.find(|c: char| c.is_ascii_whitespace() || c == '>')?);
        let Some((value, after)) = quoted.or_else(bare) else { return attributes };
        attributes.push((name.to_ascii_lowercase(), resolved(value)));
        rest = after;
    }
}

/// A value with its character references resolved: numbers, and the names that base64 and its line ends can have.
fn resolved(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let reference = after.split_once(';').and_then(|(name, after)| Some((character(name)?, after)));
        let (c, after) = reference.unwrap_or(('&', after));
        text.push(c);
        rest = after;
    }
    text + rest
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let code = hexadecimal.map_or_else(|| number.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok());
        return char::from_u32(code?);
    }
    Some(match name {
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "lt" => '<',
        "gt" => '>',
        "plus" => '+',
        "sol" => '/',
        "equals" => '=',
        "NewLine" => '\n',
        "Tab" => '\t',
        _ => return None,
    })
}
