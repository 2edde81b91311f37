//! Values of examples that stand where a deployment's own should.

/// The part of `text` that an example or a template has in place of a value.
pub(in crate::report) fn placeholder(text: &str) -> Option<&str> {
    let bracketed = || between(text, '<', '>').or_else(|| between(text, '{', '}'));
    let variable = || text.find("${").and_then(|at| text.get(at..)).or_else(|| shell_variable(text));
    variable().or_else(bracketed).or_else(|| text.split(|c: char| !is_of_word(c)).find(|word| is_placeholder(word)))
}

/// A name that RFC 2606 3 reserves for examples, if the host of this URL is under one.
pub(in crate::report) fn reserved_host(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let host = rest.split(['/', ':', '?', '#']).next()?;
    let is_under = |name: &&str| host == *name || host.strip_suffix(*name).is_some_and(|rest| rest.ends_with('.'));
    ["example.com", "example.net", "example.org"].iter().any(is_under).then_some(host)
}

fn between(text: &str, open: char, close: char) -> Option<&str> {
    let from = text.find(open)?;
    let rest = text.get(from..)?;
    let to = rest.find(close)?;
    rest.get(..to.checked_add(1)?).filter(|found| found.len() > 2)
}

/// `$NAME`, as a shell would have replaced it.
fn shell_variable(text: &str) -> Option<&str> {
    let at = text.find('$')?;
    let rest = text.get(at.checked_add(1)?..)?;
    rest.starts_with(|c: char| c.is_ascii_uppercase()).then(|| text.get(at..)).flatten()
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

fn is_placeholder(word: &str) -> bool {
    let lower = word.to_lowercase().replace('_', "-");
    let is_filler = |part: &str| part.len() > 3 && part.bytes().all(|byte| byte == b'x');
    let words = [
        "api-id",
        "change-me",
        "changeme",
        "fixme",
        "placeholder",
        "replace-me",
        "replaceme",
        "tbd",
        "todo",
        "yourcompany",
        "yourdomain",
        "yourtenant",
    ];
    let capitals = [
        "ACCOUNT",
        "ACCOUNT-ID",
        "API-ID",
        "DOMAIN-ID",
        "POOL-ID",
        "REGION",
        "SERVER-ID",
        "STAGE",
        "TENANT",
        "TENANT-ID",
    ];
    let is_example = capitals.contains(&word.replace('_', "-").as_str());
    lower.starts_with("your-") || words.contains(&&*lower) || is_example || lower.split('-').any(is_filler)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_told_from_values() {
        for text in [
            "YOUR_AUDIENCE",
            "your-audience",
            "<audience>",
            "https://<api-id>.execute-api.eu-central-1.amazonaws.com/prod/saml",
            "{audience}",
            "{{ audience }}",
            "${AUDIENCE}",
            "${user:subject}",
            "$AUDIENCE",
            "CHANGEME",
            "change_me",
            "https://login.microsoftonline.com/TENANT-ID/v2.0",
            "https://cognito-idp.REGION.amazonaws.com/POOL-ID",
            "https://login.microsoftonline.com/{tenant}/v2.0",
            "d-xxxxxxxxxxxx",
            "https://your-domain.okta.com",
            "TODO",
            "https://xxxx.execute-api.eu-central-1.amazonaws.com/prod/saml",
            "<YOUR_CLIENT_ID>",
            "REPLACE_ME",
            "https://YOUR_API_ID.execute-api.REGION.amazonaws.com/STAGE/saml",
            "https://API_ID.execute-api.eu-central-1.amazonaws.com/prod/saml",
            "https://api-id.execute-api.eu-central-1.amazonaws.com/prod/saml",
            "https://yourdomain.okta.com",
        ] {
            assert!(placeholder(text).is_some(), "{text}");
        }
        for text in [
            "https://abc123.execute-api.eu-central-1.amazonaws.com/",
            "urn:studio",
            "d-abcdefghijkl",
            "api://studio",
            "",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
            "stage",
            "region",
            "cognito:groups",
            "$",
            "realm_access.roles",
            "/run/secrets/key",
            "arn:aws:iam::123456789012:role/mint",
            "eu-central-1_aBcDeFgHi",
            "{}",
            "yourself",
            "https://xx.corp.example/",
        ] {
            assert_eq!(placeholder(text), None, "{text}");
        }
        for (text, host) in [
            ("https://studio.example.com/saml", Some("studio.example.com")),
            ("https://example.org", Some("example.org")),
            ("https://notexample.com/", None),
            ("https://studio.corp.example/", None),
            ("urn:example.com", None),
        ] {
            assert_eq!(reserved_host(text), host, "{text}");
        }
    }
}
