// npm samlify as an identity provider that begins sign-ins itself: /default with its own template of a response, and further
// paths with the settings that its page of ours names.
const { randomUUID } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const saml = require("samlify");

const [port, key, cert, metadata, audience, acs] = process.argv.slice(2);
const entityID = "urn:example:samlify";
const persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
const post = saml.Constants.namespace.binding.post;

const provider = (more = {}) =>
  saml.IdentityProvider({
    entityID,
    privateKey: readFileSync(key),
    signingCert: readFileSync(cert),
    nameIDFormat: [persistent],
    singleSignOnService: [{ Binding: post, Location: `http://127.0.0.1:${port}/sso` }],
    ...more,
  });
const service = (more = {}) => saml.ServiceProvider({ metadata: readFileSync(metadata), ...more });
// The same without what our metadata asks for.
const bare = () => saml.ServiceProvider({ entityID: audience, assertionConsumerService: [{ Binding: post, Location: acs }] });

// A template of one's own leaves every field of it to the caller. `InResponseTo` is cut from it, for a sign-in without a
// request, and an authentication statement is added.
const statement =
  '<saml:AuthnStatement AuthnInstant="{IssueInstant}"><saml:AuthnContext><saml:AuthnContextClassRef>' +
  "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>";
const attribute = (name, valueTag) => ({
  name,
  valueTag,
  nameFormat: "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
  valueXsiType: "xs:string",
});
const own = {
  loginResponseTemplate: {
    context: saml.SamlLib.defaultLoginResponseTemplate.context
      .replaceAll(' InResponseTo="{InResponseTo}"', "")
      .replace("{AuthnStatement}", statement),
    attributes: [attribute("username", "user.name"), attribute("groups", "user.group")],
  },
};
function fill(template) {
  const now = new Date();
  const end = new Date(now.getTime() + 300_000).toISOString();
  const id = `_${randomUUID()}`;
  const context = saml.SamlLib.replaceTagsByValue(template, {
    ID: id,
    AssertionID: `_${randomUUID()}`,
    Issuer: entityID,
    IssueInstant: now.toISOString(),
    Destination: acs,
    SubjectRecipient: acs,
    Audience: audience,
    StatusCode: saml.Constants.StatusCode.Success,
    ConditionsNotBefore: now.toISOString(),
    ConditionsNotOnOrAfter: end,
    SubjectConfirmationDataNotOnOrAfter: end,
    NameIDFormat: persistent,
    NameID: "alice",
    attrUserName: "alice",
    attrUserGroup: "scientists",
  });
  return { id, context };
}

const user = { email: "alice@corp.example" };
const answer = (idp, sp, fill) => idp.createLoginResponse(sp, {}, "post", user, fill);
// An answer whose caller says that there was a request without an ID.
const unsolicited = { extract: { request: {} } };
const paths = {
  "/default": () => answer(provider(), service()),
  "/request": () => provider().createLoginResponse(service(), unsolicited, "post", user),
  "/own": () => answer(provider(own), service(), fill),
  "/bare": () => answer(provider(own), bare(), fill),
  "/both": () => answer(provider(own), service({ wantMessageSigned: true }), fill),
};
createServer(async (request, response) => {
  try {
    if (request.url === "/metadata") return response.end(provider().getMetadata());
    const { context } = await paths[request.url]();
    response.setHeader("Content-Type", "text/html");
    response.end(`<form method="post" action="${acs}"><input type="hidden" name="SAMLResponse" value="${context}"></form>`);
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error.stack));
  }
}).listen(Number(port), "127.0.0.1");
