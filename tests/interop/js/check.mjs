// Libraries written by others, over our golden vectors: node check.mjs VECTORS. Prints one JSON
// object per check, {library, did, result}; what it expects is in tests/interop/test_npm.py.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import * as auth0 from "@auth0/cose";
import transmute from "@transmute/cose";
import rfc9162 from "@transmute/rfc9162";
import { decode, encode, Tagged } from "cborg";

import { AlgorithmNames } from "./node_modules/@auth0/cose/dist/node/esm/headers.js";

const folder = process.argv[2];
const vectors = (name) => JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8"));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const [entries, statements, receipts, inclusion] = ["entries", "statements", "receipts", "inclusion"].map(vectors);

// An Ed25519 public key as the libraries take it.
const keyOf = (hex) => crypto.subtle.importKey("raw", bytes(hex), "Ed25519", true, ["verify"]);

async function said(run) {
  try {
    return (await run()) ?? "taken";
  } catch (error) {
    return `refused: ${error.message}`;
  }
}

async function report(library, did, run) {
  console.log(JSON.stringify({ library, did, result: await said(run) }));
}

const [entry] = entries.accepted;
const foreign = statements.accepted.find(({ name }) => name.includes("alg -8"));
const [receipt] = receipts.accepted;

async function verify(raw, publicHex, detachedPayload) {
  const message = await auth0.decode(bytes(raw), auth0.Sign1);
  await message.verify(await keyOf(publicHex), detachedPayload ? { detachedPayload } : undefined);
}

await report("@auth0/cose", "a statement with -8", () => verify(foreign.raw, foreign.public));
await report("@auth0/cose", "an entry with -19", () => verify(entry.raw, entry.public));
AlgorithmNames.set(-19, "EdDSA"); // RFC 9864: the same signature under its fully specified number
await report("@auth0/cose", "an entry, told what -19 is", () => verify(entry.raw, entry.public));
await report("@auth0/cose", "a statement, told what -19 is", () => (
  verify(statements.accepted[0].raw, statements.accepted[0].public)));
await report("@auth0/cose", "an entry with one bit flipped", () => {
  const spoiled = bytes(entry.raw);
  spoiled[200] ^= 1;
  return verify(Buffer.from(spoiled).toString("hex"), entry.public);
});

// The one library reads the receipt and follows its path; the other verifies the signature, because
// the first knows ECDSA alone.
const leaf = await transmute.receipt.leaf(bytes(receipt.entry));
const onlyReceipt = (raw) => transmute.receipt.inclusion.verify({
  entry: leaf,
  receipt: raw,
  verifier: { verify: ({ coseSign1, payload }) => (
    verify(Buffer.from(coseSign1).toString("hex"), receipts.public, new Uint8Array(payload))) },
});
await report("@transmute/cose", "a receipt", () => onlyReceipt(bytes(receipt.receipt)));
await report("@transmute/cose", "a receipt with another path", () => {
  const spoiled = Buffer.from(receipt.receipt.replace(receipt.path[0], receipt.path[1]), "hex");
  return onlyReceipt(Uint8Array.from(spoiled));
});
await report("@transmute/cose", "a transparent statement", async () => {
  const found = await transmute.receipt.get(bytes(receipt.transparent));
  const bare = await transmute.receipt.remove(bytes(receipt.transparent));
  const same = Buffer.from(bare).toString("hex") === receipt.entry;
  return found.length === 1 && same ? "taken" : "refused: another entry came out";
});

const { RFC9162_SHA256: tree } = rfc9162.CoMETRE;
for (const group of ["accepted", "refused"]) {
  await report("@transmute/rfc9162", `inclusion proofs, ${group}`, async () => {
    const results = await Promise.all(inclusion[group].map(async (row) => {
      const root = await said(() => tree.verify_inclusion_proof(bytes(row.leaf), {
        log_id: "", tree_size: row.size, leaf_index: row.index, inclusion_path: row.path.map(bytes) }));
      return root instanceof Uint8Array && Buffer.from(root).toString("hex") === row.root;
    }));
    return `${results.filter(Boolean).length} of ${results.length} lead to the root`;
  });
}

const strict = { useMaps: true, strict: true, rejectDuplicateMapKeys: true, allowIndefinite: false };
const tags = Tagged.preserve(18);
await report("cborg", "every envelope, read strictly and written again", () => {
  const raws = [...entries.accepted, ...statements.accepted].map(({ raw }) => raw);
  for (const raw of [...raws, receipt.receipt, receipt.transparent]) {
    const again = Buffer.from(encode(decode(bytes(raw), { ...strict, tags }))).toString("hex");
    if (createHash("sha256").update(again).digest("hex") !== createHash("sha256").update(raw).digest("hex")) {
      throw new Error("other bytes came out");
    }
  }
});
