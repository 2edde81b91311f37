//! A set of policies that was validated, and its decisions.

use std::collections::HashMap;

use cedar_policy::{
    ActionConstraint, Authorizer, Decision, Entities, Policy, PolicyId, PolicySet, PolicySetError, Request,
    ValidationMode, ValidationWarning, Validator,
};
use miette::Diagnostic;

use crate::decision::{Denial, Need, Permit};
use crate::error::{PolicyError, PolicyPlace};
use crate::fault::PolicyFault;
use crate::file::{File, offset};
use crate::issuers;
use crate::membership::Membership;
use crate::network::{self, MappedNetwork};
use crate::question::{Action, Fact, Facts, Profile, Question};
use crate::rule::Rule;
use crate::vocabulary::{Names, Vocabulary};
use crate::zone::Zone;
use studio_acs_identity::GroupUse;

/// The policy that holds when the operator configures none: one user, one profile.
pub const DEFAULT: &str = include_str!("../../../policies/access/default.cedar");

/// The files that come with the program, by their names: [`DEFAULT`], and examples to hold beside it.
pub const SHIPPED: [(&str, &str); 9] = [
    ("default", DEFAULT),
    ("change-ticket", include_str!("../../../policies/access/examples/change-ticket.cedar")),
    ("four-eyes", include_str!("../../../policies/access/examples/four-eyes.cedar")),
    ("fresh-sign-in", include_str!("../../../policies/access/examples/fresh-sign-in.cedar")),
    ("no-weekends", include_str!("../../../policies/access/examples/no-weekends.cedar")),
    ("office-network", include_str!("../../../policies/access/examples/office-network.cedar")),
    ("short-sessions", include_str!("../../../policies/access/examples/short-sessions.cedar")),
    ("slow-down", include_str!("../../../policies/access/examples/slow-down.cedar")),
    ("team-budget", include_str!("../../../policies/access/examples/team-budget.cedar")),
];

/// The most policies of a set: a decision asks each of them.
pub const POLICY_LIMIT: usize = 500;

/// How far entities are known: the user and the profile fully; the users and groups that the profile names, by name
/// only.
const KNOWN: u32 = 1;

/// Cedar's parser and validator recurse, and unoptimised they take some 15 KB a turn: what `complexity` lets through
/// fits in here several times, however much of its own stack the caller has left.
const STACK: usize = 16 * 1024 * 1024;

/// A policy set that was validated against [`SCHEMA`](crate::SCHEMA). Prepared once.
#[derive(Debug)]
pub struct Policies {
    zone: Zone,
    vocabulary: Vocabulary,
    authorizer: Authorizer,
    /// All of them.
    all: Sets,
    /// Those that hold where a name without its issuer names no user: without permits for such names.
    named: Sets,
    /// In the order of the files.
    rules: Vec<Rule>,
    /// Where in `rules` a policy is.
    positions: HashMap<PolicyId, usize>,
    /// The attributes that some policy reads.
    read: Names,
}

impl Policies {
    /// Parses only [`DEFAULT`].
    ///
    /// # Errors
    /// None: the tests parse it too.
    pub fn shipped(zone: Zone) -> Result<Self, PolicyError> {
        Self::parse(&[("default.cedar".to_owned(), DEFAULT.to_owned())], zone)
    }

    /// Reads the policies of `files`, each a name and a text, and validates them. Hours and days are those of `zone`.
    ///
    /// # Errors
    /// The first [`PolicyError`] that is found.
    pub fn parse(files: &[(String, String)], zone: Zone) -> Result<Self, PolicyError> {
        std::thread::scope(|scope| {
            let parser = std::thread::Builder::new().stack_size(STACK);
            let parser = parser.spawn_scoped(scope, || Self::read_all(files, zone));
            let parser = parser.map_err(|error| PolicyError::Unread(error.to_string()))?;
            parser.join().unwrap_or_else(|_| Err(PolicyError::Unread("Cedar broke off".to_owned())))
        })
    }

