/**
 * The provider component as a `TokenCredential` of `@azure/core-auth`, for programs that run in Node.
 *
 * The component runs in a worker, because it waits for the network in synchronous calls, which would block the program's
 * event loop. Tokens are cached in the worker's memory, so keep one credential as long as the program runs.
 */

import { Worker } from "node:worker_threads";

/** Tokens of the identity that `environment`, and the files that it names, describe. */
export class WasmCredential {
  #worker;
  #pending = new Map();
  #calls = 0;
  #ended; // the reason why the worker returns no more tokens

  /**
   * @param component URL of the module that `jco transpile --instantiation` generated from the provider.
   * @param environment The environment variables of the component.
   * @param preopens The folders of the component: `{ "path in the component": "path on this machine" }`. They are not
   * read-only.
   */
  constructor({ component, environment = {}, preopens = {} }) {
    const workerData = { component: String(component), environment, preopens };
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { workerData });
    this.#worker.on("message", ({ call, token, error }) => this.#settle(call, token, error && toError(error)));
    this.#worker.on("error", (error) => this.#end(error));
    this.#worker.on("exit", () => this.#end(new Error("the credential is closed")));
    this.#worker.unref();
  }

  /**
   * As `TokenCredential.getToken`: `scopes` is one scope or several, `options` may have `tenantId`, `claims`,
   * `enableCae` and `abortSignal`. Resolves to `{ token, expiresOnTimestamp, refreshAfterTimestamp, tokenType }`, times in
   * milliseconds since 1970. Rejects with `AuthenticationError` or `CredentialUnavailableError`.
   */
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

  /** Ends the worker; pending calls are rejected. */
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

/** There is no token. The message names the source, the failure and the remedy; it never contains a secret. */
export class AuthenticationError extends Error {
  constructor(error) {
    super(error.message);
    this.name = new.target.name;
    /** `not-configured`, `authentication-failed`, `transient`, `invalid-argument` or `other`. */
    this.kind = error.kind;
    /** The claims challenge that the next sign-in of the user must satisfy; undefined if there is none. */
    this.claims = error.claims;
    /**
     * What the service wrote: `{ status, error, suberror, errorCodes, correlationId, traceId, retryAfter }`; undefined if
     * no service responded. Decide by `error` and `suberror`; the `AADSTS` numbers in `errorCodes` are for people.
     */
    this.response = error.response;
    /** The attempts, in order: `{ source, kind, message, response }`. */
    this.attempts = error.attempts;
    /** Further facts, by name. */
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
