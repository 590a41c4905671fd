// @azure/identity: how long a cached call and a first token take, as one line of JSON in nanoseconds.
//
// The environment says where IMDS is (AZURE_POD_IDENTITY_AUTHORITY_HOST). `measure.mjs once` gets one token and ends.

import { DefaultAzureCredential, ManagedIdentityCredential } from "@azure/identity";

const SCOPE = "https://vault.azure.net/.default";

// As the report, because other work on the machine only ever adds time.
const firstDecile = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 10)];

// A resource of its own each time: all credentials of a process share one cache.
async function first(run) {
  const begun = process.hrtime.bigint();
  await new ManagedIdentityCredential().getToken(`https://vault${run}.azure.net/.default`);
  return Number(process.hrtime.bigint() - begun);
}

async function cached(calls) {
  const credential = new ManagedIdentityCredential();
  await credential.getToken(SCOPE);
  const rounds = [];
  for (let round = 0; round < 15; round += 1) {
    const begun = process.hrtime.bigint();
    for (let call = 0; call < calls; call += 1) await credential.getToken(SCOPE);
    rounds.push(Number(process.hrtime.bigint() - begun) / calls);
  }
  return firstDecile(rounds);
}

if (process.argv[2] === "once") {
  await new DefaultAzureCredential().getToken(SCOPE);
} else {
  const times = [];
  for (let run = 0; run < 15; run += 1) times.push(await first(run));
  console.log(JSON.stringify({ cached: await cached(2000), first: firstDecile(times) }));
}
