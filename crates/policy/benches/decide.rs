//! Cost of a decision, and cost of reading the policies at the start.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use std::hint::black_box;
use std::path::Path;

use fixtures::stopwatch::{Contestant, compare};
use studio_acs_policy::{DEFAULT, Policies, Question, Zone, cases};

/// Every fact that there can be.
const FACTS: &str = "
    groups = ['data-science', 'engineering', 'contractors']
    for_user = 'alice'
    team = 'data-science'
    tags = { cost-centre = '4711' }
    authenticated_at = 2026-01-15T09:30:00Z
    authentication_methods = ['mfa']
    source_ip = '10.1.2.3'
    vpc_endpoint = 'vpce-0123456789abcdef0'
    urls_this_minute = 1
    ticket_number = 'CHG0012345'
    approved_by = 'bob'";

fn main() {
    let of_default = vec![("default.cedar".to_owned(), DEFAULT.to_owned())];
    let mut of_all = of_default.clone();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/access/examples");
    for file in std::fs::read_dir(examples).expect("the examples") {
        let path = file.expect("a file").path();
        of_all.push((path.display().to_string(), std::fs::read_to_string(&path).expect("a policy")));
    }
    let parse = |files: &[(String, String)]| {
        Policies::parse(files, Zone::named("Europe/Berlin").expect("a zone")).expect("policies")
    };
    let (default, all) = (parse(&of_default), parse(&of_all));
    let (few, many) = (question(""), question(FACTS));
    compare(
        "a decision",
        &mut [
            Contestant::new("default, few facts", || {
                let _ = black_box(default.decide(black_box(&few)));
            }),
            Contestant::new("default, every fact", || {
                let _ = black_box(default.decide(black_box(&many)));
            }),
            Contestant::new("default and every example", || {
                let _ = black_box(all.decide(black_box(&many)));
            }),
        ],
    );
    compare(
        "reading and validating",
        &mut [
            Contestant::new("default", || {
                black_box(parse(&of_default));
            }),
            Contestant::new("default and every example", || {
                black_box(parse(&of_all));
            }),
        ],
    );
}

fn question(facts: &str) -> Question {
    toml::from_str::<cases::Given>(facts).expect("facts").question().expect("a question")
}
