// A command that reads a secret of a vault with `fetch`. It has no code for tokens.

import { getArguments } from "wasi:cli/environment@0.2.0";

export const run = {
  async run() {
    const response = await fetch(getArguments()[1], { headers: { authorization: "Bearer its-own" } });
    console.log(`${response.status} ${(await response.json()).value}`);
    const refused = await fetch("https://elsewhere.example/").then(() => "sent", (error) => error.name);
    console.log(refused);
  },
};
