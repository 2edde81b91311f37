"""A browser as far as sign-ins need one: cookies, redirects, and forms that are filled in by name."""

import base64
import hashlib
import html.parser
import http.cookiejar
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request

STEPS = 15


class Form:
    """A form of a page: where it is sent to, its fields, and the names of its submit buttons with their values."""

    def __init__(self, action, method):
        self.action, self.method = action, method
        self.fields, self.buttons, self.kinds = {}, {}, {}


class _Forms(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.forms.append(Form(given.get("action") or "", (given.get("method") or "get").lower()))
        elif self.forms and given.get("name"):
            form, name, value = self.forms[-1], given["name"], given.get("value") or ""
            kind = given.get("type") or ("submit" if tag == "button" else "text")
            if kind in ("submit", "image"):
                form.buttons[name] = value
            elif tag == "input" and kind == "checkbox" and "checked" not in given:
                form.kinds[name] = kind
            elif tag in ("input", "textarea"):
                form.fields[name], form.kinds[name] = value, kind


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Page:
    """An answer: its status, address, headers and text."""

    def __init__(self, status, url, headers, text):
        self.status, self.url, self.headers, self.text = status, url, headers, text

    def forms(self):
        parser = _Forms()
        parser.feed(self.text)
        return parser.forms


class Browser:
    """One user's cookies. It speaks to loopback only."""

    def __init__(self):
        # The stacks mark their cookies as Secure where they think that they are behind TLS; browsers send those to loopback too.
        policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https"))
        jar = http.cookiejar.CookieJar(policy)
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), _Stay, urllib.request.HTTPCookieProcessor(jar)
        )

    def ask(self, url, form=None, headers=None):
        if urllib.parse.urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
            raise RuntimeError(f"{url} is not on loopback")
        data = None if form is None else urllib.parse.urlencode(form).encode()
        asked = urllib.request.Request(url, data=data, headers={"User-Agent": "studio-acs scripts/issuers", **(headers or {})})
        try:
            answer = self.opener.open(asked, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Page(answer.status, url, answer.headers, answer.read().decode("utf-8", "replace"))

    def walk(self, url, is_end, fill):
        """Follows redirects and sends forms, filled in by `fill`, until `is_end` says of an address or a page that it is the end."""
        seen = []
        page = self.ask(url)
        for _ in range(STEPS):
            seen.append(f"{page.status} {page.url}")
            location = page.headers.get("Location")
            if location and 300 <= page.status < 400:
                target = urllib.parse.urljoin(page.url, location)
                if is_end(target, None):
                    return target
                page = self.ask(target)
                continue
            if is_end(page.url, page):
                return page
            form = next((form for form in page.forms() if form.method == "post"), None)
            if form is None:
                break
            fields = fill(form)
            target = urllib.parse.urljoin(page.url, form.action)
            page = self.ask(target, form=fields)
        raise RuntimeError("no end after " + ", ".join(seen) + ": " + page.text[:2000])


def fill_with(known):
    """Fills in a form's fields by their names, presses the first button that `known` names, and leaves the rest as it stands."""

    def fill(form):
        fields = {**form.fields, **{name: value for name, value in known.items() if name in form.fields or name in form.kinds}}
        pressed = next((name for name in known if name in form.buttons), None)
        if pressed:
            fields[pressed] = known[pressed] if known[pressed] is not None else form.buttons[pressed]
        return fields

    return fill


def code_flow(issuer, client, secret, redirect, scope, known, resource=None, is_repeated=True):
    """The tokens of an authorization code flow with PKCE, as the issuer's discovery document says where to go.

    `resource` is asked for in the authorization request, and again in the token request if `is_repeated` (RFC 8707 2).
    """
    browser = Browser()
    place = issuer.rstrip("/") + "/.well-known/openid-configuration"
    said = json.loads(browser.ask(place).text)
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    request = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": redirect,
        "scope": scope,
        "state": secrets.token_urlsafe(8),
        "nonce": secrets.token_urlsafe(8),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if resource:
        request["resource"] = resource
    start = said["authorization_endpoint"] + "?" + urllib.parse.urlencode(request)
    end = browser.walk(start, lambda url, _: url.startswith(redirect), fill_with(known))
    answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(end).query))
    if "code" not in answer:
        raise RuntimeError(f"no code: {answer}")
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": redirect, "code_verifier": verifier}
    if resource and is_repeated:
        form["resource"] = resource
    basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
    # The application's backend asks, without the user's cookies.
    page = Browser().ask(said["token_endpoint"], form=form, headers={"Authorization": f"Basic {basic}"})
    if page.status != 200:
        raise RuntimeError(f"{page.status}: {page.text[:2000]}")
    return said, json.loads(page.text)


def saml_response(url, known):
    """The SAMLResponse, in base64, of the page by which an identity provider posts it."""

    def is_end(_, page):
        return page is not None and any("SAMLResponse" in form.fields for form in page.forms())

    page = Browser().walk(url, is_end, fill_with(known))
    return next(form.fields["SAMLResponse"] for form in page.forms() if "SAMLResponse" in form.fields), page.text
