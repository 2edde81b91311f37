//! A question in Cedar's terms: the counterpart of `policies/access/schema.cedarschema`.

use std::collections::HashSet;
use std::net::IpAddr;
use std::str::FromStr;

use cedar_policy::{Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request};
use cedar_policy::{RestrictedExpression as Value, Schema};
use jiff::civil::DateTime;
use time::UtcDateTime;

use crate::error::PolicyError;
use crate::question::{Action, Facts, Question, TICKET_NUMBER_LIMIT};
use crate::zone::Zone;
use studio_acs_identity::{Names as IssuerNames, Protocol, folded};

/// The facts that policies may ask about.
pub const SCHEMA: &str = include_str!("../../../policies/access/schema.cedarschema");

/// How far in the future an authentication may seem to be, in seconds, before its time counts as unknown: the identity
/// provider's clock and ours differ, but an instant that stays in the future would be fresh for ever.
const CLOCK_DIFFERENCE: i64 = 300;

/// Names of attributes.
pub(crate) type Names = HashSet<String>;

/// The schema, and the names in it, parsed once.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    schema: Schema,
    user: EntityTypeName,
    group: EntityTypeName,
    profile: EntityTypeName,
    open_studio: EntityUid,
    approve: EntityUid,
    /// From Monday.
    weekdays: Vec<EntityUid>,
    saml: EntityUid,
    jwt: EntityUid,
}

impl Vocabulary {
    pub(crate) fn new() -> Result<Self, PolicyError> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(unreadable)?;
        let entity_type = |name| EntityTypeName::from_str(name).map_err(unreadable);
        let uid = |entity_type: &EntityTypeName, id| named(entity_type, id);
        let (action, weekday, protocol) = (entity_type("Action")?, entity_type("Weekday")?, entity_type("Protocol")?);
        Ok(Self {
            schema,
            user: entity_type("User")?,
            group: entity_type("Group")?,
            profile: entity_type("Profile")?,
            open_studio: uid(&action, "OpenStudio"),
            approve: uid(&action, "Approve"),
            weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map(|day| uid(&weekday, day)).into(),
            saml: uid(&protocol, "saml"),
            jwt: uid(&protocol, "jwt"),
        })
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether `uid` is a user whom no question would name so.
    pub(crate) fn is_unmet(&self, uid: &EntityUid) -> bool {
        uid.type_name() == &self.user && uid.id().unescaped() != person(uid.id().unescaped())
    }

    /// Returns the request and the facts of its parts, as far as they are `read`; or why they cannot be told.
    pub(crate) fn tell(&self, question: &Question, zone: &Zone, read: &Names) -> Result<(Request, Entities), String> {
        let user = named(&self.user, &person(&question.user));
        let profile = named(&self.profile, &question.profile.entry);
        let action = match question.action {
            Action::Approve => &self.approve,
            Action::OpenStudio => &self.open_studio,
        };
        let mut name = Attributes::new(read);
        name.add("name", || text(person(&question.user)));
        name.add("issuer", || text(&question.issuer));
        let groups = question.groups.iter().map(|group| named(&self.group, group));
        let entities = [
            Entity::new_with_tags(user.clone(), name.told, groups, []).map_err(|error| error.to_string())?,
            self.describe(profile.clone(), question, read)?,
        ];
        // The facts fit the schema by construction, which the tests check; so each question need not.
        let entities = Entities::from_entities(entities, None).map_err(|error| error.to_string())?;
        let context = self.context(&question.facts, zone, read)?;
        let request = Request::new(user, action.clone(), profile, context, None).map_err(|error| error.to_string())?;
        Ok((request, entities))
    }

