//! A question in Cedar's terms: the counterpart of `policies/access/schema.cedarschema`.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::str::FromStr;

use cedar_policy::{Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request};
use cedar_policy::{RestrictedExpression as Value, Schema};
use jiff::civil::DateTime;
use time::UtcDateTime;

use crate::error::PolicyError;
use crate::question::{Action, Circumstances, Door, Profile, Question, TICKET_LIMIT};
use crate::zone::Zone;

/// What policies may ask about.
pub const SCHEMA: &str = include_str!("../../../policies/access/schema.cedarschema");

/// How far in the future an authentication may seem to be, in seconds, before its time counts as unknown: the identity
/// provider's clock and ours differ, but an instant that stays in the future would be fresh for ever.
const CLOCK_DIFFERENCE: i64 = 300;

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
        let (action, weekday, door) = (entity_type("Action")?, entity_type("Weekday")?, entity_type("Door")?);
        Ok(Self {
            schema,
            user: entity_type("User")?,
            group: entity_type("Group")?,
            profile: entity_type("Profile")?,
            open_studio: uid(&action, "OpenStudio"),
            approve: uid(&action, "Approve"),
            weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map(|day| uid(&weekday, day)).into(),
            saml: uid(&door, "saml"),
            jwt: uid(&door, "jwt"),
        })
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether `uid` is a person whom no question would name so.
    pub(crate) fn is_unmet(&self, uid: &EntityUid) -> bool {
        uid.type_name() == &self.user && uid.id().unescaped() != person(uid.id().unescaped())
    }

    /// The request and what there is to know about its parts, or why they cannot be told.
    pub(crate) fn tell(&self, question: &Question, zone: &Zone) -> Result<(Request, Entities), String> {
        let user = named(&self.user, &person(&question.user));
        let profile = named(&self.profile, &question.profile.entry);
        let action = match question.action {
            Action::Approve => &self.approve,
            Action::OpenStudio => &self.open_studio,
        };
        let name = HashMap::from([("name".to_owned(), Value::new_string(person(&question.user)))]);
        let groups: HashSet<_> = question.groups.iter().map(|group| named(&self.group, group)).collect();
        let entities = [
            Entity::new(user.clone(), name, groups).map_err(|error| error.to_string())?,
            self.describe(profile.clone(), &question.profile)?,
        ];
        // What is told fits the schema by construction, which the tests ask; so it is not asked for each question.
        let entities = Entities::from_entities(entities, None).map_err(|error| error.to_string())?;
        let context = self.context(&question.circumstances, zone)?;
        let request = Request::new(user, action.clone(), profile, context, None).map_err(|error| error.to_string())?;
        Ok((request, entities))
    }

    fn describe(&self, uid: EntityUid, profile: &Profile) -> Result<Entity, String> {
        let mut told = Attributes::default();
        told.add("title", text(&profile.title));
        told.add_known("for_user", profile.for_user.as_ref().map(|name| entity(named(&self.user, &person(name)))));
        told.add_known("for_group", profile.for_group.as_ref().map(|name| entity(named(&self.group, name))));
        told.add("own_profile", Value::new_bool(profile.own_profile));
        told.add("profile", text(&profile.profile));
        told.add("domain", text(&profile.domain));
        told.add_known("account", profile.account.as_ref().map(text));
        told.add_known("region", profile.region.as_ref().map(text));
        told.add_known("team", profile.team.as_ref().map(text));
        told.add("production", Value::new_bool(profile.production));
        told.add("over_budget", Value::new_bool(profile.over_budget));
        let tags = profile.tags.iter().map(|(key, value)| (key.clone(), text(value)));
        Entity::new_with_tags(uid, told.0, [], tags).map_err(|error| error.to_string())
    }

    fn context(&self, circumstances: &Circumstances, zone: &Zone) -> Result<Context, String> {
        let now = circumstances.now;
        let civil = zone.civil(now).ok_or_else(|| format!("{now} is out of the range of calendars"))?;
        let weekday = usize::try_from(civil.weekday().to_monday_zero_offset()).unwrap_or(usize::MAX);
        let weekday = self.weekdays.get(weekday).ok_or("a week has seven days")?;
        let door = match circumstances.door {
            Door::Jwt => &self.jwt,
            Door::Saml => &self.saml,
        };
        let age = circumstances.authenticated_at.and_then(|then| age(then, now));
        let methods = circumstances.authentication_methods.iter().map(text);
        let ticket = circumstances.ticket.as_ref().filter(|ticket| ticket.chars().count() <= TICKET_LIMIT);
        let person = |name: &String| Value::new_string(person(name));

        let mut told = Attributes::default();
        told.add("date", Value::new_long(date(civil)));
        told.add("weekday", entity(weekday.clone()));
        told.add("hour", Value::new_long(civil.hour().into()));
        told.add("minute", Value::new_long(civil.minute().into()));
        told.add("unix_seconds", Value::new_long(now.unix_timestamp()));
        told.add("door", entity(door.clone()));
        told.add("session_seconds", Value::new_long(circumstances.session_seconds.into()));
        told.add_known("authentication_age_seconds", age.map(Value::new_long));
        told.add("authentication_methods", Value::new_set(methods));
        told.add_known("source_ip", circumstances.source_ip.map(address));
        told.add_known("vpc_endpoint", circumstances.vpc_endpoint.as_ref().map(text));
        told.add_known("urls_this_minute", circumstances.urls_this_minute.map(|n| Value::new_long(n.into())));
        told.add_known("ticket", ticket.map(text));
        told.add_known("approved_by", circumstances.approved_by.as_ref().map(person));
        told.add_known("requested_by", circumstances.requested_by.as_ref().map(person));
        Context::from_pairs(told.0).map_err(|error| error.to_string())
    }
}

