//! HTML pages from templates with `{{slots}}`.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The content of a slot.
#[derive(Debug, Clone, Copy)]
pub enum Slot<'a> {
    /// Text, which is escaped.
    Text(&'a str),
    /// HTML, a style or a script of our own.
    Html(&'a str),
}

/// Fills the slots of `template` in one pass, so that no value is taken for a template. An unknown slot stays empty.
pub fn fill(template: &str, slots: &[(&str, Slot<'_>)]) -> String {
    let mut page = String::with_capacity(template.len().saturating_mul(2));
    let mut rest = template;
    while let Some((before, (name, after))) = rest.split_once("{{").and_then(|(b, a)| Some((b, a.split_once("}}")?))) {
        page.push_str(before);
        match slots.iter().find(|(slot, _)| *slot == name).map(|(_, value)| *value) {
            Some(Slot::Text(text)) => page.push_str(&quick_xml::escape::escape(text)),
            Some(Slot::Html(html)) => page.push_str(html),
            None => {}
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

/// The CSP source that allows this inline style or script and no other.
pub fn csp_hash(content: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, content.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_never_filled_again() {
        let slots = [("a", Slot::Text("<\"{{b}}'&>")), ("b", Slot::Html("<i>"))];
        assert_eq!(fill("{{a}}|{{b}}|{{c}}|{{", &slots), "&lt;&quot;{{b}}&apos;&amp;&gt;|<i>||{{");
    }
}
