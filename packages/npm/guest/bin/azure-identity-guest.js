#!/usr/bin/env node
// azure-identity-guest compose app.wasm -o composed.wasm

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compose } from "../compose.js";

const USAGE = `Usage: azure-identity-guest compose APP.wasm -o COMPOSED.wasm [--plug COMPONENT.wasm]...

Composes an app's component with the component that provides its tokens, as "wac plug" does.

  -o, --output FILE   the composition
      --plug FILE     a component that satisfies imports of the app, in place of the provider of this package; may be repeated, with
                      one that wraps another before it: token-cache.wasm, then azure-identity.wasm
  -h, --help          this text
`;

try {
  run();
} catch (error) {
  console.error(`azure-identity-guest: ${error.message}`);
  process.exitCode = 1;
}

function run() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      output: { type: "string", short: "o" },
      plug: { type: "string", multiple: true },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const [command, app, ...more] = positionals;
  if (command === "compose" && app !== undefined && values.output === undefined) {
    throw new Error("the output is missing; add -o COMPOSED.wasm");
  }
  if (command !== "compose" || app === undefined || more.length > 0 || values.output === undefined) {
    throw new Error(`it has one command, with an app and an output\n\n${USAGE}`);
  }
  writeFileSync(values.output, compose(readFileSync(app), values.plug?.map((file) => readFileSync(file))));
  console.log(`${values.output} is ${app} with ${values.plug?.join(" and ") ?? "the provider of this package"}`);
}
