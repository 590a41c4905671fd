// Builds a component from app.js: node build.js [output]

import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { componentize } from "@bytecodealliance/componentize-js";

const here = import.meta.dirname;
const output = process.argv[2] ?? "js-app.wasm";

// The interface is copied from the folder wit/0.2 of the workspace, because a WIT package has its dependencies in its own deps.
const witPath = mkdtempSync(join(tmpdir(), "wit-"));
try {
  cpSync(join(here, "wit"), witPath, { recursive: true });
  cpSync(join(here, "../../wit/0.2"), join(witPath, "deps/azure-identity"), { recursive: true });
  const { component } = await componentize({
    sourcePath: join(here, "app.js"),
    witPath,
    worldName: "app",
    // The app sends no requests itself.
    disableFeatures: ["http", "fetch-event"],
  });
  writeFileSync(output, component);
} finally {
  rmSync(witPath, { recursive: true });
}
