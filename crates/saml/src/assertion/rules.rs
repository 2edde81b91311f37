//! The rules themselves, in the contract's order.

use time::UtcDateTime;

use crate::names::{BEARER, SAML};
use crate::rejection::{Check, Rejection};
use crate::service_provider::ServiceProvider;
use crate::signature::Signed;
use crate::xml::Element;
use studio_acs_refusal::Trace;
use studio_acs_refusal::instant::{self, Shown};

/// The content of the authentication statements (Core 2.7.2).
#[derive(Debug)]
pub(super) struct Authentication {
    pub(super) at: Option<UtcDateTime>,
    pub(super) method: Option<String>,
    pub(super) session_not_on_or_after: Option<UtcDateTime>,
}

/// Core 2.3.3. Returns the ID.
pub(super) fn check_shape(assertion: Element<'_>, trace: &mut dyn Trace<Check>) -> Result<String, Rejection> {
    let refuse = |expected: &'static str, found: &str| Err(Check::AssertionShape.reject(expected, found));
    let version = assertion.attribute("Version").unwrap_or("absent");
    if version != "2.0" {
        return refuse("Version 2.0", version);
    }
    let id = assertion.attribute("ID").unwrap_or_default();
    if id.is_empty() {
        return refuse("an ID", "none");
    }
    for name in ["Subject", "Conditions"] {
        if assertion.named(SAML, name).count() > 1 {
            return refuse("at most one Subject and one Conditions", "several");
        }
    }
    let mut names = assertion.named(SAML, "Subject").flat_map(|subject| subject.named(SAML, "NameID"));
    if names.any(|name| name.text().is_none()) {
        return refuse("a NameID in plain text", "a comment or an element in it");
    }
    trace.passed(Check::AssertionShape, &id);
    Ok(id.to_owned())
}

/// Returns the instant in an attribute; `None` if the attribute is absent.
fn instant_of(element: Element<'_>, name: &'static str) -> Result<Option<UtcDateTime>, Rejection> {
    element.attribute(name).map_or(Ok(None), |text| match instant::parse(text) {
        Some(instant) => Ok(Some(instant)),
        None => Err(Check::AssertionShape.reject(format!("{name} in UTC with a Z"), text)),
    })
}

/// The facts that the rules compare with: who we are, what was asked, and when it is.
pub(super) struct Rules<'a> {
    pub(super) us: &'a ServiceProvider,
    pub(super) outstanding: Option<&'a str>,
    pub(super) now: UtcDateTime,
}

