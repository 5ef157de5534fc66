// The verifiable index: everything that touched a subject, provably complete. A binary prefix tree
// over SHA-256 keys; a subject's value is how many entries touched it, and a hash chain over their
// positions. A lookup ends in the subject's own leaf, in another's, or in nothing: the last two prove
// that no entry ever touched it (ledger/evidence/index.py says the format).

import { equal, hex, utf8 } from "./bytes.mjs";
import { EvidenceError } from "./errors.mjs";
import { sha256 } from "./hashes.mjs";
import { HASH_BYTES } from "./merkle.mjs";

const DOMAIN = "linernotes/index/v1\0";
const COUNT_BYTES = 8;
const LEAF_BYTES = 1 + HASH_BYTES + COUNT_BYTES + HASH_BYTES;
const DEPTH_MAX = 8 * HASH_BYTES;

/** Return what the index says of a subject that nothing touched: {count, chain}. */
export function untouched() {
  return { count: 0, chain: new Uint8Array(HASH_BYTES) };
}

/** Return the value after further entries, in the order of their positions. */
export function touchedAt({ count, chain }, positions) {
  const value = { count, chain };
  for (const position of positions) {
    value.count += 1;
    value.chain = sha256(value.chain, uint64(position));
  }
  return value;
}

/** Return the key of a subject: of a recording, work, party, or whatever an entry concerns. */
export function indexKey(subject) {
  return sha256(utf8(DOMAIN + subject));
}

/**
 * Return what the tree of `root` says of a subject; a count of 0 proves that nothing touched it.
 * `lookup` is {siblings: hashes from the root down, leaf: the body of the leaf at the end, or null}.
 */
export function verifyLookup(root, subject, { siblings, leaf }) {
  const key = indexKey(subject);
  const depth = siblings.length;
  if (depth > DEPTH_MAX) throw new EvidenceError("the way is longer than a key");
  let [value, digest] = [untouched(), new Uint8Array(HASH_BYTES)]; // (1) the leaf on the way
  if (leaf !== null) {
    const found = readLeaf(leaf);
    for (let place = 0; place < depth; place += 1) {
      if (bit(found.key, place) !== bit(key, place)) {
        throw new EvidenceError("the leaf is not on the way to this subject");
      }
    }
    if (equal(found.key, key)) value = found.value;
    digest = sha256(leaf);
  } else if (depth > 0 && equal(siblings[depth - 1], untouched().chain)) {
    throw new EvidenceError("a subtree without leaves has no branches");
  }
  for (let place = depth - 1; place >= 0; place -= 1) { // (2) the way up to the root
    const pair = bit(key, place) ? [siblings[place], digest] : [digest, siblings[place]];
    digest = sha256(Uint8Array.of(1), ...pair);
  }
  if (!equal(digest, root)) throw new EvidenceError("the way does not lead to the root");
  return value;
}

/** Throw unless exactly these positions touched a subject after size `older`, up to `newer`. */
export function verifyBetween(before, after, positions, { older, newer }) {
  const isInOrder = positions.every((position, place) => (
    older < position && position <= newer && (place === 0 || positions[place - 1] < position)));
  if (!isInOrder) throw new EvidenceError("the positions are not in order between the two sizes");
  const found = touchedAt(before, positions);
  if (found.count !== after.count || !equal(found.chain, after.chain)) {
    throw new EvidenceError("the list is not what the index counted");
  }
}

function readLeaf(body) {
  if (body.length !== LEAF_BYTES || body[0] !== 0) throw new EvidenceError("not a leaf of the index");
  const at = 1 + HASH_BYTES;
  const count = Number(BigInt(`0x${hex(body.slice(at, at + COUNT_BYTES))}`));
  if (count === 0) throw new EvidenceError("a leaf that nothing touched");
  return { key: body.slice(1, at), value: { count, chain: body.slice(at + COUNT_BYTES) } };
}

function bit(key, depth) {
  return (key[depth >> 3] >> (7 - (depth & 7))) & 1;
}

function uint64(number) {
  const raw = new Uint8Array(COUNT_BYTES);
  new DataView(raw.buffer).setBigUint64(0, BigInt(number));
  return raw;
}
