// Inclusion and consistency in the Merkle tree (RFC 9162, section 2.1). Sizes and indexes may be
// numbers or BigInt: a log may grow beyond what a number holds exactly.

import { equal } from "./bytes.mjs";
import { EvidenceError } from "./errors.mjs";
import { sha256 } from "./hashes.mjs";

/** Bytes of every hash of the tree. */
export const HASH_BYTES = 32;

/** Leaves of a log at most, so that sizes fit everybody's signed 64 bits. */
export const SIZE_MAX = 2n ** 63n - 1n;

/** Return the root of a tree without leaves. */
export function emptyRoot() {
  return sha256();
}

/** Return SHA-256(0x01 || left || right). */
export function nodeHash(left, right) {
  return sha256(Uint8Array.of(1), left, right);
}

/** Return the root of the tree over all leaf hashes (RFC 9162, section 2.1.1). */
export function rootOf(leaves) {
  if (leaves.length === 0) return emptyRoot();
  if (leaves.length === 1) return leaves[0];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** Return the root that `path` gives for a leaf hash at `index` (RFC 9162, section 2.1.3.2). */
export function rootFromPath(leaf, index, size, path) {
  const [at0, size0] = [count(index), count(size)];
  if (at0 >= size0) throw new EvidenceError(`no leaf ${index} in a tree of size ${size}`);
  checkHashes([leaf, ...path]);
  let [at, last] = [at0, size0 - 1n]; // (2) the leaf's place, and the last leaf's
  let result = leaf; // (3)
  for (const sibling of path) { // (4)
    if (last === 0n) throw new EvidenceError("the inclusion path is too long");
    if (at & 1n || at === last) {
      result = nodeHash(sibling, result);
      while (!(at & 1n) && at > 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      result = nodeHash(result, sibling);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  if (last !== 0n) throw new EvidenceError("the inclusion path is too short"); // (5)
  return result;
}

/** Throw unless the leaf hash is at `index` under `root`. */
export function verifyInclusion(leaf, index, size, path, root) {
  if (!equal(rootFromPath(leaf, index, size, path), root)) {
    throw new EvidenceError("the inclusion path leads to another root");
  }
}

/** Throw unless the old tree begins the new one (RFC 9162, section 2.1.4.2). */
export function verifyConsistency(oldSize, newSize, path, oldRoot, newRoot) {
  const [older, newer] = [count(oldSize), count(newSize)];
  if (older > newer) throw new EvidenceError(`size ${older} is not before size ${newer}`);
  checkHashes([oldRoot, newRoot, ...path]);
  if (older === 0n || older === newer) {
    if (path.length > 0 || !equal(oldRoot, older === 0n ? emptyRoot() : newRoot)) {
      throw new EvidenceError("equal sizes with other roots, or a path where none is needed");
    }
    return;
  }
  if (!equal(newerRoot(older, newer, path, oldRoot), newRoot)) {
    throw new EvidenceError("the consistency path leads to another newer root");
  }
}

/** Return the newer tree's root that the path gives, if it continues the older, which is not empty. */
export function newerRoot(oldSize, newSize, path, oldRoot) {
  const [older, newer] = [count(oldSize), count(newSize)];
  if (older === 0n || older > newer) throw new EvidenceError(`size ${older} is not before size ${newer}, or empty`);
  checkHashes([oldRoot, ...path]);
  if (older === newer) {
    if (path.length > 0) throw new EvidenceError("a path where none is needed");
    return oldRoot;
  }
  if (path.length === 0) throw new EvidenceError("the consistency path is empty");
  const hashes = (older & (older - 1n)) === 0n ? [oldRoot, ...path] : path; // (2)
  let [at, last] = [older - 1n, newer - 1n]; // (3)
  while (at & 1n) [at, last] = [at >> 1n, last >> 1n]; // (4)
  const [first, second] = climb(hashes, at, last);
  if (!equal(first, oldRoot)) throw new EvidenceError("the consistency path leads to another older root");
  return second;
}

// Returns the roots of the older and the newer tree (RFC 9162, section 2.1.4.2, 5 to 7).
function climb(hashes, start, end) {
  let [at, last] = [start, end];
  let older = hashes[0]; // (5)
  let newer = hashes[0];
  for (const sibling of hashes.slice(1)) { // (6)
    if (last === 0n) throw new EvidenceError("the consistency path is too long");
    if (at & 1n || at === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (!(at & 1n) && at > 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      newer = nodeHash(newer, sibling);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  if (last !== 0n) throw new EvidenceError("the consistency path is too short"); // (7)
  return [older, newer];
}

// Returns a size or index as BigInt.
function count(value) {
  const isCount = typeof value === "bigint" ? value >= 0n : Number.isSafeInteger(value) && value >= 0;
  if (!isCount || BigInt(value) > SIZE_MAX) throw new EvidenceError(`no size or index [${value}]`);
  return BigInt(value);
}

function checkHashes(hashes) {
  if (hashes.some((one) => one.length !== HASH_BYTES)) throw new EvidenceError("a hash has not 32 bytes");
}
