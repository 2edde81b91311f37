// npm oidc-provider with its development sign-in, one client, and a resource whose access tokens are JWTs with the user's groups.
// Nothing else is set: lifetimes and claims are its defaults.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, client, secret, redirect, resource, scope] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
// Without keys of its own it signs with development keys of its package.
const keys = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
const provider = new Provider(issuer, {
  clients: [{ client_id: client, client_secret: secret, redirect_uris: [redirect] }],
  cookies: { keys: [randomBytes(16).toString("hex")] },
  jwks: { keys: [keys] },
  extraTokenClaims: (_ctx, token) => (token.scope ? { groups: ["scientists", "staff"] } : undefined),
  features: {
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ scope, accessTokenFormat: "jwt" }),
    },
  },
});
provider.listen(Number(port), "127.0.0.1");
