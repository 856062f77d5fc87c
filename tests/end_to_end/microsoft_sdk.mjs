// Drives the simulated Microsoft Graph with Microsoft's own client: what it understands, a
// connector may rely on. Usage:
//   nexte-sync simulators --tls --auto-consent > line.json &
//   NODE_EXTRA_CA_CERTS=<its ca_file> node microsoft_sdk.mjs line.json   (or the line on stdin)
// Exits 0 when everything was as expected, else 1 with one line per mismatch.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import graph from '@microsoft/microsoft-graph-client';

const line = readFileSync(process.argv[2] ?? 0, 'utf8').split('\n')[0];
const { microsoft } = JSON.parse(line);
const redirectUri = 'http://127.0.0.1:51004/oauth/microsoft';
const scopes = 'offline_access User.Read Mail.Read Calendars.Read Contacts.Read';

let mismatches = 0;
let facts = 0;
function expect(fact, got, wanted) {
  facts += 1;
  if (JSON.stringify(got) === JSON.stringify(wanted)) return;
  mismatches += 1;
  console.error(`MISMATCH ${fact}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

async function admin(action, body = {}) {
  const response = await fetch(`${microsoft.admin_url}/${action}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`admin ${action}: ${await response.text()}`);
  return response.json();
}

/** The client, asking for the ids that a connector asks for; `retries` of what is throttled. */
function client(token, retries = 0) {
  const authenticate = {
    setNext(next) { this.next = next; },
    async execute(context) {
      const headers = new Headers(context.options.headers);
      headers.set('Authorization', `Bearer ${token}`);
      headers.append('Prefer', 'IdType="ImmutableId"');
      context.options.headers = Object.fromEntries(headers);
      await this.next.execute(context);
    },
  };
  const retry = new graph.RetryHandler(new graph.RetryHandlerOptions(1, retries));
  authenticate.setNext(retry);
  retry.setNext(new graph.HTTPMessageHandler());
  return graph.Client.initWithMiddleware({
    baseUrl: microsoft.api_base.replace(/\/v1\.0$/, ''),
    defaultVersion: 'v1.0',
    middleware: authenticate,
  });
}

/** What the client throws of a refusal: its status and Graph's code. */
async function refusal(call) {
  try {
    await call();
  } catch (error) {
    if (error.statusCode === undefined) throw error;
    return [error.statusCode, error.code];
  }
  return ['no refusal'];
}

async function token(form) {
  const response = await fetch(microsoft.token_url, {
    method: 'POST',
    body: new URLSearchParams({ client_id: microsoft.client_id, ...form }),
  });
  return response.json();
}

