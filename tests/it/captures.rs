//! `verify` takes a response in the forms that people find it in, and names the others (tests/it/causes/saml.rs).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fixtures::manifest;
use serde_json::json;
use studio_acs::report::{capture_around, read_captured};

fn response() -> String {
    String::from_utf8(manifest::read("responses/identity-center.xml")).expect("UTF-8")
}

fn base64() -> String {
    STANDARD.encode(response())
}

fn form() -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("SAMLResponse", &base64())
        .append_pair("RelayState", "")
        .finish()
}

/// base64 as templates of several languages escape it.
fn escaped(plus: &str, slash: &str, equals: &str) -> String {
    base64().replace('+', plus).replace('/', slash).replace('=', equals)
}

/// An archive's entry: a POST of these data.
fn har(data: serde_json::Value) -> String {
    let get = json!({"request": {"method": "GET", "url": "https://portal.example/"}, "response": {"content": {"text": "<html>"}}});
    let post = json!({"request": {"method": "POST", "url": "https://studio.corp.example/saml", "postData": data}});
    json!({"log": {"version": "1.2", "entries": [get, post]}}).to_string()
}

#[test]
fn a_response_is_taken_out_of_the_forms_that_people_capture() {
    let encoded: String = form_urlencoded::byte_serialize(base64().as_bytes()).collect();
    let (plain, page) = (base64(), |value: &str| {
        format!(
            "<!DOCTYPE html>\n<html><body onload=\"document.forms[0].submit()\"><form method=\"post\" action=\"https://studio.corp.example/saml\">\n<input type=\"hidden\" name=\"RelayState\" value=\"\"/>\n<input type=\"hidden\" name=\"SAMLResponse\" value=\"{value}\"/></form></body></html>"
        )
    });
    let captures = [
        ("XML", response()),
        ("base64", plain.clone()),
        ("base64 in lines", plain.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line) + "\r\n").collect()),
        ("a form's body", form()),
        ("a page (Identity Center, Keycloak)", page(&plain)),
        ("a page with hexadecimal references (Shibboleth's encoder)", page(&escaped("&#x2b;", "&#x2f;", "&#x3d;"))),
        ("a page with decimal references", page(&escaped("&#43;", "&#47;", "&#61;"))),
        ("a page with named references", page(&escaped("&plus;", "&sol;", "&equals;"))),
        ("a page with line ends in the value", page(&plain.replace("PHNh", "PHNh&#13;&#10;"))),
        ("a form alone, in capitals, its value first (AD FS)", format!("<FORM METHOD='POST'><INPUT VALUE='{plain}' TYPE='hidden' NAME=\"SAMLResponse\"></FORM>")),
        ("an input without quotes", format!("<html><input name=SAMLResponse type=hidden value={plain}></html>")),
        ("a Chrome archive: text", har(json!({"mimeType": "application/x-www-form-urlencoded", "text": form()}))),
        ("a Firefox archive: decoded fields", har(json!({"params": [{"name": "SAMLResponse", "value": plain}], "text": ""}))),
        ("a Chrome archive: both", har(json!({"text": form(), "params": [{"name": "SAMLResponse", "value": plain.replace('=', "%3D").replace('+', "%2B").replace('/', "%2F")}]}))),
        ("an archive with the page before the POST", json!({"log": {"entries": [{"response": {"content": {"text": page(&plain)}}}]}}).to_string()),
        ("an export of SAML-tracer", json!({"requests": [{"method": "POST", "requestId": "1", "post": [["SAMLResponse", plain], ["RelayState", ""]], "saml": response()}], "timestamp": "2026-01-15T10:00:30Z"}).to_string()),
        ("an event of API Gateway", json!({"httpMethod": "POST", "body": form(), "isBase64Encoded": false}).to_string()),
        ("the same in base64", json!({"body": STANDARD.encode(form()), "isBase64Encoded": true}).to_string()),
        ("JSON of a test tool", json!({"SAMLResponse": plain}).to_string()),
        ("the value alone in percent-encoding", encoded.clone()),
        ("the value alone, quoted", format!("\"{plain}\"")),
        ("a request with its headers", format!("POST /saml HTTP/1.1\r\nHost: studio.corp.example\r\nContent-Type: application/x-www-form-urlencoded\r\nCookie: a=b\r\n\r\n{}", form())),
        ("Copy as cURL (bash)", format!("curl 'https://studio.corp.example/saml' \\\n  -H 'content-type: application/x-www-form-urlencoded' \\\n  --data-raw '{}' \\\n  --compressed", form())),
        ("Copy as cURL (cmd)", format!("curl ^\"https://studio.corp.example/saml^\" ^\r\n  --data-raw ^\"{}^\"", form().replace('%', "^%^").replace('&', "^&"))),
        ("Copy as PowerShell", format!("Invoke-WebRequest -UseBasicParsing -Uri \"https://studio.corp.example/saml\" `\r\n-Method \"POST\" `\r\n-Body \"{}\"", form())),
        ("Copy as fetch", format!("fetch(\"https://studio.corp.example/saml\", {{\n  \"body\": \"{}\",\n  \"method\": \"POST\"\n}});", form())),
        ("curl with an option that encodes", format!("curl https://studio.corp.example/saml --data-urlencode 'SAMLResponse={plain}'")),
        ("Form Data of Chrome", format!("SAMLResponse: {plain}\nRelayState: \n")),
        ("Form Data of Chrome, in two columns", format!("SAMLResponse\n{plain}\nRelayState\n")),
        ("Form Data of Firefox", format!("SAMLResponse\t\"{plain}\"\nRelayState\t\"\"")),
        ("a text area", format!("<form method=post><textarea name=\"SAMLResponse\" cols=80>{plain}</textarea></form>")),
        ("a script of a page", format!("<html><script>post(\"/saml\", {{SAMLResponse: \"{}\"}})</script></html>", plain.replace('+', "\\u002B").replace('/', "\\/").replace('=', "\\x3D"))),
        ("an answer with its headers", format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{}", page(&plain))),
        ("a browser's view", format!("This XML file does not appear to have any style information associated with it. The document tree is shown below.\n{}", response())),
        ("XML out of a page", response().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")),
        ("XML in percent-encoding", form_urlencoded::byte_serialize(response().as_bytes()).collect::<String>()),
        ("a log's line", json!({"level": "debug", "requestBody": form()}).to_string()),
    ];
    for (name, capture) in captures {
        for capture in [capture.clone(), format!("\u{FEFF}{capture}\n")] {
            let read = read_captured(capture.as_bytes()).unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
            assert_eq!(read.unverified_text().trim_start_matches('\u{FEFF}').trim(), response().trim(), "{name}");
            assert_eq!(capture_around(capture.as_bytes()), around(name), "{name}");
        }
    }
}

