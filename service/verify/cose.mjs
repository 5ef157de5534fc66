// COSE_Sign1 (RFC 9052, section 4.2) with Ed25519 and CWT claims (RFC 9597), read strictly. The bytes
// are kept as received: the signature is over what came. The algorithm's number may be -19 (RFC 9864)
// or, of others, its forerunner -8.

import { concat, isBytes, unutf8 } from "./bytes.mjs";
import { Tagged, cborHead, decodeCbor, encodeCbor } from "./cbor.mjs";
import { verify } from "./ed25519.mjs";
import { Malformed } from "./errors.mjs";
import { isPrintable } from "./fields.mjs";

const [ALG, CRIT, CONTENT_TYPE, KID, CWT_CLAIMS] = [1, 2, 3, 4, 15];
const [ISS, SUB] = [1, 2];
const ALGORITHMS = [-19, -8];
const JSON_TYPE = "application/json";
const TAG = 18;
const SIGNATURE_BYTES = 64;
const OWN_LABELS = [ALG, CONTENT_TYPE, KID, CWT_CLAIMS];

/** A COSE_Sign1 as it came; `payload` is null where it is detached. */
export class Sign1 {
  constructor(raw, parts) {
    this.raw = raw;
    [this.protectedRaw, this.unprotected, this.payload, this.signature] = parts;
    this.protected = readProtected(this.protectedRaw);
    this.kid = unutf8(this.protected.get(KID));
    this.issuer = this.protected.get(CWT_CLAIMS).get(ISS);
    this.subject = this.protected.get(CWT_CLAIMS).get(SUB);
  }

  /** Throw unless `publicKey` signed this; `payload` is given if, and only if, it is detached. */
  async verify(publicKey, payload = null) {
    if ((this.payload === null) === (payload === null)) {
      throw new Malformed("signature_invalid", "the payload is given twice or not at all");
    }
    await verify(publicKey, this.signature, toBeSigned(this.protectedRaw, payload ?? this.payload));
  }
}

/** Return the bytes of the Sig_structure (RFC 9052, section 4.4), without external data. */
export function toBeSigned(protectedRaw, payload) {
  return concat(
    Uint8Array.of(0x84), encodeCbor("Signature1"),
    cborHead(2, protectedRaw.length), protectedRaw, Uint8Array.of(0x40),
    cborHead(2, payload.length), payload,
  );
}

/** Return the tagged COSE_Sign1 of four parts; to add or remove unprotected headers, never to sign. */
export function assembleSign1(protectedRaw, unprotected, payload, signature) {
  return encodeCbor(new Tagged(TAG, [protectedRaw, unprotected, payload, signature]));
}

/**
 * Return the structure of `raw`. The signature is not checked here: see `Sign1.verify`.
 * `unprotected` lists the labels that may stand there; `contentType` must be as given (null: absent).
 */
export function readSign1(raw, { unprotected = [], contentType = JSON_TYPE } = {}) {
  const value = decodeCbor(raw);
  if (!(value instanceof Tagged) || value.tag !== TAG) throw refusal("not a tagged COSE_Sign1");
  const parts = value.value;
  if (!Array.isArray(parts) || parts.length !== 4 || !isBytes(parts[0]) || !(parts[1] instanceof Map)
    || !(isBytes(parts[2]) || parts[2] === null) || !isBytes(parts[3])) {
    throw refusal("not the four parts of a COSE_Sign1");
  }
  if (![...parts[1].keys()].every((label) => unprotected.includes(label))) {
    throw refusal("unexpected unprotected headers");
  }
  if (parts[3].length !== SIGNATURE_BYTES) throw refusal("an Ed25519 signature has 64 bytes");
  const envelope = new Sign1(raw, parts);
  if ((envelope.protected.get(CONTENT_TYPE) ?? null) !== contentType) {
    throw refusal(`content type is not ${contentType}`);
  }
  return envelope;
}

/** Return the envelope of a statement or entry: exactly our labels and claims, the payload inside. */
export function readOwnSign1(raw) {
  const envelope = readSign1(raw);
  const claims = envelope.protected.get(CWT_CLAIMS);
  if (!hasExactly(envelope.protected, OWN_LABELS) || !hasExactly(claims, [ISS, SUB])) {
    throw refusal("protected headers beyond the profile");
  }
  if (envelope.payload === null) throw refusal("the payload is not inside");
  return envelope;
}

function readProtected(raw) {
  const header = decodeCbor(raw);
  if (!(header instanceof Map)) throw refusal("the protected header is not a map");
  if (header.has(CRIT)) throw refusal("critical headers are refused");
  if (!ALGORITHMS.includes(header.get(ALG))) throw refusal("the algorithm is not Ed25519");
  const kid = header.get(KID);
  if (!isBytes(kid) || kid.some((byte) => byte > 126) || !isPrintable(unutf8(kid))) {
    throw refusal("kid is missing or no ASCII text");
  }
  const claims = header.get(CWT_CLAIMS);
  if (!(claims instanceof Map) || ![ISS, SUB].every((claim) => isPrintable(claims.get(claim)))) {
    throw refusal("iss or sub is missing");
  }
  return header;
}

function hasExactly(map, labels) {
  return map.size === labels.length && labels.every((label) => map.has(label));
}

function refusal(message) {
  return new Malformed("not_canonical", message);
}
