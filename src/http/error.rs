//! Why a sign-in ended without a session, for the log and for the browser.

use std::borrow::Cow;

use axum::http::StatusCode;
use studio_acs_saml::{Check, Rejection, Stage};

use super::api::RequestError;
use super::notice::{
    ASKED_OFTEN, BAD_TOKEN, BUSY, DECLINED, GROUPS_UNKNOWN, NO_PROFILE, NO_TOKEN, NOBODY, NOT_ALLOWED, NOT_AVAILABLE,
    NOT_DECIDED, NOT_ENTITLED, NOT_MADE, NOT_OPENED, NOT_OUR_FORM, NOT_SIGNED_IN, NOT_THEIRS, NOT_UNDERSTOOD, Notice,
    RESTARTED, START_AGAIN, START_AT_PORTAL, TOO_LONG, TOO_OFTEN, TOO_SHORT,
};
use super::pages::FormError;
use crate::origin::OriginError;
#[cfg(feature = "second-opinion")]
use crate::second_opinion::Disagreement;
use crate::token::TokenError;
use studio_acs_broker::{
    ApprovalError, AuthorizeError, BrokerError, MintError, NotOpened, ProvisionError, RateError, ReplayError,
};
use studio_acs_identity::ResumeError;
use studio_acs_ledger::LedgerError;
#[cfg(any(feature = "cli", feature = "second-opinion"))]
use studio_acs_refusal::BrokenRule;
use studio_acs_refusal::broken_rules;

