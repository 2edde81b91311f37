//! The bounds of an assertion's times, to the nanosecond: which instants are inside.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used)]

use fixtures::manifest;
use studio_acs_refusal::instant;
use studio_acs_saml::{Rejection, ServiceProvider, TrustedIdps, UnverifiedResponse, VerifiedAssertion, Verifier};
use time::{Duration, UtcDateTime};

const HOST: &str = "https://abc123.execute-api.eu-central-1.amazonaws.com/";

fn verified(now: UtcDateTime, max_age: i64, skew: i64) -> Result<VerifiedAssertion, Rejection> {
    let metadata = String::from_utf8(manifest::read("metadata/identity-center.xml")).expect("UTF-8");
    let idps = TrustedIdps::from_metadata(&metadata, now).expect("metadata");
    let mut us = ServiceProvider::new(HOST, vec![format!("{HOST}prod/saml"), "https://second.example/saml".to_owned()]);
    (us.max_age, us.skew) = (Duration::seconds(max_age), Duration::seconds(skew));
    let response = UnverifiedResponse::from_xml(manifest::read("responses/identity-center.xml")).expect("UTF-8");
    Verifier::new(idps, us).verify(response, None, now, &mut ())
}

#[test]
fn each_bound_is_where_the_standard_has_it() {
    let assertion = verified(instant::parse("2026-01-15T10:00:30Z").expect("a time"), 300, 60).expect("accepted");
    let (issued, until) = (assertion.issued(), assertion.not_on_or_after());
    let (seconds, moment) = (Duration::seconds, Duration::nanoseconds(1));
    for (at, max_age, outcome) in [
        // Ours: as old as the maximum age, and the skew.
        (issued + seconds(15), 10, "accepted"),
        (issued + seconds(15) + moment, 10, "expired"),
        // Core 2.3.3: not later than our clock, and the skew.
        (issued - seconds(5), 300, "accepted"),
        (issued - seconds(5) - moment, 300, "not_yet_valid"),
        // Core 2.5.1.2, Profiles 4.1.4.3: the end itself is outside.
        (until + seconds(5) - moment, 86_400, "accepted"),
        (until + seconds(5), 86_400, "expired"),
    ] {
        let found = verified(at, max_age, 5).map_or_else(|rejection| rejection.code(), |_| "accepted");
        assert_eq!(found, outcome, "{at}");
    }
    let told = verified(issued + seconds(16), 10, 5).expect_err("too old");
    let expected = format!("issued at most 10 s before {}, 5 s of skew apart", instant::format(issued + seconds(16)));
    assert_eq!((told.expected(), told.found()), (&*expected, &*instant::format(issued)));
}
