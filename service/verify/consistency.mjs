// COSE receipts of consistency (RFC 9942, 4.3) that also sign their sizes: [older, newer] under the
// private protected label -65602. Like one of inclusion such a receipt signs a root alone, so no size is
// ever taken from one without it. What the older root was, who verifies knows already.

import { isBytes } from "./bytes.mjs";
import { decodeCbor } from "./cbor.mjs";
import { readSign1 } from "./cose.mjs";
import { EvidenceError, Malformed } from "./errors.mjs";
import { HASH_BYTES, SIZE_MAX, newerRoot } from "./merkle.mjs";
import { RECEIPT_BYTES_MAX, VDP, asEvidence, oneProof } from "./receipt.mjs";

const CONSISTENCY = -2;
const SIZES = -65602;
const CONSISTENCY_PATH_MAX = 64;

/** Return {envelope, older, newer, path, areSizesSigned} of a consistency receipt. */
export function readConsistency(raw) {
  if (raw.length > RECEIPT_BYTES_MAX) {
    throw new EvidenceError(`a receipt has at most ${RECEIPT_BYTES_MAX} bytes [${raw.length}]`);
  }
  const [envelope, proof] = asEvidence(() => {
    const read = readSign1(raw, { unprotected: [VDP], contentType: null });
    return [read, decodeCbor(oneProof(read, CONSISTENCY))];
  });
  const [older, newer, path] = consistencyParts(proof);
  const areSizesSigned = envelope.protected.has(SIZES);
  const signed = envelope.protected.get(SIZES);
  if (areSizesSigned
    && !(Array.isArray(signed) && signed.length === 2 && signed[0] === older && signed[1] === newer)) {
    throw new EvidenceError("the signed sizes are not the proof's");
  }
  return { envelope, older, newer, path, areSizesSigned };
}

/** Return {older, newer} that the receipt's signature covers; throws where it covers none. */
export function signedSizes(receipt) {
  if (!receipt.areSizesSigned) {
    throw new EvidenceError("this receipt does not sign its sizes: take none from it");
  }
  return { older: receipt.older, newer: receipt.newer };
}

/** Return the read receipt if `publicKey` of `issuer` signed a root that continues the older `root`. */
export async function verifyConsistencyReceipt(raw, root, publicKey, issuer) {
  const receipt = readConsistency(raw);
  if (receipt.envelope.issuer !== issuer) {
    throw new EvidenceError(`the receipt is of another log [${receipt.envelope.issuer.slice(0, 80)}]`);
  }
  const newer = newerRoot(receipt.older, receipt.newer, receipt.path, root);
  try {
    await receipt.envelope.verify(publicKey, newer);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new EvidenceError("the receipt's signature does not fit this root");
  }
  return receipt;
}

function consistencyParts(proof) {
  const [older, newer, path] = Array.isArray(proof) && proof.length === 3 ? proof : [];
  const isSize = (value) => Number.isInteger(value) || typeof value === "bigint";
  if (!isSize(older) || !isSize(newer) || !Array.isArray(path)) {
    throw new EvidenceError("not a consistency proof");
  }
  if (older <= 0 || older > newer || newer > SIZE_MAX || path.length > CONSISTENCY_PATH_MAX) {
    throw new EvidenceError("the proof's sizes or path are out of range");
  }
  if (!path.every((one) => isBytes(one) && one.length === HASH_BYTES)) {
    throw new EvidenceError("a hash has not 32 bytes");
  }
  return [older, newer, path];
}
