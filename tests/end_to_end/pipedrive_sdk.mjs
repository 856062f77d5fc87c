// Drives the simulated Pipedrive with Pipedrive's own SDK: what the SDK understands, a connector
// may rely on. Usage:
//   nexte-sync simulators --tls --auto-consent > line.json &
//   NODE_EXTRA_CA_CERTS=<its ca_file> node pipedrive_sdk.mjs line.json   (or the line on stdin)
// Exits 0 when everything was as expected, else 1 with one line per mismatch.
import { readFileSync } from 'node:fs';
import { v1, v2 } from 'pipedrive';

const line = readFileSync(process.argv[2] ?? 0, 'utf8').split('\n')[0];
const { pipedrive } = JSON.parse(line);
const redirectUri = 'http://127.0.0.1:51004/oauth/pipedrive';
const email = `sdk-${Date.now()}@sdk.example`;

let mismatches = 0;
let facts = 0;
function expect(fact, got, wanted) {
  facts += 1;
  if (JSON.stringify(got) === JSON.stringify(wanted)) return;
  mismatches += 1;
  console.error(`MISMATCH ${fact}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

async function admin(action, body = {}) {
  const response = await fetch(`${pipedrive.admin_url}/${action}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`admin ${action}: ${await response.text()}`);
  return response.json();
}

/** The body of a refusal, which is what the SDK throws. */
async function refusal(call) {
  try {
    await call();
  } catch (body) {
    if (body instanceof Error && !body.response) throw body;
    return body;
  }
  return { error: 'no refusal' };
}

/** A configuration as an app has it after consent. */
async function signIn() {
  const oauth = new v2.OAuth2Configuration({
    clientId: pipedrive.client_id,
    clientSecret: pipedrive.client_secret,
    redirectUri,
    host: pipedrive.authorize_url.replace('/oauth/authorize', ''),
  });
  const url = new URL(oauth.authorizationUrl);
  url.searchParams.set('state', 'x y');
  const response = await fetch(url, { redirect: 'manual' });
  const landed = new URL(response.headers.get('location'));
  expect('the state comes back', landed.searchParams.get('state'), 'x y');
  const code = landed.searchParams.get('code');
  const granted = await oauth.authorize(code);
  return { oauth, code, granted };
}

function configuration(granted, accessToken = granted.access_token) {
  return new v2.Configuration({ accessToken, basePath: `${granted.api_domain}/api/v2` });
}

async function tokens() {
  const { oauth, code, granted } = await signIn();
  expect('an access token lives an hour', granted.expires_in, 3599);
  expect('the SDK moves to the company', oauth.basePath, `${granted.api_domain}/api/v2`);
  const renewed = await oauth.tokenRefresh();
  expect('a refresh rotates', renewed.refresh_token !== granted.refresh_token, true);
  const users = new v1.UsersApi(new v1.Configuration({
    accessToken: renewed.access_token,
    basePath: `${renewed.api_domain}/api/v1`,
  }));
  const me = await users.getCurrentUser();
  expect('the user tells the company', Number.isInteger(me.data.company_id), true);
  const replayed = await refusal(() => oauth.authorize(code));
  expect('a code is used once', replayed.error, 'invalid_grant');
  oauth.refreshToken = granted.refresh_token;
  const reused = await refusal(() => oauth.tokenRefresh());
  expect('an old refresh token is refused', reused.message,
    'Invalid grant: refresh_token is invalid');
  const again = (await signIn()).oauth;
  await again.revokeToken('refresh_token');
  expect('a revoked one too', (await refusal(() => again.tokenRefresh())).error, 'invalid_grant');
}

