// Prints the first event of a request whose connection is never made: its name never resolves.

import { request } from "node:http";
import { connect } from "node:net";

const never = () => connect({ host: "service.example", port: 80, lookup: () => {} });
const outgoing = request({ host: "service.example", timeout: 300, createConnection: never });
for (const event of ["timeout", "response", "error"]) {
  outgoing.once(event, () => {
    console.log(event);
    process.exit();
  });
}
outgoing.end();
setTimeout(() => process.exit(1), 10_000);
