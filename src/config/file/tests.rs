mod written;

use super::super::{Config, ConfigErrors, Layers, show, template};
use super::*;

const PLACE: &str = "studio-acs.toml";

/// A file that is enough to start.
const ENOUGH: &str = r#"
[saml]
audience = "us"
acs_url = ["https://us.example/saml"]
[[saml.idp]]
metadata = "m"
"#;

/// An issuer of tokens.
const ISSUER: &str = r#"
[[token_api.issuer]]
issuer = "https://one.example"
jwks = "ssm:/one"
audience = ["portal"]
"#;

/// Two of them, and what they need.
const TWO: &str = r#"
[[token_api.issuer]]
issuer = "https://one.example"
jwks = "ssm:/one"
audience = ["portal"]
[[token_api.issuer]]
issuer = "https://two.example"
jwks = "ssm:/two"
audience = ["studio", "tools"]
use = "access"
user_claim = "oid"
[ledger]
source = "ledger.toml"
"#;

/// The configuration of flags and a file.
fn parse(flags: &[(&str, &str)], text: &[u8]) -> Result<Config, String> {
    let flag =
        |setting: &Setting| flags.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| (*value).to_owned());
    let layers = Layers::of(flag).with_file(PLACE, text);
    layers.and_then(|layers| Config::of(&layers)).map_err(|errors: ConfigErrors| errors.to_string())
}

fn with_enough(more: &str) -> Result<Config, String> {
    parse(&[], format!("{ENOUGH}{more}").as_bytes())
}

#[test]
fn a_file_alone_is_enough() {
    let text = r#"
        [saml]
        audience = "us"
        acs_url = ["https://us.example/saml", "https://us.example/prod/saml"]
        skew = 30
        require_groups = true
        [[saml.idp]]
        metadata = "m"
        [[saml.idp]]
        metadata = ["ssm:/idp", "n"]
        [mint]
        allowed_domains = "d-a"
        [policy]
        source = ["shipped:default", "shipped:no-weekends"]
    "#;
    let config = parse(&[], text.as_bytes()).unwrap();
    let places: Vec<_> = config.metadata.iter().map(ToString::to_string).collect();
    assert_eq!(places, ["m", "ssm:/idp", "n"]);
    assert_eq!(config.service_provider.acs_urls.len(), 2);
    assert_eq!(config.service_provider.skew.whole_seconds(), 30);
    assert!(config.identity.require_groups);
    assert_eq!((config.identity.allowed_domains.len(), config.broker.policies.len()), (1, 2));
}

#[test]
fn a_flag_or_variable_goes_before_the_file_and_an_empty_one_does_not() {
    let text = format!("{ENOUGH}[[saml.idp]]\nmetadata = 'n'\n[rate]\nper_user = 3\n");
    let read = |flags: &[(&str, &str)]| parse(flags, text.as_bytes()).unwrap();
    assert_eq!(read(&[("rate-per-user", "5")]).broker.rates.per_user, 5);
    assert_eq!(read(&[("rate-per-user", " ")]).broker.rates.per_user, 3);
    assert_eq!(read(&[]).broker.rates.global, 600, "the default");
    assert_eq!(read(&[]).metadata.len(), 2);
    let over: Vec<_> = read(&[("metadata", "x")]).metadata.iter().map(ToString::to_string).collect();
    assert_eq!(over, ["x"], "a list is replaced as a whole");
}

#[test]
fn each_issuer_has_its_own_keys_audience_claims_and_use() {
    let config = with_enough(TWO).unwrap();
    let issuers: Vec<_> = config
        .token_issuers
        .iter()
        .map(|issuer| {
            let keys = issuer.keys.to_string();
            let rules = &issuer.rules;
            (rules.issuer.as_str(), keys, rules.audiences.len(), rules.token_use.as_str(), &*issuer.claims.user_claim)
        })
        .collect();
    let expected = [
        ("https://one.example", "ssm:/one".to_owned(), 1, "id", "sub"),
        ("https://two.example", "ssm:/two".to_owned(), 2, "access", "oid"),
    ];
    assert_eq!(issuers, expected);
}

