// SHA-256 and SHA-512 (FIPS 180-4) without the platform's help: `crypto.subtle` is missing on pages
// that come over plain http, and for the short inputs of a tree one call to it costs more than the
// hash. Only large files are worth asking for (`sha256Large`).

import { concat } from "./bytes.mjs";

const PRIMES = firstPrimes(80);
const K512 = PRIMES.map((prime) => fraction(root(BigInt(prime), 3n), 64n));
const H512 = PRIMES.slice(0, 8).map((prime) => fraction(root(BigInt(prime), 2n), 64n));
const K256 = Uint32Array.from(K512.slice(0, 64), (word) => Number(word >> 32n));
const H256 = Uint32Array.from(H512, (word) => Number(word >> 32n));
const WORDS = new Uint32Array(64);
const LARGE = 65536;

/** Return the SHA-256 of the parts, one after another. */
export function sha256(...parts) {
  const state = H256.slice();
  const padded = pad(parts, 64, 8);
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 64) compress256(state, view, at);
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, place) => digest.setUint32(4 * place, word));
  return new Uint8Array(digest.buffer);
}

/** Return the SHA-256 of much, by the platform where it can. */
export async function sha256Large(raw) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle || raw.length < LARGE) return sha256(raw);
  return new Uint8Array(await subtle.digest("SHA-256", raw));
}

/** Return the SHA-512 of the parts, one after another. Slow: for signatures on old platforms. */
export function sha512(...parts) {
  const state = [...H512];
  const padded = pad(parts, 128, 16);
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 128) compress512(state, view, at);
  const digest = new DataView(new ArrayBuffer(64));
  state.forEach((word, place) => digest.setBigUint64(8 * place, word));
  return new Uint8Array(digest.buffer);
}

function pad(parts, block, lengthBytes) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const size = Math.ceil((length + 1 + lengthBytes) / block) * block;
  const padded = concat(...parts, new Uint8Array(size - length));
  padded[length] = 0x80;
  new DataView(padded.buffer).setBigUint64(size - 8, BigInt(length) * 8n);
  return padded;
}

function compress256(state, view, at) {
  for (let t = 0; t < 16; t += 1) WORDS[t] = view.getUint32(at + 4 * t);
  for (let t = 16; t < 64; t += 1) {
    const w15 = WORDS[t - 15];
    const w2 = WORDS[t - 2];
    const s0 = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3);
    const s1 = ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10);
    WORDS[t] = (WORDS[t - 16] + s0 + WORDS[t - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let t = 0; t < 64; t += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K256[t] + WORDS[t]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

function compress512(state, view, at) {
  const words = [];
  for (let t = 0; t < 16; t += 1) words.push(view.getBigUint64(at + 8 * t));
  for (let t = 16; t < 80; t += 1) {
    const w15 = words[t - 15];
    const w2 = words[t - 2];
    const s0 = rotate(w15, 1n) ^ rotate(w15, 8n) ^ (w15 >> 7n);
    const s1 = rotate(w2, 19n) ^ rotate(w2, 61n) ^ (w2 >> 6n);
    words.push(wrap(words[t - 16] + s0 + words[t - 7] + s1));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 80; t += 1) {
    const s1 = rotate(e, 14n) ^ rotate(e, 18n) ^ rotate(e, 41n);
    const t1 = h + s1 + ((e & f) ^ (wrap(~e) & g)) + K512[t] + words[t];
    const s0 = rotate(a, 28n) ^ rotate(a, 34n) ^ rotate(a, 39n);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g; g = f; f = e; e = wrap(d + t1); d = c; c = b; b = a; a = wrap(t1 + t2);
  }
  [a, b, c, d, e, f, g, h].forEach((word, place) => { state[place] = wrap(state[place] + word); });
}

function wrap(number) {
  return BigInt.asUintN(64, number);
}

function rotate(word, by) {
  return (word >> by) | wrap(word << (64n - by));
}

// The constants are defined as fractions of roots of the first primes (FIPS 180-4, 4.2 and 5.3):
// computed, so that nobody has to compare 88 numbers; SHA-256's are the upper halves of SHA-512's.
function firstPrimes(count) {
  const primes = [];
  for (let n = 2; primes.length < count; n += 1) if (primes.every((prime) => n % prime)) primes.push(n);
  return primes;
}

function root(number, degree) {
  const target = number << (64n * degree);
  let low = 0n;
  let high = 1n << 72n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= target) low = middle; else high = middle;
  }
  return low;
}

function fraction(number, bits) {
  return number & ((1n << bits) - 1n);
}
