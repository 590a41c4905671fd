// The component, in a worker. Messages: { call, request } in, { call, token } or { call, error } out.

import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";

// For the worker that the shim starts. This environment is the worker's own, not the program's.
const connectTimeout = `--import=${new URL("./connect-timeout.js", import.meta.url)}`;
process.env.NODE_OPTIONS = [process.env.NODE_OPTIONS, connectTimeout].filter(Boolean).join(" ");
const { WASIShim } = await import("@bytecodealliance/preview2-shim/instantiation");

const { component, environment, preopens } = workerData;
const { instantiate } = await import(component);

async function core(path) {
  return WebAssembly.compile(await readFile(new URL(path, component)));
}

const shim = new WASIShim({ sandbox: { env: environment, preopens } });
const { tokenCredential } = await instantiate(core, shim.getImportObject());

parentPort.on("message", ({ call, request }) => {
  try {
    parentPort.postMessage({ call, token: tokenCredential.getToken(request) });
  } catch (thrown) {
    if (thrown.payload === undefined) {
      throw thrown; // not an error of the interface: the component trapped
    }
    parentPort.postMessage({ call, error: thrown.payload });
  }
});
