//! The words of a refusal for a browser.

use std::borrow::Cow;

/// The words for a browser: the event in general and the advice, never the cause; or, where the policy refuses, its
/// author's words for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The heading.
    pub title: &'static str,
    /// The event.
    pub message: Cow<'static, str>,
    /// The advice.
    pub advice: &'static str,
}

impl Notice {
    /// These words.
    pub const fn new(title: &'static str, message: &'static str, advice: &'static str) -> Self {
        Self { title, message: Cow::Borrowed(message), advice }
    }
}

pub(super) const NOT_SIGNED_IN: Notice = Notice::new(
    "We could not sign you in",
    "The sign-in response could not be accepted.",
    "Go back to your access portal and choose the application again. If it happens again, give your administrator this reference.",
);
pub(super) const GROUPS_UNKNOWN: Notice = Notice::new(
    "Your groups are not known",
    "Your identity provider did not send all of your groups in a form that can be read, and access depends on them.",
    "Give your administrator this reference.",
);
pub(super) const START_AT_PORTAL: Notice = Notice::new(
    "Start at your access portal",
    "This address takes sign-ins from your access portal. There is nothing to see here.",
    "Open your access portal and choose the Studio application.",
);
pub(super) const START_AGAIN: Notice = Notice::new(
    "Please start again",
    "This page belongs to a sign-in that has ended, or to another browser.",
    "Go back to your access portal and choose the application again.",
);
pub(super) const NOT_OUR_FORM: Notice = Notice::new(
    "This form could not be used",
    "It is not as this service's page sends it, so nothing was done.",
    "Go back to your access portal and choose the application again. If it happens again, give your administrator this reference.",
);
pub(super) const DECLINED: Notice = Notice::new(
    "You are not signed in",
    "You said that the sign-in is not yours, so nothing was opened.",
    "Close this page. If you did not choose Studio in your access portal just now, tell your administrator, and give them this reference.",
);
pub(super) const NOT_UNDERSTOOD: Notice =
    Notice::new("The request was not understood", "", "See /openapi.json for what this service takes.");
pub(super) const NO_TOKEN: Notice = Notice::new(
    "A token is needed",
    "There is no bearer token in the request.",
    "Send the token of the user who is signed in.",
);
pub(super) const BAD_TOKEN: Notice = Notice::new(
    "The token is not accepted",
    "This service does not take the bearer token, or does not take it any more.",
    "Sign the user in again, and send the new token. If it happens again, give your administrator this reference.",
);
pub(super) const NOBODY: Notice = Notice::new(
    "The token does not say enough",
    "The token is good, but who it is about, or what it is for, does not follow from it.",
    "Give your administrator this reference.",
);
pub(super) const NOT_AVAILABLE: Notice = Notice::new(
    "Sign-in is not available right now",
    "Your sign-in could not be checked, so nothing was opened.",
    "Wait a minute, then open Studio from your portal again.",
);
pub(super) const RESTARTED: Notice = Notice::new(
    "Please choose the application again",
    "This service has just been restarted, and takes only sign-ins that began after that.",
    "Wait a minute, then choose the application in your access portal again.",
);
pub(super) const NOT_ENTITLED: Notice = Notice::new(
    "Studio is not set up for you",
    "You are signed in, but there is no Studio profile that you may open.",
    "Ask your administrator for access, and give them this reference.",
);
pub(super) const NOT_THEIRS: Notice = Notice::new(
    "This profile is not yours",
    "You are signed in, but there is no such profile that you may open.",
    "Choose one of your own. If you should have this one, give your administrator this reference.",
);
pub(super) const NO_PROFILE: Notice = Notice::new(
    "There is no Studio profile for you yet",
    "You are signed in, but Studio does not know you in this domain.",
    "Ask your administrator for a user profile, and give them this reference.",
);
pub(super) const NOT_MADE: Notice = Notice::new(
    "Your Studio profile could not be made",
    "You are signed in, but Studio did not make a profile for you.",
    "Give your administrator this reference.",
);
pub(super) const BUSY: Notice = Notice::new(
    "Studio is busy",
    "Too many sessions are being opened at the moment.",
    "Wait a minute, then open Studio from your portal again.",
);
pub(super) const TOO_OFTEN: Notice = Notice::new(
    "Too many sign-ins",
    "You have opened Studio many times within a minute.",
    "Wait a minute, then open Studio from your portal again. If it was not you, tell your administrator.",
);
pub(super) const NOT_ALLOWED: Notice = Notice::new(
    "Studio may not be opened",
    "You are signed in, but this service may not open Studio for you.",
    "Give your administrator this reference.",
);
pub(super) const TOO_SHORT: Notice = Notice::new(
    "Your session is about to end",
    "Your session in the access portal ends too soon to open Studio.",
    "Sign out of your access portal, sign in again, and choose the application again.",
);
pub(super) const TOO_LONG: Notice = Notice::new(
    "Studio is taking too long",
    "You are signed in, but Studio did not answer in time.",
    "Choose the application in your access portal again. If it happens again, give your administrator this reference.",
);
pub(super) const NOT_OPENED: Notice = Notice::new(
    "Studio could not be opened",
    "You are signed in, but Studio could not be reached.",
    "Try again in a few minutes. If it happens again, give your administrator this reference.",
);
pub(super) const ASKED_OFTEN: Notice = Notice::new(
    "Too many requests for approval",
    "You have asked for as many approvals as one person may at a time, so nobody was asked for this one.",
    "Use what was approved, or wait until one of your requests is over. If it is urgent, speak to an approver.",
);
pub(super) const NOT_DECIDED: Notice = Notice::new(
    "This cannot be decided any more",
    "Somebody else has decided, the request is over, or it is your own.",
    "Choose the application in your access portal again to see what waits for you.",
);
