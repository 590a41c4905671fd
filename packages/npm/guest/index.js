/**
 * Microsoft Entra tokens for a component in JavaScript or TypeScript.
 *
 * `DefaultAzureCredential` is a `TokenCredential` of `@azure/core-auth`. It contains no Azure code: it calls the imported
 * interface `azure:identity/token-credential`. The composition and the configuration of the component determine the
 * identity.
 */

import { getToken as callProvider } from "azure:identity/token-credential@0.2.0";

/** Tokens of the identity with which this component was composed and configured. */
export class DefaultAzureCredential {
  async getToken(scopes, options = {}) {
    throwIfAborted(options.abortSignal);
    const token = getToken(scopes, options);
    throwIfAborted(options.abortSignal);
    return token;
  }
}

export function getToken(scopes, { tenantId, claims, enableCae = false, includeDetails = false } = {}) {
  const options = includeDetails ? [["include-details", "true"]] : [];
  const token = requestToken({ scopes: [scopes].flat(), tenantId, claims, enableCae, options });
  return {
    token: token.token,
    expiresOnTimestamp: Number(token.expiresOn) * 1000,
    refreshAfterTimestamp: token.refreshOn === undefined ? undefined : Number(token.refreshOn) * 1000,
    tokenType: token.tokenType,
    source: token.source,
    details: Object.fromEntries(token.details),
  };
}

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

function requestToken(request) {
  try {
    return callProvider(request);
  } catch (thrown) {
    const error = thrown.payload;
    if (error === undefined) {
      throw thrown;
    }
    throw toError(error);
  }
}

function throwIfAborted(signal) {
  if (signal?.aborted) {
    const error = new Error("the operation was aborted");
    error.name = "AbortError";
    throw error;
  }
}
