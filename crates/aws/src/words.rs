//! AWS's own words, as the log and the records may have them.
//!
//! A message of AWS's can quote what was sent: a URL, an access key ID, the canonical string of a signature with the session
//! token in it; and an encoded authorization message says, decoded, which policies an account has.

use studio_acs_refusal::is_plain;

/// The most characters of code and message together.
pub(crate) const LIMIT: usize = 512;

/// The most characters of a code.
const CODE_LIMIT: usize = 64;

/// The most characters of a message that are read.
const READ_LIMIT: usize = 4096;

/// The beginnings of access key IDs: long-lived, temporary, and of bearer tokens and context-bound credentials
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>).
const KEY_IDS: &[&str] = &["AKIA", "ASIA", "ABIA", "ACCA", "A3T"];

/// The beginnings of session tokens of STS: they all start with the same version and region bytes.
const SESSION_TOKENS: &[&str] = &["FwoGZXIv", "FQoGZXIv", "IQoJb3Jp", "AQoDYXdz"];

/// The fewest characters of an access key ID.
const KEY_ID_LENGTH: usize = 16;

/// The most characters of a name without a break, and of a part of an ARN: a type, and names of 128 characters at most.
const NAME_LENGTH: usize = 64;
const ARN_PART_LENGTH: usize = 300;

/// From these words on, a message repeats the request that was signed.
const SIGNED_REQUEST: &[&str] = &["canonical string", "string-to-sign", "string to sign", "x-amz-security-token"];

/// Returns code and message on one line, of 512 characters at most: control characters are escaped, and without URLs, tokens,
/// access key IDs and encoded authorization messages.
pub(crate) fn words(code: &str, message: Option<&str>) -> String {
    let mut shown: String = code.chars().take(CODE_LIMIT).collect();
    let message = message.map(without_secrets).filter(|message| !message.is_empty());
    if let Some(message) = message {
        shown.push_str(": ");
        shown.push_str(&message);
    }
    bounded(shown.chars().flat_map(escaped))
}

/// A message as far as it is read: the causes are looked for in no more of it.
pub(crate) fn read(message: &str) -> String {
    message.chars().take(READ_LIMIT).collect()
}

fn without_secrets(message: &str) -> String {
    let message = read(message.trim());
    let lower = message.to_ascii_lowercase();
    let end = SIGNED_REQUEST.iter().filter_map(|words| lower.find(words)).min();
    let (kept, is_cut) = match end.and_then(|end| message.get(..end)) {
        Some(kept) => (kept, true),
        None => (message.as_str(), false),
    };
    let mut shown = String::new();
    let mut before = "";
    for piece in kept.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end_matches(char::is_whitespace);
        let space = piece.strip_prefix(word).unwrap_or_default();
        shown.push_str(&if is_encoded_message(&shown, before) {
            left_out("encoded message")
        } else {
            shown_word(word)
        });
        shown.push_str(space);
        before = word;
    }
    if is_cut {
        shown.push_str(&left_out("signed request"));
    }
    shown
}

/// Whether the next word is the text of `Encoded authorization failure message: …`.
fn is_encoded_message(shown: &str, before: &str) -> bool {
    let so_far = shown.trim_end().to_ascii_lowercase();
    before.ends_with(':') && so_far.ends_with("message:") && so_far.contains("encoded authorization")
}

fn shown_word(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    if has(&["://", "%3a%2f%2f", "sagemaker.aws/", "token="]) {
        return left_out("URL");
    }
    if has(&["signature=", "x-amz-signature", "x-amz-credential"]) {
        return left_out("signature");
    }
    let longest_name = if has(&["arn:"]) { ARN_PART_LENGTH } else { NAME_LENGTH };
    let mut shown = String::new();
    let mut rest = word;
    while let Some(start) = rest.find(is_of_token) {
        let (other, run) = rest.split_at(start);
        let end = run.find(|c| !is_of_token(c)).unwrap_or(run.len());
        let (run, after) = run.split_at(end);
        shown.push_str(other);
        shown.push_str(&shown_run(run, longest_name));
        rest = after;
    }
    shown.push_str(rest);
    shown
}

fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/=_-.~%".contains(c)
}

/// A run of characters that a token may have. Names are shown: they are shorter, or are no mixture of all kinds of characters.
fn shown_run(run: &str, longest_name: usize) -> String {
    let is_key_id = |part: &str| part.len() >= KEY_ID_LENGTH && KEY_IDS.iter().any(|start| part.starts_with(start));
    let mixed = [char::is_uppercase, char::is_lowercase, char::is_numeric].iter().all(|kind| run.contains(kind));
    let is_token = run.len() > longest_name && mixed;
    let is_credential = run.starts_with("eyJ") || SESSION_TOKENS.iter().any(|start| run.starts_with(start));
    if is_token || (is_credential && run.len() >= KEY_ID_LENGTH) {
        return left_out("token");
    }
    let parts = run.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).map(|piece| {
        let part = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let end = piece.strip_prefix(part).unwrap_or_default();
        if is_key_id(part) { format!("{}{end}", left_out("access key ID")) } else { piece.to_owned() }
    });
    parts.collect()
}

