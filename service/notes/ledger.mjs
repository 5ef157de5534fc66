// The part of a log that came with a page: every entry followed to one signed checkpoint, every
// signature verified by a key that the log enrolled before. Later steps read from here alone.

import {
  EvidenceError, checkOpenings, parsePolicy, readEntry, readStatement,
  unbase64, unbase64url, verifyInclusion,
} from "../verify/linernotes.mjs";
import { checkSaid } from "./said.mjs";

const FORMAT = "linernotes-notes/1";

/** What the page's entries say. Made by `openLedger`; reading what is not there throws. */
export class Ledger {
  constructor(accepted, rows) {
    this.checkpoint = accepted.checkpoint;
    this.log = accepted.log;
    this.witnesses = accepted.witnesses;
    this.isWitnessed = accepted.isWitnessed;
    this.rows = new Map(rows.map((row) => [row.position, row]));
    this.keys = new Map();
  }

  /** Return {position, type, data, recordedAt, ...} of an entry of one of these types. */
  at(position, ...types) {
    const row = this.rows.get(position);
    if (!row) throw new EvidenceError(`the entry at position ${position} is not in this page`);
    if (types.length > 0 && !types.includes(row.type)) {
      throw new EvidenceError(`position ${position} is ${row.type}, not ${types.join(" or ")}`);
    }
    return row;
  }

  /** Return all entries of one of these types, in the order of the log. */
  of(...types) {
    return [...this.rows.values()].filter(({ type }) => types.includes(type));
  }

  /** Return the key `kid` as it was enrolled at or before a position, in that role where one is asked. */
  key(kid, position, role = null) {
    const found = (this.keys.get(kid) ?? []).findLast((key) => (
      key.position <= position && (role === null || key.roles.includes(role))));
    if (!found) throw new EvidenceError(`no key ${kid} was enrolled before position ${position}`);
    return found;
  }

  /** Return what a party is called; its id where its name is not public (any more). */
  nameOf(party) {
    const [opened] = this.of("LogOpened");
    if (party === opened.data.operator_party) return opened.data.operator_name;
    if (party === opened.data.ledger_party) return "the ledger itself";
    const row = this.of("PartyRegistered").findLast(({ data }) => data.party === party);
    const name = row?.openings.find(({ pointer }) => pointer === "/data/name")?.value ?? row?.data.name;
    return typeof name === "string" ? name : party;
  }

  /** Return {title, artist, sample_rate_hz, ...} of a recording, or its id as its title. */
  recording(id) {
    const row = this.of("RecordingRegistered").findLast(({ data }) => data.recording === id);
    return row?.data ?? { recording: id, title: id, artist: "" };
  }
}

/** Walk the steps that every page begins with, and return the ledger. */
export async function openLedger(walk, evidence, policyText) {
  const policy = await walk.step("Read whom you trust", (said) => {
    if (evidence.format !== FORMAT) throw new EvidenceError(`not the evidence of a page [${FORMAT}]`);
    const found = parsePolicy(policyText);
    said.push(`the log ${found.logs.map(({ name }) => name).join(" or ")}`);
    said.push(found.quorum === "none" ? "no witness is asked for" : `the witnesses of ${found.quorum}`);
    return found;
  });
  const accepted = await walk.step("Verify the log's signature on its state", async (said) => {
    const found = await policy.accept(evidence.checkpoint, { requireWitnesses: false });
    said.push(`${found.checkpoint.size} entries, signed by the key ${found.log.keyId} of ${found.log.name}`);
    return found;
  });
  await countWitnesses(walk, policy, accepted);
  const rows = await walk.step("Find every entry of this page in the log", (said) => {
    const found = evidence.entries.map((row) => include(row, accepted.checkpoint));
    said.push(`${found.length} entries, each at its position under the signed state`);
    return found;
  });
  const ledger = new Ledger(accepted, rows);
  await walk.step("Verify the ledger's signature on every entry", (said) => verifyEntries(ledger, said));
  await walk.step("Verify what the parties signed themselves", (said) => verifyStatements(ledger, said));
  return ledger;
}

