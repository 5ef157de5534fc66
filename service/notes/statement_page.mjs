// A royalty statement's page: the sums, every line with its entry, and what became of the payment.

import { amountText, micro } from "./arithmetic.mjs";
import { verifyStatement } from "./statement.mjs";
import { byId, element, fill, instantText, readEvidence, run, sub, tableRow, word } from "./view.mjs";

const STEPS = {
  PayoutInstructed: "The bank was told to pay",
  PayoutSettled: "The bank has paid",
  PayoutFailed: "The bank did not pay",
  PayoutReturned: "The payment came back",
};

const evidence = readEvidence();
run(evidence, (policy, onStep) => verifyStatement(evidence, { policy, onStep }), show);

function show({ ledger, closed, lines, payouts }) {
  const { data } = closed;
  byId("title").textContent = `Royalty statement ${data.month}, number ${data.number}`;
  byId("lead").textContent = `${ledger.nameOf(data.party)}. Closed at position ${closed.position},`
    + ` on ${instantText(closed.recordedAt)}, over positions ${data.from_position} to ${data.through}.`;
  const { currency } = data.accrued;
  const sums = [
    ["Accrued, by the lines below", data.accrued], ["Carried in from the statement before", data.carried_in],
    ["Payable", data.payable], ["Carried over to the next statement", data.carried_out],
  ];
  fill("sums", sums.map(([name, amount]) => {
    const isTotal = amount === data.payable;
    const text = isTotal ? amount.amount : amountText(micro(amount));
    return tableRow([name, { number: `${text} ${currency}` }], isTotal ? { class: "total" } : {});
  }));
  byId("currency").textContent = currency;
  fill("lines", lines.map((line) => tableRow([
    { number: String(line.position) },
    [line.recorded.title, sub(line.recorded.artist)],
    word(line.side),
    element("code", {}, line.generation),
    instantText(line.recordedAt),
    { number: line.amount },
  ])));
  const total = tableRow(["Accrued", "", "", "", "", { number: amountText(micro(data.accrued)) }]);
  total.classList.add("total");
  fill("lines-sum", [total]);
  byId("payouts-part").hidden = payouts.length === 0;
  fill("payouts", payouts.map((row) => tableRow([
    { number: String(row.position) }, STEPS[row.type], instantText(row.recordedAt),
    { number: `${row.data.amount.amount} ${row.data.amount.currency}` },
  ])));
}
