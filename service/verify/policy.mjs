// Trust policies: which logs, which witnesses, how many of them (C2SP tlog-policy). Parsed strictly,
// because a rule misread is a quorum that nobody asked for. Keys of the log that were replaced stand
// in comments, so that whoever knows the specification alone trusts them no more: `#retired-log VKEY
// SIZE` (the greatest size that it signs) and `#retired-entry KEY POSITION` (the last position).

import { isBytes, unutf8, utf8 } from "./bytes.mjs";
import { EvidenceError, Malformed, NotWitnessedError } from "./errors.mjs";
import { COSIGNER, LOG, decimal, parseCheckpoint, parseVkey, readNote, verifyNote } from "./note.mjs";

const LINES_MAX = 1024;
const POLICY_BYTES_MAX = 262144;
const NONE = "none";
const KEYWORDS = ["all", "any", NONE, "log", "witness", "group", "quorum"];
const RETIRED_LOG = "#retired-log";
const RETIRED_ENTRY = "#retired-entry";
const URL_FORM = /^https?:\/\/[^\s\x85]+$/;

/**
 * A parsed policy: `logs`, `witnesses` and `groups` (Maps by name), `quorum`, `urls`; `retired`
 * ({key, until} of log keys that were replaced), `retiredEntries` (Map of key id to position).
 */
export class Policy {
  constructor({ logs, witnesses, groups, quorum, urls, retired = [], retiredEntries = new Map() }) {
    Object.assign(this, { logs, witnesses, groups, quorum, urls, retired, retiredEntries });
  }

  /** Return the keys by which the log `origin` may have signed a tree of `size`. */
  signers(origin, size) {
    const retired = this.retired.filter(({ until }) => size <= until).map(({ key }) => key);
    return [...this.logs, ...retired].filter((key) => key.name === origin);
  }

  /**
   * Return {checkpoint, log, witnesses: Map of name to POSIX seconds, isWitnessed} of a signed
   * checkpoint, or throw; without the quorum NotWitnessedError, unless `requireWitnesses` is false.
   */
  async accept(text, { requireWitnesses = true } = {}) {
    const note = readNote(text);
    const checkpoint = parseCheckpoint(note.body);
    const retired = this.retired.map(({ key }) => key);
    const known = [...this.logs, ...retired, ...this.witnesses.values()];
    const signed = await verifyNote(note, known);
    const keys = signed.map(({ key }) => key);
    const may = this.signers(checkpoint.origin, checkpoint.size);
    const log = keys.find((key) => may.includes(key));
    if (!log) {
      const gone = this.retired.filter(({ key }) => keys.includes(key))
        .map(({ until }) => `, but a key retired at ${until}`).join("");
      throw new EvidenceError(`no listed log has signed${gone} [${checkpoint.origin}]`);
    }
    const times = new Map(signed.map(({ key, time }) => [key, time]));
    const witnesses = new Map([...this.witnesses]
      .filter(([, key]) => times.has(key)).map(([name, key]) => [name, times.get(key)]));
    const isWitnessed = this.isMet([...witnesses.keys()]);
    if (requireWitnesses && !isWitnessed) {
      const names = [...witnesses.keys()].sort().join(", ") || "nobody";
      throw new NotWitnessedError(`the quorum ${this.quorum} is not met [witnessed by ${names}]`);
    }
    return { checkpoint, log, witnesses, isWitnessed };
  }

  /** Tell whether these witnesses (names in this policy) make the quorum. */
  isMet(names) {
    return this.quorum === NONE || this.#has(this.quorum, new Set(names));
  }

  #has(name, names) { // definitions precede their use, so this ends
    const group = this.groups.get(name);
    if (!group) return names.has(name);
    return group.members.filter((member) => this.#has(member, names)).length >= group.threshold;
  }
}

