// Reports the identity that the environment describes, and the claims of its token, without the token.
//
// node main.js [scope]

import { WasmCredential, azureEnvironment } from "azure-identity-host";

const [scope = "https://vault.azure.net/.default"] = process.argv.slice(2);
const credential = new WasmCredential({ environment: azureEnvironment() });

try {
  const token = await credential.getToken(scope);
  console.log(`${token.tokenType} token, until ${new Date(token.expiresOnTimestamp).toISOString()}`);
  console.log(JSON.stringify(claimsOf(token.token)));
} catch (error) {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}

/** The token's claims about the identity. They are not verified, which is the task of the resource. */
function claimsOf(token) {
  const { aud, tid, appid, oid } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  return { aud, tid, appid, oid };
}
