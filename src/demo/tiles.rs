//! The access portal's tiles: which user signs in, and how their response is changed on the way.

/// A tile: which user is claimed to sign in where, and how the claim is changed on the way.
pub(super) struct Tile {
    pub(super) id: &'static str,
    pub(super) section: Section,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// The code that a refusal ends with; otherwise the page to see.
    pub(super) badge: &'static str,
    pub(super) user: &'static str,
    pub(super) groups: &'static [&'static str],
    /// The domain that the response names. With a ledger it is not read.
    pub(super) domain: &'static str,
    /// The `RelayState`.
    pub(super) link: &'static str,
    pub(super) deed: Deed,
}

/// Where a tile stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// Ends in Studio at once.
    SignIn,
    /// Needs one more answer.
    Asks,
    /// Is refused by the ledger, the policy or SageMaker.
    Broker,
    /// Is refused by SAML sign-in.
    Verifier,
}

/// A change to a claim.
#[derive(Clone, Copy)]
pub(super) enum Deed {
    None,
    EditAfterSigning,
    IssueLongAgo,
    PostTwice,
    LeaveUnsigned,
    SignWithForeignKey,
    NameOtherAudience,
}

/// The research domain.
pub(super) const RESEARCH: &str = "d-research0001";
/// The risk domain.
pub(super) const RISK: &str = "d-risk00000002";

const TILE: Tile = Tile {
    id: "",
    section: Section::SignIn,
    name: "",
    description: "",
    badge: "",
    user: "alice",
    groups: &[],
    domain: RESEARCH,
    link: "",
    deed: Deed::None,
};

#[rustfmt::skip]
pub(super) const TILES: &[Tile] = &[
    Tile { id: "alice", name: "Studio · Research", description: "alice opens the research domain", badge: RESEARCH, ..TILE },
    Tile { id: "bob", name: "Studio · Risk", description: "bob opens the risk domain", badge: RISK, user: "bob", domain: RISK, ..TILE },
    Tile { id: "churn", name: "Churn notebook", description: "alice opens one notebook in a space: a deep link that the ledger knows", badge: "RelayState churn", link: "churn", ..TILE },

    Tile { id: "dana", section: Section::Asks, name: "Two teams", description: "dana works for two teams, and chooses a profile", badge: "a choice", user: "dana", groups: &["fraud", "pricing"], domain: RISK, ..TILE },
    Tile { id: "heidi", section: Section::Asks, name: "Confidential data", description: "heidi is asked for a ticket, such as CHG0012345", badge: "a reason", user: "heidi", domain: RISK, ..TILE },
    Tile { id: "ivan", section: Section::Asks, name: "First day", description: "ivan has no profile yet: it is made while he waits", badge: "a moment", user: "ivan", groups: &["starters"], ..TILE },
    Tile { id: "erin", section: Section::Asks, name: "Production", description: "erin needs a second person; frank approves, and erin comes again", badge: "four eyes: ask", user: "erin", domain: RISK, ..TILE },
    Tile { id: "frank", section: Section::Asks, name: "Approvals", description: "frank decides on what waits for an approver", badge: "four eyes: approve", user: "frank", groups: &["approvers"], domain: RISK, link: "approvals", ..TILE },

    Tile { id: "grace", section: Section::Broker, name: "Over budget", description: "grace's team has spent its budget: the page says why", badge: "policy_denied", user: "grace", ..TILE },
    Tile { id: "mallory", section: Section::Broker, name: "Revoked", description: "mallory has left the company, and still has an account", badge: "access_revoked", user: "mallory", domain: RISK, ..TILE },
    Tile { id: "nobody", section: Section::Broker, name: "Not in the ledger", description: "niaj signs in, but no entry is for him", badge: "unknown_user", user: "niaj", ..TILE },
    Tile { id: "stranger", section: Section::Broker, name: "Unknown profile", description: "carol is in the ledger, but has no profile in Studio", badge: "profile_not_found", user: "carol", ..TILE },

    Tile { id: "edited", section: Section::Verifier, name: "Edited assertion", description: "alice's response, with bob written into it", badge: "digest_mismatch", domain: RISK, deed: Deed::EditAfterSigning, ..TILE },
    Tile { id: "expired", section: Section::Verifier, name: "Expired assertion", description: "alice's response of two hours ago", badge: "expired", deed: Deed::IssueLongAgo, ..TILE },
    Tile { id: "replay", section: Section::Verifier, name: "Replay", description: "a response that alice has used already", badge: "replayed", deed: Deed::PostTwice, ..TILE },
    Tile { id: "unsigned", section: Section::Verifier, name: "No signature", description: "what today's samples let in", badge: "unsigned", deed: Deed::LeaveUnsigned, ..TILE },
    Tile { id: "forged", section: Section::Verifier, name: "Forged signature", description: "signed by a key that is not the portal's", badge: "signature_invalid", deed: Deed::SignWithForeignKey, ..TILE },
    Tile { id: "audience", section: Section::Verifier, name: "Another application's response", description: "a response that was meant for somebody else", badge: "audience_mismatch", deed: Deed::NameOtherAudience, ..TILE },
];