#[test]
fn flags_complete_one_issuer_and_refuse_to_choose_among_two() {
    let one = format!("{ENOUGH}{ISSUER}[ledger]\nsource = 'l.toml'\n");
    let config = parse(&[("token-use", "access"), ("token-audience", "other")], one.as_bytes()).unwrap();
    let rules = &config.token_issuers[0].rules;
    assert_eq!((rules.token_use.as_str(), &*rules.audiences), ("access", &["other".to_owned()][..]));
    let errors = parse(&[("token-use", "access")], format!("{ENOUGH}{TWO}").as_bytes()).unwrap_err();
    let expected = "STUDIO_ACS_TOKEN_USE (--token-use): it is set, and the file has 2 tables [[token_api.issuer]]: write it there. It is ";
    assert!(errors.starts_with(expected) && errors.lines().count() == 1, "{errors}");
}

/// The end of each message: a line that works.
fn example(path: &str) -> String {
    let setting = SETTINGS.iter().find(|setting| setting.path().as_deref() == Some(path)).expect(path);
    format!("for example {} under {}", setting.assignment(setting.example), setting.table.unwrap().heading())
}

/// Asserts that the file, with these lines after line 6, has this one error, in each character.
fn assert_message(more: &str, expected: &str) {
    let errors = with_enough(more).unwrap_err();
    assert_eq!(errors, expected, "{more}");
}

#[test]
fn a_wrong_value_is_told_with_its_line_its_name_the_reason_and_an_example() {
    for (more, line, path, reason) in [
        // Types.
        ("[rate]\nper_user = \"5\"\n", 8, "rate.per_user", "a text, where a whole number is expected"),
        ("[rate]\nper_user = 1.5\n", 8, "rate.per_user", "a number with a fraction, where a whole number is expected"),
        ("[rate]\nper_user = true\n", 8, "rate.per_user", "true or false, where a whole number is expected"),
        ("[provision]\nenabled = \"on\"\n", 8, "provision.enabled", "a text, where true or false is expected"),
        ("[ledger]\nsource = 1979-05-27\n", 8, "ledger.source", "a time, where a text is expected"),
        ("[ledger]\nsource = ['l']\n", 8, "ledger.source", "a list, where a text is expected"),
        ("[ledger.source]\n", 7, "ledger.source", "a table, where a text is expected"),
        ("[resume]\nkey = 1\n", 8, "resume.key", "a whole number, where the place of a secret, as a text, is expected"),
        ("[mint]\nallowed_domains = ['d-a', 1]\n", 8, "mint.allowed_domains", "a whole number in a list of texts"),
        (
            "[mint]\nallowed_domains = ['d-a,d-b']\n",
            8,
            "mint.allowed_domains",
            "a text with a comma in a list of texts",
        ),
        // Values.
        ("[rate]\nper_user = 0\n", 8, "rate.per_user", "`0` is not a whole number from 1 to 10000"),
        ("[rate]\nper_user = -1\n", 8, "rate.per_user", "`-1` is not a whole number from 1 to 10000"),
        ("[rate]\nper_user = 99999999999999999999\n", 8, "rate.per_user", "a whole number that is too large"),
        (
            "[policy]\n# All of them.\n\nsource = []\n",
            10,
            "policy.source",
            "it is empty, and `shipped:default` would hold: leave the key out, or give it a value",
        ),
        ("[mint]\nrole = 'mint'\n", 8, "mint.role", "`mint` is not the ARN of an IAM role"),
        ("[[saml.idp]]\nmetadata = 'ssm:'\n", 8, "saml.idp.metadata", "`ssm:` has no name after the colon"),
        ("[[saml.idp]]\nmetadata = ''\n", 8, "saml.idp.metadata", "it is empty, and must be given"),
        ("[[saml.idp]]\n", 7, "saml.idp.metadata", "it is not set"),
        (
            "[resume]\nkey = '0123456789abcdef0123456789abcdef'\n",
            8,
            "resume.key",
            "it is no place of a secret: a path that begins with / or ./, ssm:NAME or secretsmanager:NAME; the secret itself never stands here",
        ),
        // Issuers of tokens.
        ("[ledger]\nsource = 'l.toml'\n[[token_api.issuer]]\n", 9, "token_api.issuer.issuer", "it is not set"),
        (
            "[ledger]\nsource = 'l.toml'\n[[token_api.issuer]]\nissuer = 'https://one.example'\naudience = 'portal'\n",
            9,
            "token_api.issuer.jwks",
            "it is not set, and tokens need the issuer's keys",
        ),
        (&format!("{TWO}{ISSUER}"), 22, "token_api.issuer.issuer", "another table has the same issuer"),
    ] {
        let setting = SETTINGS.iter().find(|setting| setting.path().as_deref() == Some(path)).expect(path);
        let (meaning, range) = (setting.meaning, setting.range_in_toml());
        let example = example(path);
        assert_message(more, &format!("{PLACE}:{line}: {path}: {reason}. It is {meaning} ({range}), {example}"));
    }
}

