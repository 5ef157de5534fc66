// Every golden vector, as [file, group, name, check]: run by `node --test` and, the same ones, in a
// browser page. A check throws where the JavaScript implementation says otherwise than the vector.
// It gets the module and the vectors as arguments, because a page can't import or read files.

/** Return all checks over `vectors` (file name to its JSON), made with the module `ln`. */
export function allChecks(ln, vectors) {
  const checks = [];
  for (const [file, groups] of Object.entries(GROUPS)) {
    for (const [group, check] of Object.entries(groups)) {
      const rows = vectors[file][group];
      if (!Array.isArray(rows) || rows.length === 0) throw new Error(`no vectors ${file} ${group}`);
      for (const row of rows) {
        const name = `${file} ${group}: ${row.name ?? row.size}`;
        checks.push([name, () => check(ln, row, vectors[file], vectors)]);
      }
    }
  }
  for (const [name, check] of Object.entries(SINGLE)) {
    checks.push([`interop ${name}`, () => check(ln, vectors.interop)]);
  }
  return checks;
}

const same = (found, expected) => {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${one} instead of ${other}`);
};

// Throws unless `run` throws what a refusal is, with that name or code where one is given.
async function refuses(ln, run, { name, code } = {}) {
  try {
    await run();
  } catch (error) {
    const isRefusal = error instanceof ln.Malformed || error instanceof ln.EvidenceError;
    if (!isRefusal) throw error;
    if (name) same(error.name, name);
    if (code) same(error.code, code);
    return;
  }
  throw new Error("accepted");
}

const opening = (ln, row) => ({ pointer: "/x", salt: ln.unbase64url(row.salt), value: row.value });
const hashes = (ln, texts) => texts.map(ln.unhex);

const inclusion = (ln, row) => ln.verifyInclusion(
  ln.unhex(row.leaf), row.index, row.size, hashes(ln, row.path), ln.unhex(row.root));

const consistency = (ln, row) => ln.verifyConsistency(
  row.old, row.new, hashes(ln, row.path), ln.unhex(row.old_root), ln.unhex(row.new_root));

const signature = (row, ln) => [row.public, row.signature, row.message].map(ln.unhex);

async function statement(ln, row) {
  const read = ln.readStatement(ln.unhex(row.raw));
  await read.verify(ln.unhex(row.public));
  same(ln.canonicalText(read.payload), ln.canonicalText(row.payload));
  same(read.sha256, row.sha256);
  same(ln.contentDigest(read), row.content_digest);
}

async function entry(ln, row) {
  const read = ln.readEntry(ln.unhex(row.raw));
  await read.verify(ln.unhex(row.public));
  same(ln.canonicalText(read.payload), ln.canonicalText(row.payload));
  same(ln.hex(read.leafHash), row.leaf_hash);
}

async function checkpoint(ln, row) {
  const found = await ln.openCheckpoint(row.text, row.vkey);
  same([found.origin, found.size, ln.hex(found.root)], [row.origin, row.size, row.root]);
}

async function cosignature(ln, row) {
  const policy = ln.parsePolicy(`log ${row.log ?? logOf(row)}\nwitness w ${row.vkey}\nquorum w\n`);
  const cosigned = `${row.note}${row.line}\n`;
  same((await policy.accept(cosigned)).witnesses.get("w"), row.time_s);
  await refuses(ln, () => policy.accept(cosigned.replace("\n23\n", "\n24\n")));
  const note = ln.readNote(cosigned);
  await refuses(ln, () => ln.verifyNote({ ...note, body: `${note.body}x\n` }, [ln.parseVkey(row.vkey)]));
}

// The log's own key, as all checkpoints of the vectors are signed with.
const logOf = () => "ledger.example/2026+4f547956+AYqHX/8es4RRV3rNWv7kBUVlaN18ieCQhjoFV7x69J8X";

function policy(ln, row) {
  const read = ln.parsePolicy(row.text);
  for (const names of row.met) same([names, read.isMet(names)], [names, true]);
  for (const names of row.unmet) same([names, read.isMet(names)], [names, false]);
}

async function proof(ln, row, file) {
  const listed = ln.parsePolicy(row.policy ?? file.policy);
  const report = await ln.prove(ln.unhex(row.entry), row.proof, listed);
  same([report.position, report.isWitnessed], [row.position, true]);
}

async function receipt(ln, row, file, vectors) {
  const leaf = ln.leafHash(ln.unhex(row.entry));
  const read = await ln.verifyReceipt(ln.unhex(row.receipt), leaf, ln.unhex(file.public), LEDGER);
  same(ln.signedPosition(read), { size: row.size, index: row.index });
  const split = ln.splitTransparent(ln.unhex(row.transparent));
  same([ln.hex(split.entry), split.receipts.map(ln.hex)], [row.entry, [row.receipt]]);
  const listed = ln.parsePolicy(vectors.proofs.policy);
  const found = await ln.proveByReceipt(
    ln.unhex(row.entry), ln.unhex(row.receipt), listed, { requireWitnesses: false });
  same([found.position, found.isWitnessed], [row.index + 1, false]);
  await refuses(ln, () => ln.proveByReceipt(ln.unhex(row.entry), ln.unhex(row.receipt), listed),
    { name: "NotWitnessedError" });
}

async function receiptWithoutPosition(ln, row, file, vectors) {
  const leaf = ln.leafHash(ln.unhex(row.entry));
  const read = await ln.verifyReceipt(ln.unhex(row.receipt), leaf, ln.unhex(file.public), LEDGER);
  await refuses(ln, () => ln.signedPosition(read));
  await refuses(ln, () => ln.proveByReceipt(
    ln.unhex(row.entry), ln.unhex(row.receipt), ln.parsePolicy(vectors.proofs.policy),
    { requireWitnesses: false }));
}

const continues = (ln, row, file) => ln.verifyConsistencyReceipt(
  ln.unhex(row.receipt), ln.unhex(row.root), ln.unhex(file.public), LEDGER);

const LEDGER = "ledger.example/2026";

function bundle(ln, row) {
  same(ln.decodeBundle(ln.unhex(row.raw), row.width).map(ln.hex), row.entries);
  same(ln.hex(ln.encodeBundle(hashes(ln, row.entries))), row.raw);
}

function tilePath(ln, row) {
  const { level, index, width } = ln.parseTilePath(row.path);
  same([level, Number(index), width], [row.level, row.index, row.width]);
  same(ln.tilePath(level, index, width), row.path);
}

function lookup(ln, row) {
  const [siblings, leaf] = [hashes(ln, row.siblings), row.leaf === null ? null : ln.unhex(row.leaf)];
  return ln.verifyLookup(ln.unhex(row.root), row.subject, { siblings, leaf });
}

function between(ln, row) {
  const [before, after] = ["before", "after"].map((which) => (
    { count: row[`${which}_count`], chain: ln.unhex(row[`${which}_chain`]) }));
  ln.verifyBetween(before, after, row.positions, row);
}

const GROUPS = {
  canonical: {
    accepted: (ln, row) => {
      same(ln.canonicalText(row.value), row.canonical);
      same(ln.canonicalText(ln.parseCanonical(ln.utf8(row.canonical))), row.canonical);
    },
    refused: (ln, row) => refuses(ln, () => ln.parseCanonical(ln.unhex(row.raw_hex)), { code: "not_canonical" }),
    base64url_refused: (ln, row) => refuses(ln, () => ln.unbase64url(row.text), { code: "not_canonical" }),
  },
  commitments: {
    accepted: (ln, row) => {
      const one = opening(ln, row);
      same(ln.commit(one.value, one.salt), { commit: row.commit });
      ln.openCommitment({ commit: row.commit }, one);
    },
    refused: (ln, row) => refuses(
      ln, () => ln.openCommitment({ commit: row.commit }, opening(ln, row)), { code: "value_unknown" }),
  },
  keys: {
    signatures: async (ln, row) => {
      await ln.verify(...signature(row, ln));
      ln.verifyWithoutPlatform(...signature(row, ln));
      ln.checkPublicKey(ln.unhex(row.public));
    },
    weak_keys: (ln, row) => refuses(ln, () => ln.checkPublicKey(ln.unhex(row.public)), { code: "key_weak" }),
    signatures_refused: async (ln, row) => {
      const code = "signature_invalid";
      await refuses(ln, () => ln.verify(...signature(row, ln)), { code });
      await refuses(ln, () => ln.verifyWithoutPlatform(...signature(row, ln)), { code });
    },
  },
  statements: {
    accepted: statement,
    refused: (ln, row) => refuses(ln, () => ln.readStatement(ln.unhex(row.raw)), { code: row.code }),
    signature_refused: (ln, row) => {
      const read = ln.readStatement(ln.unhex(row.raw));
      return refuses(ln, () => read.verify(ln.unhex(row.public)), { code: "signature_invalid" });
    },
  },
  entries: {
    accepted: entry,
    refused: (ln, row) => refuses(ln, () => ln.readEntry(ln.unhex(row.raw)), { code: row.code }),
  },
  inclusion: { accepted: inclusion, refused: (ln, row) => refuses(ln, () => inclusion(ln, row)) },
  consistency: { accepted: consistency, refused: (ln, row) => refuses(ln, () => consistency(ln, row)) },
  tiles: {
    paths: tilePath,
    paths_refused: (ln, row) => refuses(ln, () => ln.parseTilePath(row.path)),
    bundles: bundle,
    bundles_refused: (ln, row) => refuses(ln, () => ln.decodeBundle(ln.unhex(row.raw), row.width)),
  },
  vkeys: {
    accepted: (ln, row) => {
      const key = ln.parseVkey(row.vkey);
      same([key.name, key.kind, ln.hex(key.publicKey)], [row.key_name, row.kind, row.public]);
    },
    refused: (ln, row) => refuses(ln, () => ln.parseVkey(row.vkey)),
  },
  checkpoints: {
    accepted: checkpoint,
    refused: (ln, row) => refuses(ln, () => ln.openCheckpoint(row.text, row.vkey)),
    cosignatures: cosignature,
  },
  policies: { accepted: policy, refused: (ln, row) => refuses(ln, () => ln.parsePolicy(row.text)) },
  proofs: {
    accepted: proof,
    refused: (ln, row, file) => refuses(
      ln, () => ln.prove(ln.unhex(row.entry), row.proof, ln.parsePolicy(row.policy ?? file.policy)), { name: row.error }),
  },
  receipts: {
    accepted: receipt,
    without_position: receiptWithoutPosition,
    refused: (ln, row, file) => refuses(ln, () => ln.verifyReceipt(
      ln.unhex(row.receipt), ln.leafHash(ln.unhex(row.entry)), ln.unhex(file.public), LEDGER)),
  },
  consistency_receipts: {
    accepted: async (ln, row, file) => {
      const { older, newer } = row;
      same(ln.signedSizes(await continues(ln, row, file)), { older, newer });
    },
    without_sizes: async (ln, row, file) => {
      const read = await continues(ln, row, file);
      await refuses(ln, () => ln.signedSizes(read));
    },
    refused: (ln, row, file) => refuses(ln, () => continues(ln, row, file)),
  },
  index: {
    accepted: (ln, row) => {
      const { count, chain } = lookup(ln, row);
      same([count, ln.hex(chain)], [row.count, row.chain]);
    },
    refused: (ln, row) => refuses(ln, () => lookup(ln, row)),
    between,
    between_refused: (ln, row) => refuses(ln, () => between(ln, row)),
  },
  interop: { roots: (ln, row) => same(ln.hex(ln.rootOf(interopLeaves(ln, row.size))), row.root) },
};

const interopLeaves = (ln, size) => Array.from(
  { length: size }, (_, index) => ln.leafHash(ln.utf8(`{"i":${index}}`)));

const SINGLE = {
  bundle: (ln, { bundle: row }) => {
    same(ln.decodeBundle(ln.unhex(row.raw), 1).map(ln.unutf8), ['{"i":256}']);
    same(ln.tilePath(null, 1, 1), row.path);
  },
  checkpoint: async (ln, { checkpoint: row }) => {
    const text = `log ${row.log_vkey}\nwitness w ${row.witness_vkey}\nquorum w\n`;
    const found = await ln.parsePolicy(text).accept(row.note);
    same(found.witnesses.get("w"), row.time_s);
    same(ln.hex(found.checkpoint.root), ln.hex(ln.rootOf(interopLeaves(ln, row.size))));
  },
  statement: async (ln, { statement: row }) => {
    const read = ln.readSign1(ln.unhex(row.raw));
    same([read.kid, read.issuer, read.subject], [row.kid, row.issuer, row.subject]);
    same(ln.unutf8(read.payload), row.payload);
    same(ln.hex(ln.leafHash(read.raw)), row.leaf);
  },
  "receipt that gives no position": async (ln, { receipt: row, statement: { leaf }, checkpoint: { log_vkey } }) => {
    const { publicKey } = ln.parseVkey(log_vkey); // the same seed
    const read = await ln.verifyReceipt(ln.unhex(row.raw), ln.unhex(leaf), publicKey, row.issuer);
    same([read.size, read.index], [row.size, row.index]);
    await refuses(ln, () => ln.signedPosition(read));
  },
};
