//! A page whose form posts a response to us, as an identity provider sends it to the browser.

/// How far into a text its document type is looked for, in characters.
const HEAD: usize = 512;

/// Whether the text is a page and no message.
pub(super) fn is_page(text: &str) -> bool {
    let head = text.chars().take(HEAD).collect::<String>().to_ascii_lowercase();
    let begins = ["<html", "<head", "<body", "<form", "<input"].iter().any(|tag| head.starts_with(tag));
    // XHTML has an XML declaration first, and a part of a page any tag. No message has a form's field.
    head.starts_with('<') && (begins || head.contains("<!doctype html") || !responses(text).is_empty())
}

/// The value of each field `SAMLResponse` of its forms.
pub(super) fn responses(page: &str) -> Vec<String> {
    // Lower case in ASCII keeps each character's place.
    let lower = page.to_ascii_lowercase();
    let starts = lower.match_indices("<input");
    // A tag ends before the next one begins, so that each byte is read for one tag only.
    let ends = starts.clone().skip(1).map(|(at, _)| at).chain([page.len()]);
    let tags = starts.zip(ends).filter_map(|((at, tag), end)| page.get(at.checked_add(tag.len())?..end));
    let value = |tag: &str| {
        let attributes = attributes(tag);
        let of = |wanted: &str| attributes.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone());
        of("name").filter(|name| name == "SAMLResponse").and_then(|_| of("value"))
    };
    tags.filter_map(value).collect()
}

/// The attributes `name` and `value` of a tag up to its `>`, with their references resolved.
fn attributes(mut rest: &str) -> Vec<(&'static str, String)> {
    let mut attributes = Vec::new();
    let wanted = |name: &str| ["name", "value"].into_iter().find(|wanted| name.eq_ignore_ascii_case(wanted));
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'));
        let Some((name, after)) = end.and_then(|end| rest.split_at_checked(end)).filter(|(name, _)| !name.is_empty())
        else {
            return attributes;
        };
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=').map(str::trim_start) else {
            attributes.extend(wanted(name).map(|name| (name, String::new())));
            rest = after;
            continue;
        };
        let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.split_once(*quote));
        let bare = || value.split_at_checked(value.find(|c: char| c.is_ascii_whitespace() || c == '>')?);
        let Some((value, after)) = quoted.or_else(bare) else { return attributes };
        attributes.extend(wanted(name).map(|name| (name, resolved(value))));
        rest = after;
    }
}

/// The most characters of a reference that are searched for its end.
const REFERENCE_LIMIT: usize = 32;

/// A value with its character references resolved: numbers, and the names that base64 and its line ends can have.
fn resolved(value: &str) -> String {
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

    #[test]
    fn a_page_is_told_from_a_message() {
        let field = "<input type='hidden' name='SAMLResponse' value='PHIvPg=='/>";
        // OpenSAML's own page is XHTML with a document type; others were saved by a browser, or cut out.
        for before in [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.1//EN\" \"x\"><html>",
            "<!-- saved from url=(0014)about:internet --><html>",
            "<title>Sign in</title>",
            "<meta charset=utf-8>",
            "<noscript></noscript><FORM>",
        ] {
            assert!(is_page(&format!("{before}{field}")), "{before}");
        }
        assert!(is_page("<?xml version='1.0'?><!DOCTYPE html><p>"), "without a response, too");
        for message in [
            "<samlp:Response/>",
            "<!DOCTYPE r><r/>",
            "<?xml version='1.0'?><r>&lt;input/></r>",
            "PHIvPg==",
            "{\"text\": \"<!DOCTYPE html>\"}",
        ] {
            assert!(!is_page(message), "{message}");
        }
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
