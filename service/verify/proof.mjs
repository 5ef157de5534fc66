// Proofs of logging as text (C2SP tlog-proof): an index, a path, a signed checkpoint. The checkpoint
// signs the size, which fixes the index, so a position may be taken from here.

import { unbase64 } from "./bytes.mjs";
import { EvidenceError } from "./errors.mjs";
import { HASH_BYTES, verifyInclusion } from "./merkle.mjs";
import { NOTE_CHARACTERS_MAX, decimal, parseCheckpoint, readNote } from "./note.mjs";

/** Hashes of a path, at most: levels of a tree of 2^63 - 1 leaves. */
export const PATH_MAX = 63;

const HEADER = "c2sp.org/tlog-proof@v1";

/** Return {index, path, checkpoint, extra}; nothing is verified, and `extra` never is. */
export function parseProof(text) {
  if (text.length > 2 * NOTE_CHARACTERS_MAX) throw new EvidenceError("the proof is too long");
  const gap = text.indexOf("\n\n");
  if (gap < 0) throw new EvidenceError("the proof has no checkpoint");
  const checkpoint = text.slice(gap + 2);
  const [header, ...lines] = text.slice(0, gap).split("\n");
  if (header !== HEADER) throw new EvidenceError(`not a proof of logging [${header.slice(0, 80)}]`);
  const extra = lines[0]?.startsWith("extra ") ? unbase64(lines.shift().slice(6)) : null;
  if (!lines[0]?.startsWith("index ")) throw new EvidenceError("the proof has no index");
  const index = decimal(lines.shift().slice(6));
  if (lines.length > PATH_MAX) throw new EvidenceError("the inclusion path is too long");
  const path = lines.map((line) => unbase64(line, HASH_BYTES));
  parseCheckpoint(readNote(checkpoint).body);
  return { index, path, checkpoint, extra };
}

/** Return what `policy.accept` does if the leaf hash stands at the proof's index, else throw. */
export async function verifyProof(proof, leaf, policy, options = {}) {
  // (2) origin and log signature, (3) cosignatures; (1), the leaf hash, is the caller's
  const accepted = await policy.accept(proof.checkpoint, options);
  const { size, root } = accepted.checkpoint;
  verifyInclusion(leaf, proof.index, size, proof.path, root); // (4)
  return accepted;
}