    /// Whether the user may. A policy that cannot be evaluated denies, whatever the others say: Cedar itself would
    /// leave it out, and with it what it forbids.
    ///
    /// A ticket number counts only if, without it, a policy asks for one (`@needs("ticket")`): else users could choose it
    /// freely where nobody reads it, and policies would decide on a text that was never asked for.
    ///
    /// # Errors
    /// [`Denial`]: the user may not, and why.
    pub fn decide(&self, question: &Question) -> Result<Permit, Denial> {
        let Facts { ticket_number, .. } = &question.facts;
        if ticket_number.is_none() {
            return self.ask(question);
        }
        let facts = Facts { ticket_number: None, ..question.facts.clone() };
        match self.ask(&Question { facts, ..question.clone() }) {
            Err(denial) if denial.needs == Some(Need::Ticket) => self
                .ask(question)
                .map(|permit| Permit { counts_ticket: true, ..permit })
                .map_err(|denial| Denial { counts_ticket: true, ..denial }),
            decided => decided,
        }
    }

    fn ask(&self, question: &Question) -> Result<Permit, Denial> {
        let sets = if question.names.are_clear() { &self.all } else { &self.named };
        let told = self.vocabulary.tell(question, &self.zone, &self.read);
        let (request, entities) = told.map_err(|error| Denial::failed(vec![error]))?;
        let response = self.authorizer.is_authorized(&request, &sets.policies, &entities);
        let errors: Vec<_> = response.diagnostics().errors().map(ToString::to_string).collect();
        if !errors.is_empty() {
            return Err(Denial::failed(errors));
        }
        let mut deciding: Vec<_> = response.diagnostics().reason().filter_map(|id| self.positions.get(id)).collect();
        deciding.sort_unstable();
        let deciding: Vec<_> = deciding.into_iter().filter_map(|position| self.rules.get(*position)).collect();
        let policies = deciding.iter().map(|rule| rule.id.clone()).collect();
        if response.decision() == Decision::Allow && self.is_by_own_names(question, sets) {
            let session_seconds = deciding.iter().filter_map(|rule| rule.session_seconds());
            let session_seconds = session_seconds.chain(self.cap_of_unnamed(question, &request, &entities)).min();
            return Ok(Permit { policies, session_seconds, counts_ticket: false });
        }
        let forbids: Vec<_> = deciding.iter().filter_map(|rule| rule.forbids()).collect();
        let would_be_allowed =
            || self.authorizer.is_authorized(&request, &sets.permits, &entities).decision() == Decision::Allow;
        let needs = need(&forbids).filter(|_| would_be_allowed());
        // The reason says what the user can bring, or else which forbid nothing can answer.
        let first = forbids.iter().find(|(_, needed)| *needed == needs).or_else(|| forbids.first());
        let reason = first.map_or("No policy allows this.", |(reason, _)| reason).to_owned();
        // Without a forbid, a permit that was left out may be the one that the operator expects to hold.
        let would_be_unnamed = |rule: &&Rule| rule.is_unnamed && forbids.is_empty() && errors.is_empty();
        let unnamed = self.rules.iter().filter(would_be_unnamed).map(|rule| rule.id.clone()).collect::<Vec<_>>();
        let is_allowed_by_them = !question.names.are_clear()
            && !unnamed.is_empty()
            && self.authorizer.is_authorized(&request, &self.all.policies, &entities).decision() == Decision::Allow;
        let unnamed = if is_allowed_by_them { unnamed } else { Vec::new() };
        Err(Denial { policies, reason, needs, errors, counts_ticket: false, unnamed })
    }

    /// How long a session may be at most by permits that are left out: they allow nothing, and still shorten.
    fn cap_of_unnamed(&self, question: &Question, request: &Request, entities: &Entities) -> Option<u32> {
        let is_cap = |rule: &&Rule| rule.is_unnamed && rule.session_seconds().is_some();
        if question.names.are_clear() || !self.rules.iter().any(|rule| is_cap(&rule)) {
            return None;
        }
        let response = self.authorizer.is_authorized(request, &self.all.permits, entities);
        let deciding = response.diagnostics().reason().filter_map(|id| self.rules.get(*self.positions.get(id)?));
        deciding.filter(is_cap).filter_map(Rule::session_seconds).min()
    }

