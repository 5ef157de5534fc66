"""Makes the vectors of verifier keys, checkpoints, cosignatures and policies."""

from typing import Any

from ledger.evidence.note import COSIGNER, Checkpoint, NoteKey, cosign, sign_checkpoint
from ledger.evidence.texts import encode
from tests.vectors.make_trees import root
from tests.vectors.making import LEDGER, LOG_KEY, OTHER_KEY, WITNESS_KEY, row, write

LOG = NoteKey(LEDGER, LOG_KEY)
WITNESS = NoteKey("witness.example/1", WITNESS_KEY, COSIGNER)
OTHER = NoteKey("witness.example/2", OTHER_KEY, COSIGNER)
TIME_S = 1_795_000_000


def checkpoint(size: int, *witnesses: NoteKey) -> str:
    """Return the signed checkpoint of the tree of `size`, cosigned."""
    text = sign_checkpoint(Checkpoint(LEDGER, size, root(size)), LOG)
    return text + "".join(cosign(text, one, time_s=TIME_S) + "\n" for one in witnesses)


def vkeys() -> object:
    """Return verifier keys, and texts that are none."""
    right = LOG.vkey
    name, key_id, material = right.split("+", 2)
    weak = "small-order keys enrolled by policy"
    identity = "AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    return {
        "accepted": [
            row("a log", "the type byte left out of the key id", vkey=right, key_name=name, kind=1,
                public=LOG_KEY.public.hex()),
            row("a witness", "one key id for both roles", vkey=WITNESS.vkey, key_name=WITNESS.name,
                kind=4, public=WITNESS_KEY.public.hex()),
        ],
        "refused": [
            row("uppercase id", "two texts of one key", vkey=f"{name}+{key_id.upper()}+{material}"),
            row("another id", "an id not checked", vkey=f"{name}+00000000+{material}"),
            row("another name", "an id without the name", vkey=f"{name}x+{key_id}+{material}"),
            row("a short id", "leading zeros left out", vkey=f"{name}+{key_id[1:]}+{material}"),
            row("unpadded", "lenient base64", vkey=f"{name}+{key_id}+{material}="),
            row("no name", "an empty name", vkey=f"+{key_id}+{material}"),
            row("a blank in the name", "a name that no line can carry",
                vkey=f"ledger example+{key_id}+{material}"),
            row("two parts", "an index error", vkey=f"{name}+{key_id}"),
            row("the identity as key", weak, vkey=f"x+30b4a9e1+{identity}"),
            row("nothing", "an index error", vkey=""),
        ],
    }  # fmt: skip


def sign_anything(text: str) -> str:
    """Sign a body as it should not be, so that only its form is wrong."""
    signature = LOG.verifier.key_id + LOG_KEY.sign(text.encode())
    return f"{text}\n— {LEDGER} {encode(signature)}\n"


def notes() -> object:
    """Return checkpoints that open under the log's key, and texts that do not."""
    right = checkpoint(23, WITNESS)
    return {
        "accepted": [
            row("cosigned", "another body, key id or message", text=right, vkey=LOG.vkey,
                origin=LEDGER, size=23, root=root(23).hex()),
            row("size 1", "leading zeros", text=checkpoint(1), vkey=LOG.vkey, origin=LEDGER, size=1,
                root=root(1).hex()),
            row("an unknown key's line", "unknown keys refused", text=checkpoint(8, OTHER),
                vkey=LOG.vkey, origin=LEDGER, size=8, root=root(8).hex()),
        ],
        "refused": [*refused_bodies(right), *refused_notes(right)],
        "cosignatures": [
            row("at a second", "milliseconds, little-endian, or signing the signature lines",
                note=checkpoint(23), line=cosign(checkpoint(23), WITNESS, time_s=TIME_S),
                time_s=TIME_S, seed=WITNESS_KEY.seed.hex(), vkey=WITNESS.vkey),
        ],
    }  # fmt: skip


def wrong_note(name: str, catches: str, text: str) -> dict[str, Any]:
    """Return a record of a note that is refused."""
    return row(name, catches, text=text, vkey=LOG.vkey)


