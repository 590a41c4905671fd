import { readFileSync } from "node:fs";
import { compose as plug, imports } from "./compose/compose.js";

const TOKEN_CREDENTIAL = "azure:identity/token-credential@0.2.0";

export function compose(app, plugs) {
  if (plugs === undefined && !orThrow(() => imports(app)).includes(TOKEN_CREDENTIAL)) {
    throw new Error(
      `the app does not import ${TOKEN_CREDENTIAL}: build it with the world of azure-identity-guest, and call getToken in it`,
    );
  }
  return orThrow(() => plug(app, plugs ?? [provider()]));
}

function provider() {
  return readFileSync(new URL("./azure-identity.wasm", import.meta.url));
}

/** What a function of the component returns as its error is a sentence for people. */
function orThrow(call) {
  try {
    return call();
  } catch (thrown) {
    throw typeof thrown.payload === "string" ? new Error(thrown.payload) : thrown;
  }
}
