//! The settings of the token API's issuers.

use studio_acs_jwt::{Algorithm, AllowedAlgorithms, TokenRules, TokenUse, is_of_elsewhere};
use studio_acs_refusal::is_plain;

use super::ConfigReader;
use super::setting::{self, SETTINGS};
use super::table::TOKEN_API_ISSUER;
use super::value::{self, OLDEST, listed, url, within};
use crate::token::{Discovery, KeySource, TokenConfig};
use studio_acs_aws::Source;
use studio_acs_identity::ClaimRules;

/// The most bytes of an issuer's name.
const LONGEST_ISSUER: usize = 512;

/// The API's paths, at which there can be no ACS.
const PATHS: [&str; 3] = ["/openapi.json", "/studio", "/studio-url"];

impl TokenConfig {
    /// Reads the issuers: the one of flags and variables, or those of the file; empty if no token API is configured.
    pub(super) fn read_all(
        reader: &mut ConfigReader<'_>,
        skew: Option<u32>,
        acs_path: Option<&str>,
        has_ledger: Option<bool>,
        require_groups: Option<bool>,
    ) -> Option<Vec<Self>> {
        let layers = reader.layers;
        let listed = layers.count(&TOKEN_API_ISSUER);
        if listed > 1 {
            // A flag or variable does not name the issuer that it is for.
            let ours = SETTINGS.iter().filter(|setting| setting.table == Some(&TOKEN_API_ISSUER));
            for setting in ours.filter(|setting| layers.overriding(setting).is_some()) {
                let heading = TOKEN_API_ISSUER.heading();
                reader.wrong(setting, format!("it is set, and the file has {listed} tables {heading}: write it there"));
            }
        }
        let mut issuers = Some(Vec::new());
        for nth in 0..listed.max(1) {
            reader.nth = nth;
            let one = Self::read(reader, skew, require_groups, nth < listed);
            if let (Some(known), Some(Some(one))) = (&issuers, &one)
                && known.iter().any(|other: &Self| other.rules.issuer == one.rules.issuer)
            {
                reader.wrong(&setting::TOKEN_ISSUER, "another table has the same issuer".to_owned());
            }
            issuers = issuers.zip(one).map(|(all, one)| all.into_iter().chain(one).collect());
        }
        reader.nth = 0;
        if !(0..listed.max(1)).any(|nth| layers.given(&setting::TOKEN_ISSUER, nth).is_some()) {
            return issuers;
        }
        if let Some(path) = acs_path.filter(|path| PATHS.contains(path) || path.starts_with("/studio/")) {
            reader.wrong(&setting::ACS_PATH, format!("`{path}` is a path of the token API"));
        }
        if has_ledger == Some(false) {
            let reason =
                "tokens need a ledger: users can write many claims themselves, so none says what they may open";
            reader.wrong(&setting::TOKEN_ISSUER, reason.to_owned());
        }
        issuers
    }

    /// Reads one issuer; `Some(None)` where none is set, unless the file `has_table` for it.
    fn read(
        reader: &mut ConfigReader<'_>,
        skew: Option<u32>,
        require_groups: Option<bool>,
        has_table: bool,
    ) -> Option<Option<Self>> {
        let issuer = reader.parsed(&setting::TOKEN_ISSUER, issuer);
        let keys = reader.parsed(&setting::TOKEN_JWKS, keys);
        let audiences = reader.parsed(&setting::TOKEN_AUDIENCE, |text| listed(text, named));
        let token_use = reader.parsed(&setting::TOKEN_USE, token_use);
        let scope = reader.parsed(&setting::TOKEN_SCOPE, scope);
        let algorithms = reader.parsed(&setting::TOKEN_ALGORITHMS, algorithms);
        let user_claim = reader.parsed(&setting::TOKEN_USER_CLAIM, |text| Ok(text.to_owned()));
        let group_claim = reader.parsed(&setting::TOKEN_GROUP_CLAIM, group_claim);
        let max_age = reader.parsed(&setting::TOKEN_MAX_AGE, within(1, 86_400));
        let refresh = reader.parsed(&setting::TOKEN_JWKS_REFRESH, within(60, 86_400));
        let oldest = reader.parsed(&setting::TOKEN_JWKS_MAX_AGE, within(0, OLDEST));

        let (issuer, keys, audiences, token_use, scope) = (issuer?, keys?, audiences?, token_use?, scope?);
        let Some(issuer) = issuer else {
            // An operator who gave keys or an audience wants a token API, which must not stay off unnoticed.
            if keys.is_some() || !audiences.is_empty() {
                reader.wrong(&setting::TOKEN_ISSUER, "it is not set, and other settings of tokens are".to_owned());
            } else if has_table {
                reader.wrong(&setting::TOKEN_ISSUER, "it is not set".to_owned());
            }
            return Some(None);
        };
        if audiences.is_empty() {
            reader.wrong(&setting::TOKEN_AUDIENCE, "it is not set, and tokens for anybody would be taken".to_owned());
        }
        if scope.is_some() && token_use == TokenUse::Id {
            reader.wrong(&setting::TOKEN_SCOPE, "it is set, and ID tokens have none".to_owned());
        }
        let keys = match keys.map(|keys| keys.of(&issuer, token_use)) {
            Some(Ok(keys)) => keys,
            Some(Err(reason)) => {
                reader.wrong(&setting::TOKEN_JWKS, reason);
                return None;
            }
            None => {
                reader.wrong(&setting::TOKEN_JWKS, "it is not set, and tokens need the issuer's keys".to_owned());
                return None;
            }
        };
        Some(Some(Self {
            rules: TokenRules {
                issuer,
                audiences,
                token_use,
                scope,
                algorithms: algorithms?,
                skew: time::Duration::seconds(skew?.into()),
                max_age: time::Duration::seconds(max_age?.into()),
            },
            claims: ClaimRules { user_claim: user_claim?, group_claim: group_claim?, require_groups: require_groups? },
            keys,
            refresh: value::refresh(refresh?, oldest?),
        }))
    }
}