fn left_out(what: &str) -> String {
    format!("[{what} left out]")
}

fn escaped(c: char) -> impl Iterator<Item = char> {
    let plain = is_plain(c).then_some(c);
    plain.into_iter().chain((!is_plain(c)).then(|| c.escape_unicode()).into_iter().flatten())
}

fn bounded(mut chars: impl Iterator<Item = char>) -> String {
    let mut shown: String = chars.by_ref().take(LIMIT).collect();
    if chars.next().is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_aws_are_kept() {
        let scp = "User: arn:aws:sts::111122223333:assumed-role/studio-acs-mint/alice.b@corp.example is not authorized to perform: sagemaker:CreatePresignedDomainUrl on resource: arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-riverbank0001/alice with an explicit deny in a service control policy: arn:aws:organizations::444455556666:policy/o-qv5af4abcd/service_control_policy/p-2kgnabcd";
        assert_eq!(words("AccessDeniedException", Some(scp)), format!("AccessDeniedException: {scp}"));
        let clock =
            "Signature expired: 20160609T184512Z is now earlier than 20160610T013008Z (20160610T014508Z - 15 min.)";
        assert_eq!(words("SignatureDoesNotMatch", Some(clock)), format!("SignatureDoesNotMatch: {clock}"));
        assert_eq!(
            (words("Throttling", None), words("Throttling", Some(" "))),
            ("Throttling".into(), "Throttling".into())
        );
        // Longer between its colons than most names, and mixed: https://github.com/aws/amazon-sagemaker-feedback/issues/88.
        let user = "User: arn:aws:sts::111122223333:assumed-role/AmazonSageMaker-ExecutionRole-20240428T152593/SageMaker-of-user-Alice2 and AROAEXAMPLEID1234567";
        assert_eq!(words("X", Some(user)), format!("X: {user}"));
    }

    #[test]
    fn secrets_of_a_message_are_left_out() {
        let blob = "Qz7".repeat(60);
        for (message, secret, shown) in [
            (format!("You may not. Encoded authorization failure message: {blob}"), &*blob, "You may not. Encoded authorization failure message: [encoded message left out]"),
            ("Encoded authorization failure message: short and more".into(), "short", "Encoded authorization failure message: [encoded message left out] and more"),
            ("see https://d-x.studio.eu-central-1.sagemaker.aws/auth?token=e30 now".into(), "e30", "see [URL left out] now"),
            ("see HTTPS%3A%2F%2Fd-x.example now".into(), "example", "see [URL left out] now"),
            ("d-x.studio.eu-central-1.sagemaker.aws/auth?token=e30".into(), "auth", "[URL left out]"),
            ("The key AKIAIOSFODNN7EXAMPLE, or (ASIAIOSFODNN7EXAMPLE/20260504/eu)".into(), "IOSFODNN7", "The key [access key ID left out], or ([access key ID left out]/20260504/eu)"),
            ("token eyJhbGciOiJSUzI1NiJ9.e30.c2ln".into(), "hbGci", "token [token left out]"),
            ("it is FwoGZXIvYXdzEXAMPLE, or IQoJb3JpZ2luX2VjEJ".into(), "FwoG", "it is [token left out], or [token left out]"),
            (format!("session {blob}=="), &*blob, "session [token left out]"),
            ("It differs. The Canonical String for this request should have been 'POST\n/\n\nx-amz-security-token:FwoGZXIv'".into(), "FwoG", "It differs. The [signed request left out]"),
            ("x-amz-security-token:FwoGZXIv".into(), "FwoG", "[signed request left out]"),
        ] {
            let found = words("X", Some(&message));
            assert_eq!(found, format!("X: {shown}"));
            assert!(!found.contains(secret), "{found}");
        }
    }

    #[test]
    fn words_are_one_bounded_line() {
        let found = words("C\u{1b}[2J", Some(&format!("a\nb\u{202E}\r{}", "ü ".repeat(9_000))));
        assert!(found.starts_with("C\\u{1b}[2J: a\\u{a}b\\u{202e}\\u{d}ü ü "), "{found}");
        assert_eq!((found.chars().count(), found.chars().last()), (LIMIT, Some('…')));
        assert_eq!(words(&"C".repeat(9_000), Some(&"\u{0}".repeat(9_000))).chars().count(), LIMIT);
        let cut = words("X", Some(&format!("{} AKIAIOSFODNN7EXAMPLE", "x ".repeat(250))));
        assert!(!cut.contains("AKIA"), "{cut}");
    }
}
