// Bundles an app as the template of Spin for TypeScript does.

import { build } from "esbuild";
import { SpinEsbuildPlugin } from "@spinframework/build-tools/plugins/esbuild/index.js";

const plugins = [await SpinEsbuildPlugin()];
await build({ entryPoints: ["app.ts"], outfile: "bundle.js", bundle: true, format: "esm", platform: "node", plugins });
