// The JavaScript half of benchmarks/verify_js.py: node verify_js.mjs LOG.json SECONDS

import { readFileSync } from "node:fs";

import { parsePolicy, prove, unhex } from "../service/verify/linernotes.mjs";

const [, , path, seconds] = process.argv;
const log = JSON.parse(readFileSync(path, "utf8"));
const policy = parsePolicy(log.policy);
const beside = { entryKeys: new Map([[log.kid, unhex(log.key)]]) };
const rows = log.rows.map(({ entry, proof }) => [unhex(entry), proof]).slice(0, 64);

async function round() {
  for (const [entry, proof] of rows) await prove(entry, proof, policy, { beside });
  return rows.length;
}

await round(); // compiled, and keys imported
let done = 0;
const began = performance.now();
while (performance.now() - began < Number(seconds) * 1000) done += await round();
console.log(JSON.stringify({ checks_per_s: done / ((performance.now() - began) / 1000) }));
