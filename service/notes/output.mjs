// Verifying an output: was it authorized by everyone, finished as this very file, and paid for?

import {
  EvidenceError, Walk, canonicalBytes, canonicalText, hex, readStatement, sha256, sha256Large,
  unbase64url,
} from "../verify/linernotes.mjs";
import { amountText, expectAmount, micro, sumOfFractions } from "./arithmetic.mjs";
import { carriedAssertion, carriedIntervals, wavRate } from "./carried.mjs";
import { openLedger } from "./ledger.mjs";

const CONSENTS = ["ConsentGranted", "ConsentNarrowed", "ConsentWidened"];

/**
 * Check an output's evidence, and return what a page may show of it. `audio` is the file's bytes,
 * or null where they are not at hand. Throws at the first step that fails; `onStep` hears of each.
 */
export async function verifyOutput(evidence, audio, { policy = evidence.policy, onStep } = {}) {
  const walk = new Walk(onStep);
  const ledger = await openLedger(walk, evidence, policy);
  const { places } = evidence;
  const authorized = await walk.step("Read the license", (said) => authorization(ledger, evidence, said));
  const references = await walk.step("Check the references and their weights", (said) => (
    checkedReferences(ledger, authorized, said)));
  await walk.step("Find everyone's consent", (said) => findConsents(ledger, authorized, references, said));
  const agreed = await walk.step("Read the agreed fee", (said) => (
    readFee(ledger.at(places.FeeAgreed, "FeeAgreed"), authorized, said)));
  const completed = await walk.step("Read the completion", (said) => completion(ledger, places, authorized, said));
  await walk.step("Verify the worker's signature on what it made", (said) => workersWord(ledger, completed, said));
  const carried = await fileItself(walk, ledger, evidence, { authorized, completed, audio });
  const accrued = await walk.step("Follow the money", (said) => (
    followMoney(ledger.at(places.RoyaltyAccrued, "RoyaltyAccrued"), agreed, completed, said)));
  const revoked = await revocations(walk, ledger, evidence, references);
  return { steps: walk.steps, ledger, authorized, references, agreed, completed, accrued, revoked, ...carried };
}

function authorization(ledger, { places, generation }, said) {
  const row = ledger.at(places.GenerationAuthorized, "GenerationAuthorized");
  expect("the generation", row.data.generation, generation);
  const { tier, channel, territory } = row.data;
  said.push(`position ${row.position}, ${row.recordedAt}: ${tier}, ${channel}, ${territory.join(", ")}`);
  return row;
}

function checkedReferences(ledger, { data }, said) {
  expect("the hash of the references", hex(sha256(canonicalBytes(data.references))), data.references_sha256);
  const [numerator, denominator] = sumOfFractions(data.references.map(({ weight }) => weight));
  if (numerator !== denominator) throw new EvidenceError("the weights do not add up to 1");
  data.references.forEach(({ row }, place) => expect("the number of a row", row, place));
  said.push(`${data.references.length} references; their weights add up to 1`);
  return data.references.map((row) => ({ ...row, recorded: ledger.recording(row.recording), consents: [] }));
}

function findConsents(ledger, { data, position }, references, said) {
  const grantors = new Set();
  references.forEach((reference, place) => {
    const touched = data.touched.find(({ recording }) => recording === reference.recording);
    if (!touched) throw new EvidenceError(`nobody is named for ${reference.recording}`);
    reference.consents = data.references[place].consents.map((cited) => {
      const row = ledger.at(cited.position, ...CONSENTS);
      const { consent } = row.data;
      expect("the consent", consent.consent, cited.consent);
      if (!row.said) throw new EvidenceError(`what was signed for ${cited.consent} is not in this page`);
      if (row.position >= position) throw new EvidenceError(`${cited.consent} was given after the license`);
      if (!reaches(consent, reference, touched)) {
        throw new EvidenceError(`${cited.consent} does not speak of ${reference.title}`);
      }
      if (!consent.uses.includes(reference.use)) throw new EvidenceError(`${cited.consent} does not permit this use`);
      if (!consent.tiers.includes(data.tier)) throw new EvidenceError(`${cited.consent} does not permit this tier`);
      grantors.add(consent.grantor);
      return { ...cited, ...consent, name: ledger.nameOf(consent.grantor), isAttested: "attested" in row.said.payload };
    });
    refuseMissing(ledger, touched, reference);
  });
  said.push(`of ${[...grantors].map((party) => ledger.nameOf(party)).join(", ")}; each was given before the license`);
}

// Whoever controls an asset must have spoken for it.
function refuseMissing(ledger, touched, reference) {
  for (const { party, asset, side } of touched.controllers) {
    const hasSpoken = reference.consents.some(({ grantor, applies_to: to }) => grantor === party
      && (to.catalog === party || to.recordings.includes(asset) || to.works.includes(asset)));
    if (!hasSpoken) {
      throw new EvidenceError(`no consent of ${ledger.nameOf(party)} (${side}) for ${reference.title}`);
    }
  }
}

function reaches({ applies_to: to, grantor }, reference, touched) {
  const isTheirs = touched.controllers.some(({ party }) => party === grantor) || touched.performers.includes(grantor);
  const isNamed = to.recordings.includes(reference.recording)
    || to.works.some((work) => reference.works.includes(work)) || to.catalog === grantor;
  return isTheirs && isNamed;
}

