/**
 * Microsoft Entra tokens for a JavaScript component, in the form that the Azure SDK for JavaScript expects.
 *
 * `DefaultAzureCredential` is a `TokenCredential` of `@azure/core-auth`. It contains no Azure code: it calls the imported
 * interface `azure:identity/token-credential`. The composition and the configuration of the component determine the
 * identity.
 */

import { getToken as callProvider } from "azure:identity/token-credential@0.2.0";

/** Tokens of the identity with which this component was composed and configured. */
export class DefaultAzureCredential {
  /**
   * As `TokenCredential.getToken` of `@azure/core-auth`: `scopes` is one scope or several, `options` may have
   * `tenantId`, `claims`, `enableCae` and `abortSignal`. The signal is checked before and after the call; the call itself
   * cannot be aborted, but takes two minutes at most.
   *
   * Resolves to `{ token, expiresOnTimestamp, refreshAfterTimestamp, tokenType }`, times in milliseconds since 1970.
   * Rejects with `AuthenticationError` or `CredentialUnavailableError`.
   */
  async getToken(scopes, { tenantId, claims, enableCae = false, abortSignal } = {}) {
    throwIfAborted(abortSignal);
    const token = requestToken({ scopes: [scopes].flat(), tenantId, claims, enableCae, options: [] });
    throwIfAborted(abortSignal);
    return {
      token: token.token,
      expiresOnTimestamp: Number(token.expiresOn) * 1000,
      refreshAfterTimestamp: token.refreshOn === undefined ? undefined : Number(token.refreshOn) * 1000,
      tokenType: token.tokenType,
    };
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

function requestToken(request) {
  try {
    return callProvider(request);
  } catch (thrown) {
    const error = thrown.payload;
    if (error === undefined) {
      throw thrown;
    }
    throw new (error.kind === "not-configured" ? CredentialUnavailableError : AuthenticationError)(error);
  }
}

function throwIfAborted(signal) {
  if (signal?.aborted) {
    const error = new Error("the operation was aborted");
    error.name = "AbortError";
    throw error;
  }
}
