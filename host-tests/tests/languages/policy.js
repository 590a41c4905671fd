// The Azure SDK's own authentication policy, with the credentials of azure-identity-host (over the component itself) and of
// azure-identity-guest (over a provider made up here). Stands in the project's folder while it runs.
//
// node policy.js IMDS

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isTokenCredential } from "@azure/core-auth";
import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import { CredentialUnavailableError, InvalidArgumentError, WasmCredential, azureEnvironment } from "azure-identity-host";

const SCOPE = "https://vault.azure.net/.default";
const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}';

const [imds] = process.argv.slice(2);

/** Sends two requests to a resource that answers the first with a claims challenge; returns what it was shown. */
async function shownBy(credential) {
  const shown = [];
  const challenge = `Bearer error="insufficient_claims", claims="${btoa(CLAIMS)}"`;
  const resource = {
    async sendRequest(request) {
      shown.push(request.headers.get("authorization"));
      const refused = shown.length === 1;
      const headers = createHttpHeaders(refused ? { "www-authenticate": challenge } : {});
      return { request, headers, status: refused ? 401 : 200 };
    },
  };
  assert(isTokenCredential(credential));
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: SCOPE }));
  for (let i = 0; i < 2; i++) {
    const response = await pipeline.sendRequest(resource, createPipelineRequest({ url: "https://contoso.example" }));
    assert.equal(response.status, 200);
  }
  return shown;
}

// The component, on its worker.
const environment = azureEnvironment({ AZURE_POD_IDENTITY_AUTHORITY_HOST: imds, AZURE_OTHER: "x", PATH: "/bin" });
assert.deepEqual(environment, { AZURE_POD_IDENTITY_AUTHORITY_HOST: imds });
const credential = new WasmCredential({ environment });
const [first, second, third] = await shownBy(credential);
assert(first.startsWith("Bearer ey") && second.startsWith("Bearer ey"), "the policy sends something else than a token");
assert(first !== second, "the challenge was answered with the token that had been refused");
assert(second === third, "the answer to the challenge was not kept");

// Calls may overlap, be broken off, and end with the credential. The policy asks for tokens of continuous access evaluation.
const both = await Promise.all([SCOPE, [SCOPE]].map((scopes) => credential.getToken(scopes, { enableCae: true })));
assert(both.every(({ token, tokenType }) => `${tokenType} ${token}` === second));
await assert.rejects(credential.getToken(SCOPE, { abortSignal: AbortSignal.abort() }), { name: "AbortError" });
const controller = new AbortController();
const broken = credential.getToken(SCOPE, { abortSignal: controller.signal });
controller.abort();
await assert.rejects(broken, { name: "AbortError" });
const late = credential.getToken(SCOPE);
await credential.close();
await assert.rejects(late, /the credential is closed/);
await assert.rejects(credential.getToken(SCOPE), /the credential is closed/);

// Without configuration.
const nothing = new WasmCredential({ environment: { AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential" } });
await assert.rejects(nothing.getToken(SCOPE), (error) => {
  assert(error instanceof CredentialUnavailableError);
  assert.deepEqual([error.kind, error.attempts[0].source], ["not-configured", "environment"]);
  return true;
});
await assert.rejects(nothing.getToken("a scope"), (error) => {
  assert(error instanceof InvalidArgumentError);
  assert.match(error.message, /^get-token: a scope has a character that no scope has: "a scope"; /);
  return true;
});
const nowhere = new WasmCredential({ environment: { AZURE_TOKEN_CREDENTIALS: "dev" } });
await assert.rejects(nowhere.getToken(SCOPE), (error) => {
  const [first, ...tried] = error.message.split("\n\t");
  assert.match(first, /^default: no credential is available here; tried:$/);
  assert.deepEqual(tried, error.attempts.map(({ message }) => message));
  return true;
});

// The guest's, whose import only a component has.
const guest = readFileSync("node_modules/azure-identity-guest/index.js", "utf8");
const named = 'from "azure:identity/token-credential@0.2.0"';
assert(guest.includes(named));
writeFileSync("guest.js", guest.replace(named, 'from "./made-up.js"'));
writeFileSync(
  "made-up.js",
  `export const asked = [];
   export function getToken(request) {
     asked.push(request);
     if (request.scopes[0] === "nothing") {
       throw { payload: { kind: "not-configured", message: "nothing here", attempts: [], details: [] } };
     }
     if (request.scopes[0] === "malformed") {
       const attempts = [{ message: "a: $&" }, { message: "b: no" }];
       throw { payload: { kind: "invalid-argument", message: "default: a: $& | b: no", attempts, details: [] } };
     }
     const expiresOn = BigInt(Math.floor(Date.now() / 1000) + 3600);
     const details = request.options.length === 0 ? [] : [["object-id", "o"]];
     return { token: "token-" + asked.length, tokenType: "Bearer", expiresOn, refreshOn: expiresOn - 60n, source: "fake", details };
   }`,
);
const { DefaultAzureCredential, getToken } = await import(pathToFileURL(resolve("guest.js")));
const { asked } = await import(pathToFileURL(resolve("made-up.js")));
const inside = new DefaultAzureCredential();
assert.deepEqual(await shownBy(inside), ["Bearer token-1", "Bearer token-2", "Bearer token-2"]);
assert.deepEqual(asked.map(({ scopes, claims }) => [scopes, claims]), [[[SCOPE], undefined], [[SCOPE], CLAIMS]]);
const { expiresOnTimestamp, refreshAfterTimestamp } = await inside.getToken(SCOPE, { tenantId: "t", enableCae: true });
assert.equal(expiresOnTimestamp - refreshAfterTimestamp, 60_000);
assert.deepEqual(asked.at(-1), { scopes: [SCOPE], tenantId: "t", claims: undefined, enableCae: true, options: [] });
await assert.rejects(inside.getToken("nothing"), { name: "CredentialUnavailableError", message: "nothing here" });
await assert.rejects(inside.getToken(SCOPE, { abortSignal: AbortSignal.abort() }), { name: "AbortError" });

// Without a promise.
const { source, details } = getToken(SCOPE, { includeDetails: true });
assert.deepEqual([source, details], ["fake", { "object-id": "o" }]);
assert.deepEqual(asked.at(-1).options, [["include-details", "true"]]);
assert.throws(() => getToken("nothing"), { name: "CredentialUnavailableError", kind: "not-configured" });
assert.throws(() => getToken("malformed"), { name: "InvalidArgumentError", message: "default:\n\ta: $&\n\tb: no" });
