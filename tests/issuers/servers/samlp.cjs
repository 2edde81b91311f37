// npm samlp as an Express application whose user is signed in already: /default as its README has it, and further paths with
// the options that its page of ours names. The sign-in begins here, without a request.
const { readFileSync } = require("node:fs");
const express = require("express");
const samlp = require("samlp");

const [port, key, cert, audience, acs] = process.argv.slice(2);
const user = {
  id: "alice",
  displayName: "Alice Example",
  name: { givenName: "Alice", familyName: "Example" },
  emails: [{ value: "alice@corp.example" }],
  groups: ["scientists", "staff"],
};
const options = {
  issuer: "urn:example:samlp",
  cert: readFileSync(cert),
  key: readFileSync(key),
  audience,
  getPostURL: (_audience, _request, _req, done) => done(null, acs),
  getUserFromRequest: () => user,
};
const ours = { destination: acs, recipient: acs };
const application = express();
application.get("/default", samlp.auth({ ...options }));
application.get("/ours", samlp.auth({ ...options, ...ours }));
application.get("/destination", samlp.auth({ ...options, destination: acs }));
application.get("/both", samlp.auth({ ...options, ...ours, signResponse: true }));
application.get("/metadata/FederationMetadata/2007-06/FederationMetadata.xml", samlp.metadata({ ...options, endpointPath: "/default" }));
application.listen(Number(port), "127.0.0.1");
