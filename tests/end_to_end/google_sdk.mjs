// Drives the simulated Google with Google's own clients: what they understand, a connector may rely
// on. Usage:
//   nexte-sync simulators --tls --auto-consent > line.json &
//   NODE_EXTRA_CA_CERTS=<its ca_file> node google_sdk.mjs line.json   (or the line on stdin)
// Exits 0 when everything was as expected, else 1 with one line per mismatch.
import { readFileSync } from 'node:fs';
import { calendar as calendarApi } from '@googleapis/calendar';
import { drive as driveApi } from '@googleapis/drive';
import { gmail as gmailApi } from '@googleapis/gmail';
import { OAuth2Client } from 'google-auth-library';

const line = readFileSync(process.argv[2] ?? 0, 'utf8').split('\n')[0];
const { google } = JSON.parse(line);
const redirectUri = 'http://127.0.0.1:51004/oauth/google';
const scopes = ['openid', 'https://www.googleapis.com/auth/userinfo.email',
  'https://www.googleapis.com/auth/gmail.modify', 'https://www.googleapis.com/auth/calendar',
  'https://www.googleapis.com/auth/drive.readonly'];

let mismatches = 0;
let facts = 0;
function expect(fact, got, wanted) {
  facts += 1;
  if (JSON.stringify(got) === JSON.stringify(wanted)) return;
  mismatches += 1;
  console.error(`MISMATCH ${fact}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

async function admin(action, body = {}) {
  const response = await fetch(`${google.admin_url}/${action}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`admin ${action}: ${await response.text()}`);
  return response.json();
}

/** Status and reason of a refusal, which is what the clients throw. */
async function refusal(call) {
  try {
    await call();
  } catch (error) {
    if (!error.response) throw error;
    const { data, status } = error.response;
    return [status, data.error?.errors?.[0]?.reason ?? data.error];
  }
  return 'no refusal';
}

/** A client as an app has it before consent. */
function client() {
  return new OAuth2Client({
    clientId: google.client_id,
    clientSecret: google.client_secret,
    redirectUri,
    endpoints: {
      oauth2AuthBaseUrl: google.authorize_url.split('?')[0],
      oauth2TokenUrl: google.token_url,
      oauth2RevokeUrl: google.revoke_url,
    },
  });
}

async function consent(options = { access_type: 'offline', prompt: 'consent' }) {
  const auth = client();
  const { codeVerifier, codeChallenge } = await auth.generateCodeVerifierAsync();
  const url = auth.generateAuthUrl({
    scope: scopes,
    state: 'x y',
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    ...options,
  });
  const response = await fetch(url, { redirect: 'manual' });
  const landed = new URL(response.headers.get('location'));
  expect('the state comes back', landed.searchParams.get('state'), 'x y');
  const code = landed.searchParams.get('code');
  const { tokens } = await auth.getToken({ code, codeVerifier });
  auth.setCredentials(tokens);
  return { auth, code, codeVerifier, tokens };
}

/** A client with these tokens and nothing to renew them with: it does not repeat a 401. */
function bearing(accessToken) {
  const auth = client();
  auth.setCredentials({ access_token: accessToken, expiry_date: Date.now() + 3600e3 });
  return auth;
}

/**
 * An API whose calls go to the simulator. Its clients keep the path of a `rootUrl` only where each
 * call names it.
 */
function rooted(api) {
  return new Proxy({}, {
    get(_, name) {
      const member = api[name];
      if (typeof member !== 'function') return rooted(member);
      return (parameters = {}, options = {}) => member.call(
        api, parameters, { ...options, rootUrl: `${google.api_base}/`, retry: false });
    },
  });
}

function apis(auth) {
  return {
    gmail: rooted(gmailApi({ version: 'v1', auth })),
    calendar: rooted(calendarApi({ version: 'v3', auth })),
    drive: rooted(driveApi({ version: 'v3', auth })),
  };
}

