// Bytes and the texts that stand for them: each has one form, and another form throws.
// The platform's own decoders are lenient (atob skips blanks, TextDecoder drops a byte order mark).

import { EvidenceError, Malformed } from "./errors.mjs";

const HEX = /^(?:[0-9a-f]{2})*$/;
const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = `${STANDARD.slice(0, 62)}-_`;

/** Return the lowercase hexadecimal digits of `raw`. */
export function hex(raw) {
  let text = "";
  for (const byte of raw) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Return the bytes that lowercase hexadecimal digits stand for. */
export function unhex(text) {
  if (!HEX.test(text)) throw new EvidenceError("not lowercase hexadecimal digits");
  const raw = new Uint8Array(text.length / 2);
  for (let at = 0; at < raw.length; at += 1) raw[at] = parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return raw;
}

/** Return padded base64 (RFC 4648, section 4), as C2SP formats write it. */
export function base64(raw) {
  const text = digits(raw, STANDARD);
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/** Return the bytes that `base64` writes as exactly `text`, `length` of them where given. */
export function unbase64(text, length = null) {
  const bare = text.replace(/={1,2}$/, "");
  const raw = text.length % 4 === 0 ? undigits(bare, STANDARD) : null;
  if (raw === null || text.length - bare.length !== (4 - (bare.length % 4)) % 4) {
    throw new EvidenceError(`not the one form of base64 [${text.slice(0, 80)}]`);
  }
  if (length !== null && raw.length !== length) {
    throw new EvidenceError(`${raw.length} bytes instead of ${length} [${text.slice(0, 80)}]`);
  }
  return raw;
}

/** Return base64url without padding (RFC 4648, section 5), as everywhere in our JSON. */
export function base64url(raw) {
  return digits(raw, URL_SAFE);
}

/** Return the bytes that `base64url` writes as exactly `text`. */
export function unbase64url(text) {
  const raw = undigits(text, URL_SAFE);
  if (raw === null) throw new Malformed("not_canonical", "not base64url without padding");
  return raw;
}

/** Return the UTF-8 bytes of `text`; a lone surrogate throws, where TextEncoder would replace it. */
export function utf8(text) {
  if (/\p{Cs}/u.test(text)) throw new Malformed("not_canonical", "text with a lone surrogate");
  return new TextEncoder().encode(text);
}

/** Return the text that `raw` is in UTF-8, a byte order mark included; other bytes throw. */
export function unutf8(raw) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    throw new Malformed("not_canonical", "not UTF-8");
  }
}

/** Return the parts one after another. */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Tell whether two byte strings are the same. */
export function equal(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** Tell whether a value is bytes. */
export function isBytes(value) {
  return value instanceof Uint8Array;
}

function digits(raw, alphabet) {
  const parts = [];
  for (let at = 0; at < raw.length; at += 3) {
    const [a, b = 0, c = 0] = raw.subarray(at, at + 3);
    const four = alphabet[a >> 2] + alphabet[((a & 3) << 4) | (b >> 4)]
      + alphabet[((b & 15) << 2) | (c >> 6)] + alphabet[c & 63];
    parts.push(four.slice(0, 1 + Math.min(3, raw.length - at)));
  }
  return parts.join("");
}

// Returns null for a foreign character, an impossible length, or bits that stand for nothing.
function undigits(text, alphabet) {
  const spare = [0, null, 15, 3][text.length % 4]; // bits of the last digit that must be zero
  const values = new Uint8Array(128).fill(255);
  for (let value = 0; value < 64; value += 1) values[alphabet.charCodeAt(value)] = value;
  const raw = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let at = 0;
  for (let place = 0; place < text.length; place += 1) {
    const value = values[text.charCodeAt(place)];
    if (value === undefined || value === 255) return null;
    bits = ((bits << 6) | value) & 0xffff;
    if (place & 3) raw[at++] = bits >> (6 - 2 * (place & 3));
  }
  return spare === null || (bits & spare) !== 0 ? null : raw;
}
