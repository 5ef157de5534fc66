"""A request for a generation, from options or from a JSON file.

One reference is one option: the recording, then what is taken of it, separated by commas:
`--ref "rec_…,use=parameter,role=lead,parameter=guitar,stem=guitar,weight=2,from=0s,until=12s"`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from schemas.commitments import Opening
from schemas.ids import new_id
from service.cli.ends import EndError, usage
from service.cli.when import listed, milliseconds, pair, read_json

if TYPE_CHECKING:
    from service.cli.run import Run

FIELDS: Final = frozenset(
    {"use", "role", "weight", "parameter", "stem", "from", "until", "out-from", "out-until"}
)
"""What one --ref may say after its recording."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of a request, None where nothing was said."""

    file: str | None
    ref: list[str] | None
    weights: str
    model: str | None
    tier: str
    purpose: str
    channel: str
    territory: list[str] | None
    seed: int
    duration: str
    prompt: str | None
    upgrades: str | None


@dataclass(slots=True)
class Built:
    """A request as it is signed, and the openings that go beside it. `plain` has the prompt."""

    signed: dict[str, Any]
    plain: dict[str, Any]
    openings: list[Opening] = field(default_factory=list)

    @property
    def generation(self) -> str:
        """The generation's id, chosen here."""
        return str(self.signed["generation"])


def build(run: Run, asked: Asked) -> Built:
    """Return the request; a prompt stands in it as a commitment."""
    found = read_json(asked.file) if asked.file else _from_options(run, asked)
    found = {"generation": new_id("gen"), **found}
    prompt = found.get("prompt")
    text = prompt.get("private") if isinstance(prompt, dict) else prompt
    if not isinstance(text, str):
        return Built(found, found)
    from service.speaking import Private  # noqa: PLC0415 - only who commits to something needs it

    private = Private()
    signed = {**found, "prompt": private.commit("/request/prompt", text).data()}
    return Built(signed, {**found, "prompt": {"private": text}}, private.openings)


def _from_options(run: Run, asked: Asked) -> dict[str, Any]:
    if not asked.ref:
        raise usage("a request refers to something: give a FILE, or --ref RECORDING,role=…")
    if not asked.territory:
        raise usage("a license holds somewhere: name the countries with --territory")
    places = [code for text in asked.territory for code in text.split(",")]
    return {
        "references": [_reference(run, text) for text in asked.ref],
        "weights": asked.weights,
        "model": run.find("model", asked.model) if asked.model else _only_model(run),
        "tier": asked.tier,
        "purpose": asked.purpose,
        "channel": asked.channel,
        "territory": places[0] if len(places) == 1 else places,
        "seed": asked.seed,
        "duration_ms": milliseconds(asked.duration),
        "prompt": asked.prompt,
        "upgrades": asked.upgrades,
    }


def _reference(run: Run, text: str) -> dict[str, Any]:
    recording, *rest = [part.strip() for part in text.split(",")]
    said = dict(map(pair, rest))
    unknown = set(said) - FIELDS
    if unknown or len(said) != len(rest):
        raise usage(f"--ref says each of {', '.join(sorted(FIELDS))} at most once, not {text!r}")
    return {
        "recording": run.find("recording", recording),
        "use": said.get("use", "song"),
        "role": said.get("role", "timbre"),
        "weight": said.get("weight", "1"),
        "parameters": listed([said.get("parameter", "").replace("+", ",")]) or [],
        "stem": said.get("stem"),
        "source": _segment(said, "from", "until"),
        "output": _segment(said, "out-from", "out-until"),
    }


def _segment(said: dict[str, str], since: str, until: str) -> dict[str, int] | None:
    if since not in said and until not in said:
        return None
    if until not in said:
        raise usage(f"a segment that has {since} has {until} too")
    return {
        "from_ms": milliseconds(said.get(since, "0")),
        "until_ms": milliseconds(said[until]),
    }


def _only_model(run: Run) -> str:
    """Return the only model version that stands; where there are several, one is named."""
    rows = run.door.get("/v1/models")["items"]
    found = [str(row["model"]) for row in rows if row["status"] == "registered"]
    if len(found) != 1:
        raise EndError("name_ambiguous", f"{len(found)} models stand: name one with --model")
    return found[0]