impl Rules<'_> {
    /// Bindings 3.5.5.2: a message for another URL is not ours; a signed response must say where it was sent.
    pub(super) fn check_destination(&self, signed: &Signed<'_>, trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        match signed.envelope().attribute("Destination") {
            None if signed.signed_response().is_none() => trace.passed(Check::Destination, &"absent, and not required"),
            Some(destination) if self.is_ours(destination) => trace.passed(Check::Destination, &destination),
            other => {
                return Err(match other {
                    None => Check::Destination.reject(self.our_urls(), "no Destination on a signed response"),
                    Some(other) => Check::Destination.reject_texts(&self.urls(), &[other]),
                });
            }
        }
        Ok(())
    }

    /// Profiles 4.1.4.2: one bearer confirmation that is for us, in time, and unsolicited or asked for. Returns until
    /// when the last of those for us holds, since each could be presented again.
    pub(super) fn check_confirmations(
        &self,
        assertion: Element<'_>,
        trace: &mut dyn Trace<Check>,
    ) -> Result<UtcDateTime, Rejection> {
        let bearers: Vec<_> = assertion
            .named(SAML, "Subject")
            .flat_map(|subject| subject.named(SAML, "SubjectConfirmation"))
            .filter(|confirmation| confirmation.attribute("Method") == Some(BEARER))
            .filter_map(|confirmation| {
                let mut data = confirmation.named(SAML, "SubjectConfirmationData");
                data.next().filter(|_| data.next().is_none())
            })
            .collect();
        let recipients: Vec<_> = bearers.iter().filter_map(|data| data.attribute("Recipient")).collect();
        let ours = |data: &Element<'_>| data.attribute("Recipient").is_some_and(|url| self.is_ours(url));
        let ours: Vec<_> = bearers.into_iter().filter(ours).collect();
        let Some(first) = ours.first() else {
            return Err(if recipients.is_empty() {
                Check::Recipient.reject(self.our_urls(), "no bearer confirmation with a Recipient")
            } else {
                Check::Recipient.reject_texts(&self.urls(), &recipients)
            });
        };
        let holding = ours.iter().find(|data| self.check_confirmation(**data, &mut ()).is_ok()).unwrap_or(first);
        trace.passed(Check::Recipient, &holding.attribute("Recipient").unwrap_or_default());
        let mut until = self.check_confirmation(*holding, trace)?;
        for data in ours {
            until = until.max(instant_of(data, "NotOnOrAfter")?.unwrap_or(until));
        }
        Ok(until)
    }

    fn check_confirmation(&self, data: Element<'_>, trace: &mut dyn Trace<Check>) -> Result<UtcDateTime, Rejection> {
        let until = instant_of(data, "NotOnOrAfter")?
            .ok_or_else(|| Check::ConfirmationNotOnOrAfter.reject("NotOnOrAfter on the bearer confirmation", "none"))?;
        self.not_over(Check::ConfirmationNotOnOrAfter, Some(until), trace)?;
        self.begun(Check::ConfirmationNotBefore, instant_of(data, "NotBefore")?, trace)?;
        self.check_in_response_to(data, "the bearer confirmation", trace)?;
        Ok(until)
    }

    /// Profiles 4.1.4.3, 4.1.5.
    pub(super) fn check_in_response_to(
        &self,
        element: Element<'_>,
        whose: &str,
        trace: &mut dyn Trace<Check>,
    ) -> Result<(), Rejection> {
        let found = element.attribute("InResponseTo");
        if found.is_some() && found != self.outstanding {
            let expected =
                self.outstanding.map_or("no InResponseTo: no request is outstanding".to_owned(), str::to_owned);
            return Err(Check::InResponseTo.reject(expected, found.unwrap_or_default()));
        }
        trace.passed(Check::InResponseTo, &format_args!("{} on {whose}", found.unwrap_or("absent")));
        Ok(())
    }

    /// Core 2.5.1. Returns the end of validity; `None` if the conditions set none.
    pub(super) fn check_conditions(
        &self,
        assertion: Element<'_>,
        trace: &mut dyn Trace<Check>,
    ) -> Result<Option<UtcDateTime>, Rejection> {
        let conditions =
            assertion.named(SAML, "Conditions").next().ok_or_else(|| Check::Conditions.reject("Conditions", "none"))?;
        trace.passed(Check::Conditions, &"present");
        self.begun(Check::ConditionsNotBefore, instant_of(conditions, "NotBefore")?, trace)?;
        let until = instant_of(conditions, "NotOnOrAfter")?;
        self.not_over(Check::ConditionsNotOnOrAfter, until, trace)?;

        let known = |c: &Element<'_>| {
            ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"].iter().any(|name| c.is(SAML, name))
        };
        if let Some(unknown) = conditions.elements().find(|condition| !known(condition)) {
            return Err(
                Check::KnownConditions.reject("AudienceRestriction, OneTimeUse or ProxyRestriction", unknown.local())
            );
        }
        trace.passed(Check::KnownConditions, &"all understood");
        self.check_audience(conditions, trace)?;
        Ok(until)
    }

    /// Core 2.5.1.4: the audiences of one restriction are alternatives; each restriction must hold.
    fn check_audience(&self, conditions: Element<'_>, trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        let mut restrictions = 0_usize;
        for restriction in conditions.named(SAML, "AudienceRestriction") {
            restrictions = restrictions.saturating_add(1);
            let mut audiences = Vec::new();
            for audience in restriction.named(SAML, "Audience") {
                let text = audience.text().ok_or_else(|| {
                    Check::AssertionShape.reject("an Audience in plain text", "a comment or an element in it")
                })?;
                audiences.push(text);
            }
            if !audiences.contains(&self.us.audience.as_str().into()) {
                let audiences: Vec<_> = audiences.iter().map(AsRef::as_ref).collect();
                return Err(if audiences.is_empty() {
                    Check::Audience.reject(self.us.audience.clone(), "an AudienceRestriction without an Audience")
                } else {
                    Check::Audience.reject_texts(&[&self.us.audience], &audiences)
                });
            }
        }
        if restrictions == 0 {
            return Err(Check::Audience.reject(self.us.audience.clone(), "no AudienceRestriction"));
        }
        trace.passed(Check::Audience, &self.us.audience);
        Ok(())
    }

    /// Ours: a fresh assertion, whatever its own window. Returns when it was issued.
    pub(super) fn check_age(
        &self,
        assertion: Element<'_>,
        trace: &mut dyn Trace<Check>,
    ) -> Result<UtcDateTime, Rejection> {
        let issued = instant_of(assertion, "IssueInstant")?
            .ok_or_else(|| Check::AssertionShape.reject("an IssueInstant", "none"))?;
        let oldest = self.now.saturating_sub(self.us.max_age).saturating_sub(self.us.skew);
        if issued < oldest {
            return Err(Check::Age.reject(
                format!(
                    "issued at most {} s before {}, {} s of skew apart",
                    self.us.max_age.whole_seconds(),
                    instant::format(self.now),
                    self.us.skew.whole_seconds()
                ),
                instant::format(issued),
            ));
        }
        trace.passed(Check::Age, &format_args!("issued {}", Shown(Some(issued))));
        self.begun(Check::Issued, Some(issued), trace)?;
        Ok(issued)
    }

    /// Profiles 4.1.4.2. Among several statements the earliest times count, and a method that all of them name.
    pub(super) fn check_authn_statements(
        &self,
        assertion: Element<'_>,
        trace: &mut dyn Trace<Check>,
    ) -> Result<Authentication, Rejection> {
        let mut statements = assertion.named(SAML, "AuthnStatement").peekable();
        if statements.peek().is_none() {
            return Err(Check::AuthnStatement.reject("an AuthnStatement", "none"));
        }
        trace.passed(Check::AuthnStatement, &"present");
        let mut earliest: Option<UtcDateTime> = None;
        let (mut at, mut methods) = (None, Vec::new());
        for statement in statements {
            let Some(instant) = instant_of(statement, "AuthnInstant")? else {
                return Err(Check::AssertionShape.reject("an AuthnInstant", "none"));
            };
            at = [at, Some(instant)].into_iter().flatten().min();
            methods.push(method(statement));
            let ends = instant_of(statement, "SessionNotOnOrAfter")?;
            // No skew: a session that is over by our clock would give Studio a session of no length.
            if let Some(ends) = ends.filter(|ends| *ends <= self.now) {
                return Err(Check::SessionNotOnOrAfter
                    .reject(format!("later than {}", instant::format(self.now)), instant::format(ends)));
            }
            earliest = earliest.into_iter().chain(ends).min();
        }
        trace.passed(Check::SessionNotOnOrAfter, &Shown(earliest));
        methods.dedup();
        let method = methods.pop().flatten().filter(|_| methods.is_empty());
        Ok(Authentication { at, method, session_not_on_or_after: earliest })
    }

    /// `bound` is absent or later than now − skew: the bound itself is outside (Core 2.5.1.2).
    fn not_over(
        &self,
        check: Check,
        bound: Option<UtcDateTime>,
        trace: &mut dyn Trace<Check>,
    ) -> Result<(), Rejection> {
        let earliest = self.now.saturating_sub(self.us.skew);
        match bound {
            Some(bound) if bound <= earliest => {
                Err(check.reject(format!("later than {}", instant::format(earliest)), instant::format(bound)))
            }
            _ => {
                trace.passed(check, &Shown(bound));
                Ok(())
            }
        }
    }

    /// `bound` is absent or not later than now + skew.
    fn begun(&self, check: Check, bound: Option<UtcDateTime>, trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        let latest = self.now.saturating_add(self.us.skew);
        match bound {
            Some(bound) if bound > latest => {
                Err(check.reject(format!("not later than {}", instant::format(latest)), instant::format(bound)))
            }
            _ => {
                trace.passed(check, &Shown(bound));
                Ok(())
            }
        }
    }

    fn is_ours(&self, url: &str) -> bool {
        self.us.acs_urls.iter().any(|ours| ours == url)
    }

    fn urls(&self) -> Vec<&str> {
        self.us.acs_urls.iter().map(String::as_str).collect()
    }

    fn our_urls(&self) -> String {
        self.us.acs_urls.join(" or ")
    }
}

/// The class of a statement's authentication context (Core 2.7.2.2).
fn method(statement: Element<'_>) -> Option<String> {
    let mut contexts = statement.named(SAML, "AuthnContext");
    let mut classes = contexts.next()?.named(SAML, "AuthnContextClassRef");
    let class = classes.next()?.text()?;
    Some(class.trim().to_owned())
}
