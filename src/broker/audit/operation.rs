//! Operations that a grant is recorded for.

/// An operation on a grant.
pub trait Operation {
    /// The call, and what the record says of it.
    const WORDS: Words;
}

/// A session is about to be minted.
#[derive(Debug)]
pub struct Mint;

/// A user profile is about to be made.
#[derive(Debug)]
pub struct Provision;

impl Operation for Mint {
    const WORDS: Words = Words {
        begins: true,
        call: "CreatePresignedDomainUrl",
        intent: "intent: a Studio session is about to be minted",
        done: "outcome: a Studio session was minted",
        not_done: "outcome: no Studio session was minted",
    };
}

impl Operation for Provision {
    const WORDS: Words = Words {
        begins: false,
        call: "CreateUserProfile",
        intent: "intent: a user profile is about to be made",
        done: "outcome: a user profile is being made",
        not_done: "outcome: no user profile is being made",
    };
}

/// The record's description of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// Whether an attempt begins with it, so that the record of the logon comes first.
    pub(super) begins: bool,
    pub(super) call: &'static str,
    pub(super) intent: &'static str,
    pub(super) done: &'static str,
    pub(super) not_done: &'static str,
}