async function signIn() {
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(microsoft.authorize_url);
  url.search = new URLSearchParams({
    client_id: microsoft.client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: scopes,
    state: 'x y',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const response = await fetch(url, { redirect: 'manual' });
  const landed = new URL(response.headers.get('location'));
  expect('the state comes back', landed.searchParams.get('state'), 'x y');
  const exchange = {
    grant_type: 'authorization_code',
    code: landed.searchParams.get('code'),
    redirect_uri: redirectUri,
    code_verifier: verifier,
  };
  return { exchange, granted: await token(exchange) };
}

/** A round of a delta, page by page, as the client's own iterator goes. */
async function round(at, path, size = 40) {
  const entries = [];
  const first = await at.api(path).header('Prefer', `odata.maxpagesize=${size}`).get();
  const iterator = new graph.PageIterator(at, first, (entry) => {
    entries.push(entry);
    return true;
  }, { headers: { Prefer: `odata.maxpagesize=${size}` } });
  await iterator.iterate();
  return { entries, link: iterator.getDeltaLink() };
}

async function tokens() {
  const { exchange, granted } = await signIn();
  expect('an access token lives an hour or longer', granted.expires_in >= 3600, true);
  expect('offline_access is not told', granted.scope.includes('offline_access'), false);
  const refresh = { grant_type: 'refresh_token', refresh_token: granted.refresh_token };
  const renewed = await token(refresh);
  expect('a refresh renews', renewed.refresh_token !== granted.refresh_token, true);
  expect('and keeps the old one', (await token(refresh)).token_type, 'Bearer');
  const me = await client(renewed.access_token).api('/me').get();
  expect('the person is told', [typeof me.id, me.mail], ['string', me.userPrincipalName]);
  await admin('sign_in_policy', { aadsts: 53003 });
  const blocked = await token(refresh);
  expect('a policy blocks', [blocked.error, blocked.error_codes], ['invalid_grant', [53003]]);
  await admin('sign_in_policy', { aadsts: 0 });
  const replayed = await token(exchange);
  expect('a code is used once', [replayed.error, replayed.error_codes], ['invalid_grant', [70008]]);
}

async function contacts() {
  const at = client((await admin('token')).access_token);
  const all = await round(at, '/me/contacts/delta');
  expect('the round ends', all.entries.length >= 500, true);
  expect('no contact comes twice', new Set(all.entries.map(({ id }) => id)).size,
    all.entries.length);
  const nothing = await round(at, all.link);
  expect('nothing is new', nothing.entries, []);
  const { id } = await admin('create',
    { type: 'contacts', fields: { displayName: 'Žofie Byron 🚀' } });
  const came = await round(at, nothing.link);
  expect('a new contact comes', came.entries.map((one) => [one.id, one.displayName]),
    [[id, 'Žofie Byron 🚀']]);
  const read = await at.api(`/me/contacts/${encodeURIComponent(id)}`).get();
  expect('it reads back', [read.id, read['@odata.etag']], [id, `W/"${read.changeKey}"`]);
  await admin('delete', { type: 'contacts', id });
  const went = await round(at, came.link);
  expect('a deletion is told', went.entries.map((one) => [one.id, one['@removed'].reason]),
    [[id, 'deleted']]);
  expect('and then it is not found',
    await refusal(() => at.api(`/me/contacts/${encodeURIComponent(id)}`).get()),
    [404, 'ErrorItemNotFound']);
  await admin('expire_links');
  expect('a link expires', await refusal(() => at.api(went.link).get()),
    [410, 'SyncStateNotFound']);
}

async function mail() {
  const at = client((await admin('token')).access_token);
  const { value: folders } = await at.api('/me/mailFolders').top(100).get();
  expect('folders are listed', folders.map((one) => one.displayName).includes('Inbox'), true);
  const of = (name) => `/me/mailFolders/${name}/messages/delta`;
  const inbox = await round(at, of('inbox'));
  const archive = await round(at, of('archive'));
  const { id } = await admin('create', { type: 'mail_messages', fields: { subject: 'S' } });
  const came = await round(at, inbox.link);
  expect('a message comes', came.entries.map((one) => one.id), [id]);
  await admin('edit', { type: 'mail_messages', id, fields: { isRead: true } });
  const changed = await round(at, came.link);
  expect('a change comes alone', [changed.entries[0].isRead, changed.entries[0].subject],
    [true, undefined]);
  await admin('move', { type: 'mail_messages', id, folder: 'archive' });
  const left = await round(at, changed.link);
  expect('it leaves', left.entries.map((one) => [one.id, '@removed' in one]), [[id, true]]);
  const arrived = await round(at, archive.link);
  expect('and arrives under its id', arrived.entries.map((one) => one.id), [id]);
}

async function calendar() {
  const at = client((await admin('token')).access_token);
  const day = 86400000;
  const iso = (time) => new Date(time).toISOString();
  const window = new URLSearchParams({
    startDateTime: iso(Date.now() - 300 * day),
    endDateTime: iso(Date.now() + 300 * day),
  });
  const all = await round(at, `/me/calendarView/delta?${window}`);
  expect('events come', all.entries.length >= 500, true);
  const series = all.entries.find((one) => one.type === 'occurrence');
  expect('an occurrence names its master',
    all.entries.some((one) => one.id === series.seriesMasterId && one.type === 'seriesMaster'),
    true);
  expect('a window is needed', await refusal(() => at.api('/me/calendarView/delta').get()),
    [400, 'ErrorInvalidParameter']);
}

async function refusals() {
  const narrow = client((await admin('token', { scopes: ['Contacts.Read'] })).access_token);
  expect('a missing permission is told',
    await refusal(() => narrow.api('/me/mailFolders').get()), [403, 'ErrorAccessDenied']);
  expect('an unknown token is refused', await refusal(() => client('nobody').api('/me').get()),
    [401, 'InvalidAuthenticationToken']);
  const { access_token: good } = await admin('token');
  await admin('limit', { count: 1 });
  expect('a throttled call is told', await refusal(() => client(good).api('/me').get()),
    [429, 'ApplicationThrottled']);
  await admin('fail', {
    kind: 'answer', status: 429, body: '{"error":{"code":"TooManyRequests","message":"no"}}',
    retry_after_seconds: 1, count: 1,
  });
  const me = await client(good, 1).api('/me').get();
  expect('the client waits and repeats it', typeof me.id, 'string');
  await admin('unlicense', { has_mailbox: false });
  expect('a mailbox can be missing',
    await refusal(() => client(good).api('/me/contacts/delta').get()),
    [404, 'MailboxNotEnabledForRESTAPI']);
  await admin('unlicense', { has_mailbox: true });
  await admin('expire');
  expect('an expired token is refused', await refusal(() => client(good).api('/me').get()),
    [401, 'InvalidAuthenticationToken']);
}

for (const part of [tokens, contacts, mail, calendar, refusals]) {
  try {
    await part();
  } catch (error) {
    mismatches += 1;
    console.error(`MISMATCH ${part.name} ended early: ${error.stack ?? JSON.stringify(error)}`);
  }
}
console.log(`${facts - mismatches} of ${facts} facts hold`);
process.exit(mismatches === 0 ? 0 : 1);