/// Attributes by name.
#[derive(Default)]
struct Attributes(HashMap<String, Value>);

impl Attributes {
    fn add(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// What is unknown is absent: a policy has to ask whether it is there.
    fn add_known(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }
}

/// A person's name as it is compared. SageMaker does not tell `Alice` from `alice`; if we did, she could approve herself.
fn person(name: &str) -> String {
    name.to_lowercase()
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

    /// A question with every fact, and one with those alone that must be.
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
            urls_this_minute = 1
            ticket = 'CHG1'
            approved_by = 'bob'
            requested_by = 'bob'";
        [all, "for_user = ''"].map(|given| toml::from_str::<Given>(given).unwrap().question().unwrap())
    }

    #[test]
    fn what_is_told_fits_the_schema_and_nothing_in_it_is_left_out() {
        let vocabulary = Vocabulary::new().unwrap();
        for question in questions() {
            let (request, entities) = vocabulary.tell(&question, &Zone::default()).unwrap();
            Entities::from_entities(entities, Some(vocabulary.schema())).unwrap();
            request.context().unwrap().validate(vocabulary.schema(), &vocabulary.open_studio).unwrap();
        }
        let (request, entities) = vocabulary.tell(&questions()[0], &Zone::default()).unwrap();
        let told = format!("{}{entities:?}", request.context().unwrap());
        let attributes = SCHEMA.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": "));
        for (name, _) in attributes
            .filter(|(name, _)| !name.starts_with("//") && !["principal", "resource", "context"].contains(name))
        {
            assert!(told.contains(name.trim_end_matches('?')), "{name} is in the schema and is not told");
        }
    }

    #[test]
    fn an_age_is_known_unless_it_lies_well_ahead() {
        let at = |second| UtcDateTime::from_unix_timestamp(second).unwrap();
        assert_eq!(age(at(0), at(3600)), Some(3600));
        assert_eq!(age(at(300), at(0)), Some(-300));
        assert_eq!(age(at(301), at(0)), None);
    }
}