/// The text around the response in the capture of this name.
fn around(name: &str) -> Option<&'static str> {
    let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    match name {
        "a request with its headers" => Some("an HTTP request with its headers"),
        "an answer with its headers" => Some("an HTTP answer with its headers"),
        "a browser's view" => Some("a text that begins otherwise"),
        _ if begins(&["a page", "a form alone", "an input", "a text area", "a script of a page"]) => {
            Some("an HTML page")
        }
        _ if begins(&[
            "a Chrome",
            "a Firefox",
            "an archive",
            "an export",
            "an event",
            "the same in",
            "JSON",
            "a log's",
        ]) =>
        {
            Some("JSON, such as a browser's archive")
        }
        _ if begins(&["Copy as", "curl", "Form Data"]) => Some("a command, a script or a log"),
        _ => None,
    }
}

/// Fields in the text of a message are text: else an altered message is judged by one that it quotes.
#[test]
fn a_message_is_judged_by_itself_and_not_by_fields_in_it() {
    let page = format!("<html><input name=SAMLResponse value={}></html>", base64());
    for outer in [
        format!("<r><![CDATA[{page}]]></r>"),
        format!("<r>{page}</r>"),
        format!("\u{FEFF}<!-- {page} -->\n<r a='{page}'/>"),
        format!("<?xml version='1.0'?><r><!-- SAMLResponse={} --></r>", base64()),
    ] {
        let read = read_captured(outer.as_bytes()).expect("XML");
        assert!(read.unverified_text().contains("<r"), "{outer}");
        let event = json!({"body": outer}).to_string();
        assert_eq!(read_captured(event.as_bytes()).expect_err("XML in JSON").code(), "malformed_request", "{outer}");
        if outer.contains("<!--") {
            continue;
        }
        let behind = format!("This XML file does not appear to have any style information.\n{outer}");
        let read = read_captured(behind.replacen("<r", "<r xmlns='urn:x'", 1).as_bytes()).expect("XML");
        assert!(read.unverified_text().contains("<r"), "{outer}");
    }
}

/// Proxies and browsers hand on the certificate of a client.
#[test]
fn a_certificate_in_a_header_is_no_pem_file() {
    const PEM: &str = "-----BEGIN CERTIFICATE----- MIIB -----END CERTIFICATE-----";
    let lines = PEM.replace("--- ", "---\n\t");
    for capture in [
        format!("POST /saml HTTP/1.1\r\nX-SSL-Client-Cert: {PEM}\r\n\r\n{}", form()),
        format!(
            "POST /saml HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nX-SSL-Client-Cert:\n {lines}\r\n\r\n{}",
            form()
        ),
        format!("curl https://studio.corp.example/saml -H 'X-SSL-Client-Cert: {PEM}' --data-raw '{}'", form()),
    ] {
        let read = read_captured(capture.as_bytes()).unwrap_or_else(|rejection| panic!("{capture}: {rejection}"));
        assert_eq!(read.unverified_text(), response(), "{capture}");
    }
}

