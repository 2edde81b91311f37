//! A page whose form posts a response to us, as an identity provider sends it to the browser.

/// The value of each field `SAMLResponse` of its forms.
pub(super) fn responses(page: &str) -> Vec<String> {
    let page = &*without_comments(page);
    // Lower case in ASCII keeps each character's place.
    let lower = page.to_ascii_lowercase();
    let inputs = tags(page, &lower, "<input").filter_map(|tag| response(&attributes(tag).0));
    let texts = tags(page, &lower, "<textarea").filter_map(|tag| {
        let (attributes, content) = attributes(tag);
        response(&[&*attributes, &[("value", resolved(content.split('<').next()?))]].concat())
    });
    inputs.chain(texts).collect()
}

/// The page without its comments, in which pages keep forms of a test. One without an end is none.
fn without_comments(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, (_, after))) =
        rest.split_once("<!--").and_then(|(before, comment)| Some((before, comment.split_once("-->")?)))
    {
        text.push_str(before);
        rest = after;
    }
    text + rest
}

/// The text behind each such tag's name. It ends before the next one begins, so that each byte is read for one tag only.
fn tags<'p>(page: &'p str, lower: &str, name: &'static str) -> impl Iterator<Item = &'p str> {
    let starts: Vec<_> = lower.match_indices(name).map(|(at, _)| at).collect();
    let ends = starts.clone().into_iter().skip(1).chain([page.len()]);
    starts.into_iter().zip(ends).filter_map(move |(at, end)| page.get(at.checked_add(name.len())?..end))
}

/// The value of a field, if its name is `SAMLResponse`.
fn response(attributes: &[(&str, String)]) -> Option<String> {
    let of = |wanted: &str| attributes.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone());
    of("name").filter(|name| name == "SAMLResponse").and_then(|_| of("value"))
}

/// The attributes `name` and `value` of a tag up to its `>`, with their references resolved; and the text behind it.
fn attributes(mut rest: &str) -> (Vec<(&'static str, String)>, &str) {
    let mut attributes = Vec::new();
    let wanted = |name: &str| ["name", "value"].into_iter().find(|wanted| name.eq_ignore_ascii_case(wanted));
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'));
        let Some((name, after)) = end.and_then(|end| rest.split_at_checked(end)).filter(|(name, _)| !name.is_empty())
        else {
            return (attributes, rest.strip_prefix('>').unwrap_or_default());
        };
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=').map(str::trim_start) else {
            attributes.extend(wanted(name).map(|name| (name, String::new())));
            rest = after;
            continue;
        };
        let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.split_once(*quote));
        let bare = || value.split_at_checked(value.find(|c: char| c.is_ascii_whitespace() || c == '>')?);
        let Some((value, after)) = quoted.or_else(bare) else { return (attributes, "") };
        attributes.extend(wanted(name).map(|name| (name, resolved(value))));
        rest = after;
    }
}

/// The most characters of a reference that are searched for its end.
const REFERENCE_LIMIT: usize = 32;

/// A value with its character references resolved: numbers, and the names that base64 and its line ends can have.
pub(super) fn resolved(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let end = after.char_indices().take(REFERENCE_LIMIT).find(|(_, c)| *c == ';');
        let reference =
            end.and_then(|(end, _)| Some((character(after.get(..end)?)?, after.get(end..)?.strip_prefix(';')?)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_between_others() {
        for page in [
            "<input name=SAMLResponse value=PHIvPg==>",
            "<INPUT TYPE='hidden' NAME='SAMLResponse' onclick=\"a<b\" disabled\nvalue=\"PHI&#x76;P&#103;&equals;&#61;\"/>",
            "<form><TextArea rows=3 name=\"SAMLResponse\" readonly>PHIvPg&#61;=</TextArea></form>",
            "<!-- <input name=SAMLResponse value=QQ==> --><!----><input name=SAMLResponse value=PHIvPg==><!-- cut",
            "<input name=\"RelayState\" value=\"x\"><p><input <input value='PHIvPg==' name='SAMLResponse'> <input",
        ] {
            assert_eq!(responses(page), ["PHIvPg=="], "{page}");
        }
        for page in
            ["<input name=samlresponse value=x>", "<input name=SAMLResponse", "<input value=x><p name=SAMLResponse>"]
        {
            assert_eq!(responses(page), [""; 0], "{page}");
        }
        assert_eq!(resolved("a&b;&amp&amp;&;&#x2B;&\u{E9};"), "a&b;&amp&&;+&\u{E9};");
    }

    /// Each byte is read a bounded number of times: else these take minutes and gigabytes.
    #[test]
    fn a_page_of_tags_without_ends_is_read_once() {
        let field = "<input name=SAMLResponse value=PHIvPg==>";
        for junk in ["<input ".repeat(50_000), "<input a=\"".repeat(50_000), format!("<input {}", "a ".repeat(300_000))]
        {
            assert_eq!(responses(&format!("{junk}{field}")), ["PHIvPg=="]);
        }
        let references = "&".repeat(1_000_000);
        assert_eq!(responses(&format!("<input name=SAMLResponse value='{references}'>")), [references]);
    }
}
