// What a person does on the Apps page, and what a foreign page cannot do.
import assert from "node:assert/strict";
import {readFile} from "node:fs/promises";
import {createRequire} from "node:module";
import {after, before, describe, it} from "node:test";
import {
  ask, atProvider, foreignServer, launch, loginLink, origin, port, signedIn,
} from "./world.mjs";

const patience = 15_000; // milliseconds
const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8");

let browser;
let page;
let id; // of the integration that the tests work on

before(async () => {
  browser = await launch();
  id = (await ask("POST", "/v1/integrations", {workspace: "acme", provider: "hubspot"})).id;
  page = await signedIn(browser);
  page.setDefaultTimeout(patience);
});
after(() => browser?.close());

const status = () => ask("GET", `/v1/integrations/${id}`);
const card = (on = page) => on.locator(`[data-id="${id}"]`);
const badge = (text, on = page) => card(on).locator(".badge", {hasText: text});

/** Goes through the provider's consent, which the simulator gives at once. */
async function consent(button) {
  await button.click();
  const opened = page.context().waitForEvent("page");
  await page.getByRole("dialog").getByRole("link", {name: "Open HubSpot"}).click();
  await (await opened).close({runBeforeUnload: false});
}

async function assertAccessible(on, what) {
  await on.evaluate(axeSource); // a script element would be refused, as it should
  const {violations} = await on.evaluate(() => globalThis.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}));
  assert.deepEqual(violations.map(({id: rule, nodes}) =>
    `${what}: ${rule} at ${nodes.map((node) => node.target).join(", ")}`), []);
}
describe("A person", () => {
  it("gets in by a link that works once", async () => {
    const link = await loginLink();
    const context = await browser.newContext();
    const first = await context.newPage();
    await first.goto(link);
    await first.getByText("Live", {exact: true}).waitFor();
    assert.equal(first.url(), `${origin}/`, "the code is gone from the address");
    assert.deepEqual(await context.cookies(), [], "no cookie, which other ports would get");
    const other = await (await browser.newContext()).newPage();
    await other.goto(link);
    await other.getByRole("heading", {name: "This page opens with a link"}).waitFor();
    assert.equal(await other.locator(".card").count(), 0);
    await assertAccessible(other, "welcome");
  });

  it("connects an account", async () => {
    await badge("Not connected").waitFor();
    await consent(card().getByRole("button", {name: /^(Connect|Reconnect)/}));
    await badge("Connected").waitFor();
    await page.getByRole("dialog").waitFor({state: "detached"});
    assert.equal((await status()).state, "connected");
    await card().getByText("900 records").waitFor({timeout: 30_000});
  });

  it("sees everything about it, and makes it hourly", async () => {
    await card().getByRole("button", {name: "Everything about"}).click();
    const panel = page.locator("#panel");
    await panel.getByRole("row", {name: /Contacts 300/}).waitFor();
    await panel.getByLabel("Hourly").check();
    await page.getByText("Sync is set to hourly").waitFor();
    assert.equal((await status()).mode, "hourly");
    assert.ok(await panel.getByLabel("Hourly").isChecked());
    await panel.getByLabel("Real time").check();
    await page.getByText("Sync is set to real time").waitFor();
  });

  it("refreshes it", async () => {
    const before_it = (await status()).streams[0].verified_at;
    await page.locator("#panel").getByRole("button", {name: "Refresh"}).click();
    await page.getByText("A full sync has begun").waitFor();
    for (const due = Date.now() + patience; (await status()).streams[0].verified_at <= before_it;)
      assert.ok(Date.now() < due, "the refresh did not end");
  });

  it("asks why a record is not here", async () => {
    const panel = page.locator("#panel");
    await panel.getByLabel("Id at the provider").fill("999999999");
    await panel.getByRole("button", {name: "Explain"}).click();
    await panel.locator(".answer code").waitFor();
    const why = await ask("GET", `/v1/integrations/${id}/explain/contacts/999999999`);
    assert.equal(await panel.locator(".answer code").textContent(), why.code);
  });

  it("sees both sides of a conflict, and restores the one that lost", async () => {
    const at = `/v1/integrations/${id}`;
    const record = (await ask("GET", `${at}/records/contacts?limit=1`)).records[0];
    const here = `${at}/records/contacts/${record.id}`;
    const name = async () => (await ask("GET", here)).body.properties.firstname;
    await ask("PUT", `${at}/mode`, {mode: "paused"}); // so that neither side hears of the other
    await ask("PUT", here, {firstname: "Here"});
    await atProvider("edit", {type: "contacts", id: record.id, properties: {firstname: "There"}});
    await ask("PUT", `${at}/mode`, {mode: "real_time"});
    const panel = page.locator("#panel");
    const row = panel.getByRole("row", {name: `firstname ${record.body.properties.firstname}`});
    await row.waitFor();
    const [kept, archived] = await row.locator(".kept, .archived").allTextContents();
    assert.deepEqual([kept, archived].sort(), ["Here", "There"]);
    assert.equal(await name(), kept);
    await assertAccessible(page, "conflict");
    await panel.getByRole("button", {name: /^Restore the archived/}).click();
    await page.getByRole("dialog").getByRole("button", {name: "Restore"}).click();
    await panel.getByText("Restored ").waitFor();
    assert.equal(await name(), archived);
  });

  it("sees live that it is disconnected, and what to do", async () => {
    const records = (await status()).records;
    await atProvider("revoke");
    await badge("Disconnected").waitFor();
    await page.getByRole("button", {name: /^Disconnected 1$/}).waitFor();
    await page.locator("#panel .incident", {hasText: "Press Reconnect"}).waitFor();
    await page.getByRole("button", {name: /^Notifications \d+$/}).waitFor();
    assert.equal((await status()).records, records);
  });

  it("saves the error log", async () => {
    const saved = page.waitForEvent("download");
    await page.locator("#panel").getByRole("button", {name: "Download the error log"}).click();
    const download = await saved;
    assert.equal(download.suggestedFilename(), `nexte-errors-${id}.jsonl`);
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
    assert.ok(lines.every((line) => JSON.parse(line).sentence), lines.join("\n"));
  });

  it("reconnects it, as the same integration", async () => {
    const {records} = await status();
    await consent(card().getByRole("button", {name: /^(Connect|Reconnect)/}));
    await badge("Connected").waitFor();
    await page.getByRole("button", {name: /^Disconnected 0$/}).waitFor();
    assert.equal((await status()).records, records);
  });

  it("deals with notifications", async () => {
    await page.getByRole("button", {name: /^Notifications/}).click();
    const dialog = page.getByRole("dialog");
    await assertAccessible(page, "notifications");
    for (let left = await dialog.getByRole("listitem").count(); left > 0; --left) {
      await dialog.getByRole("button", {name: /^Done/}).first().click();
      await page.waitForFunction((count) =>
        document.querySelectorAll("dialog li.incident").length === count, left - 1);
    }
    await dialog.getByText("Nothing is left to deal with.").waitFor();
    await page.keyboard.press("Escape");
    assert.deepEqual((await ask("GET", "/v1/notifications")).notifications, []);
  });

  it("needs no mouse", async () => {
    await page.getByRole("button", {name: "Close"}).click();
    const open = card().locator("[data-do=open]");
    await open.focus();
    await page.keyboard.press("Enter");
    await page.locator("#panel").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "panel-title");
    await page.keyboard.press("Escape");
    await page.locator("#panel").waitFor({state: "hidden"});
    assert.equal(await page.evaluate(() => document.activeElement.dataset.do), "open");
  });

  it("sees the quota over time, and how long it lasts", async () => {
    await page.getByRole("img", {name: /^Quota of HubSpot: \d+ of \d+ used/})
      .waitFor({timeout: 45_000}); // the engine notes it every 15 s, the page looks as often
    const [hubspot] = (await ask("GET", "/v1/quota")).providers;
    assert.ok(hubspot.samples.length > 0);
    await page.locator(".quota", {hasText: "at this pace"}).waitFor();
  });

  it("is in nobody's way: light and dark, wide and narrow", async () => {
    await card().getByRole("button", {name: "Everything about"}).click();
    for (const colorScheme of ["light", "dark"])
      for (const width of [1280, 390]) {
        await page.emulateMedia({colorScheme});
        await page.setViewportSize({width, height: 800});
        await assertAccessible(page, `${colorScheme} ${width}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `the page is ${wide} wide in ${width}`);
      }
    await page.setViewportSize({width: 1280, height: 800});
    await page.getByRole("button", {name: "Connect an account"}).click();
    await page.getByRole("dialog").waitFor();
    await assertAccessible(page, "dialog");
    await page.keyboard.press("Escape");
  });

  it("saw no script of the page fail", () => {
    const own = page.troubles.filter((text) => !text.includes("status of 40"));
    assert.deepEqual(own, []);
  });
});

describe("Two thousand integrations", () => {
  it("are shown, found and counted without two thousand cards", async () => {
    const one = await status();
    const many = Array.from({length: 2000}, (_, number) => ({...one,
      id: number ? `made${number}` : id, workspace: `workspace ${Math.floor(number / 4)}`,
      badge: number % 100 === 7 ? "red" : "green", incidents: [],
      state: number % 100 === 7 ? "disconnected" : "connected",
      account: {id: String(number), name: `company-${number}.example`}}));
    const crowd = await (await browser.newContext()).newPage();
    await crowd.route("**/v1/integrations?*", (route) =>
      route.fulfill({json: {integrations: many, next: null}}));
    await crowd.goto(await loginLink());
    await crowd.getByRole("button", {name: "All 2,000"}).waitFor();
    assert.ok(await crowd.locator(".card").count() < 60);
    assert.equal(await crowd.locator(".card").first().locator(".badge").textContent(),
      "Disconnected", "what is worst comes first");
    assert.equal(await crowd.locator(".row").first().getAttribute("aria-setsize"), "2000");
    await crowd.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await crowd.locator('[aria-posinset="2000"]').waitFor();
    assert.ok(await crowd.locator(".card").count() < 60);
    await crowd.getByRole("button", {name: "Disconnected 20"}).click();
    await crowd.locator('[aria-setsize="20"]').first().waitFor();
    await crowd.getByLabel("Search").fill("company-1907");
    await crowd.locator('[aria-setsize="1"]').waitFor();
    await crowd.locator("[data-do=open]").focus();
    await assertAccessible(crowd, "crowd");
    await crowd.context().close();
  });
});

describe("A foreign page", () => {
  let foreign;
  let stranger;

  before(async () => {
    foreign = await foreignServer("<!doctype html><title>foreign</title><body>");
    stranger = await page.context().newPage(); // in the browser that is signed in
    await stranger.goto(`http://127.0.0.1:${foreign.port}/`);
  });
  after(() => foreign?.close());

  it("is sent nothing that opens the engine", () => {
    assert.ok(foreign.seen.length > 0);
    for (const {headers} of foreign.seen) {
      assert.equal(headers.cookie, undefined);
      assert.equal(headers.authorization, undefined);
    }
  });

  it("can read nothing", async () => {
    for (const path of ["/v1/integrations", "/v1/events", "/metrics", "/healthz", "/"])
      for (const credentials of ["include", "omit"])
        assert.equal(await stranger.evaluate(([url, how]) =>
          fetch(url, {credentials: how}).then(() => "read", () => "refused"),
        [origin + path, credentials]), "refused", path);
    assert.equal(await stranger.evaluate((url) => new Promise((done) => {
      const script = document.createElement("script");
      script.onload = () => done("run");
      script.onerror = () => done("refused");
      script.src = url;
      document.body.append(script);
    }), `${origin}/page/app.js`), "refused");
  });

  it("can change nothing by POST, by a form or by a script that reads no answer", async () => {
    const target = `${origin}/v1/integrations/${id}/disconnect`;
    for (const type of ["text/plain", "application/json"])
      for (const mode of ["cors", "no-cors"])
        await stranger.evaluate(([url, content, how]) => fetch(url, {method: "POST", mode: how,
          credentials: "include", headers: {"Content-Type": content}, body: "{}"})
          .catch(() => {}), [target, type, mode]);
    const form = await page.context().newPage();
    await form.goto(`http://127.0.0.1:${foreign.port}/`);
    const answered = form.waitForResponse(target);
    await form.evaluate((url) => {
      const made = document.createElement("form");
      made.method = "post";
      made.enctype = "text/plain";
      made.action = url;
      document.body.append(made);
      made.submit();
    }, target);
    assert.equal((await answered).status(), 403);
    assert.equal((await status()).state, "connected");
  });

  it("can open no WebSocket and no frame", async () => {
    const socket = await stranger.evaluate((url) => new Promise((done) => {
      const made = new WebSocket(url);
      made.onopen = () => done("open");
      made.onerror = () => done("refused");
    }), `ws://127.0.0.1:${port}/v1/events`);
    assert.equal(socket, "refused");
    await stranger.evaluate((url) => new Promise((done) => {
      const frame = document.createElement("iframe");
      frame.onload = done;
      frame.src = url;
      document.body.append(frame);
    }), `${origin}/`);
    const framed = stranger.frames().at(-1);
    assert.equal(await framed.locator("#add").count().catch(() => 0), 0);
  });

  it("cannot come under a name that leads here", async () => {
    const rebound = await stranger.goto(`http://rebound.example:${port}/`);
    assert.equal(rebound.status(), 421);
    assert.equal(await stranger.evaluate(() => fetch("/v1/integrations").then((a) => a.status)),
      421);
  });
});
