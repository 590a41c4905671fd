// Loaded into the worker in which the shim sends requests.
//
// The shim (0.25.0) passes the component's connect timeout to Node as `timeout` of a request. Node takes it for the time in
// which a socket may be idle, so it also ends a request whose response takes longer than a connection may take. Here it is
// the time until there is a connection. The component itself limits the time until the response.

import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

for (const [module, connected] of [[http, "connect"], [https, "secureConnect"]]) {
  const send = module.request;
  module.request = ({ timeout, ...options }, ...rest) => {
    const request = send(options, ...rest);
    request.once("socket", (socket) => {
      if (!socket.connecting || timeout === undefined) {
        return; // an open connection is used again
      }
      const timer = setTimeout(() => request.emit("timeout"), timeout);
      for (const end of [connected, "error", "close"]) {
        socket.once(end, () => clearTimeout(timer));
      }
    });
    return request;
  };
}
syncBuiltinESMExports();
