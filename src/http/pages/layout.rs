//! The layout: what is the same on every page.

use super::super::correlation::CorrelationId;
use super::footer;
use crate::config::OrganizationConfig;
use studio_acs_html::{Html, template};

/// The style of every page.
pub(super) const STYLE: &str = include_str!("style.css");
const CLOSED: &str = include_str!("closed.html");
const OPEN: &str = include_str!("open.html");

template! {
    struct Document<'a> = include_str!("layout.html"); {
        refresh: Html,
        title: &'a str,
        style: Html,
        emblem: Html,
        body: Html,
        facts: Html,
        correlation_id: &'a str,
        footer: Html,
        script: Html,
    }
}

template! {
    struct Refresh<'a> = include_str!("refresh.html"); {
        url: &'a str,
    }
}

template! {
    struct Script = "<script>{{script}}</script>\n"; {
        script: Html,
    }
}

template! {
    struct Fact<'a> = "<dt>{{name}}</dt>\n<dd>{{fact}}</dd>\n"; {
        name: &'a str,
        fact: &'a str,
    }
}

/// The values that distinguish one page from another.
#[derive(Debug)]
pub(super) struct Page<'a> {
    title: &'a str,
    body: Html,
    facts: Html,
    leads_to: Option<&'a str>,
    script: Option<&'static str>,
}

impl<'a> Page<'a> {
    /// A page with this title, which is its heading too, and this body.
    pub(super) fn new(title: &'a str, body: Html) -> Self {
        Self { title, body, facts: Html::default(), leads_to: None, script: None }
    }

    /// The same page, which states a fact before its reference.
    pub(super) fn with_fact(mut self, name: &str, fact: &str) -> Self {
        self.facts = [self.facts, Fact { name, fact }.html()].into_iter().collect();
        self
    }

    /// The same page, which the browser leaves for this URL at once.
    pub(super) fn leading_to(mut self, url: &'a str) -> Self {
        self.leads_to = Some(url);
        self
    }

    /// The same page, which runs this script.
    pub(super) fn running(mut self, script: &'static str) -> Self {
        self.script = Some(script);
        self
    }

    /// Whether the page runs a script.
    pub(super) fn runs_script(&self) -> bool {
        self.script.is_some()
    }
}

/// Puts pages into the layout. Prepared once.
#[derive(Debug)]
pub(super) struct Layout {
    footer: Html,
}

impl Layout {
    /// A layout with this organisation in its footer.
    pub(super) fn of(organization: &OrganizationConfig) -> Self {
        Self { footer: footer::html(organization) }
    }

    /// Returns the whole page, whose reference is `id`.
    pub(super) fn html(&self, page: Page<'_>, id: &CorrelationId) -> String {
        let document = Document {
            refresh: page.leads_to.map(|url| Refresh { url }.html()).unwrap_or_default(),
            title: page.title,
            style: Html::constant(STYLE),
            emblem: Html::constant(if page.leads_to.is_some() { OPEN } else { CLOSED }),
            body: page.body,
            facts: page.facts,
            correlation_id: id.as_str(),
            footer: self.footer.clone(),
            script: page.script.map(|text| Script { script: Html::constant(text) }.html()).unwrap_or_default(),
        };
        document.html().into_string()
    }
}
