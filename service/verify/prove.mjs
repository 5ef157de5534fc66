// Checking an entry offline, step by step. Each step has a number and a title; the first that fails
// throws an EvidenceError that names it. What could not be checked, because nothing was given for it,
// is a step too and says so.

import { hex } from "./bytes.mjs";
import { checkOpenings } from "./commitments.mjs";
import { readEntry, readStatement } from "./envelope.mjs";
import { EvidenceError, Malformed, NotWitnessedError } from "./errors.mjs";
import { verifyConsistency, verifyInclusion } from "./merkle.mjs";
import { parseProof } from "./proof.mjs";
import { readReceipt, signedPosition, verifyReceipt } from "./receipt.mjs";

/** The steps walked so far. `onStep` is called with each, also with the one that fails. */
export class Walk {
  constructor(onStep = () => {}) {
    this.steps = [];
    this.onStep = onStep;
  }

  /** Walk one step: `check` returns what it has seen, in words; what it throws names the step. */
  async step(title, check) {
    const number = this.steps.length + 1;
    let result;
    const say = (detail) => this.add({ number, title, detail, outcome: "passed" });
    try {
      const said = [];
      result = await check(said);
      say(said.join("; "));
    } catch (error) {
      if (!(error instanceof EvidenceError || error instanceof Malformed)) throw error;
      const detail = error instanceof Malformed ? error.message : error.detail;
      this.add({ number, title, detail, outcome: "failed" });
      const Kind = error instanceof NotWitnessedError ? NotWitnessedError : EvidenceError;
      throw new Kind(detail, `step ${number}, ${title}`);
    }
    return result;
  }

  /** Note a step for which nothing was given. */
  skip(title, why) {
    this.add({ number: this.steps.length + 1, title, detail: `not checked, ${why}`, outcome: "skipped" });
  }

  add(step) {
    this.steps.push(step);
    this.onStep(step);
  }
}

/**
 * Show by a tlog-proof that `entry` is in the log. `beside` may hold `entryKeys` and `actorKeys`
 * (Maps of key id to public key), `statement` (bytes) and `openings`. Returns {steps, entry,
 * position (from 1), size, log, witnesses, isWitnessed}.
 */
export async function prove(entry, proof, policy, { requireWitnesses = true, beside = {}, onStep } = {}) {
  const walk = new Walk(onStep);
  const read = await walkEntry(walk, entry);
  const parsed = await walk.step("read the proof", (said) => {
    const found = parseProof(proof);
    said.push(`leaf ${found.index}, ${found.path.length} hashes`);
    return found;
  });
  const accepted = await walk.step("verify the log's signature on the checkpoint", async (said) => {
    const found = await policy.accept(parsed.checkpoint, { requireWitnesses: false });
    const { origin, size } = found.checkpoint;
    if (origin !== read.ledger) throw new EvidenceError(`a checkpoint of another log [${origin}]`);
    said.push(`size ${size}, signed by ${found.log.text}`);
    return found;
  });
  await walk.step("count the witnesses", (said) => countWitnesses(accepted, policy, requireWitnesses, said));
  const { checkpoint, log, witnesses, isWitnessed } = accepted;
  const position = BigInt(parsed.index) + 1n;
  await walk.step("follow the inclusion path", (said) => {
    verifyInclusion(read.leafHash, parsed.index, checkpoint.size, parsed.path, checkpoint.root);
    said.push(`position ${position} of ${checkpoint.size}`);
  });
  await walkEntryKey(walk, read, position, policy);
  await walkBeside(walk, read, beside);
  return { steps: walk.steps, entry: read, position: small(position), size: checkpoint.size, log, witnesses, isWitnessed };
}

/** Show by a COSE receipt that `entry` is in the log; a receipt carries no cosignatures. */
export async function proveByReceipt(entry, receipt, policy, { requireWitnesses = true, beside = {}, onStep } = {}) {
  const walk = new Walk(onStep);
  const read = await walkEntry(walk, entry);
  const { size, index } = await walk.step("read the receipt", (said) => {
    const found = signedPosition(readReceipt(receipt));
    said.push(`leaf ${found.index} of ${found.size}, signed`);
    return found;
  });
  const log = await walk.step("verify the log's signature over root and position", async (said) => {
    const found = await signer(receipt, read, policy, size);
    said.push(`signed by ${found.text}`);
    return found;
  });
  const isWitnessed = policy.isMet([]);
  await walk.step("count the witnesses", (said) => {
    if (requireWitnesses && !isWitnessed) {
      throw new NotWitnessedError(`a receipt has none, the policy asks for ${policy.quorum}`);
    }
    said.push("none: a receipt carries no cosignatures");
  });
  const position = small(BigInt(index) + 1n);
  await walkEntryKey(walk, read, position, policy);
  await walkBeside(walk, read, beside);
  return { steps: walk.steps, entry: read, position, size, log, witnesses: new Map(), isWitnessed };
}

