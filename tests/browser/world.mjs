// The engine under test from outside the browser, and a browser to look at it with.
import {createServer} from "node:http";
import {chromium} from "playwright-core";

const world = JSON.parse(process.env.NEXTE_WORLD);
export const {origin} = world;
export const port = new URL(origin).port;

/** A call of the control API as a program makes it; yields JSON, or null for no body. */
export async function ask(method, path, body) {
  const answer = await fetch(origin + path, {method,
    headers: {Authorization: `Bearer ${world.token}`, "Content-Type": "application/json"},
    body: body === undefined ? undefined : JSON.stringify(body)});
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** What somebody does at the provider. */
export async function atProvider(action, body = {}) {
  const answer = await fetch(`${world.admin}/${action}`, {method: "POST",
    headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

export const loginLink = async () => (await ask("POST", "/v1/login-codes")).url;

/** Debian's browser. Its sandbox needs what a container's root has not. */
export const launch = () => chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP *.example 127.0.0.1"],
});

/** A page that has signed in. The simulated provider's certificate is a throw-away one. */
export async function signedIn(browser, options = {}) {
  const context = await browser.newContext({ignoreHTTPSErrors: true, ...options});
  const page = await context.newPage();
  page.troubles = [];
  page.on("pageerror", (failure) => page.troubles.push(failure.message));
  page.on("console", (message) => {
    if (message.type() === "error") page.troubles.push(message.text());
  });
  await page.goto(await loginLink());
  await page.getByText("Live", {exact: true}).waitFor();
  return page;
}

/** Another server on this computer, whose pages are foreign to the engine's. */
export async function foreignServer(html) {
  const seen = [];
  const server = createServer((request, answer) => {
    seen.push({url: request.url, headers: request.headers});
    answer.setHeader("Content-Type", "text/html");
    answer.end(html);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {port: server.address().port, seen, close: () => server.close()};
}
