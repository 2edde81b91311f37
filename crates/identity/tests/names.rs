//! Names that settings, policies, logs and other crates rely on.

#![allow(missing_docs, clippy::expect_used)]

use studio_acs_identity::{ConfirmRule, CredentialKind, DomainId, Protocol, RoleArn, UserProfileName, folded};

/// A user who is called by another alphabet's letter is another user, whatever its lower case is.
#[test]
fn names_are_compared_in_lower_case_and_no_letter_becomes_one_of_ascii() {
    for (name, expected) in [
        ("Alice@Corp.Example", "alice@corp.example"),
        ("ANA MÜLLER", "ana müller"),
        ("ΑΘΗΝΑ", "αθηνα"),
        // The Kelvin sign, and a capital I with a dot, whose lower case begins with an ASCII letter.
        ("\u{212A}ate", "\u{212A}ate"),
        ("\u{130}nes", "\u{130}nes"),
        ("", ""),
    ] {
        assert_eq!(folded(name), expected);
    }
}

#[test]
fn each_credential_has_its_protocol() {
    for (kind, protocol, name) in [
        (CredentialKind::Assertion, Protocol::Saml, "saml"),
        (CredentialKind::IdToken, Protocol::Jwt, "jwt"),
        (CredentialKind::AccessToken, Protocol::Jwt, "jwt"),
    ] {
        assert_eq!((kind.protocol(), kind.protocol().as_str()), (protocol, name));
    }
}

#[test]
fn a_rule_of_confirmation_is_read_by_its_name() {
    for (name, expected) in [
        ("never", Ok(ConfirmRule::Never)),
        ("new-browser", Ok(ConfirmRule::NewBrowser)),
        ("always", Ok(ConfirmRule::Always)),
        ("Always", Err("`Always` is not never, new-browser or always".to_owned())),
    ] {
        assert_eq!(name.parse(), expected);
    }
}

#[test]
fn a_name_is_shown_and_handed_on_as_it_was_given() {
    let (profile, domain) = (UserProfileName::parse("Ana--1"), DomainId::parse("d-a1b2c3"));
    let (profile, domain) = (profile.expect("a name"), domain.expect("an ID"));
    assert_eq!([profile.as_str(), &profile.to_string()], ["Ana--1"; 2]);
    assert_eq!([domain.as_str(), &domain.to_string()], ["d-a1b2c3"; 2]);
    let arn = "arn:aws-us-gov:iam::111122223333:role/path/mint";
    let role = RoleArn::parse(arn).expect("a role");
    assert_eq!([role.as_str(), &role.to_string()], [arn; 2]);
    assert_eq!((role.partition(), role.account()), ("aws-us-gov", "111122223333"));
    assert_eq!(
        role.user_profile("us-gov-west-1", "d-a1b2c3", "Ana--1"),
        "arn:aws-us-gov:sagemaker:us-gov-west-1:111122223333:user-profile/d-a1b2c3/Ana--1"
    );
}
