// Edits persons with Pipedrive's own SDK, as a colleague's tool would. Usage:
//   NODE_EXTRA_CA_CERTS=… node two_way_pipedrive.mjs line.json edits.json
// `edits.json`: {"pause_ms":100,"edits":[{"id":"512","value":"t1"}]}, carried out in order.
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { v2 } from 'pipedrive';

const { pipedrive } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { pause_ms: pause, edits } = JSON.parse(readFileSync(process.argv[3], 'utf8'));
const answer = await fetch(`${pipedrive.admin_url}/token`, { method: 'POST', body: '{}' });
const granted = await answer.json();
const persons = new v2.PersonsApi(new v2.Configuration({
  accessToken: granted.access_token,
  basePath: `${granted.api_domain}/api/v2`,
}));

for (const { id, value } of edits) {
  const { data } = await persons.updatePerson({
    id: Number(id),
    UpdatePersonRequest: { name: value },
  });
  if (data.name !== value) throw new Error(`${id} has ${data.name}`);
  await setTimeout(pause);
}
