#!/usr/bin/env node
// Starts the program of this platform, which the release puts into `programs`.

import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const programs = fileURLToPath(new URL("../programs", import.meta.url));
const platform = `${process.platform}-${process.arch}`;
const program = `${programs}/${platform}/azure-simulator${process.platform === "win32" ? ".exe" : ""}`;

if (!existsSync(program)) {
  const known = readdirSync(programs).join(", ");
  console.error(`azure-simulator: this package has no program for ${platform}, only for ${known}; install it by cargo`);
  process.exit(1);
}
const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`azure-simulator: ${program} does not start: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
