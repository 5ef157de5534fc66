// The log as static files (C2SP tlog-tiles): paths, and bundles of entries.

import { ENTRY_BYTES_MAX } from "./envelope.mjs";
import { concat } from "./bytes.mjs";
import { EvidenceError } from "./errors.mjs";
import { SIZE_MAX } from "./merkle.mjs";

const HASHES = 256;
const LEVELS_MAX = 8;
const PATH = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Return {level, index, width} of a path; level is null for an entry bundle, index a BigInt. */
export function parseTilePath(path) {
  const found = PATH.exec(path);
  if (found === null) throw new EvidenceError(`not the path of a tile [${path.slice(0, 80)}]`);
  const level = found[1] === "entries" ? null : Number(found[1]);
  const index = BigInt(found[2].replace(/[x/]/g, ""));
  const width = found[3] === undefined ? HASHES : Number(found[3]);
  const isPartial = found[3] !== undefined;
  if ((isPartial && width >= HASHES) || index > SIZE_MAX || tilePath(level, index, width) !== path) {
    throw new EvidenceError(`not the path of a tile [${path.slice(0, 80)}]`);
  }
  if (level !== null && level >= LEVELS_MAX) throw new EvidenceError(`no tile has level ${level}`);
  return { level, index, width };
}

/** Return the path of a tile, or with level null of an entry bundle. */
export function tilePath(level, index, width = HASHES) {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = padded.match(/.{3}/g);
  const where = groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group));
  return `tile/${level ?? "entries"}/${where.join("/")}${width === HASHES ? "" : `.p/${width}`}`;
}

/** Return the exactly `width` entries of which `raw` is the bundle. */
export function decodeBundle(raw, width) {
  if (!(width >= 1 && width <= HASHES)) throw new EvidenceError(`a bundle has 1 to ${HASHES} entries`);
  const entries = [];
  let at = 0;
  for (let place = 0; place < width; place += 1) {
    if (at + 2 > raw.length) throw new EvidenceError("the bundle ends early");
    const start = at + 2;
    at = start + ((raw[at] << 8) | raw[at + 1]);
    if (at > raw.length) throw new EvidenceError("the bundle ends early");
    entries.push(raw.slice(start, at));
  }
  if (at !== raw.length) throw new EvidenceError(`the bundle has ${raw.length - at} bytes too many`);
  return entries;
}

/** Return the bundle of 1 to 256 entries, each behind its big-endian length. */
export function encodeBundle(entries) {
  if (!(entries.length >= 1 && entries.length <= HASHES)) {
    throw new EvidenceError(`a bundle has 1 to ${HASHES} entries [${entries.length}]`);
  }
  if (entries.some((entry) => entry.length > ENTRY_BYTES_MAX)) {
    throw new EvidenceError(`an entry has at most ${ENTRY_BYTES_MAX} bytes`);
  }
  return concat(...entries.flatMap((entry) => [
    Uint8Array.of(entry.length >> 8, entry.length & 255), entry]));
}
