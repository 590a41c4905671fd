// An OpenID server of other authors (npm `oidc-provider`), strict: assertions are PS256 and their `jti` is accepted once,
// refresh tokens are replaced with each use and end the session when one comes twice, PKCE is required. Its paths are
// those of Microsoft Entra. The component runs in a worker (`component.mjs`), whose lines this prints.
//
// node server.mjs provider.js certificate.pem

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import Provider from "oidc-provider";

// The server's notes that its keys and adapters are for development.
console.info = console.warn = () => {};

const [component, certificate] = process.argv.slice(2);
const TENANT = "contoso";
const ACCOUNT = "user";
const REDIRECT_URI = "https://app.example/callback";

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const origin = `http://127.0.0.1:${server.address().port}`;
const path = (name) => `/${TENANT}/oauth2/v2.0/${name}`;

const key = new X509Certificate(readFileSync(certificate)).publicKey.export({ format: "jwk" });
const application = { redirect_uris: [], response_types: [], grant_types: ["client_credentials"] };
const provider = new Provider(origin, {
  clients: [
    { ...application, client_id: "secret", client_secret: "s3cr3t~+/=&%x", token_endpoint_auth_method: "client_secret_post" },
    { ...application, client_id: "certificate", jwks: { keys: [key] }, token_endpoint_auth_method: "private_key_jwt" },
    {
      client_id: "public",
      token_endpoint_auth_method: "none",
      redirect_uris: [REDIRECT_URI],
      response_types: ["code"],
      grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    },
  ],
  scopes: ["openid", "profile", "offline_access", "https://vault.example/.default", "https://storage.example/.default"],
  enabledJWA: { clientAuthSigningAlgValues: ["PS256"] },
  features: { clientCredentials: { enabled: true }, deviceFlow: { enabled: true }, devInteractions: { enabled: false } },
  pkce: { required: () => true },
  rotateRefreshToken: () => true,
  issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
  findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  routes: { token: path("token"), authorization: path("authorize"), device_authorization: path("devicecode") },
});

let lost; // what becomes of the next response to a token request
let requests = [];
provider.use(async (context, next) => {
  await next();
  if (context.path !== path("token")) {
    return;
  }
  requests.push(`${context.oidc?.params?.grant_type ?? "?"} ${context.status}`);
  const fault = lost;
  lost = undefined;
  if (fault === "status") {
    context.status = 503;
    context.body = "";
  } else if (fault === "reset") {
    context.respond = false;
    context.req.socket.destroy();
  }
});

const handle = provider.callback();
server.on("request", async (request, response) => {
  if (!request.url.startsWith("/interaction/")) {
    return handle(request, response);
  }
  const { params, grantId } = await provider.interactionDetails(request, response);
  const result = { login: { accountId: ACCOUNT }, consent: { grantId: await grant(params, grantId) } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
});

async function grant({ client_id: clientId, scope }, grantId) {
  const known = grantId && (await provider.Grant.find(grantId));
  const granted = known || new provider.Grant({ accountId: ACCOUNT, clientId });
  granted.addOIDCScope(scope);
  return granted.save();
}

const actions = {
  /** Signs the user in, as a browser does, and returns the address of the last redirect. */
  async signIn(url) {
    const cookies = new Map();
    while (!url.startsWith(REDIRECT_URI)) {
      const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
      const response = await fetch(url, { redirect: "manual", headers: { cookie } });
      response.headers.getSetCookie().map((it) => it.split(";")[0].split("=")).forEach(([name, value]) => cookies.set(name, value));
      if (!response.headers.has("location")) {
        throw new Error(`${response.status} ${await response.text()}`);
      }
      url = new URL(response.headers.get("location"), url).href;
    }
    return url;
  },
  /** The user types in the code of a device and agrees. */
  async approve(userCode) {
    const code = await provider.DeviceCode.findByUserCode(userCode.replace(/\W/g, ""), { ignoreExpiration: true });
    const { params, clientId } = code;
    Object.assign(code, { accountId: ACCOUNT, scope: params.scope, authTime: Math.floor(Date.now() / 1000) });
    code.grantId = await grant({ client_id: clientId, scope: params.scope });
    await code.save();
  },
  lose(fault) {
    lost = fault;
  },
  requests() {
    const taken = requests.join(", ");
    requests = [];
    return taken;
  },
};

const worker = new Worker(new URL("./component.mjs", import.meta.url), {
  workerData: { component: pathToFileURL(component).href, origin, tenantId: TENANT, redirectUri: REDIRECT_URI, certificate },
});
worker.on("message", async ({ action, value }) => {
  worker.postMessage(await actions[action](value));
});
worker.on("error", (error) => {
  console.log(error);
  process.exitCode = 1;
});
worker.on("exit", () => process.exit());
