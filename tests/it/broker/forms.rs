//! The forms of the service's own pages: what is no form of theirs is refused by a rule that speaks of forms.

use axum::body::Body;
use axum::http::Request;

use super::{Book, NOON, World, attempts, entry};
use support::FORM;
use support::browser::Browser;

async fn world() -> (World, Book) {
    let book = Book::of(&(entry("a", "alice", "") + &entry("b", "alice", "")));
    (World::without_aws(&["alice"]).await, book)
}

#[tokio::test]
async fn each_rule_of_a_form_has_its_code_and_says_what_it_found() {
    let (world, book) = world().await;
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    let mut alice = Browser::of_service(&service);
    assert_eq!(alice.sign_in(&world.form(&service, "alice")).await.status, 200);
    let long = "x".repeat(65);
    for (fields, reason) in [
        (vec![("entry", &*long)], "expected at most 64 characters in the field entry, found 65"),
        (vec![("ticket_number", "CHG1\u{202e}")], "expected plain text in the field ticket_number"),
        (vec![("entry", "a"), ("entry", "b")], "expected the field entry once, found it again"),
        (vec![("confirm", "yes"), ("decline", "yes")], "expected the field decline once, found it again"),
        (vec![("csrf_token", "x")], "expected the field csrf_token once, found it again"),
        (vec![("approve", "")], "expected the id of a request in the field approve, found none"),
    ] {
        let page = alice.clone().submit("continue", &fields).await;
        assert!(page.status == 400 && page.body.contains("This form could not be used"), "{page:?}");
        let attempt = attempts(&service.log()).pop().expect("an attempt");
        assert_eq!(attempt["code"], "form_invalid");
        let told = attempt["reason"].as_str().expect("a reason");
        assert!(told.starts_with(reason) && !told.contains("SAML"), "{told}");
    }
    assert_eq!(alice.submit("continue", &[("entry", "a")]).await.status, 302, "nothing was used up");
}

#[tokio::test]
async fn method_media_type_and_size_keep_their_statuses() {
    let (world, book) = world().await;
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    let (form, text) = (Some(FORM), Some("text/plain"));
    for (method, path, media_type, length, status, code) in [
        ("PUT", "continue", form, 0, 405, "form_method_not_allowed"),
        ("HEAD", "continue", form, 0, 405, "form_method_not_allowed"),
        ("GET", "review", form, 0, 405, "form_method_not_allowed"),
        ("POST", "continue", text, 0, 415, "form_unsupported_media_type"),
        ("POST", "review", None, 0, 415, "form_unsupported_media_type"),
        ("POST", "continue", form, 4_097, 413, "form_too_large"),
        ("POST", "continue", form, 4_096, 403, "resume_missing"),
        ("POST", "continue", Some("Application/X-WWW-Form-Urlencoded; charset=utf-8"), 0, 403, "resume_missing"),
    ] {
        let request = Request::builder().method(method).uri(format!("/saml/{path}"));
        let request = media_type.into_iter().fold(request, |request, text| request.header("content-type", text));
        let answer = service.send(request.body(Body::from(vec![b'x'; length])).expect("a request")).await;
        let attempt = attempts(&service.log()).pop().expect("an attempt");
        assert_eq!((answer.status.as_u16(), &attempt["code"]), (status, &code.into()), "{method} {path} {attempt}");
        let allowed = if path == "review" { "POST" } else { "GET, POST" };
        assert_eq!(answer.header("allow"), if status == 405 { allowed } else { "" }, "{method} {path}");
    }
    let twice = Request::builder().method("POST").uri("/saml/continue");
    let twice = twice.header("content-type", FORM).header("content-type", FORM).body(Body::empty());
    assert_eq!(service.send(twice.expect("a request")).await.status.as_u16(), 415);
}
