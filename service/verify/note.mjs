// Signed notes: checkpoints and who signed them (C2SP signed-note, tlog-checkpoint, tlog-cosignature).
// Lines of unknown keys are ignored; one bad line of a known key makes the whole note invalid.

import { hex, unbase64, utf8 } from "./bytes.mjs";
import { checkPublicKey, verify } from "./ed25519.mjs";
import { EvidenceError, Malformed } from "./errors.mjs";
import { sha256 } from "./hashes.mjs";
import { HASH_BYTES } from "./merkle.mjs";

/** Signature type: Ed25519 over the note's text. */
export const LOG = 1;

/** Signature type: timestamped Ed25519 cosignature, version 1. */
export const COSIGNER = 4;

/** Characters of a note, at most. */
export const NOTE_CHARACTERS_MAX = 524288;

const SIGNATURES_MAX = 100;
const KEY_ID_BYTES = 4;
const TIME_BYTES = 8;

/** Return a count written in ASCII decimal: a number, or beyond 2^53 - 1 a BigInt. */
export function decimal(text) {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text) || BigInt(text) >= 2n ** 63n) {
    throw new EvidenceError(`not a decimal number without leading zero [${text.slice(0, 80)}]`);
  }
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
}

/** Return {name, kind, publicKey, keyId, text} of a verifier key; throws where its parts disagree. */
export function parseVkey(text) {
  // the base64 may itself hold "+", the name and the id may not
  const found = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/su.exec(text);
  if (found === null) throw new EvidenceError(`not a verifier key [${text.slice(0, 120)}]`);
  const [, name, keyId, encoded] = found;
  const material = unbase64(encoded);
  checkKeyName(name);
  if (material[0] !== LOG && material[0] !== COSIGNER) {
    throw new EvidenceError(`signature type ${material[0]} is not supported [${name}]`);
  }
  const publicKey = material.slice(1);
  try {
    checkPublicKey(publicKey);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new EvidenceError(`${error.detail} [${name}]`);
  }
  // a key id covers name and type: a line made in one role is unknown in the other
  if (hex(sha256(utf8(`${name}\n`), material).slice(0, KEY_ID_BYTES)) !== keyId) {
    throw new EvidenceError(`the key id is not that of name and key [${text.slice(0, 120)}]`);
  }
  return { name, kind: material[0], publicKey, keyId, text };
}

/** Return {body, signatures: [{name, keyId, blob}]} of a note; no signature is checked yet. */
export function readNote(text) {
  if (text.length > NOTE_CHARACTERS_MAX) {
    throw new EvidenceError(`the note has more than ${NOTE_CHARACTERS_MAX} characters`);
  }
  if (/[\0-\x09\x0b-\x1f]|\p{Cs}/u.test(text)) {
    throw new EvidenceError("the note has control characters or is no Unicode text");
  }
  const at = text.lastIndexOf("\n\n"); // the last empty line; the text itself may have some
  if (at < 0 || !text.endsWith("\n")) {
    throw new EvidenceError("the note has no signatures, or no line feed at its end");
  }
  const lines = text.slice(at + 2, -1).split("\n");
  if (lines.length > SIGNATURES_MAX) {
    throw new EvidenceError(`the note has more than ${SIGNATURES_MAX} signatures`);
  }
  return { body: text.slice(0, at + 1), signatures: lines.map(readLine) };
}

/** Return the verified lines of known keys as [{key, time}]; time (POSIX seconds) of witnesses only. */
export async function verifyNote(note, known) {
  // all at once: a platform verifies each signature in a thread of its own
  const lines = note.signatures.map(async (signature) => {
    const key = known.findLast((one) => one.name === signature.name && one.keyId === signature.keyId);
    return key ? { key, time: await verifyLine(note.body, signature, key) } : null;
  });
  return (await Promise.all(lines)).filter((line) => line !== null);
}

/** Return {origin, size, root, extensions} of which `body` is the note's text. */
export function parseCheckpoint(body) {
  const lines = body.split("\n");
  if (lines.length <= 3 || lines.pop() !== "" || lines.includes("")) {
    throw new EvidenceError("a checkpoint has three non-empty lines or more");
  }
  const [origin, size, root, ...extensions] = lines;
  checkKeyName(origin);
  return { origin, size: decimal(size), root: unbase64(root, HASH_BYTES), extensions };
}

/** Return the checkpoint that the log whose key is `vkey` (text or parsed) has signed. */
export async function openCheckpoint(text, vkey) {
  const key = typeof vkey === "string" ? parseVkey(vkey) : vkey;
  const note = readNote(text);
  const checkpoint = parseCheckpoint(note.body);
  if (key.kind !== LOG || key.name !== checkpoint.origin) {
    throw new EvidenceError(`not the key of this log [${key.name}, ${checkpoint.origin}]`);
  }
  if ((await verifyNote(note, [key])).length === 0) {
    throw new EvidenceError(`no signature of the log [${key.name}]`);
  }
  return checkpoint;
}

/** Throw unless `name` may stand in a signature line. */
export function checkKeyName(name) {
  if (!/^[^\p{C}\p{Z}+]+$/u.test(name)) {
    throw new EvidenceError(`not the name of a key [${name.slice(0, 80)}]`);
  }
}

function readLine(line) {
  const found = /^— ([^ ]+) ([^ ]+)$/u.exec(line); // U+2014
  if (found === null) throw new EvidenceError(`not a signature line [${line.slice(0, 120)}]`);
  checkKeyName(found[1]);
  const raw = unbase64(found[2]);
  if (raw.length <= KEY_ID_BYTES) {
    throw new EvidenceError(`a signature line without signature [${found[1]}]`);
  }
  return { name: found[1], keyId: hex(raw.slice(0, KEY_ID_BYTES)), blob: raw.slice(KEY_ID_BYTES) };
}

async function verifyLine(body, { blob }, key) {
  let [signature, message, time] = [blob, utf8(body), null];
  if (key.kind === COSIGNER) {
    const seconds = BigInt(`0x0${hex(blob.slice(0, TIME_BYTES))}`);
    if (seconds >= 2n ** 63n) {
      throw new EvidenceError(`the time of a cosignature is out of range [${key.name}]`);
    }
    time = decimal(String(seconds));
    signature = blob.slice(TIME_BYTES);
    message = utf8(`cosignature/v1\ntime ${seconds}\n${body}`);
  }
  try {
    await verify(key.publicKey, signature, message);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new EvidenceError(`a signature does not verify [${key.name}]`);
  }
  return time;
}
