//! Messages of the log that alarms and dashboards read.

use std::fmt;

use crate::alarm::Alarm;

/// A message of the log that alarms or dashboards read. It stands beside the line that writes it; the deployment's contract
/// lists all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogMessage {
    /// The message.
    pub text: &'static str,
    /// The fields that its lines can have, besides the message, the time, the level and the target.
    pub fields: &'static [&'static str],
    /// The alarm that counts its lines; `None` where another line, or nothing, calls for it.
    pub alarm: Option<Alarm>,
}

impl fmt::Display for LogMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Alarms look for the text, and nothing may stand beside it.
    #[test]
    fn a_message_is_written_as_its_text() {
        let message = LogMessage { text: "sign-in refused", fields: &["code", "reason"], alarm: None };
        assert_eq!(message.to_string(), "sign-in refused");
    }
}
