// Builds a component from app.js: node build.mjs

import { cpSync, writeFileSync } from "node:fs";
import { componentize } from "@bytecodealliance/componentize-js";

cpSync("app.wit", "fetch/app.wit");
const { component } = await componentize({
  sourcePath: "app.js",
  witPath: "fetch",
  worldName: "app",
  disableFeatures: ["fetch-event"],
});
writeFileSync("app.wasm", component);
