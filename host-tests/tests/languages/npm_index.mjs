// A registry of npm on loopback: our tarballs, and the packages that are installed in a folder `node_modules`.
//
// node npm_index.mjs NODE_MODULES TARBALLS
//
// Prints its address. An installed package is packed when it is requested.

import { execFileSync, spawn } from "node:child_process";
import { createReadStream, existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [installed, tarballs] = process.argv.slice(2);
const packages = new Map(); // name: { version: { manifest, send } }

for (const folder of foldersOf(installed)) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const pack = ["-c", "-C", folder, "--exclude=./node_modules", "--transform=s,^[.],package,", "."];
  add(manifest, (response) => spawn("tar", pack).stdout.pipe(response));
}
for (const file of readdirSync(tarballs).filter((name) => name.endsWith(".tgz"))) {
  const path = join(tarballs, file);
  const manifest = JSON.parse(execFileSync("tar", ["-xzOf", path, "package/package.json"]));
  add(manifest, (response) => createReadStream(path).pipe(response));
}

/** The folders of packages in a folder `node_modules`, and in those of the packages. */
function foldersOf(modules) {
  if (!existsSync(modules)) {
    return [];
  }
  const names = readdirSync(modules).filter((name) => !name.startsWith("."));
  const scoped = (name) => (name.startsWith("@") ? readdirSync(join(modules, name)).map((it) => join(name, it)) : [name]);
  const folders = names.flatMap(scoped).map((name) => join(modules, name));
  return folders.flatMap((folder) => [
    ...(existsSync(join(folder, "package.json")) ? [folder] : []),
    ...foldersOf(join(folder, "node_modules")),
  ]);
}

function add(manifest, send) {
  const versions = packages.get(manifest.name) ?? {};
  packages.set(manifest.name, { ...versions, [manifest.version]: { manifest, send } });
}

const server = createServer((request, response) => {
  const path = decodeURIComponent(request.url.slice(1));
  const [, name, version] = path.match(/^(.*)\/-\/(.*)\.tgz$/) ?? [undefined, path];
  const versions = packages.get(name);
  if (request.method !== "GET" || versions === undefined) {
    response.writeHead(404).end("{}");
  } else if (version !== undefined) {
    response.writeHead(200, { "content-type": "application/octet-stream" });
    versions[version].send(response);
  } else {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(packument(name, versions)));
  }
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));

function packument(name, versions) {
  const tarball = (version) => `http://127.0.0.1:${server.address().port}/${name}/-/${version}.tgz`;
  const described = Object.entries(versions).map(([version, { manifest }]) => {
    // Scripts of packages do not run, and a lock of this registry is not kept.
    const { scripts, ...rest } = manifest;
    return [version, { ...rest, dist: { tarball: tarball(version) } }];
  });
  return { name, "dist-tags": { latest: described.at(-1)[0] }, versions: Object.fromEntries(described) };
}
