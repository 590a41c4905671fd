// Goes through the simulated sign-in page as a user does. node login.mjs ADDRESS accept|decline|wrong-state

import { open } from "./open.mjs";

const [address, action] = process.argv.slice(2);
const browser = await open();
const page = await browser.newPage();
await page.goto(address);
console.log(await page.getByRole("heading", { level: 1 }).textContent());
const link = page.getByRole("link", { name: action === "decline" ? "Decline" : "Accept" });
if (action === "wrong-state") {
  const forged = new URL(await link.getAttribute("href"));
  forged.searchParams.set("state", "forged");
  const other = await browser.newPage();
  console.log((await other.goto(forged.href)).status());
}
const [response] = await Promise.all([page.waitForResponse((it) => it.url().startsWith("http://localhost")), link.click()]);
console.log(response.status());
console.log((await page.locator("body").textContent()).trim());
await browser.close();
