// What an audio file says about itself: our assertion, found in the bytes of its C2PA manifest, and
// the rate of its frames. The manifest's own signatures are not checked here (the ledger did, and
// signed what it read); the bytes are those whose hash the log holds, which is more.

import { EvidenceError, Malformed, canonicalBytes, hex, sha256, unutf8, utf8 } from "../verify/linernotes.mjs";

const JUMBF_DESCRIPTION = "jumd";
const JSON_BOX = "json";

/** Return the JSON of the assertion `label` in the file's manifest (ISO 19566-5 boxes). */
export function carriedAssertion(file, label) {
  const name = utf8(`${label}\0`);
  for (let at = indexOf(file, name, 0); at >= 0; at = indexOf(file, name, at + 1)) {
    // the label stands in a description box: length, "jumd", a UUID of 16 bytes, a byte of toggles
    const start = at - 25;
    if (start >= 0 && tag(file, start + 4) === JUMBF_DESCRIPTION) {
      const next = start + uint32(file, start);
      if (tag(file, next + 4) === JSON_BOX) return parse(file.subarray(next + 8, next + uint32(file, next)));
    }
  }
  throw new EvidenceError(`the file carries no assertion ${label}`);
}

/**
 * Return the rendered intervals that a file carries; null where it names none. Beyond 1,024 it carries
 * their number and hash, and they lie beside: others than those throw.
 */
export function carriedIntervals(carried, beside) {
  if (Array.isArray(carried)) return carried;
  if (!beside) return null;
  if (beside.length !== carried.count || hex(sha256(canonicalBytes(beside))) !== carried.sha256) {
    throw new EvidenceError("the intervals beside the file are not those that it names");
  }
  return beside;
}

/** Return frames a second of a WAV file; null where it is none. */
export function wavRate(file) {
  if (tag(file, 0) !== "RIFF" || tag(file, 8) !== "WAVE") return null;
  let at = 12;
  while (at + 16 <= file.length && tag(file, at) !== "fmt ") at += 8 + little(file, at + 4);
  return at + 16 <= file.length ? little(file, at + 12) : null;
}

function parse(raw) {
  try {
    return JSON.parse(unutf8(raw));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof Malformed)) throw error;
    throw new EvidenceError("the file's assertion is not JSON");
  }
}

function indexOf(file, wanted, from) {
  for (let at = file.indexOf(wanted[0], from); at >= 0; at = file.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, place) => file[at + place] === byte)) return at;
  }
  return -1;
}

function tag(file, at) {
  return String.fromCharCode(...file.subarray(at, at + 4));
}

function uint32(file, at) {
  return new DataView(file.buffer, file.byteOffset + at, 4).getUint32(0);
}

function little(file, at) {
  return new DataView(file.buffer, file.byteOffset + at, 4).getUint32(0, true);
}
