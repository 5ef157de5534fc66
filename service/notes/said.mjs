// Does an entry say what its party signed? An operator could write more into an entry than the
// statement behind it holds; the statement's signature then still verifies.

import { EvidenceError, canonicalText } from "../verify/linernotes.mjs";

const SAME = {
  ConsentGranted: ["GrantConsent", ["consent"]],
  ConsentNarrowed: ["ChangeConsent", ["consent"]],
  ConsentWidened: ["ChangeConsent", ["consent"]],
  ConsentRevoked: ["RevokeConsent", ["party", "consent", "asset", "everything"]],
  RecordingRegistered: ["RegisterRecording", ["recording", "title", "artist", "audio"]],
  PartyRegistered: ["RegisterParty", ["party", "kind", "name"]],
  KeyEnrolled: ["ConfirmKey", ["key"]],
  RoyaltyStatementClosed: ["CloseRoyaltyStatement", ["statement", "party", "month", "through"]],
  PayoutInstructed: ["InstructPayout", ["payout", "statement"]],
};

// What a party may leave unsaid, and the entry then says (schemas/terms).
const UNSAID = {
  asset: null, catalog: null, consent: null, effective_from: null, effective_until: null,
  everything: false, exclude: [], floors: {}, in_flight: "complete", minimum_weight: null,
  notice_days: 0, recordings: [], reproduction: false,
  revocation: { in_flight: "complete", notice_days: 0, survives: true }, survives: true, works: [],
};

/** Throw unless the entry of a row says what the statement behind it says. */
export function checkSaid({ type, data }, { payload }) {
  if (!Object.hasOwn(SAME, type)) return;
  const [command, fields] = SAME[type];
  if (payload.command !== command) throw new EvidenceError(`${type} does not follow from ${payload.command}`);
  for (const field of fields) check(field, payload.data[field], data[field]);
}

function check(field, said, written) {
  if (said === undefined) {
    // of a local time the instant may be left to the ledger; it binds, and is shown
    const isFilled = field === "instant" || same(written, UNSAID[field]);
    if (!isFilled) throw new EvidenceError(`the entry's ${field} was never said`);
  } else if (isObject(said) && isObject(written)) {
    for (const name of new Set([...Object.keys(said), ...Object.keys(written)])) {
      check(name, said[name], written[name]);
    }
  } else if (!same(ordered(said), ordered(written))) {
    throw new EvidenceError(`the entry's ${field} is not what was said`);
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// Lists of words are sets: their order says nothing.
const ordered = (value) => (Array.isArray(value) ? value.map(canonicalText).sort() : value);

const same = (one, other) => other !== undefined && canonicalText(one) === canonicalText(other);
