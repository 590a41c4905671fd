// What the world http-app has and no library declares, for `"types": ["azure-identity-guest/http-app"]` in tsconfig.json.

declare module "wasi:cli/environment@0.2.10" {
  /** The environment variables, as pairs of a name and a value. */
  export function getEnvironment(): [string, string][];
}

interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
}

declare function addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
