//! Why a sign-in ended without a session, for the log and for the browser.

use axum::http::StatusCode;
use studio_acs_saml::{Check, Rejection, Stage};

use crate::broker::{AuditError, MintError};
#[cfg(feature = "second-opinion")]
use crate::second_opinion::Disagreement;

/// A sign-in that was refused, at the door or by the mint.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The response broke a rule.
    #[error("{0}")]
    Rejected(#[from] Rejection),
    /// The second verifier does not agree with ours.
    #[cfg(feature = "second-opinion")]
    #[error("{0}")]
    Disagreement(#[from] Disagreement),
    /// The intent is not on record.
    #[error("{0}")]
    NotRecorded(#[from] AuditError),
    /// No URL was minted.
    #[error("{0}")]
    NotMinted(#[from] MintError),
}

/// What a browser is told: what happened in general and what to do, never why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// The heading.
    pub title: &'static str,
    /// What happened.
    pub message: &'static str,
    /// What to do.
    pub advice: &'static str,
}

const NOT_SIGNED_IN: Notice = Notice {
    title: "We could not sign you in",
    message: "The sign-in response could not be accepted.",
    advice: "Go back to your access portal and choose the application again. If it happens again, give your administrator this reference.",
};

impl Refusal {
    /// The stable code, for logs and alarms.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            #[cfg(feature = "second-opinion")]
            Self::Disagreement(_) => "second_opinion",
            Self::NotRecorded(error) => error.code(),
            Self::NotMinted(error) => error.code(),
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Rejected(rejection) => match (rejection.check(), rejection.check().stage()) {
                (Check::Method, _) => StatusCode::METHOD_NOT_ALLOWED,
                (Check::ContentType, _) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
                (Check::BodySize, _) => StatusCode::PAYLOAD_TOO_LARGE,
                (Check::OnceStore, _) => StatusCode::SERVICE_UNAVAILABLE,
                (_, Stage::Binding | Stage::Xml | Stage::Shape) => StatusCode::BAD_REQUEST,
                (_, Stage::Signature | Stage::Assertion | Stage::Identity | Stage::Once) => StatusCode::FORBIDDEN,
            },
            #[cfg(feature = "second-opinion")]
            Self::Disagreement(_) => StatusCode::FORBIDDEN,
            Self::NotRecorded(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotMinted(error) => match error {
                MintError::ProfileNotFound => StatusCode::NOT_FOUND,
                MintError::Throttled => StatusCode::TOO_MANY_REQUESTS,
                MintError::Denied | MintError::RoleDenied | MintError::SessionTooShort { .. } => StatusCode::FORBIDDEN,
                MintError::TimedOut => StatusCode::GATEWAY_TIMEOUT,
                MintError::Failed(_)
                | MintError::RoleFailed(_)
                | MintError::RoleUnreadable
                | MintError::Unreachable
                | MintError::UrlForbidden => StatusCode::BAD_GATEWAY,
            },
        }
    }

    /// What the browser is told.
    pub fn notice(&self) -> Notice {
        match self {
            Self::Rejected(rejection) => match rejection.check() {
                Check::Method => Notice {
                    title: "Start at your access portal",
                    message: "This address takes sign-ins from your access portal. There is nothing to see here.",
                    advice: "Open your access portal and choose the Studio application.",
                },
                Check::OnceStore => Notice {
                    title: "Sign-in is not available right now",
                    message: "Your sign-in could not be checked, so nothing was opened.",
                    advice: "Wait a minute, then choose the application in your access portal again.",
                },
                _ => NOT_SIGNED_IN,
            },
            #[cfg(feature = "second-opinion")]
            Self::Disagreement(_) => NOT_SIGNED_IN,
            Self::NotRecorded(_) => Notice {
                title: "Sign-in is not available right now",
                message: "You are signed in, but nothing may be opened at the moment.",
                advice: "Wait a minute, then choose the application in your access portal again. If it happens again, give your administrator this reference.",
            },
            Self::NotMinted(error) => match error {
                MintError::ProfileNotFound => Notice {
                    title: "There is no Studio profile for you yet",
                    message: "You are signed in, but Studio does not know you in this domain.",
                    advice: "Ask your administrator for a user profile, and give them this reference.",
                },
                MintError::Throttled => Notice {
                    title: "Studio is busy",
                    message: "Too many sessions are being opened at the moment.",
                    advice: "Wait a minute, then choose the application in your access portal again.",
                },
                MintError::Denied | MintError::RoleDenied => Notice {
                    title: "Studio may not be opened",
                    message: "You are signed in, but this service may not open Studio for you.",
                    advice: "Give your administrator this reference.",
                },
                MintError::SessionTooShort { .. } => Notice {
                    title: "Your session is about to end",
                    message: "Your session in the access portal ends too soon to open Studio.",
                    advice: "Sign out of your access portal, sign in again, and choose the application again.",
                },
                MintError::TimedOut => Notice {
                    title: "Studio is taking too long",
                    message: "You are signed in, but Studio did not answer in time.",
                    advice: "Choose the application in your access portal again. If it happens again, give your administrator this reference.",
                },
                MintError::Failed(_)
                | MintError::RoleFailed(_)
                | MintError::RoleUnreadable
                | MintError::Unreachable
                | MintError::UrlForbidden => Notice {
                    title: "Studio could not be opened",
                    message: "You are signed in, but Studio could not be reached.",
                    advice: "Try again in a few minutes. If it happens again, give your administrator this reference.",
                },
            },
        }
    }
}
