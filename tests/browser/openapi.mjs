// The description of the control API, by somebody else's judgement.
import assert from "node:assert/strict";
import {it} from "node:test";
import {Validator} from "@seriousme/openapi-schema-validator";

it("is a valid OpenAPI 3.1 file", async () => {
  const validator = new Validator();
  const {valid, errors} = await validator.validate(process.env.NEXTE_OPENAPI);
  assert.ok(valid, JSON.stringify(errors, null, 2));
  assert.equal(validator.version, "3.1");
});