async function tokens() {
  const { auth, tokens: granted } = await consent();
  expect('an access token lives an hour',
    Math.round((granted.expiry_date - Date.now()) / 600e3), 6);
  expect('all scopes are granted', granted.scope.split(' ').length, scopes.length);
  const claims = JSON.parse(Buffer.from(granted.id_token.split('.')[1], 'base64url'));
  expect('the ID token tells who signed in', [typeof claims.sub, claims.aud],
    ['string', google.client_id]);
  auth.setCredentials({ ...granted, expiry_date: 1 });
  const { credentials } = await auth.refreshAccessToken();
  expect('a refresh brings another access token',
    credentials.access_token !== granted.access_token, true);
  expect('and keeps the refresh token', credentials.refresh_token, granted.refresh_token);
  const again = await consent({ access_type: 'offline' });
  expect('a later consent brings no refresh token', again.tokens.refresh_token, undefined);
  auth.setCredentials({ ...granted, expiry_date: 1 });
  await admin('refuse_refresh', { kind: 'invalid_rapt' });
  expect('a session policy refuses', await refusal(() => auth.getAccessToken()),
    [400, 'invalid_grant']);
  await admin('refuse_refresh');
  await auth.revokeToken(granted.refresh_token);
  expect('a revoked token is of no use', await refusal(() => auth.refreshAccessToken()),
    [400, 'invalid_grant']);
  const { code, codeVerifier } = await consent();
  expect('a code is used once',
    await refusal(() => client().getToken({ code, codeVerifier })), [400, 'invalid_grant']);
}

/** Every page of a list. */
async function pages(list, first = {}) {
  const all = [];
  for (let pageToken; ;) {
    const { data } = await list({ ...first, pageToken });
    all.push(data);
    pageToken = data.nextPageToken;
    if (!pageToken) return all;
  }
}

async function mail() {
  const { gmail } = apis((await consent()).auth);
  const userId = 'me';
  const { data: profile } = await gmail.users.getProfile({ userId });
  const listed = await pages((page) => gmail.users.messages.list(page),
    { userId, maxResults: 100 });
  const ids = listed.flatMap(({ messages }) => messages.map(({ id }) => id));
  expect('the list ends', ids.length >= 200, true);
  expect('no message comes twice', new Set(ids).size, ids.length);
  const { data: message } = await gmail.users.messages.get({ userId, id: ids[0] });
  expect('a message reads', [message.id, message.payload.mimeType], [ids[0], 'text/plain']);
  const { data: starred } = await gmail.users.messages.modify(
    { userId, id: ids[0], requestBody: { addLabelIds: ['STARRED'] } });
  expect('a label is added', starred.labelIds.includes('STARRED'), true);
  await gmail.users.messages.trash({ userId, id: ids[1] });
  const history = await pages((page) => gmail.users.history.list(page),
    { userId, startHistoryId: profile.historyId });
  const entries = history.flatMap((page) => page.history ?? []);
  expect('the history tells', entries.some(({ labelsAdded }) => labelsAdded
    ?.some((one) => one.message.id === ids[1] && one.labelIds.includes('TRASH'))), true);
  expect('a history id is a text', typeof history.at(-1).historyId, 'string');
  expect('an absent message is not found',
    await refusal(() => gmail.users.messages.get({ userId, id: '1' })), [404, 'notFound']);
  await admin('forget_history');
  expect('a history that is gone is not found', await refusal(() => gmail.users.history.list(
    { userId, startHistoryId: profile.historyId })), [404, 'notFound']);
}

async function events() {
  const { calendar } = apis((await consent()).auth);
  const calendarId = 'primary';
  const calendars = await pages((page) => calendar.calendarList.list(page));
  expect('the primary calendar is listed',
    calendars.flatMap(({ items }) => items).filter(({ primary }) => primary).length, 1);
  const listed = await pages((page) => calendar.events.list(page),
    { calendarId, maxResults: 100 });
  const { nextSyncToken } = listed.at(-1);
  expect('the last page alone has a sync token',
    listed.map((page) => Boolean(page.nextSyncToken)).indexOf(true), listed.length - 1);
  const id = `sdk${Date.now()}`;
  const requestBody = {
    id, summary: 'Žluťoučký 🚀', start: { date: '2026-03-02' }, end: { date: '2026-03-03' },
  };
  const { data: made } = await calendar.events.insert({ calendarId, requestBody });
  expect('an event has the id that it was given', made.id, id);
  expect('an id is taken once', await refusal(() => calendar.events.insert(
    { calendarId, requestBody })), [409, 'duplicate']);
  const { data: changed } = await calendar.events.patch(
    { calendarId, eventId: id, requestBody: { location: 'Bern' } },
    { headers: { 'If-Match': made.etag } });
  expect('a patch merges', [changed.summary, changed.location], ['Žluťoučký 🚀', 'Bern']);
  expect('a stale condition is refused', await refusal(() => calendar.events.patch(
    { calendarId, eventId: id, requestBody: { location: 'Basel' } },
    { headers: { 'If-Match': made.etag } })), [412, 'conditionNotMet']);
  await calendar.events.delete({ calendarId, eventId: id });
  expect('an event is deleted once', await refusal(() => calendar.events.delete(
    { calendarId, eventId: id })), [410, 'deleted']);
  const changes = await pages((page) => calendar.events.list(page),
    { calendarId, maxResults: 100, syncToken: nextSyncToken });
  expect('a deletion is among the changes', changes.flatMap(({ items }) => items)
    .filter((one) => one.id === id).map(({ status }) => status), ['cancelled']);
  await admin('forget_tokens');
  expect('an expired sync token is told', await refusal(() => calendar.events.list(
    { calendarId, maxResults: 100, syncToken: nextSyncToken })), [410, 'fullSyncRequired']);
}

