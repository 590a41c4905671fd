/**
 * Microsoft Entra tokens for a JavaScript component, in the shape that the Azure SDK for JavaScript expects.
 *
 * `DefaultAzureCredential` is a `TokenCredential` of `@azure/core-auth`. It holds no Azure code: it calls the
 * imported interface `azure:identity/token-credential`, and whoever composes and runs the component decides whose
 * tokens come out.
 */

import { getToken as ask } from "azure:identity/token-credential@0.2.0";

/** Tokens of the identity that this component was composed and configured with. */
export class DefaultAzureCredential {
  /**
   * As `TokenCredential.getToken` of `@azure/core-auth`: `scopes` is one or several, `options` may have `tenantId`,
   * `claims`, `enableCae` and `abortSignal`. The signal is looked at before and after: the call itself cannot be
   * broken off, but it never takes longer than two minutes.
   *
   * Resolves to `{ token, expiresOnTimestamp, refreshAfterTimestamp, tokenType }`, times in milliseconds since 1970.
   * Rejects with `AuthenticationError` or `CredentialUnavailableError`.
   */
  async getToken(scopes, { tenantId, claims, enableCae = false, abortSignal } = {}) {
    throwIfAborted(abortSignal);
    const answer = askOrRefuse({ scopes: [scopes].flat(), tenantId, claims, enableCae });
    throwIfAborted(abortSignal);
    return {
      token: answer.token,
      expiresOnTimestamp: Number(answer.expiresOn) * 1000,
      refreshAfterTimestamp: answer.refreshOn === undefined ? undefined : Number(answer.refreshOn) * 1000,
      tokenType: answer.tokenType,
    };
  }
}

/** There is no token. The message says who failed, what was tried and what to do; it is never secret. */
export class AuthenticationError extends Error {
  constructor(error) {
    super(error.message);
    this.name = new.target.name;
    /** `unavailable`, `rejected`, `unreachable`, `invalid-request` or `other`. */
    this.kind = error.kind;
    /** The `AADSTS` numbers of Microsoft Entra. */
    this.errorCodes = [...error.errorCodes];
    /** The challenge to be satisfied by whoever signs the user in; undefined if there is none. */
    this.claims = error.claims;
    /** What was tried, in order: `{ source, kind, message }`. */
    this.attempts = error.attempts;
  }
}

/** Nothing here is configured to give a token. */
export class CredentialUnavailableError extends AuthenticationError {}

function askOrRefuse(request) {
  try {
    return ask(request);
  } catch (thrown) {
    const error = thrown.payload;
    if (error === undefined) {
      throw thrown;
    }
    throw new (error.kind === "unavailable" ? CredentialUnavailableError : AuthenticationError)(error);
  }
}

function throwIfAborted(signal) {
  if (signal?.aborted) {
    const error = new Error("the operation was aborted");
    error.name = "AbortError";
    throw error;
  }
}
