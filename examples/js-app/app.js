// A command that reports its identity and the claims of its token, without the token.

import { getArguments } from "wasi:cli/environment@0.2.0";
import { DefaultAzureCredential } from "./azure-identity.js";

export const run = {
  async run() {
    const scope = getArguments()[1] ?? "https://vault.azure.net/.default";
    let token;
    try {
      token = await new DefaultAzureCredential().getToken(scope);
    } catch (error) {
      console.error(`${error.name}: ${error.message}`);
      throw undefined; // the error of `run` has no payload
    }
    console.log(`${token.tokenType} token, until ${new Date(token.expiresOnTimestamp).toISOString()}`);
    console.log(JSON.stringify(claimsOf(token.token)));
  },
};

/** The token's claims about the identity. They are not verified, which is the task of the resource. */
function claimsOf(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const { aud, tid, appid, oid } = JSON.parse(atob(payload));
  return { aud, tid, appid, oid };
}
