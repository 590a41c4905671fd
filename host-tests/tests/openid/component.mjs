// The component, as a client of the server in `server.mjs`.

import { readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";

const { component, origin, tenantId, redirectUri, certificate } = workerData;
const { instantiate } = await import(component);
const core = async (path) => WebAssembly.compile(await readFile(new URL(path, component)));
const shim = new WASIShim({ sandbox: { env: {}, preopens: {} } });
const { credentials, signIn } = await instantiate(core, shim.getImportObject());

const SCOPES = ["https://vault.example/.default", "https://storage.example/.default"];
const application = (clientId) => ({ tenantId, clientId });

/** The builder, for the server. */
function at(builder) {
  builder.setAuthority(origin);
  builder.setDisableInstanceDiscovery(true);
  return builder;
}

/** Asks the server, which is in the main thread, to do something. */
function ask(action, value) {
  const answer = new Promise((resolve) => parentPort.once("message", resolve));
  parentPort.postMessage({ action, value });
  return answer;
}

/** The outcome of a call, in a word or two. */
function outcome(call) {
  try {
    return call() ?? "not yet";
  } catch ({ payload, message }) {
    return payload ? `${payload.kind} ${payload.response?.error ?? ""}`.trim() : message;
  }
}

const token = (credential, scope) =>
  outcome(() => credential.getToken({ scopes: [scope], enableCae: false, options: [] }).tokenType);

async function report(what, ...outcomes) {
  console.log(`${what}: ${outcomes.join(", ")} [${await ask("requests")}]`);
}

const { CredentialBuilder } = credentials;
const secret = at(CredentialBuilder.clientSecret(application("secret"), "s3cr3t~+/=&%x")).create();
await report("secret", token(secret, SCOPES[0]));

const signing = () => {
  const file = new credentials.Certificate(readFileSync(certificate));
  return at(CredentialBuilder.clientCertificate(application("certificate"), file)).create();
};
const signed = signing();
await report("certificate twice", token(signed, SCOPES[0]), token(signed, SCOPES[1]));

await ask("lose", "status");
await report("certificate after a 503", token(signing(), SCOPES[0]));

const begin = () => at(new signIn.SignInBuilder(application("public"), SCOPES));

async function browse() {
  const builder = begin();
  builder.setPrompt("consent"); // without which OpenID servers grant no `offline_access` (OpenID Connect Core 1.0, section 11)
  const flow = builder.beginAuthorizationCode(redirectUri);
  return [flow, await ask("signIn", flow.url())];
}

const [flow, redirect] = await browse();
const user = flow.redeem(redirect);
await report("code, and two refresh tokens", token(user, SCOPES[0]), token(user, SCOPES[1]));

await ask("lose", "reset");
const claims = { scopes: [SCOPES[0]], claims: "{}", enableCae: false, options: [] };
const withClaims = () => outcome(() => user.getToken(claims).tokenType);
await report("refresh token whose response is lost", withClaims());
await report("the session that it ended", withClaims());

const [lostFlow, lostRedirect] = await browse();
await ask("lose", "reset");
await report("code whose response is lost", outcome(() => lostFlow.redeem(lostRedirect)));

const device = begin().beginDeviceCode();
const first = outcome(() => device.poll());
await ask("approve", device.userCode());
const waited = device.wait();
await report("device", first, token(waited, SCOPES[0]));
parentPort.close();
