"""Making the pages: evidence, sound, style and script in one file that asks nobody anything."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from string import Template
from typing import Any, Final

from generation.artifacts import hash_file
from projections.errors import HistoryUnavailable
from projections.index.queries import Between, touched
from projections.provenance.files import outputs_by_hash
from projections.royalties.queries import statement
from schemas.envelope.entry import read_entry
from schemas.refusals import Malformed
from service.instance import Instance
from service.notes.gathering import of_output, of_statement
from service.notes.sound import intervals_beside, sound_element, sound_of
from service.notes.waveform import waveform
from service.verify import bundle

FOLDER: Final = Path(__file__).parent
"""Where the parts of the pages lie."""


def output_page(instance: Instance, output: str | Path) -> str:
    """Return the page of an output, named by its file, its SHA-256, or a `gen_` or `out_` id.

    Raises `Malformed("unknown_id")` where this ledger completed no such output, `OSError` where
    the file cannot be read.
    """
    if isinstance(output, Path):
        generation = find_generation(instance, hash_file(output))
        return generation_page(instance, generation, file=output)
    return generation_page(instance, find_generation(instance, output))


def find_generation(instance: Instance, subject: str) -> str:
    """Return the generation that made an output (`gen_`, `out_`, SHA-256); `unknown_id`."""
    if subject.startswith("gen_"):
        return subject
    if subject.startswith("out_"):
        with instance.store.snapshot() as reader:
            for stored in reader.events(f"about:{subject}"):
                return str(read_entry(stored.data).data["generation"])
        raise Malformed("unknown_id", f"no output {subject} was completed")
    rows = outputs_by_hash(instance.readings, subject).rows
    if not rows:
        text = "no output of this ledger has these bytes; `liner inspect` says what a file is"
        raise Malformed("unknown_id", text)
    return str(rows[0].generation)


def artifact_of(instance: Instance, generation: str) -> str:
    """Return the SHA-256 of the file that a generation was completed with; `unknown_id`."""
    with instance.store.snapshot() as reader:
        for stored in reader.events(f"job:{generation}"):
            entry = read_entry(stored.data)
            if entry.type == "GenerationCompleted":
                return str(entry.data["artifact_sha256"])
    raise Malformed("unknown_id", f"no output of {generation} was completed")


def generation_page(
    instance: Instance, generation: str, *, file: Path | None = None, with_sound: bool = True
) -> str:
    """Return the page of a completed generation.

    Its sound is `file`, or the artifact that is stored here. Without sound, or where it is longer
    than a page should be, the page asks its reader for the file.
    """
    sha256 = artifact_of(instance, generation)
    with instance.store.snapshot() as reader:
        evidence = of_output(reader, instance.views.of(reader), generation, instance.policy.text())
    sound = sound_of(file or instance.artifacts.path(sha256))
    evidence["audio"] = sound.facts
    evidence["rendered"] = intervals_beside(instance.settings.workers / generation)
    return shell(
        evidence,
        waveform=waveform(sound.path),
        sound=sound_element(sound.path if with_sound else None),
    )


def statement_page(instance: Instance, statement_id: str) -> str:
    """Return the page of a royalty statement, every cent with its entries and their proofs.

    Raises `Malformed("unknown_id")` where no such statement was closed.
    """
    touches = _touches(instance, statement_id)
    with instance.store.snapshot() as reader:
        evidence = of_statement(reader, statement_id, instance.policy.text(), touches=touches)
    return shell(evidence)


def shell(evidence: dict[str, Any], *, waveform: str = "", sound: str = "") -> str:
    """Return the page of this evidence, with a drawing and an element of sound where it has any.

    Nothing else decides what a page is, so that it can be compared with what it should be.
    """
    is_output = evidence["kind"] == "output"
    name = evidence["generation" if is_output else "statement"]
    template = _template("output.html" if is_output else "statement.html")
    return _page(
        evidence,
        title=f"Liner notes of {name}",
        heading=f"Output of {name}" if is_output else f"Royalty statement {name}",
        body=template.substitute(waveform=waveform),
        limits=_text("output_limits.html" if is_output else "statement_limits.html"),
        script="output_page.mjs" if is_output else "statement_page.mjs",
        sound=sound,
    )


def _touches(instance: Instance, statement_id: str) -> Between | None:
    """Return everything that touched a statement's party; None before a root was published."""
    closed = statement(instance.readings, statement_id).one
    if closed is None:
        return None
    try:
        return touched(instance.readings, closed.party)
    except HistoryUnavailable:
        return None


def _page(
    evidence: dict[str, Any],
    *,
    title: str,
    heading: str,
    body: str,
    limits: str,
    script: str,
    sound: str,
) -> str:
    style, code = _text("page.css"), _script(script)
    origin = evidence["checkpoint"].partition("\n")[0]
    return _template("page.html").substitute(
        policy=_content_security(style, code),
        version=version("linernotes"),
        title=html.escape(title),
        heading=html.escape(heading),
        origin=html.escape(origin),
        head=evidence["head"],
        limits=limits,
        body=body,
        style=style,
        evidence=_in_script(evidence),
        sound=sound,
        script=code,
    )


def _content_security(style: str, script: str) -> str:
    """Return a policy under which the page can run this script, and load nothing from anywhere."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_source_hash(script)}'",
            f"style-src '{_source_hash(style)}'",
            "media-src blob:",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _source_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _in_script(value: object) -> str:
    """Return JSON that no text in it can break out of its element (`</script>`, `<!--`)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@cache
def _script(name: str) -> str:
    code = f"\n{bundle(FOLDER / name)}"
    assert "</script" not in code.lower(), "it would end the element"
    return code


@cache
def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _template(name: str) -> Template:
    return Template(_text(name))
