use super::*;

fn read(given: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    Config::read(|setting| given.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| (*value).to_owned()))
}

const REQUIRED: [(&str, &str); 3] = [("metadata", "m"), ("audience", "us"), ("acs-url", "https://us.example/saml")];

#[test]
fn three_settings_are_enough() {
    let config = read(&REQUIRED).unwrap();
    assert_eq!(config.acs_path, "/saml");
    assert_eq!(config.mint.url_expires, 30);
    assert_eq!(config.mint.session_seconds, 3600);
    assert_eq!(config.service_provider.acs_urls, ["https://us.example/saml"]);
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let errors = read(&[]).unwrap_err().to_string();
    for variable in ["STUDIO_ACS_METADATA", "STUDIO_ACS_AUDIENCE", "STUDIO_ACS_ACS_URL"] {
        assert!(errors.contains(variable), "{errors}");
    }
    assert_eq!(errors.lines().count(), 3);
}

#[test]
fn a_url_with_a_user_is_refused_and_never_repeated() {
    for (name, url) in [
        ("acs-url", "https://admin:PW@us.example/saml"),
        ("acs-url", "https://us.example/saml,https://PW@us.example/saml"),
        ("audience", "https://admin:PW@us.example/"),
        ("metadata", "https://admin:PW@idp.example/metadata"),
        ("ledger", "https://admin:PW@git.example/ledger.toml"),
        ("allowed-origins", "https://admin:PW@idp.example"),
        ("studio-origin", "http://admin:PW@127.0.0.1"),
        ("help-url", "https://admin:PW@help.example"),
        ("token-issuer", "https://admin:PW@idp.example/"),
        ("token-audience", "https://admin:PW@us.example/"),
        ("token-jwks", "https://admin:PW@idp.example/keys"),
        ("audit-webhook", "https://admin:PW@siem.example/"),
    ] {
        let errors = read(&[&[(name, url)][..], &REQUIRED].concat()).unwrap_err().to_string();
        assert!(errors.contains(&format!("(--{name})")) && !errors.contains("PW"), "{name}: {errors}");
    }
}

#[test]
fn what_is_out_of_range_is_named_with_an_example() {
    for (name, wrong) in [
        ("skew", "301"),
        ("max-age", "0"),
        ("url-expires", "4"),
        ("session-seconds", "1799"),
        ("require-signed", "none"),
        ("allowed-domains", "d-a, nonsense"),
        ("allowed-domains", ","),
        ("acs-url", ","),
        ("studio-origin", "http://127.0.0.1:8403/"),
        ("studio-origin", "studio"),
        ("acs-url", "us.example/saml"),
        ("acs-url", "https://a.example/saml;https://b.example/saml"),
        ("acs-url", "https://a.example/saml https://b.example/saml"),
        ("acs-url", "https://*.corp.example/saml"),
        ("acs-path", "saml"),
        ("allowed-origins", "https://idp.example/"),
        ("allowed-origins", "https://idp.example,"),
        ("confirm", "once"),
        ("organization-name", "Example\u{202e}Corp"),
        ("help-contact", "the\ndesk"),
        ("help-url", "javascript:alert(1)"),
        ("acs-path", "/healthz"),
        ("acs-path", "/readyz"),
        ("log", "off"),
        ("log", "warning"),
        ("listen", "here"),
        ("mint-timeout", "-1"),
        ("metadata", "ssm:"),
        ("metadata-refresh", "86401"),
        ("metadata-max-age", "2592001"),
        ("policy-refresh", "86401"),
        ("policy-max-age", "a day"),
        ("token-jwks-max-age", "-1"),
        ("mint-role", "studio-acs-mint"),
        ("approval-per-user", "0"),
        ("approval-per-user", "21"),
        ("replay-table", "no table"),
        ("replay-table", "dynamodb:x"),
        ("rate-table", "table/rates"),
        ("ledger", "dynamodb:table/x"),
        ("ledger", "dynamodb:x"),
        ("ledger", "dynamodb://ledger"),
        ("metadata", "ssm://x/y"),
        ("policy", "secretsmanager://x"),
        ("table-timeout", "0"),
        ("audit-webhook", "http://siem.example/"),
        ("audit-webhook", "https://user@siem.example/"),
        ("audit-splunk", "https://splunk.example/services"),
        ("audit-datadog", "intake"),
        ("audit-webhook-secret", "key-of-no-webhook"),
        ("audit-firehose", "a/b"),
        ("audit-required", "splunk"),
        ("audit-required", "pigeon"),
        ("audit-timeout", "0"),
        ("audit-on-failure", "ignore"),
        ("max-connections", "0"),
        ("body-memory", "0"),
        ("replay-after-restart", "forget"),
        ("token-issuer", "https://idp.example/ # the realm"),
        ("token-issuer", "https://idp.example/\u{200b}"),
        ("token-algorithms", "RS256,HS256"),
        ("token-algorithms", "none"),
        ("token-algorithms", "rs256"),
        ("token-algorithms", "RS256,"),
        ("token-jwks", "http://idp.example/keys"),
        ("token-jwks", "https://user@idp.example/keys"),
        ("token-audience", "*"),
        ("token-issuer", "https://a.example,https://b.example"),
        ("token-jwks-refresh", "59"),
        ("token-audience", "a,,b"),
        ("token-audience", "a   # the portal's client ID"),
        ("token-use", "refresh"),
        ("token-scope", "studio open"),
        ("token-max-age", "0"),
    ] {
        let given: Vec<_> = REQUIRED.into_iter().filter(|(other, _)| *other != name).chain([(name, wrong)]).collect();
        let errors = read(&given).unwrap_err().to_string();
        assert!(errors.contains(&format!("--{name}")) && errors.contains("for example"), "{errors}");
    }
}

