// Salted commitments: {"commit": base64url(SHA-256(salt16 || canonical JSON value))}. The opening
// (pointer, salt, value) lies beside the log and can be erased; the commitment stays true.

import { base64url } from "./bytes.mjs";
import { canonicalBytes, isObject } from "./canonical.mjs";
import { Malformed } from "./errors.mjs";
import { sha256 } from "./hashes.mjs";

const SALT_BYTES = 16;
const DIGEST = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** Return the commitment to `value` under `salt` (16 bytes). */
export function commit(value, salt) {
  if (salt.length !== SALT_BYTES) {
    throw new Malformed("value_unknown", `a salt has ${SALT_BYTES} bytes [${salt.length}]`);
  }
  return { commit: base64url(sha256(salt, canonicalBytes(value))) };
}

/** Tell whether a value has the form of a commitment. */
export function isCommit(value) {
  return isObject(value) && Object.keys(value).length === 1
    && typeof value.commit === "string" && DIGEST.test(value.commit);
}

/** Throw unless `opening` ({pointer, salt, value}) opens `commitment`. */
export function openCommitment(commitment, opening) {
  if (!isCommit(commitment)) {
    throw new Malformed("value_unknown", "there is no commitment", opening.pointer);
  }
  if (commit(opening.value, opening.salt).commit !== commitment.commit) {
    throw new Malformed("value_unknown", "salt and value give another hash", opening.pointer);
  }
}

/** Return all commitments within `data`: a Map of JSON pointer (RFC 6901) to digest. */
export function findCommits(data, pointer = "", found = new Map()) {
  if (isCommit(data)) return found.set(pointer, data.commit);
  if (Array.isArray(data)) {
    data.forEach((item, place) => findCommits(item, `${pointer}/${place}`, found));
  } else if (isObject(data)) {
    for (const [key, item] of Object.entries(data)) {
      findCommits(item, `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, found);
    }
  }
  return found;
}

/** Throw unless every opening opens the commitment that stands at its pointer, each one once. */
export function checkOpenings(data, openings) {
  const commits = findCommits(data);
  const seen = new Set();
  for (const opening of openings) {
    if (seen.has(opening.pointer)) {
      throw new Malformed("value_unknown", "opened twice", opening.pointer);
    }
    seen.add(opening.pointer);
    openCommitment({ commit: commits.get(opening.pointer) }, opening);
  }
}
