// Uses the simulator's page as a person does. node console.mjs ADDRESS; prints the page's accessibility tree.

import assert from "node:assert/strict";
import { open } from "./open.mjs";

const [address] = process.argv.slice(2);
const imds = `${address}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net`;
const getToken = () => fetch(imds, { headers: { metadata: "true" } });
const problems = [];

const browser = await open();
const page = await browser.newPage({ colorScheme: "light", viewport: { width: 1280, height: 900 } });
page.on("pageerror", (error) => problems.push(error.message));
page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
page.on("request", (request) => {
  if (!request.url().startsWith(address) && !request.url().startsWith("data:")) problems.push(`requests ${request.url()}`);
});
await page.goto(address);
await page.getByText("Connected.").waitFor();
const tree = (await page.locator("body").ariaSnapshot()).split("\n").filter((line) => !line.includes("- option "));
const changing = [[new URL(address).host, "ADDRESS"], [/\d{4}-\d\d-\d\d [\d:]{8} UTC/g, "TIME"], [/simulator \d+\.\d+\.\d+/g, "simulator VERSION"]];
console.log(changing.reduce((text, [from, to]) => text.replaceAll(from, to), tree.join("\n")));

// A request appears as it comes: who, what, answer, and the claims of the token, but not the token.
const { access_token: token } = await (await getToken()).json();
const row = page.getByRole("row").filter({ hasText: "169.254.169.254/metadata/identity/oauth2/token" }).first();
await row.waitFor();
const cells = await row.getByRole("cell").allTextContents();
assert.equal(cells[1], "imds");
assert.equal(cells[2], "55556666-ffff-7777-aaaa-8888bbbb9999");
assert.match(cells[4], /^200 token for https:\/\/vault\.azure\.net as 5555/);
const identity = page.getByRole("listitem").filter({ hasText: "vm1: managed identity" });
await identity.getByText("Claims of its last token").click();
assert.equal(JSON.parse(await identity.locator("pre").textContent()).aud, "https://vault.azure.net");
assert.ok(!(await page.content()).includes(token), "the page contains the token");

// Text of a request is text.
await fetch(`${address}/x?<img src=x onerror=alert(1)>`);
await page.getByText("501 not simulated").first().waitFor();
assert.equal(await page.locator("#request-rows img").count(), 0);

// A fault is switched on and off by keyboard.
const fault = page.getByRole("switch", { name: "Fault of imds" });
await fault.focus();
await page.keyboard.press("Space");
await page.getByText("imds fails: 503").waitFor();
assert.equal(await fault.getAttribute("aria-checked"), "true");
assert.ok(await fault.evaluate((it) => it === document.activeElement), "the switch keeps the focus");
assert.equal((await getToken()).status, 503);
await page.keyboard.press("Space");
await page.getByText("imds works again").waitFor();
assert.equal((await getToken()).status, 200);

// The filter, the pause, the lines to copy, the clock.
await page.getByLabel("Service", { exact: true }).selectOption("entra");
assert.equal(await row.isVisible(), false);
await page.getByLabel("Service", { exact: true }).selectOption("");
await page.getByRole("button", { name: "Pause" }).click();
const count = await page.locator("#request-rows tr").count();
await getToken();
await page.getByRole("button", { name: "One day passes" }).click();
await page.getByText("24h passed").waitFor();
assert.equal(await page.locator("#request-rows tr").count(), count);
await page.getByRole("button", { name: "Pause" }).click();
await page.locator(`#request-rows tr:nth-child(${count + 1})`).waitFor();
await page.getByLabel("Host").selectOption("spin");
assert.match(await page.getByLabel("Lines to copy").textContent(), /allowed_outbound_hosts = \["http:\/\/127\.0\.0\.1:/);

for (const colorScheme of ["light", "dark"]) {
  await page.emulateMedia({ colorScheme });
  assert.deepEqual(await page.evaluate(lowContrast), [], colorScheme);
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${colorScheme}.png`, fullPage: true });
}
await page.setViewportSize({ width: 360, height: 800 });
assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "a narrow page scrolls sideways");
assert.deepEqual(problems, []);
await browser.close();

/** The texts whose contrast is below 4.5, which WCAG 2.2 requires (1.4.3). */
function lowContrast() {
  const numbers = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = numbers(color).map((it) => it / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const background = (element) => {
    for (let it = element; it; it = it.parentElement) {
      const color = getComputedStyle(it).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  return [...document.querySelectorAll("body *")].filter((it) => hasText(it) && it.checkVisibility() && it.tagName !== "OPTION").flatMap((element) => {
    const [one, other] = [getComputedStyle(element).color, background(element)].map(luminance).sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    return ratio < 4.5 ? [`${ratio.toFixed(1)}: ${element.textContent.trim().slice(0, 40)}`] : [];
  });
}