    /// Whether a permit allows it that does not take the entry's user or group for the asking user's, where the entry's
    /// issuer is another: an approver in a group of the same name is in another group. Forbids hold for all issuers.
    fn is_by_own_names(&self, question: &Question, sets: &Sets) -> bool {
        let Question { action, names, profile, issuer, .. } = question;
        if names.are_clear() || *action != Action::Approve || profile.issuer.as_deref() == Some(issuer) {
            return true;
        }
        let profile = Profile { for_user: None, for_group: None, ..profile.clone() };
        let told = self.vocabulary.tell(&Question { profile, ..question.clone() }, &self.zone, &self.read);
        told.is_ok_and(|(request, entities)| {
            self.authorizer.is_authorized(&request, &sets.permits, &entities).decision() == Decision::Allow
        })
    }

    /// Checks that every permit for a user or a group names the issuer, as it has to where several are trusted and names
    /// are not shared.
    ///
    /// # Errors
    /// [`PolicyError::IssuerUnnamed`], of the first one that does not.
    pub fn check_issuers(&self) -> Result<(), PolicyError> {
        match self.rules.iter().find(|rule| rule.is_unnamed) {
            None => Ok(()),
            Some(rule) => Err(PolicyError::IssuerUnnamed { place: rule.place.clone(), policy: rule.id.clone() }),
        }
    }

    /// Whether a policy reads this fact. An unread fact need not be found out; a fact that is read and cannot be found
    /// out is a reason to refuse.
    pub fn read(&self, fact: Fact) -> bool {
        self.read.contains(fact.attribute())
    }

    /// The use that the policies make of the user's groups: that of the policy that needs most of them.
    pub fn group_use(&self) -> GroupUse {
        self.rules.iter().map(Rule::group_use).max().unwrap_or_default()
    }

