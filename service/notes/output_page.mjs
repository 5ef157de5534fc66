// An output's page: what sounds when, whose it is, who said yes, who earned.

import { unbase64 } from "../verify/linernotes.mjs";
import { amountText, micro, percent } from "./arithmetic.mjs";
import { verifyOutput } from "./output.mjs";
import { Player, silence, soundingAt, sourceFrame, timeText } from "./player.mjs";
import { byId, element, fill, instantText, readEvidence, run, sub, tableRow, word } from "./view.mjs";

const evidence = readEvidence();
const player = new Player();
const carried = byId("sound").textContent.trim();
let sound = null;

const page = run(evidence, async (policy, onStep) => {
  sound ??= carried ? unbase64(carried) : null;
  return verifyOutput(evidence, sound, { policy, onStep });
}, show);

byId("file").addEventListener("change", async ({ target }) => {
  if (target.files.length === 0) return;
  sound = new Uint8Array(await target.files[0].arrayBuffer());
  page.again();
});

function show(found) {
  const { authorized, completed, references, rendered, isSoundChecked } = found;
  const { tier, channel, territory } = authorized.data;
  byId("title").textContent = `Made from ${listed([...new Set(references.map(({ title }) => `“${title}”`))])}`;
  byId("lead").textContent = `Licensed for ${word(tier)} use, ${word(channel)}, in ${territory.join(", ")},`
    + ` on ${instantText(authorized.recordedAt)} (position ${authorized.position});`
    + ` completed at position ${completed.position}.`;
  byId("choose").hidden = isSoundChecked;
  fill("references", references.map((row) => referenceRow(row, found.revoked)));
  showMoney(found);
  if (isSoundChecked) listen(found, rendered ?? []);
}

function listen({ references, rateHz, authorized }, rendered) {
  const end = rendered.reduce((last, { output }) => Math.max(last, output.until_frame), 0);
  const duration = Math.max(authorized.data.duration_ms / 1000, end / rateHz);
  const lanes = references.map((row) => ({
    name: `${row.title}: ${roleText(row)}`,
    parts: partsOf(rendered, row.row).map((frames) => frames.map((frame) => frame / rateHz)),
  }));
  player.load(sound, evidence.audio.media_type, { duration, lanes, tell });

  function tell(seconds) {
    const at = Math.min(Math.floor(seconds * rateHz + 1e-6), Math.max(end - 1, 0));
    const units = rendered.length ? soundingAt(rendered, at) : references.map(({ row }) => ({ row }));
    const told = units.map((unit) => [references[unit.row], secondOf(references[unit.row], unit, at)]);
    return {
      on: new Set(units.map(({ row }) => row)),
      rows: told.length ? told.map(nowRow) : [silence()],
      words: told.map(([row, second]) => `${row.title}, ${second}, ${roleText(row)}`).join("; "),
    };
  }
}

// Without intervals the model was conditioned by the whole, and no second can be named.
function secondOf({ recorded }, unit, at) {
  if (!unit.source) return "throughout";
  return timeText(sourceFrame(unit, at) / recorded.sample_rate_hz);
}

// Neighboring intervals of one reference are drawn as one.
function partsOf(rendered, row) {
  const parts = [];
  for (const { output } of rendered.filter((unit) => unit.row === row)) {
    const last = parts.at(-1);
    if (last && output.from_frame <= last[1]) last[1] = Math.max(last[1], output.until_frame);
    else parts.push([output.from_frame, output.until_frame]);
  }
  return parts;
}

function nowRow([row, second]) {
  const names = [...new Set(row.consents.map(({ name }) => name))];
  const cells = [[row.title, sub(row.recorded.artist)], { number: second }, roleText(row), { number: percent(row.weight) }];
  return tableRow([...cells, [listed(names), sub(`positions ${placesOf(row)}`)]], { "data-row": String(row.row) });
}

function referenceRow(row, revoked) {
  const consents = row.consents.map((one) => element(
    "li", {}, `${one.name}, as ${word(one.capacity)}`,
    sub(`position ${one.position}${one.isAttested ? ", attested by the ledger" : ""}${revoked[one.consent] ? `; withdrawn for new uses at ${revoked[one.consent]}` : ""}`)));
  const how = row.copied ? "its sound is in the output" : "it conditioned the output";
  return tableRow([
    [row.title, sub([row.recorded.artist, row.isrc].filter(Boolean).join(", "))],
    [takenText(row), sub(how)],
    word(row.role),
    { number: element("span", {}, percent(row.weight), sub(row.weight)) },
    element("ul", {}, ...consents),
  ]);
}

function showMoney({ accrued, ledger, references }) {
  const { legs, pool, commission, fee } = accrued.data;
  const titles = new Map(references.map(({ recording, title }) => [recording, title]));
  byId("currency").textContent = fee.currency;
  fill("money", legs.map((leg) => tableRow([
    ledger.nameOf(leg.party), titles.get(leg.recording) ?? leg.recording, word(leg.side),
    { number: amountText(micro(leg.amount)) },
  ])));
  const sums = [["To the owners", pool], ["Commission", commission], ["Fee that the creator owes", fee]];
  fill("money-sums", sums.map(([name, amount], place) => {
    const row = tableRow([name, "", "", { number: amountText(micro(amount)) }]);
    row.classList.toggle("total", place === sums.length - 1);
    return row;
  }));
}

function placesOf({ consents }) {
  return consents.map(({ position }) => position).join(", ");
}

function takenText({ use, parameters, stem }) {
  const level = `${word(use)} level`;
  return parameters.length ? `${level}: ${parameters.map(word).join(", ")}${stem ? `, from the ${word(stem)} stem` : ""}` : level;
}

function roleText({ role, parameters }) {
  return parameters.length ? `${word(role)} (${parameters.map(word).join(", ")})` : word(role);
}

function listed(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
