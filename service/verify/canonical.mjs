// Canonical JSON (RFC 8785), read strictly: parse, write again, compare. Duplicate keys, blanks,
// 1e2, -0, escapes where none are needed and text after the value all fail that one comparison.
// Beyond RFC 8785, floats and integers beyond 2^53 - 1 are refused: money and shares are strings.

import { unutf8, utf8 } from "./bytes.mjs";
import { Malformed } from "./errors.mjs";

/** Containers inside one another, at most. */
export const JSON_DEPTH_MAX = 32;

/** Bytes of one value, unless the caller names another limit. */
export const JSON_BYTES_MAX = 262144;

/** Return the canonical text of a value made of objects, arrays, text, integers, booleans, null. */
export function canonicalText(value) {
  return write(value, 0);
}

/** Return the canonical bytes of a value. */
export function canonicalBytes(value) {
  return utf8(write(value, 0));
}

/** Return the value whose canonical form is exactly `raw`. */
export function parseCanonical(raw, bytesMax = JSON_BYTES_MAX) {
  if (raw.length > bytesMax) throw refusal(`longer than ${bytesMax} bytes [${raw.length}]`);
  const text = unutf8(raw);
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refusal(`not JSON [${error.message}]`);
  }
  if (write(value, 0) !== text) throw refusal("not in canonical form (RFC 8785)");
  return value;
}

/** Tell whether a value is a JSON object. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function write(value, depth) {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "string") {
    if (/\p{Cs}/u.test(value)) throw refusal("text with a lone surrogate");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    // JSON.parse has read "-0" and "1e2" as numbers whose own text is another one
    if (!Number.isSafeInteger(value)) throw refusal("floats, and integers beyond 2**53 - 1");
    return String(value);
  }
  if (typeof value !== "object") throw refusal(`${typeof value} has no canonical form`);
  if (depth >= JSON_DEPTH_MAX) throw refusal(`nested deeper than ${JSON_DEPTH_MAX} levels`);
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(",")}]`;
  // sort() compares UTF-16 code units, which is the order of RFC 8785, section 3.2.3
  const members = Object.keys(value).sort().map((key) => (
    `${write(key, 0)}:${write(value[key], depth + 1)}`));
  return `{${members.join(",")}}`;
}

function refusal(message) {
  return new Malformed("not_canonical", message);
}
