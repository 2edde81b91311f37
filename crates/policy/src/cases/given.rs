//! The facts of a case.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;
use toml::value::Datetime;

use crate::question::{Action, Facts, Profile, Question};
use studio_acs_identity::{Names, Protocol};

/// The facts that a case gives, by the names of [`Question`]. Facts not given are as in [`Given::default`]: alice opens
/// her own profile, by an entry for her, on a Thursday morning.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "they are those of `Question`")]
pub struct Given {
    pub action: Action,
    pub user: String,
    pub issuer: String,
    pub names_shared: bool,
    pub groups: Vec<String>,
    pub entry: String,
    pub title: String,
    /// If neither this nor `for_group` is given, the user who asks; if empty, no user.
    pub for_user: Option<String>,
    pub for_group: Option<String>,
    /// The issuer that the entry names.
    pub entry_issuer: Option<String>,
    pub own_profile: bool,
    /// If not given, the user's name.
    pub profile: Option<String>,
    pub domain: String,
    pub account: Option<String>,
    pub region: Option<String>,
    pub team: Option<String>,
    pub production: bool,
    pub over_budget: bool,
    pub tags: BTreeMap<String, String>,
    pub now: Datetime,
    pub session_seconds: u32,
    pub authenticated_at: Option<Datetime>,
    pub authentication_methods: Vec<String>,
    pub protocol: Protocol,
    pub source_ip: Option<IpAddr>,
    pub vpc_endpoint: Option<String>,
    pub vpc: Option<String>,
    pub urls_this_minute: Option<u32>,
    pub ticket_number: Option<String>,
    pub approved_by: Option<String>,
    pub approved_by_issuer: Option<String>,
    pub requested_by: Option<String>,
    pub requested_by_issuer: Option<String>,
}

impl Given {
    /// The question with these facts.
    ///
    /// # Errors
    /// A time without its offset to UTC, or beyond the calendar.
    pub fn question(self) -> Result<Question, String> {
        let for_user = match (self.for_user, &self.for_group) {
            (None, None) => Some(self.user.clone()),
            (for_user, _) => for_user.filter(|name| !name.is_empty()),
        };
        Ok(Question {
            action: self.action,
            issuer: self.issuer,
            names: if self.names_shared { Names::Shared } else { Names::PerIssuer },
            groups: self.groups,
            profile: Profile {
                entry: self.entry,
                title: self.title,
                for_user,
                for_group: self.for_group,
                issuer: self.entry_issuer,
                own_profile: self.own_profile,
                profile: self.profile.unwrap_or_else(|| self.user.clone()),
                domain: self.domain,
                account: self.account,
                region: self.region,
                team: self.team,
                production: self.production,
                over_budget: self.over_budget,
                tags: self.tags,
            },
            facts: Facts {
                now: instant("now", self.now)?,
                session_seconds: self.session_seconds,
                authenticated_at: self.authenticated_at.map(|at| instant("authenticated_at", at)).transpose()?,
                authentication_methods: self.authentication_methods,
                protocol: self.protocol,
                source_ip: self.source_ip,
                vpc_endpoint: self.vpc_endpoint,
                vpc: self.vpc,
                urls_this_minute: self.urls_this_minute,
                ticket_number: self.ticket_number,
                approved_by: self.approved_by,
                approved_by_issuer: self.approved_by_issuer,
                requested_by: self.requested_by,
                requested_by_issuer: self.requested_by_issuer,
            },
            user: self.user,
        })
    }
}

impl Default for Given {
    fn default() -> Self {
        let utc = toml::value::Offset::Z;
        let date = toml::value::Date { year: 2026, month: 1, day: 15 };
        let time = toml::value::Time { hour: 10, minute: 0, second: Some(0), nanosecond: None };
        Self {
            action: Action::OpenStudio,
            user: "alice".to_owned(),
            issuer: "https://idp.example".to_owned(),
            names_shared: true,
            groups: Vec::new(),
            entry: "entry".to_owned(),
            title: "Studio".to_owned(),
            for_user: None,
            for_group: None,
            entry_issuer: None,
            own_profile: true,
            profile: None,
            domain: "d-abcdefghijkl".to_owned(),
            account: None,
            region: None,
            team: None,
            production: false,
            over_budget: false,
            tags: BTreeMap::new(),
            now: Datetime { date: Some(date), time: Some(time), offset: Some(utc) },
            session_seconds: 3600,
            authenticated_at: None,
            authentication_methods: Vec::new(),
            protocol: Protocol::Saml,
            source_ip: None,
            vpc_endpoint: None,
            vpc: None,
            urls_this_minute: None,
            ticket_number: None,
            approved_by: None,
            approved_by_issuer: None,
            requested_by: None,
            requested_by_issuer: None,
        }
    }
}

fn instant(name: &str, at: Datetime) -> Result<UtcDateTime, String> {
    let at = at.to_string();
    UtcDateTime::parse(&at, &Rfc3339)
        .map_err(|_| format!("{name} is {at}, expected an instant such as 2026-01-15T10:00:00Z"))
}
