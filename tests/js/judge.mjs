// Judges cases by the JavaScript implementation, for comparison with Python: JSON lines in, JSON
// lines out. A case is {kind, hex, ...}; the answer is the code of the refusal, or "accepted".

import { createInterface } from "node:readline";

import * as ln from "../../service/verify/linernotes.mjs";

const text = (raw) => {
  try {
    return ln.unutf8(raw);
  } catch (error) {
    throw new ln.EvidenceError(error.message); // a note or a policy that is no text
  }
};

const JUDGES = {
  canonical: (raw) => ln.parseCanonical(raw),
  cbor: (raw) => ln.decodeCbor(raw),
  statement: async (raw, { key }) => ln.readStatement(raw).verify(ln.unhex(key)),
  entry: async (raw, { key }) => ln.readEntry(raw).verify(ln.unhex(key)),
  note: (raw, { vkey }) => ln.openCheckpoint(text(raw), vkey),
  policy: (raw) => ln.parsePolicy(raw),
  proof: async (raw, { policy, entry }) => ln.prove(ln.unhex(entry), text(raw), ln.parsePolicy(policy)),
  receipt: (raw, { leaf, key, issuer }) => ln.verifyReceipt(raw, ln.unhex(leaf), ln.unhex(key), issuer),
  public_key: (raw) => ln.checkPublicKey(raw),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { kind, hex, ...more } = JSON.parse(line);
  let said = "accepted";
  try {
    await JUDGES[kind](ln.unhex(hex), more);
  } catch (error) {
    if (error instanceof ln.Malformed) said = error.code;
    else if (error instanceof ln.EvidenceError) said = error.name;
    else said = `broken: ${error.stack}`;
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
