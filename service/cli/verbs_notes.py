"""Liner notes: a page about an output or a royalty statement that verifies itself, without us."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Final

import typer

from service.cli.ends import usage
from service.cli.run import Run
from service.cli.verbs import add_verbs

IDS: Final = ("gen_", "out_", "rst_")
"""What a page can be about, by the beginning of its id; all else is a file."""


def add_to(app: typer.Typer) -> None:
    """Add this verb to the program."""
    add_verbs(app, {"notes": notes})


def notes(
    run: Run,
    of: Annotated[
        str | None, typer.Argument(metavar="FILE", help="An output's file, or its id.")
    ] = None,
    *,
    statement: Annotated[
        str | None, typer.Option(help="A royalty statement's id, instead of an output.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="Where the page goes; if left out, beside the file.")
    ] = None,
) -> None:
    """Write a page that shows whose music is in an output, or what a royalty statement adds up.

    One HTML file with everything in it: opened from disk, it checks every entry, signature and sum
    in the reader's own browser, and says so step by step. It needs no server and no network.
    """
    subject = statement or of
    if subject is None or (statement is not None and of is not None):
        raise usage("name an output's file or id, or a royalty statement with --statement")
    if subject.startswith(IDS):
        text = run.door.get_raw(f"/v1/notes/{subject}").decode()
        target = page or Path(f"{subject}.html")
    else:
        # Whoever has the file has the sound: it need not come back over the network.
        file = Path(subject)
        with file.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        text = with_sound(run.door.get_raw(f"/v1/notes/{sha256}?sound=false").decode(), file)
        target = page or file.with_suffix(".notes.html")
    target.write_text(text, encoding="utf-8")
    run.out.facts({"page": str(target), "bytes": target.stat().st_size})
    run.out.hint(f"open it in a browser: {target.absolute().as_uri()}")


def with_sound(text: str, file: Path) -> str:
    """Return the page with the file's own bytes in it."""
    from service.notes.sound import fill_sound  # noqa: PLC0415 - brings the audio libraries

    return fill_sound(text, file)
