// The component, in a worker. Messages: { call, request } in, { call, token } or { call, error } out.

import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";

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
