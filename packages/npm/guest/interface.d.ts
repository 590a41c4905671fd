/** The interface that a component imports, as the tools of JavaScript name its functions and fields. */
declare module "azure:identity/token-credential@0.2.0" {
  /** Returns a token for a request. Throws a `ComponentError` whose `payload` is a `CredentialError`. */
  export function getToken(request: TokenRequest): AccessToken;

  /** The token that a caller needs. */
  export interface TokenRequest {
    /** The permissions that the token must grant, e.g. `https://vault.azure.net/.default`. */
    scopes: string[];
    /** The tenant that issues the token; `undefined`: the credential's own. */
    tenantId: string | undefined;
    /** The claims challenge of a resource that refused an earlier token, as JSON text; `undefined`: none. */
    claims: string | undefined;
    /** Whether the caller handles claims challenges (continuous access evaluation). */
    enableCae: boolean;
    /** Further options, as pairs of a key and a value. */
    options: [string, string][];
  }

  /** An access token. **Secret**: never print it. */
  export interface AccessToken {
    token: string;
    /** `Bearer`, or another scheme, which a caller that does not know it must not present. */
    tokenType: string;
    /** Seconds since 1970-01-01T00:00:00Z. */
    expiresOn: bigint;
    /** Seconds since 1970-01-01T00:00:00Z; `undefined`: the token is good until `expiresOn`. */
    refreshOn: bigint | undefined;
    /** The credential that obtained the token, for logs. */
    source: string;
    /** Facts about the token and its identity, if the option `include-details` is `true`. */
    details: [string, string][];
  }

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

  /** The reason why a call returned no token. Contains no secret. */
  export interface CredentialError {
    kind: ErrorKind;
    message: string;
    claims: string | undefined;
    response: ServiceResponse | undefined;
    attempts: Attempt[];
    details: [string, string][];
  }
}
