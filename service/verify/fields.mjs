// The checks that payloads of statements and entries share; each throws `Malformed`.

import { isObject } from "./canonical.mjs";
import { Malformed } from "./errors.mjs";

const NAME_CHARACTERS_MAX = 256;
const PRINTABLE = /^(?:[^\p{C}\p{Z}]| )+$/u;
const ORIGIN = /^[!-*,-~]*[!-*,-.0-~]$/; // ASCII without blank, control, "+" and final slash
const INSTANT = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{6})?Z$/;
const TYPE_NAME = /^[A-Z][A-Za-z0-9]{2,63}$/;
const DIGIT = "[0-9a-hjkmnp-tv-z]";
// a UUIDv7 in 26 Crockford digits: version and variant stand inside the 11th and the 14th
const UUID7 = `[0-7]${DIGIT}{9}[ef]${DIGIT}{2}[89abrstv]${DIGIT}{12}`;

/** Tell whether a value is text, not empty, all of whose characters can be printed. */
export function isPrintable(value) {
  return typeof value === "string" && PRINTABLE.test(value);
}

/** Require text of 1 to 256 printable characters. */
export function checkName(value) {
  if (typeof value !== "string" || value === "" || [...value].length > NAME_CHARACTERS_MAX) {
    throw unknown(`text of 1 to ${NAME_CHARACTERS_MAX} characters is due`);
  }
  if (!isPrintable(value)) throw unknown("text with characters that cannot be printed");
}

/** Require a C2SP origin. */
export function checkOrigin(value) {
  checkName(value);
  if (!ORIGIN.test(value) || value.includes("://")) {
    throw unknown("not the origin of a ledger (C2SP tlog-checkpoint)");
  }
}

/** Require an integer of at least zero. */
export function checkCount(value) {
  if (!Number.isSafeInteger(value) || value < 0) throw unknown("an integer of at least 0 is due");
}

/** Require an integer of at least one. */
export function checkOrdinal(value) {
  if (!Number.isSafeInteger(value) || value < 1) throw unknown("an integer of at least 1 is due");
}

/** Require a JSON object. */
export function checkObject(value) {
  if (!isObject(value)) throw unknown("an object is due");
}

/** Require the name of a command or an event. */
export function checkTypeName(value) {
  if (typeof value !== "string" || !TYPE_NAME.test(value)) {
    throw unknown("not the name of a command or an event");
  }
}

/** Require a SHA-256 in lowercase hexadecimal digits. */
export function checkSha256(value) {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) {
    throw unknown("not a SHA-256 in hexadecimal digits");
  }
}

/** Require an instant in UTC, written with Z and none or six digits of the second. */
export function checkInstant(value) {
  const found = typeof value === "string" ? INSTANT.exec(value) : null;
  if (found === null) {
    const isLocal = typeof value === "string" && value.includes("T") && !value.endsWith("Z");
    throw new Malformed(isLocal ? "timezone_required" : "value_unknown", "an instant in UTC is due");
  }
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // rolls over where there is no such day
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year > 0;
  if (!isDay || hour > 23 || minute > 59 || second > 59) throw unknown("there is no such day or time");
}

/** Require the same with six digits of the second: what the ledger writes. */
export function checkInstantMicro(value) {
  checkInstant(value);
  if (!value.includes(".")) throw unknown("an instant in microseconds is due");
}

/** Return a text by which checked instants compare in the order of time. */
export function sortableInstant(value) {
  return value.includes(".") ? value : value.replace("Z", ".000000Z");
}

/** Make the check for one kind of id. */
export function checkId(prefix) {
  const pattern = new RegExp(`^${prefix}_${UUID7}$`);
  return (value) => {
    if (typeof value !== "string" || !pattern.test(value)) {
      throw new Malformed("identifier_invalid", `an id ${prefix}_… is due`);
    }
  };
}

/** Make the check that also takes null. */
export function orNull(check) {
  return (value) => {
    if (value !== null) check(value);
  };
}

/** Throw unless `payload` has exactly the members of `checks`, each in its form. */
export function checkFields(payload, checks, pointer = "") {
  if (!isObject(payload)) throw new Malformed("value_unknown", "an object is due", pointer);
  for (const name of Object.keys(payload)) {
    if (!Object.hasOwn(checks, name)) {
      throw new Malformed("value_unknown", "no such field", `${pointer}/${name}`);
    }
  }
  for (const [name, check] of Object.entries(checks)) {
    if (!Object.hasOwn(payload, name)) {
      throw new Malformed("value_unknown", "the field is missing", `${pointer}/${name}`);
    }
    try {
      check(payload[name]);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      throw new Malformed(error.code, error.detail, `${pointer}/${name}`);
    }
  }
}

function unknown(message) {
  return new Malformed("value_unknown", message);
}