/// Values of a claim that says where the groups are would pass for groups: a policy would then forbid nobody.
fn group_claim(text: &str) -> Result<String, String> {
    let refused = || format!("`{text}` says that the groups are elsewhere, and holds none");
    if is_of_elsewhere(text) { Err(refused()) } else { Ok(text.to_owned()) }
}

/// RFC 7519 4.1.1: a text, which is compared character by character. OpenID Connect Core 2 and RFC 8414 2 ask for a URL of
/// https, and AD FS and LemonLDAP::NG have others. No key comes from there by this.
fn issuer(text: &str) -> Result<Option<String>, String> {
    match text {
        "" => Ok(None),
        text if text.contains(',') && text.matches("://").count() > 1 => {
            Err("it is several issuers: write a table for each into the file".to_owned())
        }
        text if text.len() <= LONGEST_ISSUER && text.chars().all(|c| is_plain(c) && !c.is_whitespace()) => {
            Ok(Some(text.to_owned()))
        }
        _ => Err(format!("it is not a text of at most {LONGEST_ISSUER} bytes without spaces")),
    }
}

/// The place of the keys, before the issuer is known.
enum KeysSetting {
    Discovery,
    At(KeySource),
    Configuration(String),
}

impl KeysSetting {
    fn of(self, issuer: &str, token_use: TokenUse) -> Result<KeySource, String> {
        match self {
            Self::At(source) => Ok(source),
            Self::Configuration(place) => Ok(KeySource::Discovery(Discovery::at(place, issuer, token_use))),
            Self::Discovery => Discovery::of_issuer(issuer).map(KeySource::Discovery).ok_or_else(|| {
                format!("`discovery` needs an issuer that is a URL of https, and `{issuer}` is none: write the URL of its openid-configuration, or of its keys")
            }),
        }
    }
}

fn keys(text: &str) -> Result<Option<KeysSetting>, String> {
    match text {
        "" => Ok(None),
        "discovery" => Ok(Some(KeysSetting::Discovery)),
        text if text.contains("://") => Ok(url(text)?.map(|url| {
            if Discovery::is_address(&url) {
                KeysSetting::Configuration(url)
            } else {
                KeysSetting::At(KeySource::Url(url))
            }
        })),
        text => Source::parse(text).map(|source| Some(KeysSetting::At(KeySource::Kept(source)))),
    }
}

/// RFC 8725 3.1: an allow-list. No shared secret, and not `none`, whoever writes it.
fn algorithms(text: &str) -> Result<AllowedAlgorithms, String> {
    let named = |name: &str| {
        let names = || Algorithm::ALL.map(Algorithm::as_str).join(", ");
        Algorithm::parse(name).ok_or_else(|| match name.to_ascii_uppercase().as_str() {
            "HS256" | "HS384" | "HS512" => format!("`{name}` needs a secret that the issuer and this service share, and whoever has it can sign tokens, this service too: let the issuer sign by a private key, with one of {}", names()),
            "NONE" => format!("`{name}` is no signature, and anybody could write tokens: let the issuer sign them, with one of {}", names()),
            _ => format!("`{name}` is not one of {}", names()),
        })
    };
    AllowedAlgorithms::new(listed(text, named)?).ok_or_else(|| "it is empty, and no token would be taken".to_owned())
}

fn token_use(text: &str) -> Result<TokenUse, String> {
    let known = TokenUse::ALL.into_iter().find(|token_use| token_use.as_str() == text);
    known.ok_or_else(|| format!("`{text}` is not id, access or cognito-access"))
}

/// RFC 6749 3.3: one word.
fn scope(text: &str) -> Result<Option<String>, String> {
    match text {
        "" => Ok(None),
        text if text.chars().all(|c| c.is_ascii_graphic()) => Ok(Some(text.to_owned())),
        text => Err(format!("`{text}` is not one scope")),
    }
}

fn named(text: &str) -> Result<String, String> {
    if text == "*" {
        return Err("`*` is no pattern, and no token is for it: write the audience that tokens for this service have"
            .to_owned());
    }
    // Text behind a space is a comment that was pasted with it, and would be part of the name.
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is not a name without spaces"))
    }
}
