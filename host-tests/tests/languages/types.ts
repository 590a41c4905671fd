// The credentials of both packages are those that the clients of the Azure SDK take.

import type { TokenCredential } from "@azure/core-auth";
import { AuthenticationError, DefaultAzureCredential, getToken } from "azure-identity-guest";
import * as host from "azure-identity-host";

export const inComponents: TokenCredential = new DefaultAzureCredential();
export const inPrograms: TokenCredential = new host.WasmCredential({ environment: host.azureEnvironment() });

export function explain(error: unknown): string {
  if (error instanceof AuthenticationError || error instanceof host.AuthenticationError) {
    return `${error.kind}: ${error.message} ${error.response?.suberror ?? ""}`;
  }
  return getToken(["https://vault.azure.net/.default"], { tenantId: "contoso.com" }).source;
}

// @ts-expect-error: a scope is a text
getToken(1);
