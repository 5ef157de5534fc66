// A C2PA library written by others in TypeScript, over signed WAV files: node c2pa.mjs FILE... Prints
// one JSON object per file. The library knows no RIFF, so the chunk is found here; boxes, claim,
// signature, hashed references and the hash of the audio are all the library's.
import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { SuperBox } from "@trustnxt/c2pa-ts/jumbf";
import { ManifestStore } from "@trustnxt/c2pa-ts/manifest";

const HEADER = 8;

// What the library asks of a file format.
class Wav {
  mimeType = "audio/wav";

  constructor(data) {
    this.data = data;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    for (let at = 12; at + HEADER <= data.length;) {
      const size = view.getUint32(at + 4, true);
      const length = HEADER + size + (size & 1);
      if (Buffer.from(data.subarray(at, at + 4)).toString("latin1") === "C2PA") {
        this.chunk = { start: at, length };
        this.store = data.subarray(at + HEADER, at + HEADER + size);
      }
      at += length;
    }
  }

  getDataLength() {
    return this.data.length;
  }

  async getDataRange(start = 0, length = this.data.length - start) {
    return this.data.subarray(start, start + length);
  }

  getManifestJUMBF() {
    return this.store;
  }

  getHashExclusionRange() {
    return this.chunk;
  }
}

for (const path of process.argv.slice(2)) {
  const file = new Wav(new Uint8Array(readFileSync(path)));
  const store = ManifestStore.read(SuperBox.fromBuffer(file.getManifestJUMBF()));
  const found = await store.validate(file);
  const failures = found.statusEntries.filter((one) => !one.success).map((one) => one.code);
  console.log(JSON.stringify({ file: basename(path), valid: found.isValid, failures }));
}
