// Drives the simulated Notion with Notion's own SDK: what the SDK understands, a connector may rely
// on. Usage:
//   nexte-sync simulators --tls --auto-consent > line.json &
//   NODE_EXTRA_CA_CERTS=<its ca_file> node notion_sdk.mjs line.json   (or the line on stdin)
// Exits 0 when everything was as expected, else 1 with one line per mismatch.
import { readFileSync } from 'node:fs';
import {
  Client, collectPaginatedAPI, isFullDataSource, isFullPage, LogLevel,
} from '@notionhq/client';

const line = readFileSync(process.argv[2] ?? 0, 'utf8').split('\n')[0];
const { notion } = JSON.parse(line);
const redirectUri = 'http://127.0.0.1:51004/oauth/notion';
const versions = ['2025-09-03', '2026-03-11']; // the SDK's own, and the connector's

let mismatches = 0;
let facts = 0;
function expect(fact, got, wanted) {
  facts += 1;
  if (JSON.stringify(got) === JSON.stringify(wanted)) return;
  mismatches += 1;
  console.error(`MISMATCH ${fact}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

async function admin(action, body = {}) {
  const response = await fetch(`${notion.admin_url}/${action}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`admin ${action}: ${await response.text()}`);
  return response.json();
}

/** Status and code of the error that the SDK throws. */
async function refusal(call) {
  try {
    await call();
  } catch (error) {
    if (!error.status) throw error;
    return [error.status, error.code];
  }
  return ['no refusal'];
}

/** The body of a refusal that is not in the API's envelope. */
async function bareRefusal(call) {
  try {
    await call();
  } catch (error) {
    if (!error.status) throw error;
    return [error.status, JSON.parse(error.body).error];
  }
  return ['no refusal'];
}

function client(auth, notionVersion = versions[1]) {
  return new Client({
    auth,
    baseUrl: notion.api_base,
    notionVersion,
    retry: false,
    logLevel: LogLevel.ERROR, // refusals are warnings to it, and wanted here
  });
}

const app = { client_id: notion.client_id, client_secret: notion.client_secret };

/** Tokens as an app has them after consent. */
async function signIn() {
  const url = new URL(notion.authorize_url);
  url.searchParams.set('client_id', notion.client_id);
  url.searchParams.set('redirect_uri', redirectUri);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('state', 'x y');
  const response = await fetch(url, { redirect: 'manual' });
  const landed = new URL(response.headers.get('location'));
  expect('the state comes back', landed.searchParams.get('state'), 'x y');
  const code = landed.searchParams.get('code');
  const granted = await client().oauth.token(
    { ...app, grant_type: 'authorization_code', code, redirect_uri: redirectUri });
  return { code, granted };
}

async function tokens() {
  const { code, granted } = await signIn();
  const { oauth } = client();
  expect('a token has no life', granted.expires_in, undefined);
  const me = await client(granted.access_token).users.me({});
  expect('the bot is the connection', [me.type, me.id], ['bot', granted.bot_id]);
  expect('the bot tells the workspace', me.bot.workspace_name, granted.workspace_name);

  const refresh = (refresh_token) => oauth.token(
    { ...app, grant_type: 'refresh_token', refresh_token });
  const renewed = await refresh(granted.refresh_token);
  expect('a refresh rotates both tokens',
    [renewed.access_token === granted.access_token,
      renewed.refresh_token === granted.refresh_token], [false, false]);
  expect('it is the same connection', renewed.bot_id, granted.bot_id);
  const replayed = () => oauth.token(
    { ...app, grant_type: 'authorization_code', code, redirect_uri: redirectUri });
  expect('a code is used once', await bareRefusal(replayed), [400, 'invalid_grant']);
  expect('an old refresh token is refused',
    await bareRefusal(() => refresh(granted.refresh_token)), [400, 'invalid_grant']);
  expect('a wrong app is refused',
    await bareRefusal(() => oauth.introspect({ ...app, client_secret: 'x', token: 'x' })),
    [401, 'invalid_client']);

  const again = (await signIn()).granted;
  const token = again.access_token;
  expect('a token is active', (await oauth.introspect({ ...app, token })).active, true);
  await oauth.revoke({ ...app, token });
  expect('a revoked one is not', (await oauth.introspect({ ...app, token })).active, false);
  expect('nor is it of use', await refusal(() => client(token).users.me({})),
    [401, 'unauthorized']);
}

async function lists() {
  const { granted } = await signIn();
  for (const version of versions) {
    const sdk = client(granted.access_token, version);
    const newestFirst = { timestamp: 'last_edited_time', direction: 'descending' };
    const pages = await collectPaginatedAPI(sdk.search,
      { filter: { property: 'object', value: 'page' }, sort: newestFirst, page_size: 100 });
    expect(`${version}: search shows every page`, new Set(pages.map(({ id }) => id)).size, 500);
    expect(`${version}: pages are full`, pages.every(isFullPage), true);
    const times = pages.map((page) => page.last_edited_time);
    expect(`${version}: the last edited comes first`, times, [...times].sort().reverse());
    expect(`${version}: times are floored to the minute`,
      times.every((time) => time.endsWith(':00.000Z')), true);

    const trashed = await sdk.search(
      { filter: { property: 'object', value: 'page', in_trash: true }, sort: newestFirst });
    expect(`${version}: the trash is shown where it is asked for`,
      [trashed.results.length, trashed.results.every((page) => page.in_trash)], [10, true]);

    const sources = await collectPaginatedAPI(sdk.search,
      { filter: { property: 'object', value: 'data_source' }, page_size: 2 });
    expect(`${version}: data sources are full`, sources.every(isFullDataSource), true);
    let rows = 0;
    for (const { id: data_source_id } of sources) {
      const shown = await collectPaginatedAPI(sdk.dataSources.query, {
        data_source_id,
        sorts: [{ timestamp: 'created_time', direction: 'ascending' }],
        result_type: 'page',
      });
      rows += shown.length;
      const last = shown.at(-1).created_time;
      const window = await sdk.dataSources.query({
        data_source_id,
        filter: { timestamp: 'created_time', created_time: { on_or_after: last } },
      });
      expect(`${version}: a window begins in its minute`,
        window.results.some(({ id }) => id === shown.at(-1).id), true);
    }
    expect(`${version}: seven of ten pages are rows`, rows, 350);
    const { parent } = await sdk.dataSources.retrieve({ data_source_id: sources[0].id });
    const database = await sdk.databases.retrieve({ database_id: parent.database_id });
    expect(`${version}: a database names its data sources`,
      database.data_sources.some(({ id }) => id === sources[0].id), true);
  }
}

