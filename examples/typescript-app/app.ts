// An HTTP app that reads a secret of a vault: `/secret` responds with it, `/identity` with the claims of the token.

import { AuthenticationError, DefaultAzureCredential } from "azure-identity-guest";
import { getEnvironment } from "wasi:cli/environment@0.2.10";

addEventListener("fetch", (event) => event.respondWith(respond(event.request)));

async function respond(request: Request): Promise<Response> {
  try {
    switch (new URL(request.url).pathname) {
      case "/secret":
        return new Response(`${await secret()}\n`);
      case "/identity":
        return new Response(`${JSON.stringify(claimsOf(await token()))}\n`);
      default:
        return new Response("the paths are /secret and /identity\n", { status: 404 });
    }
  } catch (error) {
    // The message has no secret, and is for the app's operator. An app on the internet writes it into its log instead. A
    // service that cannot be reached may be back in a moment; a wrong configuration or secret stays wrong.
    const isTransient = error instanceof AuthenticationError && error.kind === "transient";
    return new Response(`${error instanceof Error ? error.message : error}\n`, { status: isTransient ? 503 : 500 });
  }
}

/** The value of the secret `SECRET_NAME`, by default `greeting`, in the vault `KEY_VAULT_URL`. */
async function secret(): Promise<string> {
  const { KEY_VAULT_URL: vault = "", SECRET_NAME: name = "greeting" } = Object.fromEntries(getEnvironment());
  // The token grants access to the secret, so it is not sent unencrypted to another machine.
  if (!/^(https:\/\/|http:\/\/127\.0\.0\.1:)/.test(vault)) {
    throw new Error("KEY_VAULT_URL does not begin with https://");
  }
  const url = `${vault.replace(/\/$/, "")}/secrets/${name}?api-version=7.6`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${await token()}` } });
  const body = await response.json();
  if (!response.ok) {
    throw new Error(`${vault} responded with ${response.status}: ${body.error?.message}`);
  }
  return body.value;
}

async function token(): Promise<string> {
  return (await new DefaultAzureCredential().getToken("https://vault.azure.net/.default")).token;
}

/** The token's claims about the identity. They are not verified, which is the task of the resource. */
function claimsOf(token: string) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const { aud, tid, appid, oid } = JSON.parse(atob(payload));
  return { aud, tid, appid, oid };
}
