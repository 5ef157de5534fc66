// COSE receipts (RFC 9942) that also sign where the entry stands: [tree size, leaf index] under the
// private protected label -65601. A receipt without it signs the root alone (one for index 22 of 23
// verifies as index 7 of 8), so no position is ever taken from such a one.

import { isBytes } from "./bytes.mjs";
import { decodeCbor } from "./cbor.mjs";
import { assembleSign1, readSign1 } from "./cose.mjs";
import { EvidenceError, Malformed } from "./errors.mjs";
import { HASH_BYTES, SIZE_MAX, rootFromPath } from "./merkle.mjs";
import { PATH_MAX } from "./proof.mjs";

const [RECEIPTS, VDS] = [394, 395];
export const VDP = 396;
const RFC9162_SHA256 = 1;
const INCLUSION = -1;
const POSITION = -65601;
export const RECEIPT_BYTES_MAX = 16384;

/** Return {envelope, size, index, path, isPositionSigned} of an inclusion receipt. */
export function readReceipt(raw) {
  if (raw.length > RECEIPT_BYTES_MAX) {
    throw new EvidenceError(`a receipt has at most ${RECEIPT_BYTES_MAX} bytes [${raw.length}]`);
  }
  const [envelope, proof] = asEvidence(() => {
    const read = readSign1(raw, { unprotected: [VDP], contentType: null });
    return [read, decodeCbor(oneProof(read, INCLUSION))];
  });
  const [size, index, path] = proofParts(proof);
  const isPositionSigned = envelope.protected.has(POSITION);
  const signed = envelope.protected.get(POSITION);
  if (isPositionSigned
    && !(Array.isArray(signed) && signed.length === 2 && signed[0] === size && signed[1] === index)) {
    throw new EvidenceError("the signed position is not the proof's");
  }
  return { envelope, size, index, path, isPositionSigned };
}

/** Return {size, index} that the receipt's signature covers; throws where it covers none. */
export function signedPosition(receipt) {
  if (!receipt.isPositionSigned) {
    throw new EvidenceError("this receipt does not sign its position: take none from it");
  }
  return { size: receipt.size, index: receipt.index };
}

/** Return the read receipt if `publicKey` of `issuer` signed a root under which the leaf stands. */
export async function verifyReceipt(raw, leaf, publicKey, issuer) {
  const receipt = readReceipt(raw);
  if (receipt.envelope.issuer !== issuer) {
    throw new EvidenceError(`the receipt is of another log [${receipt.envelope.issuer.slice(0, 80)}]`);
  }
  const root = rootFromPath(leaf, receipt.index, receipt.size, receipt.path);
  try {
    await receipt.envelope.verify(publicKey, root);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new EvidenceError("the receipt's signature does not fit this entry");
  }
  return receipt;
}

/** Return {entry, receipts}: the entry's own bytes, whose hash is the leaf, and what came with it. */
export function splitTransparent(raw) {
  const envelope = asEvidence(() => readSign1(raw, { unprotected: [RECEIPTS] }));
  const receipts = envelope.unprotected.get(RECEIPTS);
  if (!Array.isArray(receipts) || receipts.length === 0 || !receipts.every(isBytes)) {
    throw new EvidenceError("no receipts in this statement");
  }
  const { protectedRaw, payload, signature } = envelope;
  return { entry: assembleSign1(protectedRaw, new Map(), payload, signature), receipts };
}

/** Return the one proof of an envelope, which is of this kind; its root is left out. */
export function oneProof(envelope, kind) {
  // 395 counts in the protected header alone
  if (envelope.payload !== null || envelope.protected.get(VDS) !== RFC9162_SHA256) {
    throw new EvidenceError("not a receipt of an RFC 9162 tree with its root left out");
  }
  const proofs = envelope.unprotected.get(VDP);
  if (!(proofs instanceof Map) || proofs.size !== 1 || !proofs.has(kind)) {
    throw new EvidenceError("the receipt has no proof of this kind, or others beside it");
  }
  const [found, ...more] = Array.isArray(proofs.get(kind)) ? proofs.get(kind) : [];
  if (!isBytes(found) || more.length > 0) {
    throw new EvidenceError("the receipt has not one proof of this kind in a byte string");
  }
  return found;
}

function proofParts(proof) {
  const [size, index, path] = Array.isArray(proof) && proof.length === 3 ? proof : [];
  const isCount = (value) => Number.isInteger(value) || typeof value === "bigint";
  if (!isCount(size) || !isCount(index) || !Array.isArray(path)) {
    throw new EvidenceError("not an inclusion proof");
  }
  if (index < 0 || index >= size || size > SIZE_MAX || path.length > PATH_MAX) {
    throw new EvidenceError("the proof's index, size or path is out of range");
  }
  if (!path.every((one) => isBytes(one) && one.length === HASH_BYTES)) {
    throw new EvidenceError("a hash has not 32 bytes");
  }
  return [size, index, path];
}

/** Return what was read; what is malformed is no evidence. */
export function asEvidence(read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new EvidenceError(error.message);
  }
}
