// What verification throws. Nothing here returns a boolean that a caller could forget to look at.

/** Bytes that are not what they claim to be. `code` is from the ledger's closed list. */
export class Malformed extends Error {
  constructor(code, message, pointer = "") {
    super(pointer ? `${code} at ${pointer}: ${message}` : `${code}: ${message}`);
    this.name = "Malformed";
    this.code = code;
    this.pointer = pointer;
    this.detail = message;
  }
}

/** The evidence does not show what it should. `step` names the failing step where there are some. */
export class EvidenceError extends Error {
  constructor(message, step = "") {
    super(step ? `${step}: ${message}` : message);
    this.name = "EvidenceError";
    this.detail = message;
    this.step = step;
  }
}

/** The log has signed, but not (yet) the witnesses that the policy asks for. Not invalid. */
export class NotWitnessedError extends EvidenceError {
  constructor(message, step = "") {
    super(message, step);
    this.name = "NotWitnessedError";
  }
}
