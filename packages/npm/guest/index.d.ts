/// <reference path="./interface.d.ts" />
import type { Attempt, ErrorKind, ServiceResponse } from "azure:identity/token-credential@0.2.0";

/** Options of a request for a token; those of `GetTokenOptions` of `@azure/core-auth` and `includeDetails`. */
export interface TokenOptions {
  /** The tenant that issues the token instead of the credential's own. */
  tenantId?: string;
  /** The claims challenge of a resource that refused an earlier token, as JSON text. */
  claims?: string;
  /** Whether the caller handles claims challenges (continuous access evaluation). By default it does not. */
  enableCae?: boolean;
  /** Whether `details` of the token describes the identity. By default it is empty. */
  includeDetails?: boolean;
}

/** Options of `DefaultAzureCredential.getToken`. */
export interface CredentialOptions extends TokenOptions {
  /** Checked before and after the call; the call itself cannot be aborted, but takes two minutes at most. */
  abortSignal?: { readonly aborted: boolean };
}

/** An access token. **Secret**: never print it. */
export interface Token {
  /** The token itself. */
  token: string;
  /** The time at which it expires, in milliseconds since 1970. */
  expiresOnTimestamp: number;
  /** The time from which a caller that keeps it should request a new one, in milliseconds since 1970. */
  refreshAfterTimestamp?: number;
  /** The scheme under which it is presented. A caller that does not know the scheme must not present it. */
  tokenType: "Bearer" | "pop";
  /** The credential that obtained it, e.g. `managed-identity/imds`, for logs. */
  source: string;
  /** With `includeDetails`: `tenant-id`, `client-id`, `object-id`, … where the source knows them. */
  details: Record<string, string>;
}

/**
 * Tokens of the identity with which this component was composed and configured: a `TokenCredential` of `@azure/core-auth`.
 *
 * ```ts
 * const { token } = await new DefaultAzureCredential().getToken("https://vault.azure.net/.default");
 * ```
 */
export class DefaultAzureCredential {
  /** Rejects with an `AuthenticationError`, or one of its subclasses. `scopes` is one scope or several. */
  getToken(scopes: string | string[], options?: CredentialOptions): Promise<Token>;
}

/**
 * Returns a token, and waits for it. Throws an `AuthenticationError`, or one of its subclasses.
 *
 * ```ts
 * const { token } = getToken("https://vault.azure.net/.default");
 * const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
 * ```
 */
export function getToken(scopes: string | string[], options?: TokenOptions): Token;

/**
 * There is no token. The message names the source, the failure and the remedy; it never contains a secret. That of a chain has a line
 * for each of its members.
 */
export class AuthenticationError extends Error {
  /** The kind of the failure, for programs. */
  readonly kind: ErrorKind;
  /** The claims challenge that the next sign-in of the user must satisfy; `undefined` if there is none. */
  readonly claims: string | undefined;
  /** What the service wrote; `undefined` if no service responded. Decide by `error` and `suberror`. */
  readonly response: ServiceResponse | undefined;
  /** The attempts of a chain, in order. */
  readonly attempts: Attempt[];
  /** Further facts, by name. */
  readonly details: Record<string, string>;
  protected constructor();
}

/** No source is configured. */
export class CredentialUnavailableError extends AuthenticationError {}

/** A scope, a tenant or a variable is malformed, or two of them contradict each other. Nothing was sent. */
export class InvalidArgumentError extends AuthenticationError {}
