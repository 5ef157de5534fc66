// The second implementation over the golden vectors of the first: node --test tests/js

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

import * as ln from "../../service/verify/linernotes.mjs";
import { allChecks } from "./checks.mjs";

const FOLDER = new URL("../vectors/", import.meta.url);

const vectors = Object.fromEntries(readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => [name.replace(".json", ""), JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"))]));

for (const [name, check] of allChecks(ln, vectors)) test(name, check);

test("one signature, two messages: a platform may take both, we take none", async () => {
  const both = vectors.keys.signatures_refused.filter(({ name }) => name.includes("identity"));
  assert.equal(both.length, 2);
  assert.equal(new Set(both.map((row) => row.signature)).size, 1);
  assert.equal(new Set(both.map((row) => row.message)).size, 2);
});
