/**
 * Composes an app's component with the provider, as `wac plug` does, and returns the bytes of the composition.
 *
 * `plugs` are the components that satisfy the app's imports; by default `azure-identity.wasm` of this package. One that wraps another
 * stands before it: `token-cache`, then the provider. Throws an `Error` with a sentence for people if they do not fit together.
 */
export function compose(app: Uint8Array, plugs?: Uint8Array[]): Uint8Array;
