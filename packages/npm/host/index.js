/**
 * The provider component as a `TokenCredential` of `@azure/core-auth`, for programs that run in Node.
 *
 * The component runs in a worker, because it waits for the network in synchronous calls, which would block the program's
 * event loop. Tokens are cached in the worker's memory, so keep one credential as long as the program runs.
 */

import process from "node:process";
import { Worker } from "node:worker_threads";

/** The component as `jco transpile --instantiation` generated it. */
const PROVIDER = new URL("./provider/azure-identity.js", import.meta.url);

/** Tokens of the identity that `environment`, and the files that it names, describe. */
export class WasmCredential {
  #worker;
  #pending = new Map();
  #calls = 0;
  #ended; // the reason why the worker returns no more tokens

  constructor({ component = PROVIDER, environment = {}, preopens = {} } = {}) {
    const workerData = { component: String(component), environment, preopens };
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { workerData });
    this.#worker.on("message", ({ call, token, error }) => this.#settle(call, token, error && toError(error)));
    this.#worker.on("error", (error) => this.#end(error));
    this.#worker.on("exit", () => this.#end(new Error("the credential is closed")));
    this.#worker.unref();
  }

  getToken(scopes, { tenantId, claims, enableCae = false, abortSignal } = {}) {
    if (this.#ended || abortSignal?.aborted) {
      return Promise.reject(this.#ended ?? aborted());
    }
    const call = ++this.#calls;
    const request = { scopes: [scopes].flat(), tenantId, claims, enableCae, options: [] };
    return new Promise((resolve, reject) => {
      // The worker continues, and caches the token for the next call.
      const abort = () => this.#settle(call, undefined, aborted());
      const end = () => abortSignal?.removeEventListener("abort", abort);
      this.#pending.set(call, { resolve, reject, end });
      abortSignal?.addEventListener("abort", abort);
      this.#worker.ref(); // keeps the program running while it waits for a token
      this.#worker.postMessage({ call, request });
    });
  }

  async close() {
    await this.#worker.terminate();
  }

  #settle(call, token, error) {
    const pending = this.#pending.get(call);
    if (!pending) {
      return;
    }
    this.#pending.delete(call);
    if (this.#pending.size === 0) {
      this.#worker.unref();
    }
    pending.end();
    error ? pending.reject(error) : pending.resolve(accessToken(token));
  }

  #end(error) {
    this.#ended ??= error;
    for (const call of [...this.#pending.keys()]) {
      this.#settle(call, undefined, error);
    }
  }
}

export function azureEnvironment(environment = process.env) {
  return Object.fromEntries(VARIABLES.filter((name) => name in environment).map((name) => [name, environment[name]]));
}

/** The variables that the provider reads; a test compares them with the list of its Rust crates. */
const VARIABLES = [
  "AZD_CONFIG_DIR",
  "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
  "AZURE_AUTHORITY_HOST",
  "AZURE_CLIENT_CERTIFICATE",
  "AZURE_CLIENT_CERTIFICATE_PASSWORD",
  "AZURE_CLIENT_CERTIFICATE_PATH",
  "AZURE_CLIENT_ID",
  "AZURE_CLIENT_SECRET",
  "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
  "AZURE_CLI_SAVED_TOKEN",
  "AZURE_CLOUD_NAME",
  "AZURE_CONFIG_DIR",
  "AZURE_CORE_INSTANCE_DISCOVERY",
  "AZURE_DISABLE_INSTANCE_DISCOVERY",
  "AZURE_FEDERATED_TOKEN_FILE",
  "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH",
  "AZURE_IDENTITY_ENABLE_AZURE_PROXY",
  "AZURE_KUBERNETES_CA_DATA",
  "AZURE_KUBERNETES_CA_FILE",
  "AZURE_KUBERNETES_SNI_NAME",
  "AZURE_KUBERNETES_TOKEN_PROXY",
  "AZURE_PASSWORD",
  "AZURE_POD_IDENTITY_AUTHORITY_HOST",
  "AZURE_REGIONAL_AUTHORITY_NAME",
  "AZURE_TENANT_ID",
  "AZURE_TOKEN_CREDENTIALS",
  "AZURE_USERNAME",
  "DEFAULT_IDENTITY_CLIENT_ID",
  "HOME",
  "IDENTITY_ENDPOINT",
  "IDENTITY_HEADER",
  "IDENTITY_SERVER_THUMBPRINT",
  "IMDS_ENDPOINT",
  "LOCALAPPDATA",
  "MSI_ENDPOINT",
  "MSI_SECRET",
  "PROGRAMDATA",
  "ProgramData",
  "REGION_NAME",
  "SYSTEM_OIDCREQUESTURI",
  "USERPROFILE",
];

/** There is no token. The message names the source, the failure and the remedy; it never contains a secret. */
export class AuthenticationError extends Error {
  constructor(error) {
    super(inLines(error));
    this.name = new.target.name;
    this.kind = error.kind;
    this.claims = error.claims;
    this.response = error.response;
    this.attempts = error.attempts;
    this.details = Object.fromEntries(error.details);
  }
}

/** No source is configured. */
export class CredentialUnavailableError extends AuthenticationError {}

/** A scope, a tenant or a variable is malformed, or two of them contradict each other. Nothing was sent. */
export class InvalidArgumentError extends AuthenticationError {}

/** The message, with a line for each member of a chain that it names, as the Azure SDKs write them. */
function inLines({ message, attempts }) {
  if (attempts.length < 2) {
    return message;
  }
  return attempts.reduce((text, { message: tried }) => {
    return text.replace(`: ${tried}`, () => `:\n\t${tried}`).replace(` | ${tried}`, () => `\n\t${tried}`);
  }, message);
}

function toError(error) {
  switch (error.kind) {
    case "not-configured":
      return new CredentialUnavailableError(error);
    case "invalid-argument":
      return new InvalidArgumentError(error);
    default:
      return new AuthenticationError(error);
  }
}

function accessToken({ token, tokenType, expiresOn, refreshOn }) {
  return {
    token,
    expiresOnTimestamp: Number(expiresOn) * 1000,
    refreshAfterTimestamp: refreshOn === undefined ? undefined : Number(refreshOn) * 1000,
    tokenType,
  };
}

function aborted() {
  const error = new Error("the operation was aborted");
  error.name = "AbortError";
  return error;
}
