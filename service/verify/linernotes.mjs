// Linernotes' second implementation: checks statements, entries, receipts and proofs of a log without
// trusting whoever runs it. No dependencies; Node 18 or later, and browsers with WebCrypto Ed25519
// (others verify a signature in about 10 ms by their own arithmetic). Verification throws.
//
//   import { parsePolicy, prove } from "./linernotes.mjs";
//   const report = await prove(entryBytes, proofText, parsePolicy(policyText));
//
// It is held to the same vectors as the first implementation, in Python (tests/vectors).

export * from "./errors.mjs";
export { base64, base64url, hex, unbase64, unbase64url, unhex, unutf8, utf8 } from "./bytes.mjs";
export { sha256, sha256Large, sha512 } from "./hashes.mjs";
export { checkPublicKey, verify, verifyWithoutPlatform } from "./ed25519.mjs";
export { canonicalBytes, canonicalText, parseCanonical } from "./canonical.mjs";
export { checkOpenings, commit, findCommits, isCommit, openCommitment } from "./commitments.mjs";
export { decodeCbor, encodeCbor, Tagged } from "./cbor.mjs";
export { readSign1, toBeSigned } from "./cose.mjs";
export { contentDigest, leafHash, readEntry, readStatement } from "./envelope.mjs";
export { emptyRoot, newerRoot, nodeHash, rootFromPath, rootOf, verifyConsistency, verifyInclusion } from "./merkle.mjs";
export { indexKey, touchedAt, untouched, verifyBetween, verifyLookup } from "./index.mjs";
export { decodeBundle, encodeBundle, parseTilePath, tilePath } from "./tiles.mjs";
export { openCheckpoint, parseCheckpoint, parseVkey, readNote, verifyNote } from "./note.mjs";
export { parsePolicy, Policy } from "./policy.mjs";
export { parseProof, verifyProof } from "./proof.mjs";
export { readConsistency, signedSizes, verifyConsistencyReceipt } from "./consistency.mjs";
export { readReceipt, signedPosition, splitTransparent, verifyReceipt } from "./receipt.mjs";
export { prove, proveByReceipt, proveGrowth, Walk } from "./prove.mjs";