function readFee(row, authorized, said) {
  const { data } = row;
  expect("the generation", data.generation, authorized.data.generation);
  const digest = hex(sha256(canonicalBytes(data.legs)));
  expect("the hash of the amounts", digest, data.vector_sha256);
  expect("the hash of the amounts", digest, authorized.data.vector_sha256);
  const { currency } = data.fee;
  const legs = data.legs.reduce((sum, leg) => sum + micro(leg.amount, currency), 0n);
  expectAmount("the owners' parts", legs, micro(data.pool, currency));
  expectAmount("pool and commission", legs + micro(data.commission, currency), micro(data.fee, currency));
  said.push(`${data.fee.amount} ${currency}: ${amountText(legs)} to ${data.legs.length} parts, the rest commission`);
  return row;
}

function completion(ledger, places, authorized, said) {
  const row = ledger.at(places.GenerationCompleted, "GenerationCompleted");
  const embedded = ledger.at(places.ManifestEmbedded, "ManifestEmbedded").data;
  for (const data of [row.data, embedded]) {
    expect("the generation", data.generation, authorized.data.generation);
    expect("the references", data.references_sha256, authorized.data.references_sha256);
    expect("the file", data.artifact_sha256, row.data.artifact_sha256);
    expect("the output", data.output, row.data.output);
  }
  expect("the manifest's name", embedded.manifest_urn, authorized.data.manifest_urn);
  if (row.position <= authorized.position) throw new EvidenceError("completed before it was authorized");
  said.push(`position ${row.position}, ${row.recordedAt}: the file was read back and says what was authorized`);
  return row;
}

async function workersWord(ledger, completed, said) {
  const statement = readStatement(unbase64url(completed.data.finished));
  const key = ledger.key(statement.kid, completed.position, "worker");
  await statement.verify(key.publicKey);
  const { data } = statement.payload;
  expect("the worker's key", statement.kid, completed.data.worker);
  expect("the generation", data.generation, completed.data.generation);
  expect("the outcome", data.outcome, "completed");
  expect("the file", data.artifact_sha256, completed.data.artifact_sha256);
  said.push(`${ledger.nameOf(key.party)}, key ${statement.kid}`);
}

// Returns what the file says about each second, once its bytes are those that the log knows.
async function fileItself(walk, ledger, evidence, { authorized, completed, audio }) {
  if (audio === null) {
    walk.skip("Compare the sound with the log", "the file is not in this page: choose it below");
    walk.skip("Read what the file itself says", "the file is not in this page");
    return { rendered: null, rateHz: null, isSoundChecked: false };
  }
  await walk.step("Compare the sound with the log", async (said) => {
    const digest = hex(await sha256Large(audio));
    expect("the file", digest, completed.data.artifact_sha256);
    said.push(`all ${audio.length} bytes, SHA-256 ${digest}`);
  });
  return walk.step("Read what the file itself says", (said) => {
    const assertion = carriedAssertion(audio, evidence.audio.label);
    expect("the references in the file", canonicalText(assertion.references), canonicalText(authorized.data.references));
    expect("the authorization in the file", assertion.authorization.entry, authorized.rawText);
    const rendered = carriedIntervals(assertion.rendered, evidence.rendered);
    said.push(rendered ? `the same references; ${rendered.length} intervals of sound` : "the same references");
    return { rendered, rateHz: wavRate(audio) ?? evidence.audio.rate_hz, isSoundChecked: true };
  });
}

function followMoney(row, agreed, completed, said) {
  const { data } = row;
  for (const name of ["generation", "vector_sha256"]) expect(`the ${name}`, data[name], agreed.data[name]);
  expect("the output", data.output, completed.data.output);
  for (const name of ["legs", "fee", "pool", "commission"]) {
    expect(`the ${name}`, canonicalText(data[name]), canonicalText(agreed.data[name]));
  }
  said.push(`position ${row.position}: exactly what was agreed has been credited`);
  return row;
}

async function revocations(walk, ledger, { revoked, head }, references) {
  const cited = references.flatMap(({ consents }) => consents);
  const title = "Look for consents withdrawn since";
  if (Object.keys(revoked).length === 0) {
    walk.skip(title, `none is known up to position ${head}; only the log can say that there is none`);
    return revoked;
  }
  return walk.step(title, (said) => {
    for (const [consent, position] of Object.entries(revoked)) {
      const { data } = ledger.at(position, "ConsentRevoked");
      const found = cited.find((one) => one.consent === consent);
      if (!found || (data.consent !== consent && data.party !== found.grantor)) {
        throw new EvidenceError(`position ${position} does not withdraw ${consent}`);
      }
    }
    const places = [...new Set(Object.values(revoked))].join(", ");
    said.push(`withdrawn at position ${places}: it forbids new uses; this license is older`);
    return revoked;
  });
}

function expect(what, found, expected) {
  if (found !== expected) {
    throw new EvidenceError(`${what}: ${String(found).slice(0, 80)} instead of ${String(expected).slice(0, 80)}`);
  }
}