async function records() {
  const { granted } = await signIn();
  const persons = new v2.PersonsApi(configuration(granted));
  const organizations = new v2.OrganizationsApi(configuration(granted));
  const deals = new v2.DealsApi(configuration(granted));

  const { data: organization } = await organizations.addOrganization(
    { AddOrganizationRequest: { name: 'Žofie GmbH 🚀' } });
  const { data: person } = await persons.addPerson({
    AddPersonRequest: {
      name: 'Ada Byron',
      org_id: organization.id,
      emails: [{ value: email, primary: true, label: 'work' }],
    },
  });
  expect('the name is taken apart', [person.first_name, person.last_name], ['Ada', 'Byron']);
  const { data: read } = await persons.getPerson({ id: person.id });
  expect('a person reads back', [read.name, read.org_id], ['Ada Byron', organization.id]);
  const { data: updated } = await persons.updatePerson(
    { id: person.id, UpdatePersonRequest: { name: 'Ada' } });
  expect('an update changes what was given', [updated.name, updated.emails[0].value],
    ['Ada', email]);
  const { data: found } = await persons.searchPersons(
    { term: email, fields: 'email', exact_match: true });
  expect('a person is found by e-mail', found.items.map(({ item }) => item.id), [person.id]);

  const { data: deal } = await deals.addDeal(
    { AddDealRequest: { title: 'First order', person_id: person.id, value: 1500 } });
  expect('a deal is open', [deal.status, deal.is_archived], ['open', false]);
  const { data: won } = await deals.updateDeal(
    { id: deal.id, UpdateDealRequest: { status: 'won' } });
  expect('a won deal has its time', won.won_time, won.update_time);
  await deals.updateDeal({ id: deal.id, UpdateDealRequest: { is_archived: true } });
  const { data: archived } = await deals.getArchivedDeals(
    { updated_since: deal.add_time, sort_by: 'update_time' });
  expect('an archived deal is listed apart', archived.map(({ id }) => id).includes(deal.id), true);
  await deals.updateDeal({ id: deal.id, UpdateDealRequest: { is_archived: false } });
  const { data: gone } = await deals.deleteDeal({ id: deal.id });
  expect('a deletion names the deal', gone.id, deal.id);
  const { data: deleted } = await deals.getDeals(
    { status: 'deleted', updated_since: deal.add_time, sort_by: 'update_time' });
  expect('a deleted deal is listed as such', deleted.map(({ id }) => id), [deal.id]);

  const invalid = await refusal(() => persons.updatePerson(
    { id: person.id, UpdatePersonRequest: { visible_to: 2 } }));
  expect('a wrong value is refused', invalid.errorCode, 400);
  const strict = await refusal(() => persons.updatePerson(
    { id: person.id, UpdatePersonRequest: { no_such_field: 1 } }));
  expect('an unknown field is named', strict.error,
    'Validation failed: no_such_field: is not allowed');
  const missing = await refusal(() => persons.getPerson({ id: 999999999 }));
  expect('an absent person is not found', [missing.errorCode, missing.error],
    [404, 'Person not found']);
}

async function lists() {
  const { granted } = await signIn();
  const apis = {
    persons: (page) => new v2.PersonsApi(configuration(granted)).getPersons(page),
    organizations: (page) => new v2.OrganizationsApi(configuration(granted)).getOrganizations(page),
    deals: (page) => new v2.DealsApi(configuration(granted)).getDeals(page),
  };
  for (const [name, list] of Object.entries(apis)) {
    const ids = [];
    let cursor;
    do {
      const page = await list(
        { limit: 200, sort_by: 'update_time', sort_direction: 'asc', cursor });
      ids.push(...page.data.map(({ id }) => id));
      cursor = page.additional_data.next_cursor;
    } while (cursor !== null);
    expect(`${name}: the list ends`, ids.length >= 500, true);
    expect(`${name}: no record comes twice`, new Set(ids).size, ids.length);
    const bad = await refusal(() => list({ cursor: 'bm9uZQ==' }));
    expect(`${name}: a bad cursor is refused`, bad.errorCode, 400);
    const { additional_data: first } = await list({ limit: 200 });
    await admin('expire_cursors');
    const late = await refusal(() => list({ limit: 200, cursor: first.next_cursor }));
    expect(`${name}: an expired cursor is refused`, late.errorCode, 400);
  }
}

async function refusals() {
  const narrow = await admin('token', { scopes: ['base', 'contacts:read'] });
  const scope = await refusal(() => new v2.DealsApi(configuration(narrow)).getDeals());
  expect('a missing scope is told', [scope.errorCode, scope.error],
    [403, 'Scope and URL mismatch']);
  const readOnly = await refusal(() => new v2.PersonsApi(configuration(narrow)).addPerson(
    { AddPersonRequest: { name: 'Ada' } }));
  expect('writing needs the full scope', readOnly.errorCode, 403);

  const token = await admin('token');
  const deals = new v2.DealsApi(configuration(token));
  const nobody = await refusal(() => new v2.DealsApi(configuration(token, 'nobody')).getDeals());
  expect('an unknown token is refused', [nobody.errorCode, nobody.error],
    [401, 'unauthorized access']);
  await admin('limit', { policy: 'BURST', count: 1 });
  const burst = await refusal(() => deals.getDeals());
  expect('a burst is a 429', [burst.errorCode, burst.error], [429, 'request over limit']);
  await admin('budget', { remaining: 5 });
  const daily = await refusal(() => deals.getDeals());
  expect('a spent day is a 429', daily.error, 'daily request budget exceeded');
  const read = await deals.getDeal({ id: 1 });
  expect('what is left of it can be spent', read.data.id, 1);
  await admin('expire');
  const late = await refusal(() => deals.getDeals());
  expect('an expired token is refused', late.errorCode, 401);
}

for (const part of [tokens, records, lists, refusals]) {
  try {
    await part();
  } catch (error) {
    mismatches += 1;
    console.error(`MISMATCH ${part.name} ended early: ${error.stack ?? JSON.stringify(error)}`);
  }
}
console.log(`${facts - mismatches} of ${facts} facts hold`);
process.exit(mismatches === 0 ? 0 : 1);
