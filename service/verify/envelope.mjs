// Statements (an actor's signed command) and entries (the ledger's signed event, the log's leaf).
// Reading checks every form but no signature: the key must be looked up by what was read.

import { hex } from "./bytes.mjs";
import { canonicalBytes, parseCanonical } from "./canonical.mjs";
import { isCommit } from "./commitments.mjs";
import { readOwnSign1 } from "./cose.mjs";
import { Malformed } from "./errors.mjs";
import {
  checkCount, checkFields, checkId, checkInstant, checkInstantMicro, checkName, checkObject,
  checkOrdinal, checkOrigin, checkSha256, checkTypeName, orNull, sortableInstant,
} from "./fields.mjs";
import { sha256 } from "./hashes.mjs";

/** Bytes of an entry, envelope included, at most: what a length in a bundle can say. */
export const ENTRY_BYTES_MAX = 65535;

/** Bytes of a statement, at most. */
export const STATEMENT_BYTES_MAX = 262144;

const EVENTS_MAX = 1024;

const STATEMENT_FIELDS = {
  actor: checkName,
  after: orNull(checkOrdinal),
  command: checkTypeName,
  data: checkObject,
  expires_at: checkInstant,
  id: checkId("cmd"),
  issued_at: checkInstant,
  ledger: checkOrigin,
  mandate: orNull(checkName),
  version: checkOrdinal,
};

const ATTESTED_FIELDS = { method: checkName, evidence: checkName, roles: checkRoles };

const ENTRY_FIELDS = {
  actor: checkPrivateName,
  command: checkId("cmd"),
  correlation: orNull(checkPrivateName),
  data: checkObject,
  id: checkId("evt"),
  index: checkCount,
  ledger: checkOrigin,
  of: checkOrdinal,
  recorded_at: checkInstantMicro,
  rules: checkOrdinal,
  statement_sha256: checkSha256,
  type: checkTypeName,
  version: checkOrdinal,
};

/** Return {raw, kid, issuer, ledger, payload, sha256, verify(publicKey)} of a statement's bytes. */
export function readStatement(raw) {
  checkSize(raw, STATEMENT_BYTES_MAX, "a statement");
  const envelope = readOwnSign1(raw);
  const payload = parseCanonical(envelope.payload, STATEMENT_BYTES_MAX);
  checkStatement(payload, envelope);
  return {
    raw,
    kid: envelope.kid,
    issuer: envelope.issuer,
    ledger: envelope.subject,
    payload,
    sha256: hex(sha256(raw)),
    verify: (publicKey) => envelope.verify(publicKey),
  };
}

/** Return the SHA-256 (hex) over command, actor and data: equal ones are the same command. */
export function contentDigest({ payload: { actor, command, data } }) {
  return hex(sha256(canonicalBytes({ actor, command, data })));
}

/** Return {raw, kid, ledger, payload, leafHash, verify(publicKey)} of an entry's bytes. */
export function readEntry(raw) {
  checkSize(raw, ENTRY_BYTES_MAX, "an entry");
  const envelope = readOwnSign1(raw);
  const payload = parseCanonical(envelope.payload, ENTRY_BYTES_MAX);
  if (envelope.issuer !== envelope.subject) {
    throw new Malformed("value_unknown", "an entry speaks for its ledger about its ledger");
  }
  checkFields(payload, ENTRY_FIELDS);
  checkLedger(payload, envelope);
  if (!(payload.index < payload.of && payload.of <= EVENTS_MAX)) {
    throw new Malformed("value_unknown", "index is not below of", "/index");
  }
  return {
    raw,
    kid: envelope.kid,
    ledger: envelope.subject,
    payload,
    leafHash: leafHash(raw),
    verify: (publicKey) => envelope.verify(publicKey),
  };
}

/** Return SHA-256(0x00 || entry): the leaf's hash (RFC 9162, section 2.1.1). */
export function leafHash(raw) {
  return sha256(Uint8Array.of(0), raw);
}

function checkStatement(payload, envelope) {
  const isAttested = typeof payload === "object" && payload !== null && Object.hasOwn(payload, "attested");
  checkFields(payload, isAttested ? { ...STATEMENT_FIELDS, attested: checkObject } : STATEMENT_FIELDS);
  checkLedger(payload, envelope);
  if (isAttested) checkFields(payload.attested, ATTESTED_FIELDS, "/attested");
  if (envelope.issuer !== (isAttested ? envelope.subject : payload.actor)) {
    throw new Malformed("value_unknown", "iss is not who speaks", "/actor");
  }
  if (sortableInstant(payload.issued_at) >= sortableInstant(payload.expires_at)) {
    throw new Malformed("value_unknown", "expires before it is issued", "/expires_at");
  }
}

function checkLedger(payload, envelope) {
  if (payload.ledger !== envelope.subject) {
    throw new Malformed("wrong_ledger", "sub is not the payload's ledger", "/ledger");
  }
}

function checkSize(raw, most, what) {
  if (raw.length > most) throw new Malformed("entry_too_large", `${what} has at most ${most} bytes`);
}

function checkPrivateName(value) {
  if (!isCommit(value)) checkName(value);
}

function checkRoles(value) {
  if (!Array.isArray(value)) throw new Malformed("value_unknown", "a list of roles is due");
  value.forEach(checkName);
  if (value.some((role, place) => place > 0 && codePoints(value[place - 1]) >= codePoints(role))) {
    throw new Malformed("value_unknown", "roles are sorted, each once");
  }
}

// Python sorts text by code point, JavaScript by UTF-16 unit: they differ beyond U+FFFF.
function codePoints(text) {
  return [...text].map((one) => one.codePointAt(0).toString(16).padStart(6, "0")).join("");
}
