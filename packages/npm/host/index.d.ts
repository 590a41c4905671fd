/** What a `WasmCredential` runs with. */
export interface WasmCredentialOptions {
  /** The environment variables of the component; by default none. `azureEnvironment()` takes those of the program. */
  environment?: Record<string, string>;
  /** The component's folders: `{ "path in the component": "path on this machine" }`; by default none. Not read-only. */
  preopens?: Record<string, string>;
  /** The URL of another provider that `jco transpile --instantiation` generated; by default the one of this package. */
  component?: URL | string;
}

/** Options of a request for a token: those of `GetTokenOptions` of `@azure/core-auth` that have an effect. */
export interface TokenOptions {
  /** The tenant that issues the token instead of the credential's own. */
  tenantId?: string;
  /** The claims challenge of a resource that refused an earlier token, as JSON text. */
  claims?: string;
  /** Whether the caller handles claims challenges (continuous access evaluation). By default it does not. */
  enableCae?: boolean;
  /** Rejects the call with an `AbortError`. The component continues, and caches the token. */
  abortSignal?: AbortSignalLike;
}

/** The part of an `AbortSignal` that is used; the same as in `@azure/abort-controller`. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: (this: AbortSignalLike, event: any) => any, options?: any): void;
  removeEventListener(type: "abort", listener: (this: AbortSignalLike, event: any) => any, options?: any): void;
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
}

/**
 * Tokens of the identity that `environment`, and the files that it names, describe: a `TokenCredential` of
 * `@azure/core-auth`. The component runs in a worker, whose memory has the cache: keep one credential as long as the
 * program runs.
 *
 * ```ts
 * const credential = new WasmCredential({ environment: azureEnvironment() });
 * const { token } = await credential.getToken("https://vault.azure.net/.default");
 * ```
 */
export class WasmCredential {
  constructor(options?: WasmCredentialOptions);
  /** Rejects with an `AuthenticationError`, or one of its subclasses. `scopes` is one scope or several. */
  getToken(scopes: string | string[], options?: TokenOptions): Promise<Token>;
  /** Ends the worker; pending calls are rejected. */
  close(): Promise<void>;
}

/** Those variables of `environment`, by default the program's, that the provider reads. */
export function azureEnvironment(environment?: Record<string, string | undefined>): Record<string, string>;

/** The kind of a failure, for programs. */
export type ErrorKind = "not-configured" | "authentication-failed" | "transient" | "invalid-argument" | "other";

/** What the service wrote when it refused or failed. */
export interface ServiceResponse {
  /** The HTTP status. */
  status: number;
  /** The OAuth error code, e.g. `invalid_grant`. */
  error: string | undefined;
  /** Microsoft Entra's refinement of `error`. */
  suberror: string | undefined;
  /** The numbers of the `AADSTS` codes, for people. */
  errorCodes: Uint32Array;
  correlationId: string | undefined;
  traceId: string | undefined;
  /** Seconds from now after which the service accepts a further request. */
  retryAfter: number | undefined;
}

/** A member of a chain that was tried and failed. */
export interface Attempt {
  source: string;
  kind: ErrorKind;
  message: string;
  response: ServiceResponse | undefined;
}

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