    /// All policies, in the order of the files.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The ids of all policies, in the order of the files.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| &*rule.id)
    }

    fn read_all(files: &[(String, String)], zone: Zone) -> Result<Self, PolicyError> {
        let mut policies = Self {
            zone,
            vocabulary: Vocabulary::new()?,
            authorizer: Authorizer::new(),
            all: Sets::default(),
            named: Sets::default(),
            rules: Vec::new(),
            positions: HashMap::new(),
            read: Names::new(),
        };
        let files: Vec<_> = files.iter().map(|(name, text)| File { name, text }).collect();
        for file in &files {
            for (number, (place, policy)) in (1..).zip(file.policies()?) {
                policies.add(&policy, place, number)?;
            }
        }
        policies.validate(&files)?;
        if policies.all.permits.is_empty() {
            return Err(PolicyError::NoPermit { policies: policies.rules.len() });
        }
        Ok(policies)
    }

    fn add(&mut self, policy: &Policy, place: PolicyPlace, number: usize) -> Result<(), PolicyError> {
        if self.rules.len() >= POLICY_LIMIT {
            return Err(PolicyError::TooMany { place, limit: POLICY_LIMIT });
        }
        let rule = Rule::read(policy, place.clone(), number)?;
        let id = PolicyId::new(&rule.id);
        if let Some(first) = self.positions.get(&id).and_then(|position| self.rules.get(*position)) {
            return Err(PolicyError::IdTaken { place: rule.place, id: rule.id, first: first.place.clone() });
        }
        if let Some(unmet) = policy.entity_literals().iter().find(|uid| self.vocabulary.is_unmet(uid)) {
            let found = unmet.id().unescaped().to_owned();
            return Err(PolicyError::NameNotLower { place: rule.place, policy: rule.id, found });
        }
        // An author who writes only `action` thinks of the sign-in, and would make approvers of all users whom the permit
        // names. The scope has to name the actions, where a reader looks for them; a condition does not.
        if rule.permits() && policy.action_constraint() == ActionConstraint::Any {
            return Err(PolicyError::ActionUnnamed { place: rule.place, policy: rule.id });
        }
        let unfit = |error: &dyn std::fmt::Display| PolicyError::Syntax {
            place: place.clone(),
            message: error.to_string(),
            fault: PolicyFault::Syntax,
        };
        // In this form, whatever is read from a record or an entity is named so, and in no other way.
        let json = policy.to_json().map_err(|error| unfit(&error))?;
        if let Some(network) = network::mapped(&json) {
            let (place, policy) = (rule.place, rule.id);
            let MappedNetwork { found, expected } = network;
            return Err(PolicyError::NetworkMapped { place, policy, found, expected });
        }
        let is_unnamed = rule.permits() && issuers::are_missing(&json);
        let (membership, json) = (Membership::of(&json), json.to_string());
        let attributes = json.split(r#""attr":""#).skip(1).filter_map(|rest| rest.split('"').next());
        let reads = attributes.map(str::to_owned).collect();
        let rule = Rule { reads, membership, is_unnamed, ..rule };
        self.read.extend(rule.reads.iter().cloned());
        let policy = policy.new_id(id.clone());
        if !rule.is_unnamed {
            self.named.add(policy.clone(), rule.permits()).map_err(|error| unfit(&error))?;
        }
        self.all.add(policy, rule.permits()).map_err(|error| unfit(&error))?;
        self.positions.insert(id, self.rules.len());
        self.rules.push(rule);
        Ok(())
    }

    fn validate(&self, files: &[File<'_>]) -> Result<(), PolicyError> {
        let validator = Validator::new(self.vocabulary.schema().clone());
        let found = validator.validate_with_level(&self.all.policies, ValidationMode::Strict, KNOWN);
        let fault = PolicyFault::of_validation;
        let errors = found.validation_errors().map(|error| (error.policy_id(), false, fault(error), diagnostic(error)));
        // A policy that never applies is a mistake; names in many scripts are not.
        let warnings = found.validation_warnings().filter(|warning| !is_about_scripts(warning));
        let impossible = PolicyFault::Impossible;
        let warnings = warnings.map(|warning| (warning.policy_id(), true, impossible, diagnostic(warning)));
        // Picks the same error each time: they come in no order, and once for each action.
        let first = errors.chain(warnings).min_by_key(|(id, is_warning, _, error)| {
            (self.positions.get(*id), *is_warning, offset(*error), error.to_string())
        });
        let Some((id, _, fault, error)) = first else { return Ok(()) };
        let file = self.positions.get(id).and_then(|position| {
            let name = &self.rules.get(*position)?.place.file;
            files.iter().find(|file| file.name == name)
        });
        let file = file.copied().unwrap_or(File { name: "", text: "" });
        let (place, message) = file.explained(error);
        Err(PolicyError::Invalid { place, policy: id.to_string(), message, fault })
    }
}

/// Policies, and those of them that permit.
#[derive(Debug, Default)]
struct Sets {
    policies: PolicySet,
    permits: PolicySet,
}

impl Sets {
    fn add(&mut self, policy: Policy, permits: bool) -> Result<(), Box<PolicySetError>> {
        if permits {
            self.permits.add(policy.clone())?;
        }
        Ok(self.policies.add(policy)?)
    }
}

/// The need that would answer every forbid: none, if one of them asks for nothing.
fn need(forbids: &[(&str, Option<Need>)]) -> Option<Need> {
    let needs: Option<Vec<Need>> = forbids.iter().map(|(_, need)| *need).collect();
    needs?.into_iter().min()
}

fn diagnostic(found: &impl Diagnostic) -> &dyn Diagnostic {
    found
}

fn is_about_scripts(warning: &ValidationWarning) -> bool {
    matches!(
        warning,
        ValidationWarning::ConfusableIdentifier(_)
            | ValidationWarning::MixedScriptIdentifier(_)
            | ValidationWarning::MixedScriptString(_)
    )
}
