// Drives the simulated HubSpot with HubSpot's own SDK: what the SDK understands, a connector may
// rely on. Usage:
//   nexte-sync simulators --tls --auto-consent > line.json &
//   NODE_EXTRA_CA_CERTS=<its ca_file> node hubspot_sdk.mjs line.json     (or the line on stdin)
// Exits 0 when everything was as expected, else 1 with one line per mismatch.
import { readFileSync } from 'node:fs';
import { Client } from '@hubspot/api-client';

const line = readFileSync(process.argv[2] ?? 0, 'utf8').split('\n')[0];
const { hubspot } = JSON.parse(line);
const redirectUri = 'http://127.0.0.1:51004/oauth/hubspot';
const email = `sdk-${Date.now()}@sdk.example`;

let mismatches = 0;
let facts = 0;
function expect(fact, got, wanted) {
  facts += 1;
  if (JSON.stringify(got) === JSON.stringify(wanted)) return;
  mismatches += 1;
  console.error(`MISMATCH ${fact}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

// Without retries of its own, so that each refusal is seen.
function clientWith(accessToken) {
  return new Client({ accessToken, basePath: hubspot.api_base, numberOfApiCallRetries: 0 });
}

/** The refusal of a call: its status and its body. */
async function refusal(call) {
  try {
    await call();
  } catch (error) {
    if (typeof error.code !== 'number') throw error;
    const body = typeof error.body === 'string' ? JSON.parse(error.body) : error.body;
    return { status: error.code, body };
  }
  return { status: 'no refusal', body: {} };
}

async function admin(action, body = {}) {
  const response = await fetch(`${hubspot.admin_url}/${action}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`admin ${action}: ${await response.text()}`);
  return response.json();
}

/** Consents as a browser would and returns the code. */
async function consent(scope) {
  const url = new URL(hubspot.authorize_url);
  url.search = new URLSearchParams({
    client_id: hubspot.client_id,
    redirect_uri: redirectUri,
    scope,
    state: 'x y',
  });
  const response = await fetch(url, { redirect: 'manual' });
  const landed = new URL(response.headers.get('location'));
  expect('the state comes back', landed.searchParams.get('state'), 'x y');
  return landed.searchParams.get('code');
}

async function objects() {
  const { contacts } = clientWith(hubspot.access_token).crm;
  const properties = ['email', 'firstname', 'annualrevenue', 'phone'];
  const made = await contacts.basicApi.create({
    properties: { email, firstname: 'Žofie 🚀', annualrevenue: '15000' },
    associations: [],
  });
  expect('create answers the record', made.properties.email, email);
  expect('times are dates', made.createdAt instanceof Date, true);

  const read = await contacts.basicApi.getById(made.id, properties);
  expect('a record reads back', read.properties.firstname, 'Žofie 🚀');
  expect('an empty property is null', read.properties.phone, null);
  const byEmail = await contacts.basicApi.getById(
    email, properties, undefined, undefined, false, 'email');
  expect('a record reads by e-mail', byEmail.id, made.id);

  const updated = await contacts.basicApi.update(made.id, { properties: { firstname: 'Eva' } });
  expect('update answers the new value', updated.properties.firstname, 'Eva');
  expect('update moves last-modified', updated.updatedAt > made.updatedAt, true);
  const history = await contacts.basicApi.getById(made.id, undefined, ['firstname']);
  expect('history is newest first',
    history.propertiesWithHistory.firstname.map((entry) => entry.value), ['Eva', 'Žofie 🚀']);

  const taken = await refusal(() =>
    contacts.basicApi.create({ properties: { email }, associations: [] }));
  expect('a taken e-mail is a conflict', [taken.status, taken.body.category], [409, 'CONFLICT']);
  expect('the conflict names the record', taken.body.message.endsWith(made.id), true);
  const unknown = await refusal(() =>
    contacts.basicApi.update(made.id, { properties: { no_such_property: 'x' } }));
  expect('an unknown property is refused',
    [unknown.status, unknown.body.category], [400, 'VALIDATION_ERROR']);

  const batch = await contacts.batchApi.read(
    { inputs: [{ id: made.id }], properties, propertiesWithHistory: [] });
  expect('a batch reads', batch.results.map((record) => record.id), [made.id]);
  const upserted = await contacts.batchApi.upsert(
    { inputs: [{ id: email, idProperty: 'email', properties: { firstname: 'Eva' } }] });
  expect('an upsert finds the record', upserted.results[0]._new, false);

  await contacts.basicApi.archive(made.id);
  const gone = await refusal(() => contacts.basicApi.getById(made.id));
  expect('an archived record is not found',
    [gone.status, gone.body.category], [404, 'OBJECT_NOT_FOUND']);
  const archived = await contacts.basicApi.getById(
    made.id, undefined, undefined, undefined, true);
  expect('an archived record is found when asked for', archived.archived, true);
}

