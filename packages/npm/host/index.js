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
  const named = Object.entries(environment).filter(([name]) => /^(AZURE|IDENTITY|IMDS|MSI)_/.test(name));
  return Object.fromEntries(named);
}

/** There is no token. The message names the source, the failure and the remedy; it never contains a secret. */
export class AuthenticationError extends Error {
  constructor(error) {
    super(error.message);
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

function toError(error) {
  return error.kind === "not-configured" ? new CredentialUnavailableError(error) : new AuthenticationError(error);
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