def refused_bodies(right: str) -> list[dict[str, Any]]:
    """Return checkpoints whose body is wrong, under signatures that verify."""
    origin, size, encoded = right.partition("\n\n")[0].split("\n")
    return [
        wrong_note("a blank at the end", "stripping",
                  sign_anything(f"{origin}\n{size} \n{encoded}\n")),
        wrong_note("size 023", "int() takes it", sign_anything(f"{origin}\n0{size}\n{encoded}\n")),
        wrong_note("size +23", "int() takes it", sign_anything(f"{origin}\n+{size}\n{encoded}\n")),
        wrong_note("size ٢٣", "int() takes it", sign_anything(f"{origin}\n٢٣\n{encoded}\n")),
        wrong_note("root in hexadecimal", "another encoding",
              sign_anything(f"{origin}\n{size}\n{root(23).hex()}\n")),
        wrong_note("root unpadded", "lenient base64",
              sign_anything(f"{origin}\n{size}\n{encoded.rstrip('=')}\n")),
        wrong_note("root of 31 bytes", "a length not checked",
              sign_anything(f"{origin}\n{size}\n{'A' * 40}AA==\n")),
        wrong_note("an empty extension", "an empty line in the body",
              sign_anything(f"{origin}\n{size}\n{encoded}\n\n")),
        wrong_note("two lines", "an index error", sign_anything(f"{origin}\n{size}\n")),
        wrong_note("another origin", "a checkpoint of another log",
              sign_anything(f"other.example\n{size}\n{encoded}\n")),
    ]  # fmt: skip


def refused_notes(right: str) -> list[dict[str, Any]]:
    """Return notes that are wrong around their body."""
    body, _, lines = right.partition("\n\n")
    line = lines.split("\n")[0]
    no_base64 = line.replace("=", "")
    return [
        wrong_note("CRLF", "line ends of another system", right.replace("\n", "\r\n")),
        wrong_note("no final line feed", "a line cut short", right[:-1]),
        wrong_note("an empty line at the end", "lines beyond the last", right + "\n"),
        wrong_note("two empty lines", "an empty signature line", f"{body}\n\n\n{lines}"),
        wrong_note("no empty line", "text and signatures run together", f"{body}\n{lines}"),
        wrong_note("a hyphen for the dash", "another dash", right.replace("—", "-")),
        wrong_note("two hyphens for the dash", "another dash", right.replace("—", "--")),
        wrong_note("a tab", "control characters", right.replace("\n23\n", "\n23\t\n")),
        wrong_note("another size", "a signature not checked", right.replace("\n23\n", "\n24\n")),
        wrong_note("a bad line of the key before its good one", "any good line will do",
              f"{body}\n\n— {LEDGER} {encode(LOG.verifier.key_id + bytes(64))}\n{lines}"),
        wrong_note("a bad line of the key after its good one", "a second line passed over",
              f"{right}— {LEDGER} {encode(LOG.verifier.key_id + bytes(64))}\n"),
        wrong_note("the witness's line alone", "a cosignature taken for the log's",
              f"{body}\n\n" + lines.split("\n")[1] + "\n"),
        wrong_note("unpadded signature", "lenient base64", right.replace(line, no_base64)),
        wrong_note("101 lines", "no limit", right + (lines.split("\n")[1] + "\n") * 99),
        wrong_note("nothing", "an index error", ""),
    ]  # fmt: skip


def policies() -> object:
    """Return policies with the witness sets that meet them, and policies that are refused."""
    log = f"log {LOG.vkey}\n"
    one = f"witness w1 {WITNESS.vkey}\n"
    two = f"witness w2 {OTHER.vkey}\n"
    both = log + one + two
    url = f"witness w1 {WITNESS.vkey} https://witness.example/1\n"

    none: list[str] = []
    return {
        "accepted": [
            row("none", "a quorum where none is asked for", text=log + "quorum none\n",
                met=[none], unmet=[]),
            row("one witness", "any witness will do", text=both + "quorum w2\n",
                met=[["w2"], ["w1", "w2"]], unmet=[none, ["w1"]]),
            row("all", "all read as any", text=both + "group g all w1 w2\nquorum g\n",
                met=[["w1", "w2"]], unmet=[none, ["w1"], ["w2"]]),
            row("any", "any read as all", text=both + "group g any w1 w2\nquorum g\n",
                met=[["w1"], ["w2"]], unmet=[none]),
            row("a number", "an off by one", text=both + "group g 2 w1 w2\nquorum g\n",
                met=[["w1", "w2"]], unmet=[["w1"], ["w2"]]),
            row("groups of groups", "groups counted as witnesses",
                text=both + "group g any w1\ngroup h all g w2\nquorum h\n",
                met=[["w1", "w2"]], unmet=[["w1"], ["w2"]]),
            row("comments, blanks, URLs", "whitespace beyond the specification",
                text=f"# a comment\n\n \t{log}{url}{two}\tquorum\tw1 \n",
                met=[["w1"]], unmet=[["w2"]]),
        ],
        "refused": refused_policies(log, one, two),
    }  # fmt: skip


