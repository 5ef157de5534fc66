// What both kinds of pages show alike: the steps, the verdict, whom the reader trusts, receipts.

import { unbase64url } from "../verify/linernotes.mjs";

const MARKS = { passed: ["✓", "passed"], failed: ["✗", "failed"], skipped: ["–", "not checked"] };
const RECEIPT_FORMAT = "linernotes-receipt/1";

/** Return the element with this id. */
export const byId = (id) => document.getElementById(id);

/** Return a new element; `parts` are texts, elements, or null for nothing. */
export function element(name, attributes = {}, ...parts) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...parts.filter((part) => part !== null));
  return made;
}

/** Return a table row: the first cell is its heading. Cells are parts, or {number: text}. */
export function tableRow(cells, attributes = {}) {
  return element("tr", attributes, ...cells.map((cell, place) => {
    const isNumber = cell !== null && typeof cell === "object" && "number" in cell;
    const heading = place === 0 ? { scope: "row" } : {};
    const parts = isNumber ? [cell.number] : Array.isArray(cell) ? cell : [cell];
    return element(place === 0 ? "th" : "td", { ...heading, ...(isNumber ? { class: "number" } : {}) }, ...parts);
  }));
}

/** Fill a table's part with rows; each cell learns its column's name, for narrow screens. */
export function fill(id, rows) {
  const names = [...byId(id).closest("table").querySelectorAll("thead th")].map((cell) => cell.textContent);
  for (const row of rows) {
    row.setAttribute("role", "row"); // said again, because narrow screens show no table
    [...row.cells].forEach((cell, place) => {
      if (names[place]) cell.dataset.label = names[place];
      cell.setAttribute("role", cell.scope === "row" ? "rowheader" : "cell");
    });
  }
  byId(id).replaceChildren(...rows);
}

/** Return a second, quiet line of a cell. */
export const sub = (text) => element("span", { class: "sub" }, text);

/** Return an instant of the log for people, to the second. */
export const instantText = (text) => `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;

/** Return a word of the closed lists for people. */
export const word = (text) => text.replaceAll("_", " ");

/** Read what the page carries; a page that carries none says so, and its script ends here. */
export function readEvidence() {
  try {
    const found = JSON.parse(byId("evidence").textContent);
    if (typeof found?.policy !== "string") throw new TypeError("there is none");
    return found;
  } catch (error) {
    fail({ step: "read the evidence in this page", detail: `it is not whole [${error.message}]` });
    throw error;
  }
}

/**
 * Verify now, and again whenever the reader names another policy. `verify(policy, onStep)` returns
 * what `show` may show; nothing of it is shown before, or after a step has failed.
 */
export function run(evidence, verify, show) {
  const heading = byId("title").textContent;
  let turn = 0;
  const start = async (policy) => {
    const mine = (turn += 1); // an older check that ends later must not speak
    clear(heading);
    try {
      const found = await verify(policy, (step) => mine === turn && showStep(step));
      if (mine === turn) reveal(found, show, evidence);
    } catch (error) {
      if (mine === turn) fail(error);
    }
  };
  byId("policy").value = evidence.policy;
  byId("trust").addEventListener("submit", (event) => {
    event.preventDefault();
    start(byId("policy").value.trimEnd().concat("\n")); // who pastes seldom pastes the last line feed
  });
  byId("own-policy").addEventListener("click", () => {
    byId("policy").value = evidence.policy;
    start(evidence.policy);
  });
  start(evidence.policy);
  return { again: () => byId("trust").requestSubmit() };
}

function clear(heading) {
  byId("title").textContent = heading;
  byId("lead").textContent = "";
  document.querySelectorAll("audio").forEach((audio) => audio.pause());
  setVerdict("checking", "…", "Checking", "this page is verifying itself, in your browser.");
  byId("steps").replaceChildren();
  byId("receipts").replaceChildren();
  document.querySelectorAll(".needs-checking").forEach((part) => { part.hidden = true; });
}

function reveal(found, show, evidence) {
  document.querySelectorAll(".needs-checking").forEach((part) => { part.hidden = false; });
  show(found);
  showReceipts(evidence);
  const skipped = found.steps.filter(({ outcome }) => outcome === "skipped").length;
  const passed = `${found.steps.length - skipped} steps passed`;
  const rest = skipped ? `, ${skipped} could not be checked here (see below).` : ".";
  if (found.ledger.isWitnessed) {
    setVerdict("verified", "✓", "Verified", `in your browser just now: ${passed}${rest}`);
  } else {
    setVerdict("reserved", "!", "Verified, but not witnessed", `${passed}; the witnesses that the policy asks for have not signed.`);
  }
}

function fail(error) {
  const step = error.step || "an unforeseen error";
  setVerdict("failed", "✗", "Not verified", `${step}: ${error.detail ?? error.message}. Nothing of this page should be believed.`);
  if (!error.step) console.error(error);
}

function setVerdict(state, mark, name, text) {
  document.body.dataset.state = state;
  document.querySelector("#verdict .mark").textContent = mark;
  byId("verdict-word").textContent = name;
  byId("verdict-text").textContent = text;
}

function showStep({ number, title, detail, outcome }) {
  const [mark, said] = MARKS[outcome];
  byId("steps").append(element(
    "li", { class: outcome, "data-step": String(number) },
    element("span", { class: "quiet" }, `${number}`),
    element("span", { class: "outcome" }, element("span", { "aria-hidden": "true" }, mark), element("span", { class: "word" }, said)),
    element("span", { class: "what" }, title),
    element("span", { class: "said" }, detail),
  ));
}

function showReceipts(evidence) {
  byId("receipts").append(...evidence.entries.map((row) => {
    const { type } = JSON.parse(new TextDecoder().decode(payloadOf(row.entry)));
    const button = element("button", { type: "button" }, `${row.position} ${type}`);
    button.addEventListener("click", () => save(row, evidence, type));
    return element("li", {}, button);
  }));
}

// The entry was read strictly before; here only its name is wanted.
function payloadOf(text) {
  const raw = unbase64url(text);
  const begin = raw.indexOf(0x7b);
  return raw.subarray(begin, raw.length - 66); // behind the payload: a head of two bytes, a signature of 64
}

function save(row, evidence, type) {
  const proof = ["c2sp.org/tlog-proof@v1", `index ${row.position - 1}`, ...row.path, "", evidence.checkpoint].join("\n");
  const ledger = evidence.checkpoint.split("\n")[0];
  const receipt = { format: RECEIPT_FORMAT, ledger, position: row.position, entry: row.entry, proof };
  const whole = { ...receipt, statement: row.statement, openings: row.openings };
  const url = URL.createObjectURL(new Blob([JSON.stringify(whole, null, 1)], { type: "application/json" }));
  element("a", { href: url, download: `${row.position}-${type}.receipt.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
