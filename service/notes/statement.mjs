// Verifying a royalty statement: is every line an accrual in the log, are they all there, and does
// every cent add up?

import {
  EvidenceError, Walk, canonicalBytes, canonicalText, hex, sha256, unhex, untouched, verifyBetween,
  verifyLookup,
} from "../verify/linernotes.mjs";
import { amountText, expectAmount, micro } from "./arithmetic.mjs";
import { openLedger } from "./ledger.mjs";

const PAYOUTS = ["PayoutInstructed", "PayoutSettled", "PayoutFailed", "PayoutReturned"];

/** Check a statement's evidence, and return what a page may show of it; throws like `verifyOutput`. */
export async function verifyStatement(evidence, { policy = evidence.policy, onStep } = {}) {
  const walk = new Walk(onStep);
  const ledger = await openLedger(walk, evidence, policy);
  const closed = await walk.step("Read the closing of the statement", (said) => closing(ledger, evidence, said));
  const lines = await walk.step("Find every line among the accruals", (said) => (
    linesOf(ledger, evidence.accruals, closed.data, said)));
  await walk.step("Check that no line is missing or added", (said) => {
    const { line_count: count, lines_sha256: digest } = closed.data;
    expect("the number of lines", lines.length, count);
    expect("the hash of the lines", hex(sha256(canonicalBytes(lines.map(({ signed }) => signed)))), digest);
    said.push(`lines: ${count}; SHA-256 ${digest}`);
  });
  await completeness(walk, ledger, evidence, closed.data);
  await walk.step("Compare each accrual with what was agreed", (said) => compareAgreed(ledger, evidence, said));
  const before = await walk.step("Add up every cent", (said) => addUp(ledger, evidence, closed, lines, said));
  const payouts = await findPayouts(walk, ledger, evidence, closed);
  return { steps: walk.steps, ledger, closed, lines, before, payouts };
}

function closing(ledger, { places, statement }, said) {
  const row = ledger.at(places.RoyaltyStatementClosed, "RoyaltyStatementClosed");
  expect("the statement", row.data.statement, statement);
  const { party, month, number } = row.data;
  said.push(`position ${row.position}, ${row.recordedAt}: ${month}, number ${number}, of ${ledger.nameOf(party)}`);
  return row;
}

// The lines are not in the log a second time: they follow from the accruals (contracts, section 1).
function linesOf(ledger, accruals, closed, said) {
  const { currency } = closed.accrued;
  const lines = accruals.flatMap(({ position }) => {
    if (position < closed.from_position || position > closed.through) {
      throw new EvidenceError(`position ${position} is not between ${closed.from_position} and ${closed.through}`);
    }
    const row = ledger.at(position, "RoyaltyAccrued");
    const theirs = row.data.legs.filter((leg) => leg.party === closed.party && leg.amount.currency === currency);
    return theirs.map((leg) => lineOf(ledger, row, leg, currency));
  });
  said.push(`lines: ${lines.length}, from accruals: ${accruals.length}; positions ${closed.from_position} to ${closed.through}`);
  return lines;
}

function lineOf(ledger, { position, data, recordedAt }, leg, currency) {
  const value = micro(leg.amount, currency);
  const { generation, output } = data;
  const { asset, recording, side } = leg;
  const amount = amountText(value);
  const signed = { amount, asset, currency, generation, output, position, recording, side };
  return { ...signed, signed, value, recordedAt, recorded: ledger.recording(recording) };
}

// The index counts every entry that touched the party; all of this statement's positions are here.
async function completeness(walk, ledger, { index, accruals }, closed) {
  const title = "Prove that no accrual was left out";
  if (index === null) {
    walk.skip(title, "no root of the index covers this statement yet, or it has too many entries for a page");
    return;
  }
  await walk.step(title, (said) => {
    const { data, position } = ledger.at(index.position, "IndexRootPublished");
    if (data.through < closed.through) throw new EvidenceError("the root of the index covers less than the statement");
    const lookup = { siblings: index.siblings.map(unhex), leaf: index.leaf === null ? null : unhex(index.leaf) };
    const touches = verifyLookup(unhex(data.root), closed.party, lookup);
    verifyBetween(untouched(), touches, index.positions, { older: 0, newer: data.through });
    const inside = index.positions.filter((at) => at >= closed.from_position && at <= closed.through);
    const earned = inside.map((at) => ledger.at(at)).filter((row) => isEarned(row, closed));
    expect("the accruals", earned.map(({ position: at }) => at).join(), accruals.map((row) => row.position).join());
    said.push(`by the index at position ${position}, exactly ${touches.count} entries ever touched the party up to`
      + ` ${data.through}, ${inside.length} of them here; accruals of this month: ${earned.length}`);
  });
}

function isEarned({ type, data, recordedAt }, { party, month, accrued }) {
  return type === "RoyaltyAccrued" && recordedAt.startsWith(month)
    && data.legs.some((leg) => leg.party === party && leg.amount.currency === accrued.currency);
}

function compareAgreed(ledger, { accruals }, said) {
  for (const { position, agreed } of accruals) {
    const { data } = ledger.at(position, "RoyaltyAccrued");
    const row = ledger.at(agreed, "FeeAgreed");
    if (row.position >= position) throw new EvidenceError(`position ${position} was agreed later, at ${agreed}`);
    for (const name of ["generation", "legs", "pool", "commission", "fee", "vector_sha256"]) {
      expect(`the ${name} of position ${position}`, canonicalText(data[name]), canonicalText(row.data[name]));
    }
    expect(`the amounts of position ${position}`, hex(sha256(canonicalBytes(data.legs))), data.vector_sha256);
  }
  said.push(`accruals: ${accruals.length}; each is, unchanged, what was agreed when the use was licensed`);
}

function addUp(ledger, { places }, { data, position }, lines, said) {
  const { currency } = data.accrued;
  const [accrued, carriedIn, payable, carriedOut] = ["accrued", "carried_in", "payable", "carried_out"]
    .map((name) => micro(data[name], currency));
  expectAmount("the sum of the lines", lines.reduce((sum, { value }) => sum + value, 0n), accrued);
  expectAmount("payable and carried over", payable + carriedOut, accrued + carriedIn);
  const before = places.before === null ? null : ledger.at(places.before, "RoyaltyStatementClosed");
  if (before !== null) {
    expect("the party of the statement before", before.data.party, data.party);
    if (before.position >= position) throw new EvidenceError("the statement before was closed later");
  }
  expectAmount("what was carried in", carriedIn, before === null ? 0n : micro(before.data.carried_out, currency));
  said.push(`${amountText(accrued)} accrued + ${amountText(carriedIn)} carried in`
    + ` = ${amountText(payable)} payable + ${amountText(carriedOut)} carried over (${currency})`);
  return before;
}

async function findPayouts(walk, ledger, { payouts, head }, { data }) {
  const title = "Follow the payment";
  if (payouts.length === 0) {
    walk.skip(title, `nothing was paid out up to position ${head}`);
    return [];
  }
  return walk.step(title, (said) => payouts.map((position) => {
    const row = ledger.at(position, ...PAYOUTS);
    expect("the statement of a payout", row.data.statement, data.statement);
    expect("the party of a payout", row.data.party, data.party);
    expectAmount("a payout", micro(row.data.amount, data.payable.currency), micro(data.payable));
    said.push(`${row.type} at position ${position}`);
    return row;
  }));
}

function expect(what, found, expected) {
  if (found !== expected) {
    throw new EvidenceError(`${what}: ${String(found).slice(0, 80)} instead of ${String(expected).slice(0, 80)}`);
  }
}
