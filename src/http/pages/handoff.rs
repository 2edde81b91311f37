//! The page that leads to Studio, where the URL is too long for a header.

use super::Page;
use studio_acs_broker::PresignedUrl;
use studio_acs_html::template;

template! {
    struct Handoff<'a> = include_str!("handoff.html"); {
        url: &'a str,
    }
}

/// Returns the page.
pub(super) fn page(url: &PresignedUrl) -> Page<'_> {
    let url = url.reveal();
    Page::new("Opening Studio…", Handoff { url }.html()).leading_to(url)
}
