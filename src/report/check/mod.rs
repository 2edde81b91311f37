//! `studio-acs check`: whether a deployment is as it must be, before any user signs in.

mod acs_url;
mod answer;
mod broker;
mod clock;
mod domain;
mod finding;
mod item;
mod ledger;
mod metadata;
mod mint_role;
mod names;
mod network;
mod odd_name;
mod online;
mod policy;
mod read;
mod role;
mod secrets;
mod settings;
mod severity;
mod table;
mod tokens;
mod witness;
mod written;

use std::cmp::Reverse;
use std::fmt;

use serde_json::{Value, json};
use time::UtcDateTime;

use crate::config::Config;
pub use finding::Finding;
use finding::Heading;
pub use item::{Item, Subject};
pub use network::Resolver;
pub use online::Online;
pub use read::Read;
pub use secrets::SecretFile;
pub use severity::Severity;

/// The findings, by subject.
#[derive(Debug)]
pub struct Checklist {
    findings: Vec<Finding>,
}

impl Checklist {
    /// Judges the configuration, and the texts that it names and were `read`, by themselves, as of `now`. Makes no
    /// call.
    ///
    /// `region` is the one that the service would take, if one is set.
    pub fn offline(config: &Config, read: &Read, region: Option<&str>, now: UtcDateTime) -> Self {
        let trust = read.trust.as_ref();
        let mut findings = settings::findings(config, trust.and_then(|trust| trust.as_ref().ok()), region);
        findings.extend(written::findings(config, region));
        findings.push(settings::environment(read.environment));
        findings.push(settings::aws(read.aws.as_ref()));
        findings.push(secrets::finding(&read.secret_files));
        findings.extend(ledger::findings(config, read, region));
        findings.extend(broker::findings(config, read));
        findings.extend(config.service_provider.acs_urls.iter().flat_map(|url| acs_url::findings(url, config, region)));
        findings.extend(metadata::findings(trust, &config.service_provider.audience, now));
        findings.extend(tokens::findings(config, read));
        findings.push(clock::plausible(now));
        Self { findings }
    }

    /// These findings, and what AWS says. Only what reads is called; nothing is changed and nothing is minted.
    ///
    /// Comes to an end in some multiples of [`Online::patience`], whoever does not answer.
    #[must_use]
    pub async fn and_online(mut self, online: &Online, config: &Config) -> Self {
        let more = online.findings(config).await;
        // A comparison says more than plausibility, unless the time is not even plausible.
        let compared = more.iter().any(|finding| finding.item() == Item::Clock);
        let plausible = |finding: &Finding| finding.item() == Item::Clock && finding.severity() != Severity::Error;
        self.findings.retain(|finding| !(compared && plausible(finding)));
        self.findings.extend(more);
        self
    }

    /// The findings.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The heaviest finding's severity.
    pub fn worst(&self) -> Severity {
        self.findings.iter().map(Finding::severity).max().unwrap_or(Severity::Ok)
    }

    /// The checklist for programs: the verdict (`ok`, `warnings` or `errors`) and every finding.
    pub fn json(&self) -> Value {
        let verdict = match self.worst() {
            Severity::Ok | Severity::Skipped => "ok",
            Severity::Warning => "warnings",
            Severity::Error => "errors",
        };
        let findings: Vec<_> = self.findings.iter().map(Finding::json).collect();
        json!({ "verdict": verdict, "findings": findings })
    }

    /// The findings as people read them: the heading with the heaviest finding first, and under each heading its heaviest
    /// one. The first line that is not well is then the one to begin with.
    fn heaviest_first(&self) -> Vec<&Finding> {
        let weight = |severity: Severity| Reverse(severity.max(Severity::Skipped));
        let mut headings: Vec<(Heading<'_>, Severity)> = Vec::new();
        for finding in &self.findings {
            match headings.iter_mut().find(|(heading, _)| *heading == finding.heading()) {
                Some((_, worst)) => *worst = finding.severity().max(*worst),
                None => headings.push((finding.heading(), finding.severity())),
            }
        }
        headings.sort_by_key(|(_, worst)| weight(*worst));
        let under = |heading| {
            let mut findings: Vec<_> = self.findings.iter().filter(|finding| finding.heading() == heading).collect();
            findings.sort_by_key(|finding| weight(finding.severity()));
            findings
        };
        headings.into_iter().flat_map(|(heading, _)| under(heading)).collect()
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity() == severity).count()
    }
}

/// The checklist for people: under a heading for each thing, a line for each item and a fix for what is not well.
impl fmt::Display for Checklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = None;
        for finding in self.heaviest_first() {
            let heading = finding.heading();
            if last != Some(heading) {
                let (subject, about) = heading;
                let about = about.map(|about| format!(" {about}")).unwrap_or_default();
                writeln!(f, "{}{about}", subject.name())?;
                last = Some(heading);
            }
            writeln!(f, "  {} {:<56} {}", finding.severity().mark(), finding.item().what(), finding.found())?;
            if let Some(fix) = finding.fix() {
                writeln!(f, "      fix  {fix}")?;
            }
        }
        let [errors, warnings, skipped, fine] =
            [Severity::Error, Severity::Warning, Severity::Skipped, Severity::Ok].map(|severity| self.count(severity));
        writeln!(f, "\nerrors: {errors}, warnings: {warnings}, skipped: {skipped}, fine: {fine}")
    }
}
