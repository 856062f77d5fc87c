// Edits contacts with HubSpot's own SDK, as a colleague's tool would. Usage:
//   NODE_EXTRA_CA_CERTS=… node two_way_hubspot.mjs line.json edits.json
// `edits.json`: {"pause_ms":100,"edits":[{"id":"512","value":"t1"}]}, carried out in order.
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Client } from '@hubspot/api-client';

const { hubspot } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { pause_ms: pause, edits } = JSON.parse(readFileSync(process.argv[3], 'utf8'));
const client = new Client({
  accessToken: hubspot.access_token,
  basePath: hubspot.api_base,
  numberOfApiCallRetries: 3,
});

for (const { id, value } of edits) {
  const { properties } = await client.crm.contacts.basicApi.update(id, {
    properties: { firstname: value },
  });
  if (properties.firstname !== value) throw new Error(`${id} has ${properties.firstname}`);
  await setTimeout(pause);
}