    fn describe(&self, uid: EntityUid, question: &Question, read: &Names) -> Result<Entity, String> {
        let Question { profile, names, .. } = question;
        // Where names are not clear, a policy may rely on an issuer: an entry that names none is of no user's.
        let issuer = match names {
            IssuerNames::Shared => None,
            IssuerNames::OneIssuer => profile.issuer.as_deref(),
            IssuerNames::PerIssuer => Some(profile.issuer.as_deref().unwrap_or_default()),
        };
        let mut about = Attributes::new(read);
        about.add("title", || text(&profile.title));
        about.add_known("for_user", profile.for_user.as_ref(), |name| entity(named(&self.user, &person(name))));
        about.add_known("for_group", profile.for_group.as_ref(), |name| entity(named(&self.group, name)));
        about.add_known("issuer", issuer, text);
        about.add("own_profile", || Value::new_bool(profile.own_profile));
        about.add("profile", || text(&profile.profile));
        about.add("domain", || text(&profile.domain));
        about.add_known("account", profile.account.as_ref(), text);
        about.add_known("region", profile.region.as_ref(), text);
        about.add_known("team", profile.team.as_ref(), text);
        about.add("production", || Value::new_bool(profile.production));
        about.add("over_budget", || Value::new_bool(profile.over_budget));
        let tags = profile.tags.iter().map(|(key, value)| (key.clone(), text(value)));
        Entity::new_with_tags(uid, about.told, [], tags).map_err(|error| error.to_string())
    }

    fn context(&self, facts: &Facts, zone: &Zone, read: &Names) -> Result<Context, String> {
        let now = facts.now;
        let civil = zone.civil(now).ok_or_else(|| format!("{now} is out of the range of calendars"))?;
        let weekday = usize::try_from(civil.weekday().to_monday_zero_offset()).unwrap_or(usize::MAX);
        let weekday = self.weekdays.get(weekday).ok_or("a week has seven days")?;
        let protocol = match facts.protocol {
            Protocol::Jwt => &self.jwt,
            Protocol::Saml => &self.saml,
        };
        let age = facts.authenticated_at.and_then(|then| age(then, now));
        let ticket_number = facts.ticket_number.as_ref().filter(|number| number.chars().count() <= TICKET_NUMBER_LIMIT);
        let mut about = Attributes::new(read);
        about.add("date", || Value::new_long(date(civil)));
        about.add("weekday", || entity(weekday.clone()));
        about.add("hour", || Value::new_long(civil.hour().into()));
        about.add("minute", || Value::new_long(civil.minute().into()));
        about.add("unix_seconds", || Value::new_long(now.unix_timestamp()));
        about.add("protocol", || entity(protocol.clone()));
        about.add("session_seconds", || Value::new_long(facts.session_seconds.into()));
        about.add_known("authentication_age_seconds", age, Value::new_long);
        about.add("authentication_methods", || Value::new_set(facts.authentication_methods.iter().map(text)));
        about.add_known("source_ip", facts.source_ip, address);
        about.add_known("vpc_endpoint", facts.vpc_endpoint.as_ref(), text);
        about.add_known("vpc", facts.vpc.as_ref(), text);
        about.add_known("urls_this_minute", facts.urls_this_minute, |count| Value::new_long(count.into()));
        about.add_known("ticket_number", ticket_number, text);
        about.add_known("approved_by", facts.approved_by.as_ref(), |name| text(person(name)));
        about.add_known("requested_by", facts.requested_by.as_ref(), |name| text(person(name)));
        about.add_known("approved_by_issuer", facts.approved_by_issuer.as_ref(), text);
        about.add_known("requested_by_issuer", facts.requested_by_issuer.as_ref(), text);
        Context::from_pairs(about.told).map_err(|error| error.to_string())
    }
}

/// Attributes with their values.
struct Attributes<'r> {
    read: &'r Names,
    told: Vec<(String, Value)>,
}

impl<'r> Attributes<'r> {
    fn new(read: &'r Names) -> Self {
        Self { read, told: Vec::new() }
    }

    /// Adds a fact that a policy reads; unread facts are skipped, for they would be most of a decision's cost.
    fn add(&mut self, name: &str, value: impl FnOnce() -> Value) {
        if self.read.contains(name) {
            self.told.push((name.to_owned(), value()));
        }
    }

    /// Adds a fact that is known; an unknown one is absent, so a policy has to test for its presence.
    fn add_known<T>(&mut self, name: &str, fact: Option<T>, value: impl FnOnce(T) -> Value) {
        if let Some(fact) = fact {
            self.add(name, || value(fact));
        }
    }
}

/// A user's name as it is compared. SageMaker does not tell `Alice` from `alice`; if we did, she could approve
/// herself.
fn person(name: &str) -> String {
    folded(name)
}

/// Never parsed, whatever is in `id`.
fn named(entity_type: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(entity_type.clone(), EntityId::new(id))
}

fn entity(uid: EntityUid) -> Value {
    Value::new_entity_uid(uid)
}