/** Return the policy that a file (bytes or text) says. */
export function parsePolicy(file) {
  const octets = isBytes(file) ? file : utf8(file);
  // non-ASCII bytes stay opaque, as the specification asks: Latin-1, one character a byte
  const text = Array.from(octets, (byte) => String.fromCharCode(byte)).join("");
  if (text.length > POLICY_BYTES_MAX || text.split("\n").length - 1 > LINES_MAX) {
    throw new EvidenceError("the policy is too large");
  }
  if (/[\0-\x08\x0b-\x1f\x7f]/.test(text) || (text && !text.endsWith("\n"))) {
    throw new EvidenceError("the policy has control characters, or no line feed at its end");
  }
  const reading = new Reading();
  text.split("\n").forEach((line, place) => {
    const words = line.replace(/^[ \t]+|[ \t]+$/g, "").split(/[ \t]+/);
    const isRetired = words[0] === RETIRED_LOG || words[0] === RETIRED_ENTRY;
    if (words[0] === "" || (words[0].startsWith("#") && !isRetired)) return;
    try {
      reading.take(words);
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      throw new EvidenceError(`line ${place + 1}: ${error.detail}`);
    }
  });
  return reading.done();
}

// What has been read of a policy so far.
class Reading {
  constructor() {
    Object.assign(this, { logs: [], quorum: null, used: new Set() });
    Object.assign(this, { witnesses: new Map(), groups: new Map(), urls: new Map() });
    Object.assign(this, { retired: [], retiredEntries: new Map() });
  }

  take([directive, first, second, ...rest]) {
    if (directive === "log" && first !== undefined) {
      this.logs.push(this.key(first, LOG, [second, ...rest]));
    } else if (directive === RETIRED_LOG && second !== undefined && rest.length === 0) {
      this.retired.push({ key: this.key(first, LOG, []), until: decimal(second) });
    } else if (directive === RETIRED_ENTRY && second !== undefined && rest.length === 0
      && !this.retiredEntries.has(first)) {
      this.retiredEntries.set(first, decimal(second));
    } else if (directive === "witness" && second !== undefined) {
      this.define(first);
      this.witnesses.set(first, this.key(second, COSIGNER, rest));
    } else if (directive === "group" && rest.length > 0) {
      this.group(first, second, rest);
    } else if (directive === "quorum" && first !== undefined && second === undefined) {
      this.setQuorum(first);
    } else {
      throw new EvidenceError(`not a line of a policy [${directive.slice(0, 80)}]`);
    }
  }

  done() {
    if (this.quorum === null) throw new EvidenceError("the policy has no quorum line");
    return new Policy(this);
  }

  setQuorum(name) {
    if (this.quorum !== null) throw new EvidenceError("a second quorum");
    if (name !== NONE && !this.isDefined(name)) throw new EvidenceError(`not defined before [${name}]`);
    this.quorum = name;
  }

  key(text, kind, more) {
    const key = parseVkey(latin1ToText(text));
    if (key.kind !== kind) throw new EvidenceError(`a key of another type is asked for here [${key.name}]`);
    const retired = this.retired.map((one) => one.key);
    const known = [...this.logs, ...retired, ...this.witnesses.values()];
    if (known.some((other) => sameKey(key, other))) {
      throw new EvidenceError(`a key twice [${key.name}]`);
    }
    const urls = more.filter((url) => url !== undefined);
    if (urls.length > 1 || !urls.every((url) => URL_FORM.test(url))) {
      throw new EvidenceError(`not a URL [${urls.join(" ").slice(0, 80)}]`);
    }
    if (urls.length > 0) this.urls.set(key.name, urls[0]);
    return key;
  }

  isDefined(name) {
    return this.witnesses.has(name) || this.groups.has(name);
  }

  define(name) {
    if (KEYWORDS.includes(name)) throw new EvidenceError(`a keyword is no name [${name}]`);
    if (this.isDefined(name)) throw new EvidenceError(`defined twice [${name}]`);
  }

  group(name, threshold, members) {
    this.define(name);
    for (const member of members) {
      if (!this.isDefined(member)) throw new EvidenceError(`not defined before [${member}]`);
      if (this.used.has(member)) throw new EvidenceError(`already a member [${member}]`);
      this.used.add(member);
    }
    const least = { any: 1, all: members.length }[threshold] ?? decimal(threshold);
    if (!(least >= 1 && least <= members.length)) {
      throw new EvidenceError(`${least} of ${members.length} cannot be`);
    }
    this.groups.set(name, { threshold: Number(least), members });
  }
}

function sameKey(one, other) {
  return one.publicKey.every((byte, at) => byte === other.publicKey[at]);
}

function latin1ToText(text) {
  try {
    return unutf8(Uint8Array.from(text, (one) => one.charCodeAt(0)));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new EvidenceError("a verifier key is not UTF-8");
  }
}