/** Show that the signed checkpoint `newer` continues `older`; witnesses are not asked for. */
export async function proveGrowth(older, newer, path, policy, { onStep } = {}) {
  const walk = new Walk(onStep);
  const found = [];
  for (const [name, text] of [["older", older], ["newer", newer]]) {
    found.push(await walk.step(`verify the ${name} checkpoint`, async (said) => {
      const { checkpoint } = await policy.accept(text, { requireWitnesses: false });
      said.push(`size ${checkpoint.size}`);
      return checkpoint;
    }));
  }
  const [first, second] = found;
  await walk.step("follow the consistency path", (said) => {
    if (first.origin !== second.origin) {
      throw new EvidenceError(`two logs [${first.origin}, ${second.origin}]`);
    }
    verifyConsistency(first.size, second.size, path, first.root, second.root);
    said.push(`the first ${first.size} entries are the same`);
  });
  return walk.steps;
}

async function walkEntry(walk, raw) {
  const read = await walk.step("read the entry", (said) => {
    const entry = readEntry(raw);
    said.push(`${entry.payload.type} ${entry.payload.id} of ${entry.ledger}`);
    return entry;
  });
  await walk.step("hash the entry as a leaf", (said) => said.push(hex(read.leafHash)));
  return read;
}

function countWitnesses({ witnesses, isWitnessed }, policy, requireWitnesses, said) {
  const names = [...witnesses].sort().map(([name, time]) => `${name} at ${utc(time)}`).join(", ");
  if (requireWitnesses && !isWitnessed) {
    throw new NotWitnessedError(`the quorum ${policy.quorum} is not met [${names || "no known witness"}]`);
  }
  said.push(names || "no known witness");
  if (!isWitnessed) said.push(`not_witnessed: the quorum ${policy.quorum} is not met`);
}

// An entry behind the position at which its key was replaced is refused; without an end no step.
async function walkEntryKey(walk, entry, position, policy) {
  const until = policy.retiredEntries.get(entry.kid);
  if (until === undefined) return;
  await walk.step("compare the position with the end of the entry's key", (said) => {
    if (position > until) throw new EvidenceError(`${entry.kid} was replaced at position ${until}`);
    said.push(`${entry.kid} signed until ${until}`);
  });
}

async function walkBeside(walk, entry, { entryKeys = new Map(), actorKeys = new Map(), statement, openings = [] }) {
  if (!entryKeys.has(entry.kid)) {
    walk.skip("verify the entry's signature", `no key ${entry.kid} given`);
  } else {
    await walk.step("verify the entry's signature", async (said) => {
      await entry.verify(entryKeys.get(entry.kid));
      said.push(`signed by ${entry.kid}`);
    });
  }
  if (!statement) walk.skip("verify the statement", "none given");
  else await walkStatement(walk, entry, statement, actorKeys);
  if (openings.length === 0) {
    walk.skip("open the commitments", "no openings given");
  } else {
    await walk.step("open the commitments", (said) => {
      checkOpenings(entry.payload, openings); // pointers begin at the payload
      said.push(openings.map(({ pointer }) => pointer).join(", "));
    });
  }
}

async function walkStatement(walk, entry, raw, actorKeys) {
  const read = await walk.step("match the statement with the entry", (said) => {
    const statement = readStatement(raw);
    if (statement.sha256 !== entry.payload.statement_sha256 || statement.payload.id !== entry.payload.command) {
      throw new EvidenceError("the entry is bound to another statement");
    }
    said.push(`${statement.payload.command} ${statement.payload.id}`);
    return statement;
  });
  if (!actorKeys.has(read.kid)) {
    walk.skip("verify the statement's signature", `no key ${read.kid} given`);
    return;
  }
  await walk.step("verify the statement's signature", async (said) => {
    await read.verify(actorKeys.get(read.kid));
    said.push(`signed by ${read.kid} for ${read.issuer}`);
  });
}

// Returns the key of the entry's log that signed; after a rotation a policy lists two.
async function signer(receipt, entry, policy, size) {
  const logs = policy.signers(entry.ledger, size);
  if (logs.length === 0) throw new EvidenceError(`the policy lists no log of that origin [${entry.ledger}]`);
  let failure;
  for (const key of logs) {
    try {
      await verifyReceipt(receipt, entry.leafHash, key.publicKey, key.name);
      return key;
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

// A witness may sign a time beyond our calendar.
function utc(seconds) {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString().replace(".000Z", "Z");
}

function small(number) {
  return Number.isSafeInteger(Number(number)) ? Number(number) : number;
}