def refused_policies(log: str, one: str, two: str) -> list[dict[str, Any]]:
    """Return policies that are refused: an error in each is a quorum that nobody asked for."""
    both = log + one + two

    def wrong(name: str, catches: str, text: str) -> dict[str, Any]:
        return row(name, catches, text=text)

    return [
        wrong("no quorum", "no rule read as no demand", both),
        wrong("two quorums", "the last one wins", both + "quorum w1\nquorum none\n"),
        wrong("a quorum not defined", "a name never met", both + "quorum w3\n"),
        wrong("used before it is defined", "definitions in any order",
              log + "group g any w1\n" + one + "quorum g\n"),
        wrong("a member twice", "one witness counts twice",
              both + "group g 2 w1 w1\nquorum g\n"),
        wrong("in two groups", "one witness counts in two ways",
              both + "group g any w1\ngroup h any w1 w2\nquorum h\n"),
        wrong("a key twice", "one key under two names",
              log + one + f"witness w2 {WITNESS.vkey}\nquorum w1\n"),
        wrong("a log twice", "likewise", log + log + "quorum none\n"),
        wrong("the log as its witness", "the log vouches for itself",
              log + f"witness w {NoteKey('w', LOG_KEY, COSIGNER).vkey}\nquorum w\n"),
        wrong("a name twice", "the last one wins",
              log + one + two.replace("w2", "w1", 1) + "quorum w1\n"),
        wrong("3 of 2", "a quorum nobody can meet", both + "group g 3 w1 w2\nquorum g\n"),
        wrong("0 of 2", "a quorum that is always met", both + "group g 0 w1 w2\nquorum g\n"),
        wrong("02 of 2", "int() takes it", both + "group g 02 w1 w2\nquorum g\n"),
        wrong("no members", "an empty group is met", both + "group g all\nquorum g\n"),
        wrong("a keyword as name", "none defined anew",
              log + f"witness none {WITNESS.vkey}\nquorum none\n"),
        wrong("a witness's key for a log", "roles mixed up",
              f"log {WITNESS.vkey}\nquorum none\n"),
        wrong("a log's key for a witness", "roles mixed up",
              f"witness w {LOG.vkey}\nquorum w\n"),
        wrong("an unknown directive", "lines passed over", both + "logs x\nquorum none\n"),
        wrong("an inline comment", "comments inside a line", log + "quorum none # no\n"),
        wrong("CRLF", "line ends of another system",
              (log + "quorum none\n").replace("\n", "\r\n")),
        wrong("no final line feed", "a file cut short", log + "quorum none"),
        wrong("not a URL", "anything behind a key", log[:-1] + " ftp://x\nquorum none\n"),
        wrong("nothing", "an empty file read as no demand", ""),
        wrong("a replaced key that is in force", "an end that does not hold",
              log + f"#retired-log {LOG.vkey} 7\nquorum none\n"),
        wrong("a replaced key without an end", "a comment passed over",
              log + f"#retired-log {NoteKey(LEDGER, OTHER_KEY).vkey}\nquorum none\n"),
        wrong("a replaced entry key twice", "the last one wins",
              log + "#retired-entry key_x 7\n#retired-entry key_x 9\nquorum none\n"),
        wrong("an end of +7", "int() takes it", log + "#retired-entry key_x +7\nquorum none\n"),
    ]  # fmt: skip


def files() -> dict[str, object]:
    """Return every file that this module makes."""
    return {"vkeys.json": vkeys(), "checkpoints.json": notes(), "policies.json": policies()}


if __name__ == "__main__":
    write(files())
