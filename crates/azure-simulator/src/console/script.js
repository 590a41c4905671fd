// The page of the simulator. Text of requests is written with textContent alone: it is the client's.

const $ = (id) => document.getElementById(id);
const MOST_ROWS = 500;
const FAULTS = [
  ["503", "503"],
  ["500", "500"],
  ["429,retry-after=5", "429, retry after 5 s"],
  ["401", "401"],
  ["hang", "never responds"],
  ["reset", "connection reset"],
  ["truncated,bytes=20", "ends after 20 bytes"],
  ["not-json", "plain text"],
  ["html", "a captive portal's page"],
];

let state;
let openedOn;
let lastNumber = 0;
let paused = false;
const waiting = [];

/** An element with text, attributes and children. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.map((child) => child ?? ""));
  return made;
}

async function load() {
  state = await (await fetch("/simulator/state")).json();
  $("address").textContent = state.address;
  $("version").textContent = state.version;
  $("clock").textContent = time(state.time);
  $("clock").dateTime = iso(state.time);
}

/** Faults that are limited in number end by themselves. */
async function reload() {
  await load();
  showFaults();
}

async function change(path, body, done) {
  const headers = { "content-type": "application/json", "x-azure-simulator": "1" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  await reload();
  $("outcome").textContent = response.ok ? done : await response.text();
}

function iso(seconds) {
  return new Date(seconds * 1000).toISOString();
}

function time(seconds) {
  return iso(seconds).replace("T", " ").replace(".000Z", " UTC");
}

/** Whether a request came while the page was open. */
function isLive(entry) {
  return entry["received-on"] >= openedOn;
}

function showIdentities() {
  $("identity-list").replaceChildren(...state.identities.map((identity) => {
    const id = identity["client-id"] ?? identity["object-id"];
    const facts = ["client-id", "object-id"].filter((key) => identity[key]).flatMap((key) => [
      element("dt", {}, key.replace("-", " ")),
      element("dd", {}, element("code", {}, identity[key])),
    ]);
    return element("li", {},
      element("h3", {}, identity.name ? `${identity.name}: ${identity.kind}` : identity.kind),
      element("dl", {}, ...facts),
      element("p", { class: "quiet", "data-none": id }, "No token yet."),
      element("details", { hidden: "", "data-claims": identity["object-id"] },
        element("summary", {}, "Claims of its last token"),
        element("pre", { tabindex: "0" })));
  }));
}

function showClaims(token) {
  for (const details of document.querySelectorAll(`[data-claims="${CSS.escape(token.oid ?? "")}"]`)) {
    details.hidden = false;
    details.previousElementSibling.hidden = true;
    details.querySelector("pre").textContent = JSON.stringify(token, null, 2);
  }
}

function showFaults() {
  const focused = document.activeElement?.id;
  const chosen = (name) => $(`fault-${name}`)?.value;
  $("fault-rows").replaceChildren(...state.services.map(({ name, faults }) => {
    const options = FAULTS.map(([value, text]) => element("option", { value }, text));
    const select = element("select", { id: `fault-${name}`, "aria-label": `Kind of fault of ${name}` }, ...options);
    select.value = chosen(name) ?? FAULTS[0][0];
    const on = faults.length > 0;
    const button = element("button", {
      type: "button", role: "switch", id: `switch-${name}`, "aria-checked": String(on), "aria-label": `Fault of ${name}`,
    }, on ? "on" : "off");
    button.addEventListener("click", () => change("/simulator/faults",
      { service: name, fault: on ? null : select.value },
      on ? `${name} works again` : `${name} fails: ${select.selectedOptions[0].text}`));
    return element("tr", {},
      element("th", { scope: "row" }, name),
      element("td", {}, select),
      element("td", {}, button),
      element("td", { class: on ? "bad" : "quiet" }, faults.map((fault) => fault.split("=").slice(1).join("=")).join("; ") || "none"));
  }));
  if (focused) $(focused)?.focus();
}

function row(entry) {
  const uri = new URL(entry.uri);
  const lines = [
    ...entry.headers.map(([name, value]) => `${name}: ${value}`),
    ...entry.form.map(([name, value]) => `${name}=${value}`),
  ];
  const what = element("details", {},
    element("summary", {}, `${entry.method} ${uri.host}${uri.pathname}`),
    element("pre", { tabindex: "0" }, [`${entry.method} ${entry.uri}`, ...lines].join("\n")));
  const isGood = entry.status >= 200 && entry.status < 400;
  const answer = `${entry.status ?? "no response"} ${entry.note}${entry.expected ? "" : " (no client should send this)"}`;
  const made = element("tr", { class: isLive(entry) ? "new" : undefined, "data-service": entry.service ?? "unknown" },
    element("td", { class: "time" }, element("time", { datetime: iso(entry["received-on"]), title: time(entry["received-on"]) },
      iso(entry["received-on"]).slice(11, 19))),
    element("td", {}, entry.service ?? "unknown"),
    element("td", {}, element("code", {}, entry["client-id"] ?? "–")),
    element("td", { class: "what" }, what),
    element("td", { class: isGood && entry.expected ? "good" : "bad" }, answer));
  return made;
}

function show(entry) {
  $("no-requests")?.remove();
  const made = row(entry);
  made.hidden = !isShown(made);
  $("request-rows").prepend(made);
  while ($("request-rows").childElementCount > MOST_ROWS) $("request-rows").lastElementChild.remove();
  if (entry.token) showClaims(entry.token);
  if (!made.hidden && isLive(entry)) $("announcement").textContent = `${entry.service ?? "unknown"}: ${entry.status ?? "no response"} ${entry.note}`;
}

function isShown(made) {
  const wanted = $("service-filter").value;
  return !wanted || made.dataset.service === wanted;
}

function follow() {
  const events = new EventSource("/simulator/events");
  events.addEventListener("open", () => { $("connection").textContent = "Connected."; });
  events.addEventListener("error", () => { $("connection").textContent = "Not connected: the simulator has stopped."; });
  events.addEventListener("message", ({ data }) => {
    const entry = JSON.parse(data);
    // After a reconnection the simulator sends all entries again; a new simulator starts at 1.
    if (entry.number <= lastNumber && entry.number !== 1) return;
    lastNumber = entry.number;
    if (paused) waiting.push(entry); else show(entry);
    if (state.services.some(({ faults }) => faults.some((fault) => fault.includes("times=")))) reload();
  });
}

/** The variables of the chosen identity. */
function variables() {
  const names = {
    "virtual-machine": ["AZURE_POD_IDENTITY_AUTHORITY_HOST"],
    "app-service": ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"],
    "service-principal": ["AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"],
  };
  return names[$("identity-kind").value].filter((name) => name in state.variables).map((name) => [name, state.variables[name]]);
}

function showLines() {
  const quoted = (value) => (/^[\w./:-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);
  const url = `http://${state.address}`;
  const all = variables();
  const lines = {
    shell: () => all.map(([name, value]) => `export ${name}=${quoted(value)}`),
    wasmtime: () => ["wasmtime serve -S cli \\", ...all.map(([name, value]) => `  --env ${name}=${quoted(value)} \\`), "  composed.wasm"],
    spin: () => [
      "# spin.toml", `allowed_outbound_hosts = [${JSON.stringify(url)}]`,
      `environment = { ${all.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(", ")} }`,
    ],
    wasmcloud: () => [
      "# the provider's component, in the workload's manifest", "localResources:", "  environment:", "    config:",
      ...all.map(([name, value]) => `      ${name}: ${JSON.stringify(value)}`), "  allowedHosts:", `    - ${JSON.stringify(url)}`,
    ],
  };
  $("lines").textContent = lines[$("host").value]().join("\n");
  $("copied").textContent = "";
}

function listen() {
  for (const id of ["identity-kind", "host"]) $(id).addEventListener("change", showLines);
  for (const button of document.querySelectorAll("[data-advance]")) {
    const advance = button.dataset.advance;
    button.addEventListener("click", () => change("/simulator/clock", { advance }, `${advance} passed`));
  }
  $("service-filter").append(...state.services.map(({ name }) => element("option", {}, name)));
  $("service-filter").addEventListener("change", () => {
    for (const made of $("request-rows").querySelectorAll("[data-service]")) made.hidden = !isShown(made);
  });
  $("pause").addEventListener("click", () => {
    paused = !paused;
    $("pause").setAttribute("aria-pressed", String(paused));
    if (!paused) waiting.splice(0).forEach(show);
  });
  $("clear").addEventListener("click", () => $("request-rows").replaceChildren());
  $("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText($("lines").textContent);
    $("copied").textContent = "Copied.";
  });
  setInterval(() => {
    state.time += 1;
    $("clock").textContent = time(state.time);
  }, 1000);
}

await load();
openedOn = state.time;
showIdentities();
showFaults();
listen();
showLines();
follow();
