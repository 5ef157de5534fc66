// Exact numbers: fractions and money are text in the log and BigInt here, never floats.

import { EvidenceError } from "../verify/linernotes.mjs";

const MICRO_DIGITS = 6;

/** Return [numerator, denominator] of a fraction in lowest terms: "1/3", "1". */
export function fraction(text) {
  const found = /^([0-9]{1,10})(?:\/([0-9]{1,10}))?$/.exec(text);
  if (found === null) throw new EvidenceError(`not a fraction [${text}]`);
  return [BigInt(found[1]), BigInt(found[2] ?? 1)];
}

/** Return the sum of fractions as [numerator, denominator], not reduced. */
export function sumOfFractions(texts) {
  return texts.map(fraction).reduce(([a, b], [c, d]) => [a * d + c * b, b * d], [0n, 1n]);
}

/** Return a fraction in percent, rounded to one decimal: for reading, never for reckoning. */
export function percent(text) {
  const [numerator, denominator] = fraction(text);
  const tenths = (numerator * 2000n + denominator) / (2n * denominator);
  return `${tenths / 10n}${tenths % 10n ? `.${tenths % 10n}` : ""} %`;
}

/** Return the micro units of {amount, currency}; throws unless it is in `currency`. */
export function micro({ amount, currency }, expected = currency) {
  const found = /^(-?)([0-9]{1,15})(?:\.([0-9]{1,6}))?$/.exec(amount);
  if (found === null || currency !== expected) {
    throw new EvidenceError(`not an amount in ${expected} [${amount} ${currency}]`);
  }
  const [, sign, whole, decimals = ""] = found;
  const value = BigInt(whole + decimals.padEnd(MICRO_DIGITS, "0"));
  return sign ? -value : value;
}

/** Return micro units as decimal text with six decimals. */
export function amountText(value) {
  const digits = String(value < 0n ? -value : value).padStart(MICRO_DIGITS + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -MICRO_DIGITS)}.${digits.slice(-MICRO_DIGITS)}`;
}

/** Throw unless two amounts in micro units are the same. */
export function expectAmount(what, found, expected) {
  if (found !== expected) {
    throw new EvidenceError(`${what}: ${amountText(found)} instead of ${amountText(expected)}`);
  }
}
