// The control API from this page. The session's token is kept where only this origin, port
// included, can read it, and is sent by us alone: see protocol/control/sessions.hpp.

const place = "nexte-sync.session";

export class Problem extends Error {
  constructor(status, detail, hint) {
    super(detail);
    this.status = status;
    this.hint = hint;
  }
}

const token = () => localStorage.getItem(place);
export const isOpen = () => token() !== null;

let onLeft = () => {};
/** Hears that the session has ended. */
export function whenLeft(listener) {
  onLeft = listener;
}
function leave() {
  localStorage.removeItem(place);
  onLeft();
}

/** A call; yields the response. Throws a Problem. */
export async function ask(method, path, body, more = {}) {
  const headers = {...more.headers};
  if (token()) headers.Authorization = `Bearer ${token()}`;
  if (method === "POST" || method === "PUT") headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method, headers, signal: more.signal, cache: "no-store", credentials: "omit",
      redirect: "error", body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new Problem(0, "The engine does not answer", "It may have stopped");
  }
  if (answer.ok) return answer;
  if (answer.status === 401) leave();
  const told = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, told.detail ?? `The engine answered ${answer.status}`,
                    told.hint);
}

export const get = async (path) => (await ask("GET", path)).json();
export const post = (path, body) => ask("POST", path, body);
export const put = (path, body) => ask("PUT", path, body);

/** Every row of a paged list. */
export async function all(path, member) {
  const rows = [];
  const join = path.includes("?") ? "&" : "?";
  for (let after = ""; ;) {
    const page = await get(`${path}${join}limit=1000${after}`);
    rows.push(...page[member]);
    if (page.next === null || page.next === undefined) return rows;
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}

/** Changes the code in our own address, if there is one, for a session. */
export async function enter() {
  const code = /^#login=([\w-]+)$/.exec(location.hash)?.[1];
  if (!code) return;
  history.replaceState(null, "", location.pathname); // nobody finds it in the history
  localStorage.removeItem(place);
  const begun = await (await post("/v1/sessions", {code})).json();
  localStorage.setItem(place, begun.token);
}

export async function exit() {
  await ask("DELETE", "/v1/sessions").catch(() => {}); // it ends by itself, too
  leave();
}

/** Saves what `path` answers as a file. */
export async function download(path, name) {
  const blob = await (await ask("GET", path)).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const one = (id, rest = "") => `/v1/integrations/${encodeURIComponent(id)}${rest}`;