/// Text around a response was a part of the request: `verify` must not take a request that the server refuses.
#[test]
fn a_request_that_the_server_refuses_is_refused() {
    const TYPE: &str = "Content-Type: application/x-www-form-urlencoded";
    let (form, plain) = (form(), base64());
    let post = |head: &str, body: &str| format!("POST /saml HTTP/1.1\r\nHost: a\r\n{head}\r\n\r\n{body}");
    let curl = |body: &str| format!("curl 'https://a/saml' --data-raw '{body}' --compressed");
    let changed = |c: &str| form.replacen("PHNh", &format!("PHN{c}a"), 1);
    let twice = format!("{form}&{form}");
    let relay_states = format!("{form}&RelayState=x");
    for (capture, code) in [
        (post(TYPE, &twice), "malformed_request"),
        (post(TYPE, &relay_states), "malformed_request"),
        (post(TYPE, &format!("Old{form}")), "malformed_request"),
        (post(TYPE, &changed("\\")), "malformed_base64"),
        (post(TYPE, &changed("^")), "malformed_base64"),
        (post(TYPE, &format!("SAMLResponse={plain}")), "malformed_base64"),
        (post("Content-Type: application/json", &form), "unsupported_media_type"),
        (format!("GET /saml?{form} HTTP/1.1\r\nHost: a\r\n\r\n"), "method_not_allowed"),
        (format!("https://studio.corp.example/saml?{form}"), "method_not_allowed"),
        (curl(&twice), "malformed_request"),
        (curl(&relay_states), "malformed_request"),
        (curl(&changed("\\")), "malformed_base64"),
        (curl(&changed("^")), "malformed_base64"),
        (curl(&changed("*")), "malformed_base64"),
        (curl(&form.replacen('&', "*&", 1)), "malformed_base64"),
        (format!("{} -H 'content-type: application/json'", curl(&form)), "unsupported_media_type"),
        (format!("{} -X PUT", curl(&form)), "method_not_allowed"),
        (format!("curl 'https://a/saml?{form}'"), "method_not_allowed"),
        (
            format!(
                "<html><form><input name=SAMLResponse value={plain}><input name=SAMLResponse value={plain}></form>"
            ),
            "malformed_request",
        ),
        (har(json!({"mimeType": "application/x-www-form-urlencoded", "text": twice})), "malformed_request"),
        (har(json!({"text": relay_states})), "malformed_request"),
        (
            har(
                json!({"params": [{"name": "SAMLResponse", "value": plain}, {"name": "SAMLResponse", "value": plain}]}),
            ),
            "malformed_request",
        ),
        (har(json!({"mimeType": "application/json", "text": form})), "unsupported_media_type"),
        (
            json!({"httpMethod": "GET", "queryStringParameters": {"SAMLResponse": plain}}).to_string(),
            "method_not_allowed",
        ),
        (
            format!("--x\r\nContent-Disposition: form-data; name=\"SAMLResponse\"\r\n\r\n{plain}\r\n--x--"),
            "unsupported_media_type",
        ),
    ] {
        let rejection = read_captured(capture.as_bytes()).map(|_| "accepted").map_err(|it| it.code());
        assert_eq!(rejection, Err(code), "{capture}");
    }
}

/// Mail and terminals fold lines at several columns, and escapes make lines of several lengths.
#[test]
fn a_folded_response_is_taken_whole() {
    for columns in [64, 76, 200, 998] {
        for plus in ["%2B", "+"] {
            let lines: Vec<_> =
                base64().as_bytes().chunks(columns).map(|it| String::from_utf8_lossy(it).replace('+', plus)).collect();
            let value = lines.join("\r\n");
            let list = format!("SAMLResponse: {value}\r\nRelayState: x\r\n");
            let request = format!("POST /saml HTTP/1.1\r\nHost: a\r\n\r\nRelayState=&SAMLResponse={value}");
            let command = format!("curl https://a/saml --data-raw 'SAMLResponse={value}&RelayState='");
            for capture in [&list, &request, &command] {
                // A plus of a form is a space.
                if plus == "+" && capture != &list {
                    continue;
                }
                let read =
                    read_captured(capture.as_bytes()).unwrap_or_else(|rejection| panic!("{capture}: {rejection}"));
                assert_eq!(read.unverified_text(), response(), "{capture}");
            }
        }
    }
}

#[test]
fn pages_that_are_cut_or_nested_end() {
    for page in [
        "<html><input",
        "<html><input name=",
        "<html><input name='SAMLResponse' value='",
        "<html><input a=b c",
        "<input <input <input",
    ] {
        assert_eq!(read_captured(page.as_bytes()).expect_err("nothing").code(), "malformed_request", "{page}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(read_captured(deep.as_bytes()).expect_err("nothing").code(), "malformed_request");
    let many = format!("<html>{}", "<input name=x value='&#x110000;&#99999999999;&;&'>".repeat(10_000));
    assert_eq!(read_captured(many.as_bytes()).expect_err("nothing").code(), "malformed_request");
}
