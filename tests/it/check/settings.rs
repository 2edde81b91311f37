//! Settings that have an example's value, quotation marks around theirs, or one name for two things.

use std::process::Command;

use studio_acs::report::check::{Item, Severity};

use super::offline::{KEY, LEDGER};
use super::{ACS_URL, AUDIENCE, Line, NOW, REGION, assert_first, at, config, line, offline};
use Severity::{Error, Warning};

type Settings = &'static [(&'static str, &'static str)];

const TOKENS: Settings = &[
    ("token-issuer", "https://idp.corp.example/realms/corp"),
    ("token-jwks", "https://idp.corp.example/realms/corp/protocol/openid-connect/certs"),
    ("token-audience", "studio"),
    ("token-use", "access"),
    LEDGER,
    KEY,
];

fn rows() -> Vec<(Settings, Line)> {
    use Item::{ArnRegion, Attributes, Audience, SettingValues, TokenGroups, TokenKeysOrigin, TokenUser};
    let example = |words| line(SettingValues, Error, words, "write your own value");
    let quoted = |words| line(SettingValues, Error, words, "take the quotation marks off");
    let arn = |words| line(ArnRegion, Error, words, "in the region where the service runs");
    let user = |words| line(TokenUser, Error, words, "the claim's own name");
    let groups = |words| line(TokenGroups, Error, words, "names with dots between");
    vec![
        (&[("audience", "YOUR_AUDIENCE")], example("STUDIO_ACS_AUDIENCE: YOUR_AUDIENCE is an example's")),
        (&[("audience", "<audience>")], example("STUDIO_ACS_AUDIENCE: <audience>")),
        (&[("audience", "${AUDIENCE}")], example("STUDIO_ACS_AUDIENCE: ${AUDIENCE}")),
        (&[("audience", "{{ audience }}")], example("STUDIO_ACS_AUDIENCE: {{ audience }")),
        (&[("user-attribute", "${user:subject}")], example("STUDIO_ACS_USER_ATTRIBUTE: ${user:subject}")),
        (&[("allowed-domains", "d-xxxxxxxxxxxx")], example("STUDIO_ACS_ALLOWED_DOMAINS: d-xxxxxxxxxxxx")),
        (&[("replay-table", "CHANGE_ME")], example("STUDIO_ACS_REPLAY_TABLE: CHANGE_ME")),
        (&[("token-audience", "<client-id>")], example("STUDIO_ACS_TOKEN_AUDIENCE: <client-id>")),
        (
            &[("token-issuer", "https://your-domain.okta.com/oauth2/default")],
            example("STUDIO_ACS_TOKEN_ISSUER: your-domain is an example's"),
        ),
        (&[("user-attribute", "\"username\"")], quoted("STUDIO_ACS_USER_ATTRIBUTE: \"username\" has quotation marks")),
        (&[("group-attribute", "'groups'")], quoted("STUDIO_ACS_GROUP_ATTRIBUTE: 'groups'")),
        (&[("token-audience", "\"studio\"")], quoted("STUDIO_ACS_TOKEN_AUDIENCE: \"studio\"")),
        (&[("token-user-claim", "\u{201c}sub\u{201d}")], quoted("STUDIO_ACS_TOKEN_USER_CLAIM: \u{201c}sub\u{201d}")),
        (
            &[("acs-url", "https://studio.example.com/saml"), ("audience", "urn:studio")],
            line(
                SettingValues,
                Warning,
                "STUDIO_ACS_ACS_URL: studio.example.com is a name for documentation",
                "RFC 2606",
            ),
        ),
        (
            &[("domain-attribute", "username")],
            line(Attributes, Error, "username names the user and the domain", "STUDIO_ACS_DOMAIN_ATTRIBUTE"),
        ),
        (
            &[("group-attribute", "username"), LEDGER, KEY],
            line(Attributes, Error, "username names the user and the groups", "STUDIO_ACS_GROUP_ATTRIBUTE"),
        ),
        (
            &[("audience", "http://abc123.execute-api.eu-central-1.amazonaws.com/")],
            line(Audience, Warning, "is http, and the ACS URL is https", "https included"),
        ),
        (
            &[("audience", "https://abc123.execute-api.eu-central-1.amazonaws.com/?sp=studio")],
            line(Audience, Warning, "has a query or a fragment", "the same"),
        ),
        (
            &[("audience", "https://abc123.execute-api.eu-central-1.amazonaws.com/#studio")],
            line(Audience, Warning, "has a query or a fragment", "the same"),
        ),
        (
            &[("audience", "https://studio\u{2013}acs.corp.example/")],
            line(Audience, Warning, "a character that none has", "the same"),
        ),
        (
            &[("audience", "https://a.corp.example/,https://b.corp.example/")],
            line(Audience, Warning, "is several URLs", "write one URL"),
        ),
        (
            &[("replay-table", "arn:aws:dynamodb:us-east-1:111122223333:table/replay")],
            arn("STUDIO_ACS_REPLAY_TABLE names us-east-1, and AWS_REGION is eu-central-1"),
        ),
        (
            &[("metadata", "ssm:arn:aws:ssm:eu-west-1:111122223333:parameter/idp")],
            arn("STUDIO_ACS_METADATA names eu-west-1"),
        ),
        (
            &[
                (
                    "resume-key",
                    "secretsmanager:arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:key-aBcDeF",
                ),
                LEDGER,
            ],
            arn("STUDIO_ACS_RESUME_KEY names us-gov-west-1"),
        ),
        (&[("token-user-claim", "$.sub")], user("$.sub is a JSONPath")),
        (&[("token-user-claim", "$['sub']")], user("is a JSONPath")),
        (&[("token-user-claim", "act..sub")], user("an empty name in it")),
        (&[("token-user-claim", "sub,email")], line(TokenUser, Warning, "is a list", "the claim's own name")),
        (
            &[("token-group-claim", "User Groups")],
            line(TokenGroups, Warning, "several words, unless a claim", "own name"),
        ),
        (&[("token-group-claim", "@groups")], line(TokenGroups, Warning, "an expression, unless a claim", "own name")),
        (
            &[("token-group-claim", "groups[0]")],
            line(TokenGroups, Warning, "an expression, unless a claim", "own name"),
        ),
        (&[("token-group-claim", "realm_access..roles")], groups("an empty name in it")),
        (&[("token-group-claim", "realm_access.roles[*]")], groups("is a JSONPath")),
        (&[("token-group-claim", "realm_access/roles")], groups("none at its start")),
        (&[("token-group-claim", "resource_access.*.roles")], groups("a pattern")),
        (&[("token-group-claim", "/realm_access//roles")], groups("an empty name in it")),
        (
            &[("token-group-claim", "sub")],
            line(TokenUser, Error, "sub names the user and the groups", "STUDIO_ACS_TOKEN_GROUP_CLAIM"),
        ),
        (
            &[("token-jwks", "https://idp.corp.example/realms/corp/protocol/openid-connect/certs#rsa")],
            line(TokenKeysOrigin, Warning, "has a fragment", "take # and the text after it off"),
        ),
    ]
}