async function pages() {
  const { granted } = await signIn();
  const sdk = client(granted.access_token);
  const { results: [source] } = await sdk.search(
    { filter: { property: 'object', value: 'data_source' } });
  const made = await sdk.pages.create({
    parent: { data_source_id: source.id },
    properties: { Name: { title: [{ text: { content: 'Žofie GmbH 🚀' } }] }, Amount: { number: 7 } },
  });
  const page_id = made.id;
  const read = await sdk.pages.retrieve({ page_id: page_id.replaceAll('-', '').toUpperCase() });
  expect('a page reads back, however its id is written',
    [read.id, read.properties.Name.title[0].plain_text, read.properties.Amount.number],
    [page_id, 'Žofie GmbH 🚀', 7]);
  expect('it knows its data source', read.parent.data_source_id, source.id);
  const updated = await sdk.pages.update(
    { page_id, properties: { Stage: { select: { name: 'Won' } } } });
  expect('an update changes what was given',
    [updated.properties.Stage.select.name, updated.properties.Amount.number], ['Won', 7]);
  expect('the connection edited it last', updated.last_edited_by.id, granted.bot_id);
  const gone = await sdk.pages.update({ page_id, in_trash: true });
  expect('a page goes to the trash', gone.in_trash, true);
  expect('a trashed page still reads', (await sdk.pages.retrieve({ page_id })).in_trash, true);
  const rows = await sdk.dataSources.query({ data_source_id: source.id, in_trash: true });
  expect('the query shows it where it is asked for',
    rows.results.some(({ id }) => id === page_id), true);
  await admin('share', { id: page_id, shared: false });
  expect('an unshared page is not found', await refusal(() => sdk.pages.retrieve({ page_id })),
    [404, 'object_not_found']);
}

async function refusals() {
  const { granted } = await signIn();
  const sdk = client(granted.access_token);
  const all = { filter: { property: 'object', value: 'page' }, page_size: 100 };
  const { next_cursor: start_cursor } = await sdk.search(all);
  const absent = '35261e8c-e0a3-80c8-bf92-f6fb2d4a6e04';
  expect('an absent page is not found',
    await refusal(() => sdk.pages.retrieve({ page_id: absent })), [404, 'object_not_found']);
  expect('an absent data source, too',
    await refusal(() => sdk.dataSources.query({ data_source_id: absent })),
    [404, 'object_not_found']);
  expect('a wrong value is refused', await refusal(() => sdk.search({ query: 5 })),
    [400, 'validation_error']);
  expect('an unknown version is refused',
    await refusal(() => client(granted.access_token, '2024-01-01').search({})),
    [400, 'validation_error']);
  expect('an unknown path is refused',
    await refusal(() => sdk.request({ path: 'nothing', method: 'get' })),
    [400, 'invalid_request_url']);
  expect('an unknown token is refused', await refusal(() => client('ntn_nobodys').search({})),
    [401, 'unauthorized']);

  expect('a cursor is bound to its body',
    await refusal(() => sdk.search({ page_size: 100, start_cursor })), [400, 'validation_error']);
  await admin('expire_cursors');
  expect('an expired cursor is refused', await refusal(() => sdk.search({ ...all, start_cursor })),
    [400, 'validation_error']);

  await admin('limit', { policy: 'public_api_request_rate_limit', count: 1 });
  expect('too many requests are a 429', await refusal(() => sdk.search({})), [429, 'rate_limited']);
  await admin('limit', { policy: 'service_overload', count: 1 });
  expect('an overload is a 529', await refusal(() => sdk.search({})), [529, 'service_overload']);
  await admin('limit', { count: 1, retry_after_seconds: 1 });
  const patient = new Client({
    auth: granted.access_token,
    baseUrl: notion.api_base,
    logLevel: LogLevel.ERROR,
  });
  expect('the SDK waits and asks again', (await patient.search({})).object, 'list');

  await admin('restrict', { capability: 'read' });
  expect('a missing capability is told', await refusal(() => sdk.search({})),
    [403, 'restricted_resource']);
  await admin('restrict', { capability: 'read', restricted: false });
  await admin('expire');
  expect('an expired token is refused', await refusal(() => sdk.search({})),
    [401, 'unauthorized']);
}

for (const part of [tokens, lists, pages, refusals]) {
  try {
    await part();
  } catch (error) {
    mismatches += 1;
    console.error(`MISMATCH ${part.name} ended early: ${error.stack ?? JSON.stringify(error)}`);
  }
}
console.log(`${facts - mismatches} of ${facts} facts hold`);
process.exit(mismatches === 0 ? 0 : 1);
