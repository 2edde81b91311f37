//! The user of a token: [`VerifiedToken`] → [`Identity`].

use studio_acs_jwt::{Check, ClaimValue, Rejection, TokenUse, VerifiedToken, is_of_elsewhere};
use studio_acs_refusal::Trace;

use crate::credential_kind::CredentialKind;
use crate::group_names::{self, AbsentGroups};
use crate::groups::{GroupValue, Groups};
use crate::identity::Identity;
use crate::name::{is_user, user_expected, user_found};

/// The claim of an address, which names a user only if the issuer has verified it.
const EMAIL: &str = "email";

/// The claims that identify the user. A ledger says what they may open: many claims are the user's own to write.
#[derive(Debug, Clone)]
pub struct ClaimRules {
    /// The claim that holds the user: its name, or where it is in a claim.
    pub user_claim: String,
    /// The claim that holds the groups, likewise.
    pub group_claim: String,
    /// Whether that claim is required.
    pub require_groups: bool,
}

impl ClaimRules {
    /// Whether users are named by an address, which the issuer must have verified.
    pub fn is_by_email(&self) -> bool {
        // Also in a claim, and by a name with a namespace before it: `user.email`, `/user/email`.
        self.user_claim.rsplit(['/', '.']).next() == Some(EMAIL)
    }
}

impl Identity {
    /// Reads the identity out of the token's claims. It may be used again, until the token's end (RFC 6750): each use is
    /// judged by itself; what is permitted is counted and on record.
    ///
    /// Groups that are elsewhere or unusable are part of it: only the readers of groups know whether they matter.
    ///
    /// # Errors
    /// `token_claim_missing`, `token_claim_invalid`, `token_email_unverified`, `token_malformed`.
    pub fn by_token(
        token: &VerifiedToken,
        rules: &ClaimRules,
        trace: &mut dyn Trace<Check>,
    ) -> Result<Self, Rejection> {
        let user = token.user(&rules.user_claim)?;
        trace.passed(Check::User, &rules.user_claim);
        if !is_user(user) {
            let expected = user_expected(&rules.user_claim);
            return Err(Check::ClaimFormat.reject(expected, user_found(user)));
        }
        trace.passed(Check::ClaimFormat, &user);
        if rules.is_by_email() {
            if !token.email_is_verified(&rules.user_claim) {
                return Err(Check::EmailVerified.reject(format!("{}_verified", rules.user_claim), user));
            }
            trace.passed(Check::EmailVerified, &user);
        }
        if rules.require_groups {
            if !token.has(&rules.group_claim) {
                let absent = token.absent(Check::Groups, &rules.group_claim);
                let near = || group_names::near(&rules.group_claim, &names(&token.claim_paths()));
                return Err(match elsewhere(token, &rules.group_claim).unwrap_or_else(near) {
                    said if said.is_empty() => absent,
                    said => absent.check().reject(absent.expected().to_owned(), format!("{said}; {}", absent.found())),
                });
            }
            trace.passed(Check::Groups, &rules.group_claim);
        }
        Ok(Self {
            user: user.to_owned(),
            named: None,
            groups: groups(token, &rules.group_claim),
            issuer: token.issuer().to_owned(),
            signed_by: None,
            source_id: token.id().to_owned(),
            credential_kind: match token.token_use() {
                TokenUse::Id => CredentialKind::IdToken,
                TokenUse::Access | TokenUse::CognitoAccess => CredentialKind::AccessToken,
            },
            replay_key: None,
            session_not_on_or_after: None,
            authenticated_at: token.authenticated_at(),
            authentication_methods: token.authentication_methods().to_vec(),
        })
    }
}

/// The groups; none where the claim is absent. A user with many groups must not pass for a user without any.
fn groups(token: &VerifiedToken, name: &str) -> Groups {
    let values = token.values(name).map(|value| match value {
        ClaimValue::Text(text) => GroupValue::Text(text),
        ClaimValue::Other(what) => GroupValue::OtherType(what),
    });
    let groups = Groups::of(values, elsewhere(token, name));
    if token.has(name) {
        return groups;
    }
    groups.absent(AbsentGroups::of("claim", name, &names(&token.claim_paths())))
}

/// The token's word on groups that it does not hold.
fn elsewhere(token: &VerifiedToken, name: &str) -> Option<String> {
    token.is_elsewhere(name).then(|| format!("a token that is too small for the claim {name}"))
}

/// The claims that may hold groups, which have no names for people beside their own.
fn names(paths: &[String]) -> Vec<(&str, Option<&str>)> {
    paths.iter().filter(|path| !is_of_elsewhere(path)).map(|path| (path.as_str(), None)).collect()
}
