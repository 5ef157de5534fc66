// The part of CBOR that COSE headers need, in one form only (RFC 8949, section 4.2.1): definite
// lengths, shortest heads, no duplicate labels, no floats, nothing after the value. Integers become
// numbers, or BigInt beyond 2^53 - 1; maps become Map; map order is kept as received.

import { concat, isBytes, unutf8, utf8 } from "./bytes.mjs";
import { Malformed } from "./errors.mjs";

const DEPTH_MAX = 16;
const [UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE] = [0, 1, 2, 3, 4, 5, 6, 7];
const SIMPLE_VALUES = new Map([[20n, false], [21n, true], [22n, null]]);
const SHORTEST = new Map([[24, [1, 24n]], [25, [2, 1n << 8n]], [26, [4, 1n << 16n]], [27, [8, 1n << 32n]]]);

/** A value under a tag (RFC 8949, section 3.4). */
export class Tagged {
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

/** Return the shortest head of a major type with its argument (RFC 8949, section 3). */
export function cborHead(major, argument) {
  const wanted = BigInt(argument);
  const lead = major << 5;
  if (wanted < 24n) return Uint8Array.of(lead | Number(wanted));
  const [additional, [width]] = [...SHORTEST].reverse().find(([, [, least]]) => wanted >= least);
  const head = new Uint8Array(1 + width);
  head[0] = lead | additional;
  for (let at = width, left = wanted; at > 0; at -= 1, left >>= 8n) head[at] = Number(left & 255n);
  return head;
}

/** Return the deterministic encoding of numbers, BigInts, text, bytes, arrays, Maps, booleans, null. */
export function encodeCbor(value) {
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === "boolean") return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (typeof value === "bigint" || Number.isSafeInteger(value)) {
    return value >= 0 ? cborHead(UINT, value) : cborHead(NINT, -1n - BigInt(value));
  }
  if (isBytes(value)) return concat(cborHead(BYTES, value.length), value);
  if (typeof value === "string") return concat(cborHead(TEXT, utf8(value).length), utf8(value));
  if (Array.isArray(value)) return concat(cborHead(ARRAY, value.length), ...value.map(encodeCbor));
  if (value instanceof Tagged) return concat(cborHead(TAG, value.tag), encodeCbor(value.value));
  if (!(value instanceof Map)) throw new TypeError(`${typeof value} is not written here`);
  const pairs = [...value].map(([key, item]) => [encodeCbor(key), encodeCbor(item)]);
  pairs.sort(([one], [other]) => bytewise(one, other));
  return concat(cborHead(MAP, pairs.length), ...pairs.flat());
}

/** Return the one value that `raw` encodes. */
export function decodeCbor(raw) {
  const reader = { raw, at: 0 };
  const value = read(reader, 0);
  if (reader.at !== raw.length) throw refusal(`bytes after the CBOR value [${raw.length - reader.at}]`);
  return value;
}

function bytewise(one, other) {
  for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
    if (one[at] !== other[at]) return one[at] - other[at];
  }
  return one.length - other.length;
}

function readHead(reader) {
  const { raw } = reader;
  if (reader.at >= raw.length) throw refusal("CBOR ends early");
  const major = raw[reader.at] >> 5;
  const additional = raw[reader.at] & 31;
  reader.at += 1;
  if (additional < 24) return [major, BigInt(additional)];
  if (!SHORTEST.has(additional)) throw refusal("indefinite length or reserved head in CBOR");
  const [width, least] = SHORTEST.get(additional);
  if (reader.at + width > raw.length) throw refusal("CBOR ends early");
  let argument = 0n;
  for (let place = 0; place < width; place += 1) argument = (argument << 8n) | BigInt(raw[reader.at++]);
  if (major === SIMPLE) throw refusal("floats and other simple values are refused in CBOR");
  if (argument < least) throw refusal("a CBOR head is longer than it needs to be");
  return [major, argument];
}

function read(reader, depth) {
  const [major, argument] = readHead(reader);
  if (major === UINT) return integer(argument);
  if (major === NINT) return integer(-1n - argument);
  if (major === BYTES) return readBytes(reader, argument);
  if (major === TEXT) return unutf8(readBytes(reader, argument));
  if (major === SIMPLE) {
    if (!SIMPLE_VALUES.has(argument)) throw refusal("floats and other simple values are refused in CBOR");
    return SIMPLE_VALUES.get(argument);
  }
  if (depth >= DEPTH_MAX) throw refusal(`CBOR nested deeper than ${DEPTH_MAX} levels`);
  if (major === ARRAY) return readArray(reader, argument, depth);
  if (major === MAP) return readMap(reader, argument, depth);
  return new Tagged(integer(argument), read(reader, depth + 1));
}

function readBytes(reader, length) {
  if (BigInt(reader.at) + length > BigInt(reader.raw.length)) throw refusal("CBOR ends early");
  const start = reader.at;
  reader.at += Number(length);
  return reader.raw.slice(start, reader.at);
}

function readArray(reader, length, depth) {
  const items = [];
  for (let place = 0n; place < length; place += 1n) items.push(read(reader, depth + 1)); // ends with raw
  return items;
}

function readMap(reader, length, depth) {
  const items = new Map();
  for (let place = 0n; place < length; place += 1n) {
    const key = read(reader, depth + 1);
    if (typeof key !== "string" && typeof key !== "number" && typeof key !== "bigint") {
      throw refusal("a CBOR label is an integer or text");
    }
    if (items.has(key)) throw refusal(`duplicate CBOR label [${key}]`);
    items.set(key, read(reader, depth + 1));
  }
  return items;
}

function integer(argument) {
  const number = Number(argument);
  return Number.isSafeInteger(number) ? number : argument;
}

function refusal(message) {
  return new Malformed("not_canonical", message);
}