fn text(text: impl AsRef<str>) -> Value {
    Value::new_string(text.as_ref().to_owned())
}

/// IPv4 in IPv6's clothes is IPv4: it would be in no range of either.
fn address(address: IpAddr) -> Value {
    Value::new_ip(address.to_canonical().to_string())
}

/// 20261224 for Christmas Eve.
fn date(civil: DateTime) -> i64 {
    let (year, month, day) = (i64::from(civil.year()), i64::from(civil.month()), i64::from(civil.day()));
    year.saturating_mul(10_000).saturating_add(month.saturating_mul(100)).saturating_add(day)
}

fn age(then: UtcDateTime, now: UtcDateTime) -> Option<i64> {
    let age = now.unix_timestamp().saturating_sub(then.unix_timestamp());
    (age >= -CLOCK_DIFFERENCE).then_some(age)
}

fn unreadable(error: impl std::fmt::Display) -> PolicyError {
    PolicyError::Schema(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Given;

    /// A question with every fact, and one with only the required facts.
    fn questions() -> [Question; 2] {
        let all = "
            groups = ['g', 'h']
            for_user = 'alice'
            for_group = 'g'
            account = '111122223333'
            region = 'eu-central-1'
            team = 't'
            tags = { cost-centre = '4711' }
            authenticated_at = 2026-01-15T09:00:00Z
            authentication_methods = ['mfa']
            source_ip = '::ffff:10.0.0.1'
            vpc_endpoint = 'vpce-1'
            vpc = 'vpc-1'
            urls_this_minute = 1
            ticket_number = 'CHG1'
            names_shared = false
            entry_issuer = 'https://idp.example'
            approved_by = 'bob'
            approved_by_issuer = 'https://idp.example'
            requested_by = 'bob'
            requested_by_issuer = 'https://idp.example'";
        [all, "for_user = ''"].map(|given| toml::from_str::<Given>(given).unwrap().question().unwrap())
    }

    /// All that the schema has.
    fn names() -> Names {
        let attributes = SCHEMA.lines().filter_map(|line| Some(line.strip_prefix("  ")?.split_once(": ")?.0));
        let names = attributes.filter(|name| !["principal", "resource", "context"].contains(name));
        names.filter(|name| !name.starts_with("//")).map(|name| name.trim_end_matches('?').to_owned()).collect()
    }

    #[test]
    fn what_is_told_fits_the_schema_and_nothing_in_it_is_left_out() {
        let vocabulary = Vocabulary::new().unwrap();
        let told = questions().map(|question| {
            let (request, entities) = vocabulary.tell(&question, &Zone::default(), &names()).unwrap();
            request.context().unwrap().validate(vocabulary.schema(), &vocabulary.open_studio).unwrap();
            let entities = Entities::from_entities(entities, Some(vocabulary.schema())).unwrap();
            let context = request.context().unwrap().clone().into_iter().map(|(name, _)| name);
            let names = entities.iter().flat_map(|entity| entity.attrs().map(|(name, _)| name.to_owned()));
            names.chain(context).collect::<Names>()
        });
        assert_eq!(told[0], names());
        assert!(told[1].len() < names().len());
    }

    /// A permit for a group of actions would name `Approve` no more than one for all of them.
    #[test]
    fn no_action_stands_for_others() {
        let vocabulary = Vocabulary::new().unwrap();
        let (schema, groups) = (vocabulary.schema(), vocabulary.schema().action_groups());
        assert_eq!((schema.actions().count(), groups.count()), (2, 0));
    }

    #[test]
    fn what_nobody_reads_is_not_told() {
        let vocabulary = Vocabulary::new().unwrap();
        let read = Names::from(["hour".to_owned(), "team".to_owned()]);
        let (request, entities) = vocabulary.tell(&questions()[0], &Zone::default(), &read).unwrap();
        assert_eq!(request.context().unwrap().clone().into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["hour"]);
        assert_eq!(entities.iter().map(|entity| entity.attrs().count()).sum::<usize>(), 1);
    }

    #[test]
    fn an_age_is_known_unless_it_lies_well_ahead() {
        let at = |second| UtcDateTime::from_unix_timestamp(second).unwrap();
        assert_eq!(age(at(0), at(3600)), Some(3600));
        assert_eq!(age(at(300), at(0)), Some(-300));
        assert_eq!(age(at(301), at(0)), None);
    }
}