#[test]
fn a_line_that_is_no_setting_is_told_with_the_nearest_name_and_an_example() {
    let first = "saml.audience";
    for (more, line, name, reason, of) in [
        ("[saml.x]\n", 7, "saml.x", "there is no such table: the nearest is [saml]", first),
        (
            "[polcy]\ntime_zone = 'UTC'\n",
            7,
            "polcy",
            "there is no such table: the nearest is [policy]",
            "policy.source",
        ),
        (
            "[rate]\nper_usr = 1\n",
            8,
            "rate.per_usr",
            "there is no such setting: the nearest is rate.per_user",
            "rate.per_user",
        ),
        (
            "[rate]\nper-user = 1\n",
            8,
            "rate.per-user",
            "there is no such setting: the nearest is rate.per_user",
            "rate.per_user",
        ),
        ("[server]\nskew = 1\n", 8, "server.skew", "there is no such setting: the nearest is saml.skew", "saml.skew"),
        (
            "[token_api]\njwks = 'k'\n",
            8,
            "token_api.jwks",
            "there is no such setting: the nearest is token_api.issuer.jwks",
            "token_api.issuer.jwks",
        ),
        (
            "[token_api.issuer]\n",
            7,
            "token_api.issuer",
            "a table, where [[token_api.issuer]] is expected",
            "token_api.issuer.issuer",
        ),
        (
            "[token_api]\nissuer = 'https://one.example'\n",
            8,
            "token_api.issuer",
            "a text, where [[token_api.issuer]] is expected",
            "token_api.issuer.issuer",
        ),
        ("[[rate]]\n", 7, "rate", "a list of tables, where [rate] is expected", "rate.per_user"),
        ("[rate]\nper_user = 1\nglobal = 2\nper_user = 3\n", 10, "rate.per_user", TWICE, "rate.per_user"),
        ("[saml]\n", 7, "saml", TWICE, first),
        (
            "[rate]\nper_user = \n",
            8,
            "rate.per_user",
            "string values must be quoted, expected literal string",
            "rate.per_user",
        ),
        ("[rate\n", 7, "rate", "unclosed table, expected `]`", first),
        ("what is this?\n", 7, "saml.idp.metadata", "key with no value, expected `=`", "saml.idp.metadata"),
    ] {
        assert_message(more, &format!("{PLACE}:{line}: {name}: {reason}; {}", example(of)));
    }
}

#[test]
fn a_file_that_is_not_utf_8_is_told_with_its_line() {
    let errors = parse(&[], b"[saml]\nskew = 60\naudience = \"\xff\"\n").unwrap_err();
    let expected = format!("{PLACE}:3: saml.audience: a byte that is not UTF-8; {}", example("saml.audience"));
    assert_eq!(errors, expected);
    let errors = parse(&[], b"\xfe\xff").unwrap_err();
    assert!(errors.starts_with(&format!("{PLACE}:1: the file: a byte that is not UTF-8; ")), "{errors}");
}

#[test]
fn all_that_is_wrong_is_told_at_once_by_line() {
    let errors = with_enough("[server]\nlog = 'off'\n[rate]\nglobl = 1\nper_user = 'x'\n").unwrap_err();
    let places: Vec<_> = errors.lines().map(|line| line.split(": ").take(2).collect::<Vec<_>>().join(" ")).collect();
    let expected =
        ["studio-acs.toml:8 server.log", "studio-acs.toml:10 rate.globl", "studio-acs.toml:11 rate.per_user"];
    assert_eq!(places, expected);
}

#[test]
fn every_setting_has_a_place_in_the_file_and_its_example_is_accepted_there() {
    let (mut text, mut paths) = (String::new(), std::collections::BTreeSet::new());
    for table in TABLES {
        text.push_str(&format!("{}\n", table.heading()));
        for setting in SETTINGS.iter().filter(|setting| setting.table == Some(table)) {
            text.push_str(&format!("{}\n", setting.assignment(setting.example)));
            assert!(paths.insert(setting.path()), "{:?} twice", setting.path());
        }
    }
    let without: Vec<_> = SETTINGS.iter().filter(|setting| setting.table.is_none()).map(|one| one.name).collect();
    assert_eq!((without, paths.len() + 1), (vec!["config"], SETTINGS.len()));
    parse(&[], text.as_bytes()).unwrap();
}
