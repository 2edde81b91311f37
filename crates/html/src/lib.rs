//! HTML from templates with `{{slots}}`.
//!
//! `template!` makes a type of a template: a field for each slot. A slot without a field, and a field without a slot, do
//! not compile; nor does a page that leaves a field out. The crate does no I/O.

#![forbid(unsafe_code)]

use std::borrow::Cow;

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

/// HTML that a template made, or that is a constant of ours. Nothing else is put into a page unescaped.
#[derive(Debug, Clone, Default)]
pub struct Html(Cow<'static, str>);

impl Html {
    /// A constant of ours.
    pub fn constant(html: &'static str) -> Self {
        Self(Cow::Borrowed(html))
    }

    /// The template with its slots filled. For `template!`, which has compared them.
    pub fn filled(template: &'static str, slots: &[(&str, Slot<'_>)]) -> Self {
        Self(Cow::Owned(fill(template, slots)))
    }

    /// The HTML as text.
    pub fn into_string(self) -> String {
        self.0.into_owned()
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<T: IntoIterator<Item = Html>>(parts: T) -> Self {
        Self(Cow::Owned(parts.into_iter().map(|part| part.0).collect()))
    }
}

/// A field's value as what goes into its slot.
pub trait Fill {
    /// Text for a text, HTML for [`Html`].
    fn slot(&self) -> Slot<'_>;
}

impl Fill for &str {
    fn slot(&self) -> Slot<'_> {
        Slot::Text(self)
    }
}

impl Fill for Html {
    fn slot(&self) -> Slot<'_> {
        Slot::Html(&self.0)
    }
}

/// Declares a type whose fields are the slots of the template in this text.
#[macro_export]
macro_rules! template {
    ($(#[$attribute:meta])* struct $name:ident $(<$life:lifetime>)? = $text:expr; { $($(#[$of:meta])* $field:ident: $kind:ty,)+ }) => {
        $(#[$attribute])*
        struct $name $(<$life>)? { $($(#[$of])* $field: $kind,)+ }

        const _: () = $crate::assert_slots($text, &[$(stringify!($field)),+]);

        impl $(<$life>)? $name $(<$life>)? {
            const TEMPLATE: &'static str = $text;

            /// Fills the template.
            fn html(&self) -> $crate::Html {
                let slots = [$((stringify!($field), $crate::Fill::slot(&self.$field))),+];
                $crate::Html::filled(Self::TEMPLATE, &slots)
            }
        }
    };
}

/// Fails to compile unless each slot of `template` is one of `names`, and each of `names` has a slot.
pub const fn assert_slots(template: &str, names: &[&str]) {
    let mut rest = template.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'{' && matches!(after, [b'{', ..]) {
            assert!(names_one(rest, names), "a slot of the template is no field of its type");
        }
        rest = after;
    }
    let mut left = names;
    while let [name, after @ ..] = left {
        assert!(has_slot(template.as_bytes(), name), "a field of the type is no slot of its template");
        left = after;
    }
}

const fn names_one(text: &[u8], mut names: &[&str]) -> bool {
    while let [name, after @ ..] = names {
        if begins_with_slot(text, name) {
            return true;
        }
        names = after;
    }
    false
}

const fn has_slot(mut text: &[u8], name: &str) -> bool {
    while let [_, after @ ..] = text {
        if begins_with_slot(text, name) {
            return true;
        }
        text = after;
    }
    false
}

/// Whether `text` begins with `{{name}}`.
const fn begins_with_slot(text: &[u8], name: &str) -> bool {
    let [b'{', b'{', text @ ..] = text else { return false };
    let (mut text, mut name) = (text, name.as_bytes());
    while let [expected, name_after @ ..] = name {
        let [found, text_after @ ..] = text else { return false };
        if *found != *expected {
            return false;
        }
        (text, name) = (text_after, name_after);
    }
    matches!(text, [b'}', b'}', ..])
}

/// Fills the slots of `template` in one pass, so that no value is taken for a template. An unknown slot
/// stays as it is, to be seen: `template!` has none.
pub fn fill(template: &str, slots: &[(&str, Slot<'_>)]) -> String {
    let mut page = String::with_capacity(template.len().saturating_mul(2));
    let mut rest = template;
    while let Some((before, (name, after))) = rest.split_once("{{").and_then(|(b, a)| Some((b, a.split_once("}}")?))) {
        page.push_str(before);
        match slots.iter().find(|(slot, _)| *slot == name).map(|(_, value)| *value) {
            Some(Slot::Text(text)) => page.push_str(&quick_xml::escape::escape(text)),
            Some(Slot::Html(html)) => page.push_str(html),
            None => page.extend(["{{", name, "}}"]),
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

    template! {
        struct Greeting<'a> = "<p>{{who}}: {{words}}</p>"; {
            who: &'a str,
            words: Html,
        }
    }

    #[test]
    fn text_is_escaped_and_never_filled_again() {
        let slots = [("a", Slot::Text("<\"{{b}}'&>")), ("b", Slot::Html("<i>"))];
        assert_eq!(fill("{{a}}|{{b}}|{{c}}|{{", &slots), "&lt;&quot;{{b}}&apos;&amp;&gt;|<i>|{{c}}|{{");
    }

    #[test]
    fn a_field_of_text_is_escaped_and_one_of_html_is_not() {
        let greeting = Greeting { who: "<b>", words: Html::constant("<i>hello</i>") };
        assert_eq!(greeting.html().into_string(), "<p>&lt;b&gt;: <i>hello</i></p>");
    }

    #[test]
    fn slots_and_fields_are_the_same() {
        assert_slots("{{a}} and {{b}}, {{a}}", &["a", "b"]);
        for (template, names) in [
            ("{{a}}{{b}}", &["a"][..]),
            ("{{a}}", &["a", "b"]),
            ("{{ a }}", &["a"]),
            ("{{a}", &["a"]),
            ("{{ab}}", &["a"]),
            ("{{a", &["a"]),
        ] {
            assert!(std::panic::catch_unwind(|| assert_slots(template, names)).is_err(), "{template}");
        }
    }
}
