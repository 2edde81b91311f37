//! The footer: whose service this is, and who helps.

use crate::config::OrganizationConfig;
use studio_acs_html::{Html, template};

template! {
    struct Footer = include_str!("footer.html"); {
        lines: Html,
    }
}

template! {
    struct Name<'a> = "<p id=\"organization\">{{name}}</p>\n"; {
        name: &'a str,
    }
}

template! {
    struct Contact<'a> = "<p id=\"help\">Help: {{contact}}</p>\n"; {
        contact: &'a str,
    }
}

template! {
    struct Link<'a> = "<p id=\"help\">Help: <a href=\"{{url}}\" rel=\"noreferrer\">{{words}}</a></p>\n"; {
        url: &'a str,
        words: &'a str,
    }
}

/// Returns the footer of every page; empty HTML where the organisation says nothing of itself.
pub(super) fn html(organization: &OrganizationConfig) -> Html {
    let OrganizationConfig { name, help_contact, help_url } = organization;
    let name = name.as_deref().map(|name| Name { name }.html());
    let help = match (help_contact.as_deref(), help_url.as_deref()) {
        (contact, Some(url)) => Some(Link { url, words: contact.unwrap_or(readable(url)) }.html()),
        (Some(contact), None) => Some(Contact { contact }.html()),
        (None, None) => None,
    };
    if name.is_none() && help.is_none() {
        return Html::default();
    }
    Footer { lines: name.into_iter().chain(help).collect() }.html()
}

/// The address of a link without its scheme and without what a mail is to say.
fn readable(url: &str) -> &str {
    match url.strip_prefix("mailto:") {
        Some(address) => address.split('?').next().unwrap_or(address),
        None => url.strip_prefix("https://").unwrap_or(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn footer(name: &str, contact: &str, url: &str) -> String {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let (name, help_contact, help_url) = (given(name), given(contact), given(url));
        html(&OrganizationConfig { name, help_contact, help_url }).into_string()
    }

    #[test]
    fn an_organisation_is_named_as_far_as_it_says() {
        assert_eq!(footer("", "", ""), "");
        assert_eq!(footer("A & B", "", ""), "<footer>\n<p id=\"organization\">A &amp; B</p>\n</footer>\n");
        assert!(footer("", "Desk <1>", "").contains("<p id=\"help\">Help: Desk &lt;1&gt;</p>"));
        let link = |url, words: &str| format!("<a href=\"{url}\" rel=\"noreferrer\">{words}</a>");
        for (contact, url, words) in [
            ("Service desk", "https://help.example/studio", "Service desk"),
            ("", "https://help.example/studio", "help.example/studio"),
            ("", "mailto:help@example.com?subject=Studio", "help@example.com"),
        ] {
            assert!(footer("", contact, url).contains(&link(url, words)), "{contact} {url}");
        }
    }
}