async function countWitnesses(walk, policy, accepted) {
  const title = "Count the witnesses";
  if (!accepted.isWitnessed) {
    walk.skip(title, `not_witnessed: ${accepted.witnesses.size} have signed, the policy asks for ${policy.quorum}`);
    return;
  }
  await walk.step(title, (said) => {
    const names = [...accepted.witnesses].map(([name, time]) => `${name} at ${utc(Number(time))}`);
    said.push(names.join(", ") || "none is asked for: the operator alone answers for this history");
  });
}

function include(row, { size, root, origin }) {
  const where = `the entry at position ${row.position}`;
  const entry = named(where, () => {
    const read = readEntry(unbase64url(row.entry));
    const path = row.path.map((hash) => unbase64(hash, 32));
    verifyInclusion(read.leafHash, row.position - 1, size, path, root);
    if (read.ledger !== origin) throw new EvidenceError(`of another ledger, ${read.ledger}`);
    return read;
  });
  const openings = row.openings.map((one) => ({ ...one, salt: unbase64url(one.salt) }));
  named(where, () => checkOpenings(entry.payload, openings));
  const { type, data, recorded_at: recordedAt } = entry.payload;
  return { ...row, rawText: row.entry, entry, openings, type, data, recordedAt };
}

// Keys are taken from entries as they come: what a key signs stands after what enrolled it.
async function verifyEntries(ledger, said) {
  const first = ledger.at(1, "LogOpened");
  for (const row of [...ledger.rows.values()].sort((a, b) => a.position - b.position)) {
    const enrolled = row.type === "LogOpened" ? row.data.keys : row.type === "KeyEnrolled" ? [row.data] : [];
    for (const { key, public_key: text, roles, party } of enrolled) {
      const found = { position: row.position, publicKey: unbase64url(text), roles, party };
      ledger.keys.set(key, [...(ledger.keys.get(key) ?? []), found]);
    }
    const key = ledger.key(row.entry.kid, row.position, "entry");
    await namedAsync(`the entry at position ${row.position}`, () => row.entry.verify(key.publicKey));
  }
  said.push(`by the keys that the log named at position ${first.position}`);
}

async function verifyStatements(ledger, said) {
  const count = { own: 0, ledger: 0, private: 0 };
  for (const row of ledger.rows.values()) {
    if (row.statement === null) {
      count.private += 1;
    } else {
      await namedAsync(`the statement behind position ${row.position}`, () => verifyStatement(ledger, row));
      count[row.said.payload.attested ? "ledger" : "own"] += 1;
    }
  }
  said.push(`${count.own} statements signed by their party's own key`);
  if (count.ledger) said.push(`${count.ledger} that the ledger attests for parties without a key`);
  if (count.private) said.push(`${count.private} are private; the entries hold their hashes`);
}

async function verifyStatement(ledger, row) {
  const statement = readStatement(unbase64url(row.statement));
  const { payload } = row.entry;
  if (statement.sha256 !== payload.statement_sha256 || statement.payload.id !== payload.command) {
    throw new EvidenceError("the entry is bound to another statement");
  }
  await statement.verify(signerOf(ledger, row, statement));
  checkSaid(row, statement);
  row.said = statement;
}

// The root key and a key that enrolls itself stand in their own command: that proves possession.
function signerOf(ledger, row, { kid, payload }) {
  if (payload.command === "OpenLog") return unbase64url(payload.data.root_public_key);
  if (payload.command === "EnrollKey" && payload.data.key === kid) return unbase64url(payload.data.public_key);
  const key = ledger.key(kid, row.position, payload.attested ? "intake" : null);
  if (!payload.attested && key.party !== payload.actor) {
    throw new EvidenceError(`the key ${kid} is not ${payload.actor}'s`);
  }
  return key.publicKey;
}

function named(where, run) {
  try {
    return run();
  } catch (error) {
    throw new EvidenceError(`${where}: ${error.detail ?? error.message}`);
  }
}

async function namedAsync(where, run) {
  try {
    await run();
  } catch (error) {
    throw new EvidenceError(`${where}: ${error.detail ?? error.message}`);
  }
}

function utc(seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : `${date.toISOString().slice(0, 19)}Z`;
}
