// Ed25519 (RFC 8032) as strict as libsodium: WebCrypto verifies where there is one, and what it lets
// pass is refused here before: keys of small order (under the identity point one signature verifies
// every message) and encodings that are not canonical. Where the platform has no Ed25519 (a page over
// plain http, an older browser), the curve below verifies: about 10 ms a signature.

import { concat, equal, hex, isBytes, unhex } from "./bytes.mjs";
import { Malformed } from "./errors.mjs";
import { sha512 } from "./hashes.mjs";

const PUBLIC_BYTES = 32;
const SIGNATURE_BYTES = 64;
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n; // the order of the base point
const D = mod(-121665n * inverse(121666n));
const SQRT_MINUS_ONE = power(2n, (P - 1n) / 4n);
const IDENTITY = [0n, 1n, 1n, 0n]; // X, Y, Z, T (RFC 8032, section 5.1.4)
const BASE = decompress(unhex(`58${"66".repeat(31)}`));
const KEYS_MAX = 256;
const strong = new Map();
const checked = new Map();
const imported = new Map();
let native = null;

/** Throw unless `signature` (64 bytes) is `publicKey`'s (32 bytes) over `message`. */
export async function verify(publicKey, signature, message) {
  if (!isBytes(publicKey) || publicKey.length !== PUBLIC_BYTES || signature.length !== SIGNATURE_BYTES) {
    throw new Malformed("signature_invalid", "key or signature has a wrong length");
  }
  refuseWeak(publicKey, "signature_invalid");
  const isRight = (await hasNative())
    ? await verifyNative(publicKey, signature, message)
    : verifyHere(publicKey, signature, message);
  if (isRight !== true) throw new Malformed("signature_invalid", "the signature does not verify");
}

/** Throw `key_weak` unless `publicKey` is a canonical point of the prime-order group. */
export function checkPublicKey(publicKey) {
  if (!isBytes(publicKey) || publicKey.length !== PUBLIC_BYTES) {
    throw new Malformed("key_weak", `a public key has ${PUBLIC_BYTES} bytes`);
  }
  const point = refuseWeak(publicKey, "key_weak");
  remember(checked, hex(publicKey), () => {
    if (!isIdentity(multiply(L, point))) {
      throw new Malformed("key_weak", "not a canonical point of the prime-order group");
    }
    return true;
  });
}

/** Throw unless the signature verifies, computed here and nowhere else (RFC 8032, section 5.1.7). */
export function verifyWithoutPlatform(publicKey, signature, message) {
  refuseWeak(publicKey, "signature_invalid");
  if (signature.length !== SIGNATURE_BYTES || !verifyHere(publicKey, signature, message)) {
    throw new Malformed("signature_invalid", "the signature does not verify");
  }
}

// Returns the point, after refusing what no key may be.
function refuseWeak(publicKey, code) {
  return remember(strong, hex(publicKey), () => {
    const point = decompress(publicKey);
    if (point !== null && isIdentity(multiply(8n, point))) {
      throw new Malformed(code, "a point of small order: any message would verify");
    }
    if (point === null || !equal(compress(point), publicKey)) {
      throw new Malformed(code, "not a canonical point of the prime-order group");
    }
    return point;
  });
}

async function hasNative() {
  if (native === null) {
    if (!globalThis.crypto && globalThis.process?.versions?.node) {
      globalThis.crypto = (await import("node:crypto")).webcrypto; // Node 18 keeps it there
    }
    const known = unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    try { // RFC 8032, section 7.1, test 1
      native = Boolean(await crypto.subtle.importKey("raw", known, "Ed25519", false, ["verify"]));
    } catch {
      native = false;
    }
  }
  return native;
}

async function verifyNative(publicKey, signature, message) {
  const key = await remember(imported, hex(publicKey), () => (
    crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"])));
  return crypto.subtle.verify("Ed25519", key, signature, message);
}

function verifyHere(publicKey, signature, message) {
  const r = signature.subarray(0, 32);
  const s = number(signature.subarray(32));
  const a = refuseWeak(publicKey, "signature_invalid");
  if (s >= L) return false;
  const k = number(sha512(r, publicKey, message)) % L;
  // R = S B - k A, compared as bytes: without the cofactor, as libsodium and OpenSSL do
  return equal(compress(add(multiply(s, BASE), multiply(k, negate(a)))), r);
}

function remember(cache, name, make) {
  if (!cache.has(name)) {
    const made = make();
    if (cache.size >= KEYS_MAX) cache.clear();
    cache.set(name, made);
  }
  return cache.get(name);
}

function mod(value) {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(base, exponent) {
  let result = 1n;
  for (let square = mod(base), left = exponent; left > 0n; left >>= 1n, square = mod(square * square)) {
    if (left & 1n) result = mod(result * square);
  }
  return result;
}

function inverse(value) {
  return power(value, P - 2n);
}

function number(raw) { // little-endian
  return BigInt(`0x${hex(Uint8Array.from(raw).reverse())}`);
}

// RFC 8032, section 5.1.3; null where there is no such point. Encodings that are not canonical are
// read too, so that they can be called by their name; whoever calls compares with `compress`.
function decompress(raw) {
  const whole = number(raw);
  const sign = whole >> 255n;
  const y = mod(whole & ((1n << 255n) - 1n));
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  if (mod(v * x * x) !== u) x = mod(x * SQRT_MINUS_ONE);
  if (mod(v * x * x) !== u) return null;
  if ((x & 1n) !== sign) x = mod(-x);
  return [x, y, 1n, mod(x * y)];
}

function compress([x, y, z]) {
  const over = inverse(z);
  const whole = mod(y * over) | ((mod(x * over) & 1n) << 255n);
  return concat(unhex(whole.toString(16).padStart(64, "0"))).reverse();
}

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) { // RFC 8032, section 5.1.4
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * t2 * D);
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function negate([x, y, z, t]) {
  return [mod(-x), y, z, mod(-t)];
}

function multiply(times, point) {
  let result = IDENTITY;
  for (let left = times, doubled = point; left > 0n; left >>= 1n, doubled = add(doubled, doubled)) {
    if (left & 1n) result = add(result, doubled);
  }
  return result;
}

function isIdentity([x, y, z]) {
  return mod(x) === 0n && mod(y - z) === 0n;
}