async function lists() {
  const client = clientWith(hubspot.access_token);
  for (const type of ['contacts', 'companies', 'deals']) {
    const api = client.crm[type];
    const all = await api.getAll(100);
    expect(`${type}: the list ends`, all.length > 0, true);
    expect(`${type}: no record comes twice`, new Set(all.map((r) => r.id)).size, all.length);
    const found = await api.searchApi.doSearch({
      filterGroups: [{ filters: [{ propertyName: 'hs_object_id', operator: 'GT', value: '0' }] }],
      sorts: ['hs_object_id'],
      properties: ['hs_object_id'],
      limit: 5,
      after: '0',
    });
    expect(`${type}: search counts what the list has`, found.total >= all.length, true);
    expect(`${type}: search comes sorted`, found.results[0].id, all[0].id);
    expect(`${type}: search pages by offset`, found.paging.next.after, '5');
  }
}

async function tokens() {
  const { tokensApi, accessTokensApi } = clientWith().oauth;
  const create = (...fields) => tokensApi.create(...fields);
  const code = await consent('oauth crm.objects.contacts.read');
  const granted = await create(
    'authorization_code', code, redirectUri, hubspot.client_id, hubspot.client_secret);
  expect('an access token lives half an hour', granted.expiresIn, 1800);
  const renewed = await create('refresh_token', undefined, undefined, hubspot.client_id,
    hubspot.client_secret, granted.refreshToken);
  expect('a refresh keeps the refresh token', renewed.refreshToken, granted.refreshToken);
  expect('a refresh renews the access token', renewed.accessToken !== granted.accessToken, true);
  const who = await accessTokensApi.get(renewed.accessToken);
  expect('a token tells its scopes', who.scopes, ['oauth', 'crm.objects.contacts.read']);
  const replayed = await refusal(() => create(
    'authorization_code', code, redirectUri, hubspot.client_id, hubspot.client_secret));
  expect('a code is used once', [replayed.status, replayed.body.status], [400, 'BAD_AUTH_CODE']);

  const limited = clientWith((await admin('token', { scopes: ['oauth'] })).access_token);
  const missing = await refusal(() => limited.crm.deals.basicApi.getPage(1));
  expect('a missing scope is named',
    [missing.status, missing.body.category, missing.body.errors[0].context.requiredGranularScopes],
    [403, 'MISSING_SCOPES', ['crm.objects.deals.read']]);
  const nobody = await refusal(() => clientWith('nobody').crm.deals.basicApi.getPage(1));
  expect('an unknown token is refused',
    [nobody.status, nobody.body.category], [401, 'INVALID_AUTHENTICATION']);
}

async function limits() {
  const { basicApi } = clientWith(hubspot.access_token).crm.deals;
  await admin('limit', { policy: 'TEN_SECONDLY_ROLLING', count: 1 });
  const refused = await refusal(() => basicApi.getPage(1));
  expect('a limit is a 429 with its policy',
    [refused.status, refused.body.policyName], [429, 'TEN_SECONDLY_ROLLING']);
  // Allowed a second call, the SDK itself waits out a "secondly" limit.
  await admin('limit', { policy: 'SECONDLY', count: 1 });
  const patient = new Client({
    accessToken: hubspot.access_token,
    basePath: hubspot.api_base,
    numberOfApiCallRetries: 2,
  });
  const search = { limit: 1, after: '0', sorts: [], properties: [], filterGroups: [] };
  const found = await patient.crm.deals.searchApi.doSearch(search);
  expect('the SDK retries a search limit by itself', found.results.length, 1);
  await admin('expire');
  const late = await refusal(() => basicApi.getPage(1));
  expect('an expired token says so',
    [late.status, late.body.category], [401, 'EXPIRED_AUTHENTICATION']);
}

for (const part of [objects, lists, tokens, limits]) {
  try {
    await part();
  } catch (error) {
    mismatches += 1;
    console.error(`MISMATCH ${part.name} ended early: ${error.stack}`);
  }
}
console.log(`${facts - mismatches} of ${facts} facts hold`);
process.exit(mismatches === 0 ? 0 : 1);
