//! The kinds of sinks.

use std::fmt;

/// A kind of sink; at most one of each exists. The log is always one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkKind {
    /// Datadog's log intake.
    Datadog,
    /// A stream of Amazon Data Firehose.
    Firehose,
    /// Standard output.
    Log,
    /// Splunk's HTTP Event Collector.
    Splunk,
    /// A Sumo Logic HTTP source.
    SumoLogic,
    /// Anything that takes a POST.
    Webhook,
}

impl SinkKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Datadog, Self::Firehose, Self::Log, Self::Splunk, Self::SumoLogic, Self::Webhook];

    /// Its name, as settings and the log have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Datadog => "datadog",
            Self::Firehose => "firehose",
            Self::Log => "log",
            Self::Splunk => "splunk",
            Self::SumoLogic => "sumo-logic",
            Self::Webhook => "webhook",
        }
    }
}

impl fmt::Display for SinkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The names of these sinks.
pub(crate) fn list(sinks: &[SinkKind]) -> String {
    sinks.iter().map(|sink| sink.as_str()).collect::<Vec<_>>().join(",")
}