/// The items that are misconfigured here.
pub(crate) fn tried() -> impl Iterator<Item = Item> {
    rows().into_iter().map(|(_, line)| line.item)
}

#[tokio::test]
async fn each_misconfigured_setting_is_the_first_line() {
    for (settings, line) in rows() {
        let all = if settings.iter().any(|(name, _)| name.starts_with("token-")) { TOKENS } else { &[] };
        let checklist = offline(&config(&[settings, all].concat()), Some(REGION), at(NOW)).await;
        assert_first(&format!("{settings:?}"), &checklist, &[line]);
    }
}

/// An availability zone, a region's title and a misspelling are no regions.
#[tokio::test]
async fn a_region_has_a_regions_form() {
    for region in ["eu-central-1a", "eu-central1", "EU-CENTRAL-1", "Frankfurt", "eu-central", "eu_central_1", "global"]
    {
        let checklist = offline(&config(&[]), Some(region), at(NOW)).await;
        assert_first(region, &checklist, &[line(Item::Region, Error, "is no region's name", "availability zone")]);
    }
    for region in ["us-east-1", "us-gov-west-1", "cn-northwest-1", "ap-southeast-4", "us-iso-east-1", "eusc-de-east-1"]
    {
        let checklist = offline(&config(&[]), Some(region), at(NOW)).await;
        let found = checklist.findings().iter().find(|finding| finding.item() == Item::Region).expect("a line");
        assert_eq!(found.severity(), Severity::Ok, "{region}: {checklist}");
    }
}

/// A text that cannot be a value of its setting stops before the checklist, with the reason.
#[test]
fn a_value_that_is_none_is_told_with_the_reason() {
    for (settings, words) in [
        (&[("allowed-domains", "d-well,")][..], "an item of the list is empty: take the comma off"),
        (
            &[("acs-url", "https://studio.corp.example/saml,,https://other.corp.example/saml")],
            "an item of the list is empty",
        ),
        (&[("policy", "shipped:default,")], "an item of the list is empty"),
        (&[("metadata", "idp.xml, ")], "an item of the list is empty"),
        (&[("acs-url", "\"https://studio.corp.example/saml\"")], "the quotation marks around it belong to the value"),
        (&[("skew", "'60'")], "the quotation marks around it belong to the value"),
        (&[("allowed-domains", "\"d-well\"")], "the quotation marks around it belong to the value"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
        command.env_clear().args(["check", "--audience", AUDIENCE]);
        let others = [("metadata", "idp.xml"), ("acs-url", ACS_URL)];
        for (name, value) in settings.iter().chain(others.iter().filter(|(name, _)| settings[0].0 != *name)) {
            command.args([format!("--{name}"), (*value).to_owned()]);
        }
        let output = command.output().expect("the command runs");
        let errors = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{settings:?}: {errors}");
        assert!(errors.contains(words), "{words}: {errors}");
    }
}