/// A refused sign-in, by verification or by the broker.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The response broke a rule.
    #[error("{0}")]
    Rejected(#[from] Rejection),
    /// The second verifier does not agree with ours.
    #[cfg(feature = "second-opinion")]
    #[error("{0}")]
    Disagreement(#[from] Disagreement),
    /// The form was held back while others needed its memory.
    #[error("expected the rest of the form before others needed its memory, found a part of it")]
    GaveWay,
    /// The response comes from a page that is not on the list.
    #[error("{0}")]
    Origin(#[from] OriginError),
    /// The user says that the sign-in is not theirs.
    #[error("expected the user to confirm that the sign-in is theirs, found that they declined it")]
    Declined,
    /// The resume token is not one of a sign-in that goes on.
    #[error("{0}")]
    Resume(#[from] ResumeError),
    /// The form is not as a page of ours sends it.
    #[error("{0}")]
    Form(#[from] FormError),
    /// The request is not one that the token API takes.
    #[error("{0}")]
    Request(#[from] RequestError),
    /// The token is not taken.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// The broker opened nothing.
    #[error("{0}")]
    NotOpened(#[from] NotOpened),
}

impl From<BrokerError> for Refusal {
    fn from(error: BrokerError) -> Self {
        Self::NotOpened(error.into())
    }
}

/// The rule that a [`Refusal::Disagreement`] broke: listed by every program, whatever it is built with.
#[cfg(any(feature = "cli", feature = "second-opinion"))]
pub(super) const SECOND_OPINION: BrokenRule = BrokenRule {
    stage: "signature",
    code: "second_opinion",
    rule: "with the feature second-opinion, both verifiers agree",
};

broken_rules!(Refusal {
    Self::GaveWay, Self::GaveWay => "form", "overloaded", "the rest of the form comes before others need its memory";
    Self::Declined, Self::Declined => "confirmation", "sign_in_declined", "the user does not say that the sign-in is not theirs";
} each {
    #[cfg(feature = "second-opinion")]
    Self::Disagreement(_) in std::iter::empty() => SECOND_OPINION;
    Self::Rejected(rejection)
        in Check::ALL.iter().map(|check| Self::Rejected(check.reject("", "")))
        => rejection.check().broken_rule();
    Self::Origin(error) in OriginError::examples().into_iter().map(Self::Origin) => error.broken_rule();
    Self::Resume(error) in ResumeError::examples().into_iter().map(Self::Resume) => error.broken_rule();
    Self::Form(error) in FormError::examples().into_iter().map(Self::Form) => error.broken_rule();
    Self::Request(error) in RequestError::examples().into_iter().map(Self::Request) => error.broken_rule();
    Self::Token(error) in TokenError::examples().into_iter().map(Self::Token) => error.broken_rule();
    Self::NotOpened(refused) in BrokerError::examples().into_iter().map(Self::from) => refused.error.broken_rule();
});

impl Refusal {
    /// Whether the record of an outcome tells it, so that no other record does.
    pub(super) fn is_on_record(&self) -> bool {
        matches!(self, Self::NotOpened(refused) if refused.is_on_record)
    }

    /// The status of the answer, and what the browser is told.
    pub fn answer(&self) -> (StatusCode, Notice) {
        match self {
            Self::Rejected(rejection) => of_rejection(rejection),
            #[cfg(feature = "second-opinion")]
            Self::Disagreement(_) => DISAGREEMENT,
            Self::GaveWay => (StatusCode::SERVICE_UNAVAILABLE, NOT_AVAILABLE),
            Self::Origin(_) => (StatusCode::FORBIDDEN, NOT_SIGNED_IN),
            Self::Declined => (StatusCode::OK, DECLINED),
            Self::Resume(ResumeError::TooLong | ResumeError::Randomness) => {
                (StatusCode::INTERNAL_SERVER_ERROR, NOT_AVAILABLE)
            }
            Self::Resume(ResumeError::BeforeStart) => (StatusCode::SERVICE_UNAVAILABLE, RESTARTED),
            Self::Resume(_) => (StatusCode::FORBIDDEN, START_AGAIN),
            Self::Form(error @ FormError::Method { .. }) => (error.status(), START_AT_PORTAL),
            Self::Form(error) => (error.status(), NOT_OUR_FORM),
            Self::Request(error) => of_request(error),
            Self::Token(TokenError::Keys(_)) => (StatusCode::SERVICE_UNAVAILABLE, NOT_AVAILABLE),
            Self::Token(TokenError::Rejected(rejection)) => of_token(rejection),
            Self::NotOpened(refused) => of_broker(&refused.error),
        }
    }
}

/// The answer to a [`Refusal::Disagreement`].
#[cfg(any(feature = "cli", feature = "second-opinion"))]
pub(super) const DISAGREEMENT: (StatusCode, Notice) = (StatusCode::FORBIDDEN, NOT_SIGNED_IN);

fn of_rejection(rejection: &Rejection) -> (StatusCode, Notice) {
    match (rejection.check(), rejection.check().stage()) {
        (Check::Method, _) => (StatusCode::METHOD_NOT_ALLOWED, START_AT_PORTAL),
        (Check::ContentType, _) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, NOT_SIGNED_IN),
        (Check::BodySize, _) => (StatusCode::PAYLOAD_TOO_LARGE, NOT_SIGNED_IN),
        (Check::DomainAllowed, _) => (StatusCode::FORBIDDEN, NOT_ALLOWED),
        (Check::MetadataConfirmed, _) => (StatusCode::SERVICE_UNAVAILABLE, NOT_AVAILABLE),
        (_, Stage::Binding | Stage::Xml | Stage::Shape) => (StatusCode::BAD_REQUEST, NOT_SIGNED_IN),
        (_, Stage::Signature | Stage::Assertion | Stage::Identity) => (StatusCode::FORBIDDEN, NOT_SIGNED_IN),
    }
}

fn of_request(error: &RequestError) -> (StatusCode, Notice) {
    let status = match error {
        RequestError::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
        RequestError::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        RequestError::Size => StatusCode::PAYLOAD_TOO_LARGE,
        RequestError::Malformed(_) => StatusCode::BAD_REQUEST,
    };
    (status, Notice { message: Cow::Owned(error.to_string()), ..NOT_UNDERSTOOD })
}

fn of_token(rejection: &studio_acs_jwt::Rejection) -> (StatusCode, Notice) {
    use studio_acs_jwt::{Check, Stage};
    match (rejection.check(), rejection.check().stage()) {
        (Check::Scope, _) | (_, Stage::Identity) => (StatusCode::FORBIDDEN, NOBODY),
        (Check::Present, _) => (StatusCode::UNAUTHORIZED, NO_TOKEN),
        (_, Stage::Bearer | Stage::Header | Stage::Signature | Stage::Claims) => (StatusCode::UNAUTHORIZED, BAD_TOKEN),
    }
}

fn of_broker(error: &BrokerError) -> (StatusCode, Notice) {
    match error {
        BrokerError::Replay(ReplayError::Refused(rejection))
        | BrokerError::Authorize(AuthorizeError::Domain(rejection)) => of_broker_rule(rejection.check()),
        BrokerError::Replay(ReplayError::RestartGrace(_)) => (StatusCode::SERVICE_UNAVAILABLE, RESTARTED),
        BrokerError::Replay(ReplayError::Unavailable(_))
        | BrokerError::Ledger(LedgerError::Unavailable(_) | LedgerError::Malformed { .. })
        | BrokerError::Approval(ApprovalError::Unavailable(_))
        | BrokerError::Rate(RateError::Unavailable(_))
        | BrokerError::Unrecorded(_)
        | BrokerError::Authorize(AuthorizeError::TooOld(_)) => (StatusCode::SERVICE_UNAVAILABLE, NOT_AVAILABLE),
        BrokerError::Ledger(LedgerError::Groups(_)) | BrokerError::Authorize(AuthorizeError::Groups(_)) => {
            (StatusCode::FORBIDDEN, GROUPS_UNKNOWN)
        }
        BrokerError::Ledger(_) => (StatusCode::FORBIDDEN, NOT_ENTITLED),
        BrokerError::UnknownEntry | BrokerError::AnotherProfile(_) => (StatusCode::FORBIDDEN, NOT_THEIRS),
        BrokerError::Authorize(AuthorizeError::Denied(denial)) => {
            let message = Cow::Owned(denial.reason().to_owned());
            (StatusCode::FORBIDDEN, Notice { message, ..NOT_ALLOWED })
        }
        BrokerError::Authorize(AuthorizeError::SessionTooShort { .. }) => (StatusCode::FORBIDDEN, TOO_SHORT),
        BrokerError::Approval(ApprovalError::TooMany { .. }) => (StatusCode::TOO_MANY_REQUESTS, ASKED_OFTEN),
        BrokerError::Approval(_) => (StatusCode::CONFLICT, NOT_DECIDED),
        BrokerError::Replay(ReplayError::TooMany { .. }) | BrokerError::Rate(RateError::User { .. }) => {
            (StatusCode::TOO_MANY_REQUESTS, TOO_OFTEN)
        }
        BrokerError::Rate(RateError::Global { .. }) => (StatusCode::TOO_MANY_REQUESTS, BUSY),
        BrokerError::Provision(ProvisionError::Call(error @ MintError::ProfileNotFound(_))) => of_mint(error),
        BrokerError::Provision(ProvisionError::Call(error)) => (of_mint(error).0, NOT_MADE),
        BrokerError::Provision(_) => (StatusCode::BAD_GATEWAY, NOT_MADE),
        BrokerError::Mint(error) => of_mint(error),
    }
}

fn of_broker_rule(check: studio_acs_broker::Check) -> (StatusCode, Notice) {
    use studio_acs_broker::Check;
    match check {
        Check::Replay => (StatusCode::FORBIDDEN, NOT_SIGNED_IN),
        Check::DomainAllowed => (StatusCode::FORBIDDEN, NOT_ALLOWED),
    }
}

fn of_mint(error: &MintError) -> (StatusCode, Notice) {
    match error {
        MintError::ProfileNotFound(_) => (StatusCode::NOT_FOUND, NO_PROFILE),
        MintError::Throttled(_) => (StatusCode::TOO_MANY_REQUESTS, BUSY),
        MintError::Denied(_) | MintError::RoleDenied(_) => (StatusCode::FORBIDDEN, NOT_ALLOWED),
        MintError::TimedOut(_) => (StatusCode::GATEWAY_TIMEOUT, TOO_LONG),
        MintError::Failed(_)
        | MintError::RoleElsewhere { .. }
        | MintError::RoleFailed(_)
        | MintError::RoleUnreadable
        | MintError::Unreachable(_)
        | MintError::UrlForbidden => (StatusCode::BAD_GATEWAY, NOT_OPENED),
    }
}
