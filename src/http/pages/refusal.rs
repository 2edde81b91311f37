//! The page that tells of a refusal.

use super::super::notice::Notice;
use super::Page;
use studio_acs_html::{Html, template};

template! {
    struct Refusal<'a> = include_str!("refusal.html"); {
        message: &'a str,
        advice: &'a str,
        code: Html,
    }
}

template! {
    struct Code<'a> = "<p class=\"detail\">Code <code>{{code}}</code></p>\n"; {
        code: &'a str,
    }
}

/// Returns the page, with the refusal's code if it is to be shown.
pub(super) fn page(notice: &Notice, code: Option<&str>) -> Page<'static> {
    let code = code.map(|code| Code { code }.html()).unwrap_or_default();
    Page::new(notice.title, Refusal { message: &notice.message, advice: notice.advice, code }.html())
}
