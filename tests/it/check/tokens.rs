//! The token API: its settings, by identity provider, and the issuer's keys.

use serde_json::json;
use studio_acs::Config;
use studio_acs::report::check::Severity::{Error, Ok, Skipped, Warning};
use studio_acs::report::check::{Checklist, Item, Read};

use super::offline::{KEY, LEDGER, NEITHER};
use super::{Line, NOW, REGION, assert_lines, at, config, line, offline, well};
use support::TestDir;
use support::issuer::{Issuer, KeyServer, key_set};

type Settings = &'static [(&'static str, &'static str)];

/// A good key, and one with a small exponent.
const WEAK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tokens/keysets/beside/rsa-e3.json");
/// Two keys of one name beside a good one; a key with padding beside a good one; a key for encryption only.
const SAME_ID: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tokens/keysets/beside/same-id-two-keys.json");
const PADDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tokens/keysets/beside/padding.json");
const ENCRYPTION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tokens/keysets/no-key/encryption.json");
const TOKEN_API: Settings = &[LEDGER, KEY, ("token-jwks", "ssm:/studio-acs/jwks")];
const COGNITO: Settings = &[
    ("token-issuer", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_aBcDeFgHi"),
    ("token-audience", "1example23456789"),
    ("token-group-claim", "cognito:groups"),
];
const ENTRA: Settings = &[
    ("token-issuer", "https://login.microsoftonline.com/8f14e45f-ceea-467f-a9d8-2b1c3d4e5f60/v2.0"),
    ("token-audience", "5b1a1f0e-7d57-4f6e-9d0c-0f1e2d3c4b5a"),
    ("token-use", "access"),
    ("token-user-claim", "oid"),
];
const OKTA: Settings = &[
    ("token-issuer", "https://corp.okta.com/oauth2/aus1example"),
    ("token-audience", "https://studio.corp.example"),
    ("token-use", "access"),
    ("token-user-claim", "uid"),
];
const OKTA_ORG: Settings = &[("token-issuer", "https://corp.okta.com"), ("token-audience", "0oa1example")];
const KEYCLOAK: Settings =
    &[("token-issuer", "https://idp.corp.example/realms/corp"), ("token-audience", "studio"), ("token-use", "access")];
const OTHER: Settings = &[("token-issuer", "https://idp.corp.example"), ("token-audience", "portal")];

/// All is well by these settings, but for those before them.
fn token_api(changed: &[(&str, &str)], issuer: &[(&str, &str)]) -> Config {
    config(&[changed, issuer, TOKEN_API].concat())
}

struct Row {
    issuer: Settings,
    changed: Settings,
    line: Line,
}

fn rows() -> Vec<Row> {
    use Item::*;
    let row = |issuer, changed, line| Row { issuer, changed, line };
    let issuer = |of, url: Settings, severity, words, fix| row(of, url, line(TokenIssuer, severity, words, fix));
    vec![
        issuer(
            COGNITO,
            &[("token-issuer", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_aBcDeFgHi/")],
            Error,
            "not a user pool",
            "without a slash",
        ),
        issuer(
            COGNITO,
            &[("token-issuer", "https://cognito-idp.eu-west-1.amazonaws.com/eu-central-1_aBcDeFgHi")],
            Error,
            "of that region",
            "POOL-ID",
        ),
        issuer(
            COGNITO,
            &[("token-issuer", "https://corp.auth.eu-central-1.amazoncognito.com")],
            Error,
            "and not its name",
            "openid-configuration",
        ),
        issuer(
            ENTRA,
            &[("token-issuer", "https://login.microsoftonline.com/common/v2.0")],
            Error,
            "any organisation's",
            "the ID of your tenant",
        ),
        issuer(
            ENTRA,
            &[("token-issuer", "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0")],
            Error,
            "any organisation's",
            "your tenant",
        ),
        issuer(
            ENTRA,
            &[("token-issuer", "https://login.microsoftonline.com/corp.onmicrosoft.com/v2.0")],
            Error,
            "version 2",
            "and not its name",
        ),
        issuer(
            ENTRA,
            &[("token-issuer", "https://login.microsoftonline.com/8f14e45f-ceea-467f-a9d8-2b1c3d4e5f60")],
            Error,
            "version 2",
            "/v2.0",
        ),
        issuer(
            ENTRA,
            &[("token-issuer", "https://sts.windows.net/8f14e45f-ceea-467f-a9d8-2b1c3d4e5f60")],
            Error,
            "version 1",
            "and the slash",
        ),
        issuer(OKTA, &[("token-issuer", "https://corp.okta.com/oauth2/aus1example/")], Error, "Okta's", "SERVER-ID"),
        issuer(
            KEYCLOAK,
            &[("token-issuer", "https://idp.corp.example/realms/corp/protocol/openid-connect")],
            Error,
            "not a realm",
            "a path after it",
        ),
        issuer(OTHER, &[("token-issuer", "https://corp.eu.auth0.com")], Error, "Auth0's", "with the slash"),
        issuer(
            OTHER,
            &[("token-issuer", "https://idp.corp.example/.well-known/openid-configuration")],
            Error,
            "and not its name",
            "the member issuer",
        ),
        issuer(
            OTHER,
            &[("token-issuer", "https://idp.corp.example/?realm=corp")],
            Error,
            "more in it",
            "to the last character",
        ),
        issuer(OTHER, &[("token-issuer", "https://IdP.corp.example")], Warning, "capitals", "to the last character"),
        issuer(OTHER, &[("token-issuer", "https://idp.corp.example/")], Warning, "a slash at its end", "all is well"),
        row(COGNITO, &[("token-use", "access")], line(TokenUse, Error, "no audience", "cognito-access")),
        row(
            KEYCLOAK,
            &[("token-use", "cognito-access")],
            line(TokenUse, Error, "the issuer is not", "to access, or to id"),
        ),
        row(
            OTHER,
            &[("token-use", "cognito-access")],
            line(TokenUse, Error, "the issuer is not", "to access, or to id"),
        ),
        row(
            OKTA_ORG,
            &[("token-use", "access")],
            line(TokenUse, Error, "for Okta alone", "a custom authorization server"),
        ),
        row(
            ENTRA,
            &[("token-audience", "00000003-0000-0000-c000-000000000000")],
            line(TokenAudience, Error, "Microsoft Graph", "stands for this service"),
        ),
        row(
            ENTRA,
            &[("token-audience", "api://5b1a1f0e-7d57-4f6e-9d0c-0f1e2d3c4b5a")],
            line(TokenAudience, Error, "a URL", "without api://"),
        ),
        row(
            COGNITO,
            &[("token-audience", "https://studio.corp.example")],
            line(TokenAudience, Error, "a URL", "app client"),
        ),
        row(
            OKTA,
            &[("token-audience", "https://corp.okta.com/oauth2/aus1example")],
            line(TokenAudience, Error, "is the issuer", "STUDIO_ACS_TOKEN_AUDIENCE"),
        ),
        row(
            OKTA,
            &[("token-audience", "api://default")],
            line(TokenAudience, Warning, "api://default", "STUDIO_ACS_TOKEN_SCOPE"),
        ),
        row(
            KEYCLOAK,
            &[("token-audience", "studio,account")],
            line(TokenAudience, Error, "every client", "by a mapper"),
        ),
        row(
            ENTRA,
            &[("token-scope", "api://5b1a1f0e-7d57-4f6e-9d0c-0f1e2d3c4b5a/Studio.Open")],
            line(TokenScope, Error, "a URL", "Studio.Open"),
        ),
        row(
            COGNITO,
            &[("token-use", "cognito-access"), ("token-scope", "open")],
            line(TokenScope, Error, "without its resource server", "studio/open"),
        ),
        row(COGNITO, &[("token-user-claim", "custom:profile")], line(TokenUser, Warning, "users may change", "to sub")),
        row(
            COGNITO,
            &[("token-user-claim", "username")],
            line(TokenUser, Error, "access tokens alone", "cognito:username"),
        ),
        row(
            COGNITO,
            &[("token-user-claim", "cognito:username"), ("token-use", "cognito-access")],
            line(TokenUser, Error, "ID tokens alone", "to username"),
        ),
        row(
            ENTRA,
            &[("token-user-claim", "preferred_username")],
            line(TokenUser, Warning, "users may change", "to oid"),
        ),
        row(ENTRA, &[("token-user-claim", "upn")], line(TokenUser, Warning, "upn", "to oid")),
        row(OKTA, &[("token-user-claim", "sub")], line(TokenUser, Warning, "the login", "to uid")),
        row(OTHER, &[("token-user-claim", "email")], line(TokenUser, Warning, "email", "to sub")),
        row(COGNITO, &[("token-group-claim", "groups")], line(TokenGroups, Warning, "do not have", "cognito:groups")),
        row(
            COGNITO,
            &[("token-group-claim", "custom:teams")],
            line(TokenGroups, Warning, "can write", "cognito:groups"),
        ),
        row(
            OTHER,
            &[("token-jwks", "https://keys.example/jwks")],
            line(TokenKeysOrigin, Warning, "another host", "the jwks_uri"),
        ),
        row(
            OTHER,
            &[("token-jwks", "/nowhere/jwks.json")],
            line(TokenKeys, Error, "/nowhere/jwks.json", "the issuer's key set"),
        ),
        issuer(
            OTHER,
            &[("token-issuer", "http://adfs.corp.example/adfs/services/trust")],
            Warning,
            "no URL of https",
            "exactly this iss",
        ),
        issuer(OTHER, &[("token-issuer", "accounts.google.com")], Warning, "compared as a text", "leave it so"),
        row(OTHER, &[("token-jwks", WEAK)], line(TokenKeys, Warning, "public exponent 3,", "leave it so")),
        row(OTHER, &[("token-jwks", SAME_ID)], line(TokenKeys, Warning, "another key has the same ID", "leave it so")),
        row(OTHER, &[("token-jwks", PADDED)], line(TokenKeys, Warning, "its member e has padding", "as the line says")),
        row(
            OTHER,
            &[("token-jwks", ENCRYPTION)],
            line(TokenKeys, Error, "its use is enc", "STUDIO_ACS_TOKEN_ALGORITHMS"),
        ),
        row(OTHER, &[("token-jwks", NEITHER)], line(TokenKeys, Error, "a JSON object", "the answer of its jwks_uri")),
    ]
}

/// The items that are misconfigured here.
pub(crate) fn tried() -> impl Iterator<Item = Item> {
    // The issuer's own configuration is read online, below.
    rows().into_iter().map(|row| row.line.item).chain([Item::TokenDiscovery])
}

#[tokio::test]
async fn what_is_well_gives_no_line() {
    let checklist = offline(&config(&[]), Some(REGION), at(NOW)).await;
    assert!(!checklist.to_string().contains("Tokens"), "no token API, and nothing said of it: {checklist}");
    let same_host = ("token-jwks", "https://idp.corp.example/keys");
    for (issuer, more) in [
        (COGNITO, &[][..]),
        (COGNITO, &[("token-use", "cognito-access"), ("token-user-claim", "username"), ("token-scope", "studio/open")]),
        (COGNITO, &[("token-use", "access"), ("token-audience", "https://studio.corp.example")]),
        (ENTRA, &[("token-scope", "Studio.Open")]),
        (ENTRA, &[("token-use", "id"), ("token-user-claim", "sub")]),
        (
            ENTRA,
            &[
                ("token-issuer", "https://sts.windows.net/8f14e45f-ceea-467f-a9d8-2b1c3d4e5f60/"),
                ("token-audience", "api://studio"),
            ],
        ),
        (OKTA, &[]),
        (OKTA_ORG, &[]),
        (KEYCLOAK, &[same_host]),
        (OTHER, &[same_host]),
        (OTHER, &[("token-issuer", "https://corp.eu.auth0.com/")]),
    ] {
        let checklist = offline(&token_api(more, issuer), Some(REGION), at(NOW)).await;
        assert_lines(&format!("{issuer:?} {more:?}"), &checklist, &[]);
        assert!(checklist.to_string().contains("fix  --online reads them"), "{checklist}");
    }
}

#[tokio::test]
async fn each_misconfigured_setting_gives_its_line_and_its_fix() {
    for Row { issuer, changed, line } in rows() {
        assert_lines(
            &format!("{changed:?}"),
            &offline(&token_api(changed, issuer), Some(REGION), at(NOW)).await,
            &[line],
        );
    }
}

#[tokio::test]
async fn keys_of_a_file_are_named() {
    let (one, two) = (Issuer::new("one"), Issuer::new("two"));
    let file = TestDir::with("jwks.json", &key_set(&[&one, &two]));
    let path = format!("{}/jwks.json", file.path());
    let checklist = offline(&token_api(&[("token-jwks", &path)], OTHER), Some(REGION), at(NOW)).await;
    assert_lines("keys", &checklist, &[]);
    assert!(checklist.to_string().contains(" one (RS256), two (RS256)\n"), "{checklist}");

    let mut private = one.jwk();
    private["d"] = "AQAB".into();
    std::fs::write(&path, json!({"keys": [private]}).to_string()).expect("a file");
    let checklist = offline(&token_api(&[("token-jwks", &path)], OTHER), Some(REGION), at(NOW)).await;
    assert_lines("a private key", &checklist, &[line(Item::TokenKeys, Error, "private", "new keys")]);
}

/// A misspelt member leaves a key out that the issuer may sign by: the line names the key and the reason, and the others
/// still work.
#[tokio::test]
async fn keys_with_misspelt_members_are_named_beside_good_ones() {
    let (good, other) = (Issuer::new("good"), Issuer::new("other"));
    let elliptic = json!({"kid": "other", "kty": "EC", "crv": "P256", "x": "AA", "y": "AA"});
    let with = |name: &str, value: serde_json::Value| {
        let mut jwk = other.jwk();
        jwk[name] = value;
        jwk
    };
    for (key, words) in [
        (with("kty", "rsa".into()), "\"other\": its type (kty) is rsa, and RSA, EC and OKP are taken"),
        (with("kty", "Rsa".into()), "its type (kty) is Rsa"),
        (with("use", "sign".into()), "\"other\": its use is sign, and only sig is for signatures"),
        (with("use", "SIG".into()), "its use is SIG"),
        (with("use", "signature".into()), "its use is signature"),
        (with("alg", "ES256".into()), "\"other\": its alg is ES256"),
        (with("alg", "HS256".into()), "its alg is HS256"),
        (with("alg", "rs256".into()), "its alg is rs256"),
        (with("key_ops", json!(["sign"])), "its key_ops do not have verify, and are sign"),
        (with("kid", "good".into()), "another key has the same ID"),
        (elliptic, "its curve (crv) is P256"),
    ] {
        let third = Issuer::new("third");
        let set = json!({"keys": [good.jwk(), key, third.jwk()]}).to_string();
        let file = TestDir::with("jwks.json", &set);
        let path = format!("{}/jwks.json", file.path());
        let checklist = offline(&token_api(&[("token-jwks", &path)], OTHER), Some(REGION), at(NOW)).await;
        let left_out = line(Item::TokenKeys, Warning, "left out: ", "let the issuer publish it as the line says");
        assert_lines(words, &checklist, &[left_out]);
        let found = checklist.findings().iter().find(|finding| finding.item() == Item::TokenKeys).expect("a line");
        assert!(found.found().starts_with("good (RS256)") || words.contains("same ID"), "{checklist}");
        assert!(found.found().contains("third (RS256)") && found.found().contains(words), "{words}: {checklist}");
    }
    for (set, words) in [
        (json!({"Keys": [good.jwk()]}), "under another name, where `keys` in small letters is read"),
        (json!({"jwks": {"keys": [good.jwk()]}}), "under another name"),
        (json!({"public_keys": [good.jwk()]}), "under another name"),
        (json!({"data": []}), "without a list keys"),
        (json!({}), "an object without members"),
        (json!([good.jwk()]), "a list of keys without the object around it"),
        (good.jwk(), "one key without a set"),
    ] {
        let file = TestDir::with("jwks.json", &set.to_string());
        let path = format!("{}/jwks.json", file.path());
        let checklist = offline(&token_api(&[("token-jwks", &path)], OTHER), Some(REGION), at(NOW)).await;
        assert_lines(&set.to_string(), &checklist, &[line(Item::TokenKeys, Error, words, "keys")]);
    }
}

/// Each issuer of a file has its lines, under its own name.
#[tokio::test]
async fn two_issuers_are_each_told_of() {
    let keys = TestDir::with("jwks.json", &key_set(&[&Issuer::new("one")]));
    let text = format!(
        "[[token_api.issuer]]\nissuer = 'https://idp.corp.example'\njwks = '{0}/jwks.json'\naudience = 'portal'\n\
         [[token_api.issuer]]\nissuer = 'https://corp.okta.com'\njwks = '{0}/none.json'\naudience = 'x'\nuse = 'access'\n",
        keys.path()
    );
    let file = TestDir::with("studio-acs.toml", &text);
    let file = format!("{}/studio-acs.toml", file.path());
    let given = [("config", file.as_str()), LEDGER, KEY];
    let config = Config::load(|setting| well(setting.name, &given)).await.expect("a configuration");
    let checklist = offline(&config, Some(REGION), at(NOW)).await;
    let found = |item: Item| {
        let findings = checklist.findings().iter().filter(move |finding| finding.item() == item);
        findings.map(|found| (found.instance().unwrap_or_default().to_owned(), found.severity())).collect::<Vec<_>>()
    };
    let both = |first, second| {
        vec![("https://idp.corp.example".to_owned(), first), ("https://corp.okta.com".to_owned(), second)]
    };
    assert_eq!(found(Item::TokenIssuer), both(Ok, Ok), "{checklist}");
    assert_eq!(found(Item::TokenUse), both(Ok, Error), "{checklist}");
    assert_eq!(found(Item::TokenKeys), both(Ok, Error), "{checklist}");
    assert!(checklist.to_string().starts_with("Tokens https://corp.okta.com\n"), "{checklist}");
}

/// The issuer is asked only online.
#[tokio::test(flavor = "multi_thread")]
async fn keys_of_a_url_are_read_online() {
    let server = KeyServer::start(&key_set(&[&Issuer::new("one")]));
    let config = token_api(&[("token-jwks", &server.url), ("token-issuer", "http://127.0.0.1/issuer")], OTHER);
    let read = async |online| {
        let read = Read::of(&config, online, at(NOW)).await;
        let checklist = Checklist::offline(&config, &read, Some(REGION), at(NOW));
        let found = checklist.findings().iter().find(|finding| finding.item() == Item::TokenKeys).cloned();
        let found = found.expect("it is there");
        (found.severity(), found.found().to_owned(), found.fix().unwrap_or_default().to_owned())
    };
    assert_eq!((read(false).await.0, server.fetches()), (Skipped, 0));
    assert_eq!(read(true).await, (Ok, "one (RS256)".to_owned(), String::new()));
    server.redirects("http://127.0.0.1:1/keys");
    let (severity, found, fix) = read(true).await;
    assert!(severity == Error && found.contains("status 302") && fix.contains("jwks_uri itself"), "{found}: {fix}");
}

/// The issuer's own configuration, beside the settings.
#[tokio::test(flavor = "multi_thread")]
async fn the_issuers_configuration_is_compared_online() {
    let server = KeyServer::start("{}");
    let issuer = server.url.trim_end_matches("/keys").to_owned();
    let keys = json!([Issuer::new("one").jwk()]);
    let of = |issuer: &str, jwks_uri: &str| json!({"issuer": issuer, "jwks_uri": jwks_uri, "keys": keys}).to_string();
    let read = async |jwks: &str, online| {
        let config = token_api(&[("token-jwks", jwks), ("token-issuer", &issuer)], OTHER);
        let checklist = Checklist::offline(&config, &Read::of(&config, online, at(NOW)).await, Some(REGION), at(NOW));
        let told = |item: Item| {
            let found = checklist.findings().iter().find(|finding| finding.item() == item).expect("it is there");
            (found.severity(), format!("{} {}", found.found(), found.fix().unwrap_or_default()))
        };
        [told(Item::TokenDiscovery), told(Item::TokenKeys)]
    };
    let [(severity, _), _] = read(&server.url, false).await;
    assert_eq!((severity, server.fetches()), (Skipped, 0), "the issuer is asked only online");
    for jwks in [server.url.as_str(), "discovery"] {
        server.has(&of(&issuer, &server.url));
        let [(severity, found), (keys, _)] = read(jwks, true).await;
        assert_eq!((severity, keys), (Ok, Ok), "{jwks}: {found}");
        server.has(&of("https://idp.corp.example", &server.url));
        let [(severity, found), _] = read(jwks, true).await;
        assert!(severity == Error && found.contains("names https://idp.corp.example"), "{jwks}: {found}");
    }
    let [_, (severity, found)] = read("discovery", true).await;
    assert!(severity == Error && found.contains("expected the issuer") && found.contains("AD FS"), "{found}");
    // The issuer's text forges no line of the list.
    server.has(&of("https://idp.example\u{1b}[31m\n  ✓ keys  fine", &server.url));
    for (_, found) in read("discovery", true).await {
        assert!(!found.contains(['\u{1b}', '\n']) && found.contains("\\u{1b}[31m\\u{a}"), "{found}");
    }
    server.has(&of(&issuer, &format!("{issuer}/other")));
    let [(severity, found), _] = read(&server.url, true).await;
    assert!(severity == Warning && found.contains("/other") && found.contains("discovery"), "{found}");
    server.answers(404, b"");
    let [(severity, found), (keys, told)] = read("discovery", true).await;
    assert!(severity == Skipped && found.contains("oauth-authorization-server"), "{found}");
    assert!(keys == Error && told.contains("the URL of its keys"), "{told}");
}