async function files() {
  const { drive } = apis((await consent()).auth);
  const everywhere = { supportsAllDrives: true, includeItemsFromAllDrives: true };
  const { data: start } = await drive.changes.getStartPageToken({ supportsAllDrives: true });
  const listed = await pages((page) => drive.files.list(page), {
    q: 'trashed=false', pageSize: 100, fields: 'nextPageToken,files(id,version,driveId)',
    ...everywhere,
  });
  const all = listed.flatMap((page) => page.files);
  expect('the list ends', all.length >= 500, true);
  expect('shared drives are in it', all.some(({ driveId }) => driveId), true);
  expect('only what was asked for is shown', Object.keys(all[0]), ['id', 'version']);
  const { data: plain } = await drive.files.get({ fileId: all[0].id });
  expect('else four fields', Object.keys(plain).sort(), ['id', 'kind', 'mimeType', 'name']);
  await admin('delete', { type: 'drive_files', id: all[0].id });
  await admin('erase', { type: 'drive_files', id: all[1].id });
  const fields = 'nextPageToken,newStartPageToken,changes(fileId,removed,file(trashed))';
  const changes = await pages(({ pageToken, ...rest }) => drive.changes.list(
    { ...rest, pageToken: pageToken ?? start.startPageToken }), { fields, ...everywhere });
  const seen = Object.fromEntries(changes.flatMap((page) => page.changes)
    .map(({ fileId, removed, file }) => [fileId, removed ? 'removed' : file.trashed]));
  expect('the bin and removals are told', [seen[all[0].id], seen[all[1].id]], [true, 'removed']);
  expect('a new token ends them', Number(changes.at(-1).newStartPageToken)
    > Number(start.startPageToken), true);
  expect('a bad token is refused', await refusal(() => drive.changes.list(
    { pageToken: 'none', ...everywhere })), [400, 'invalid']);
  expect('an absent file is not found', await refusal(() => drive.files.get(
    { fileId: '1Nope' })), [404, 'notFound']);
}

async function refusals() {
  const narrow = await admin('token', { scopes: ['openid'] });
  const without = apis(bearing(narrow.access_token));
  for (const [name, call] of Object.entries({
    gmail: () => without.gmail.users.getProfile({ userId: 'me' }),
    calendar: () => without.calendar.calendarList.list(),
    drive: () => without.drive.files.list(),
  })) {
    expect(`${name}: a missing scope is told`, await refusal(call),
      [403, 'insufficientPermissions']);
  }
  const nobody = apis(bearing('ya29.nobody'));
  expect('an unknown token is refused', await refusal(() => nobody.drive.files.list()),
    [401, 'authError']);
  const { access_token: accessToken } = await admin('token');
  const { gmail } = apis(bearing(accessToken));
  const profile = () => gmail.users.getProfile({ userId: 'me' });
  await admin('limit', { policy: 'userRateLimitExceeded', count: 1 });
  expect('a quota may be a 403', await refusal(profile), [403, 'userRateLimitExceeded']);
  await admin('limit', { policy: 'concurrent', count: 1 });
  expect('or a 429', await refusal(profile), [429, 'rateLimitExceeded']);
  await admin('expire');
  expect('an expired token is refused', await refusal(profile), [401, 'authError']);
}

for (const part of [tokens, mail, events, files, refusals]) {
  try {
    await part();
  } catch (error) {
    mismatches += 1;
    console.error(`MISMATCH ${part.name} ended early: ${error.stack ?? JSON.stringify(error)}`);
  }
}
console.log(`${facts - mismatches} of ${facts} facts hold`);
process.exit(mismatches === 0 ? 0 : 1);