#[test]
fn an_algorithm_by_which_anybody_could_sign_is_refused_with_its_reason() {
    for (algorithms, reason) in [
        ("HS256", "`HS256` needs a secret that the issuer and this service share"),
        ("RS256,HS512", "`HS512` needs a secret"),
        ("hs384", "`hs384` needs a secret"),
        ("none", "`none` is no signature, and anybody could write tokens"),
        ("RS257", "`RS257` is not one of RS256, "),
    ] {
        let given: Vec<_> = REQUIRED.into_iter().chain([("token-algorithms", algorithms)]).collect();
        let errors = read(&given).unwrap_err().to_string();
        assert!(errors.contains(reason) && errors.contains("ES256"), "{errors}");
    }
}

#[test]
fn defaults_and_examples_are_values_that_work() {
    // A sink and its secret go together, and so do the settings of tokens, which need a ledger.
    let examples = SETTINGS.iter().map(|setting| (setting.name, setting.example));
    let together = |name: &str| name.starts_with("audit-") || name.starts_with("token-") || name == "ledger";
    let together: Vec<_> = examples.filter(|(name, _)| together(name)).collect();
    for setting in SETTINGS {
        let given: Vec<_> = REQUIRED
            .into_iter()
            .chain(together.iter().copied())
            .filter(|(name, _)| *name != setting.name)
            .chain([(setting.name, setting.example)])
            .collect();
        assert!(read(&given).is_ok(), "{}", setting.name);
    }
}

#[test]
fn a_door_for_tokens_is_whole_or_shut() {
    let token_api = [
        ("ledger", "ledger.toml"),
        ("token-issuer", "https://idp.example"),
        ("token-jwks", "ssm:/studio-acs/jwks"),
        ("token-audience", "portal"),
    ];
    let with = |changes: &[(&'static str, &'static str)]| {
        let kept = token_api.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        let given: Vec<_> = REQUIRED.into_iter().chain(kept).chain(changes.iter().copied()).collect();
        read(&given).map_err(|errors| errors.to_string())
    };
    assert!(with(&[]).unwrap().token_issuers.len() == 1);
    let shut = with(&[("token-issuer", ""), ("token-jwks", ""), ("token-audience", ""), ("acs-path", "/studio")]);
    assert!(shut.unwrap().token_issuers.is_empty(), "and its paths are anybody's");
    for (changes, blamed) in [
        (&[("token-issuer", "")][..], "--token-issuer"),
        (&[("token-issuer", ""), ("token-jwks", "")], "--token-issuer"),
        (&[("ledger", "")], "--token-issuer"),
        (&[("token-jwks", "")], "--token-jwks"),
        (&[("token-jwks", "discovery"), ("token-issuer", "accounts.google.com")], "--token-jwks"),
        (&[("token-jwks", "discovery"), ("token-issuer", "http://adfs.example/adfs/services/trust")], "--token-jwks"),
        (&[("token-audience", "")], "--token-audience"),
        (&[("token-group-claim", "_claim_names.groups")], "--token-group-claim"),
        (&[("token-group-claim", "hasgroups")], "--token-group-claim"),
        (&[("token-scope", "studio/open")], "--token-scope"),
        (&[("acs-path", "/studio-url")], "--acs-path"),
        (&[("acs-path", "/studio/saml")], "--acs-path"),
    ] {
        let errors = with(changes).unwrap_err();
        assert!(errors.contains(blamed), "{changes:?}: {errors}");
    }
    // An issuer is a text; only its keys come from somewhere.
    for issuer in ["http://adfs.example/adfs/services/trust", "accounts.google.com", "acme.com", "http://auth.example/"]
    {
        assert_eq!(with(&[("token-issuer", issuer)]).unwrap().token_issuers[0].rules.issuer, issuer);
    }
    assert!(with(&[("token-jwks", "discovery")]).is_ok());
    let configured = [("token-jwks", "https://a.example/.well-known/openid-configuration"), ("token-issuer", "a")];
    assert!(with(&configured).is_ok(), "its address is of https");
    assert!(with(&[("token-scope", "studio/open"), ("token-use", "access")]).is_ok());
}
