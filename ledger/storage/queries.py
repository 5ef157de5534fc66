"""Named statements from `.sql` files, so that no SQL is put together in Python."""

from importlib import resources
from typing import Final

_MARK: Final = "-- name: "


def load(package: str, file: str) -> dict[str, str]:
    """Return the statements of an SQL file: each begins with a line `-- name: its_name`."""
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    named: dict[str, str] = {}
    for block in text.split(_MARK)[1:]:
        name, _, statement = block.partition("\n")
        if name in named:
            raise ValueError(f"{file} names {name} twice")
        named[name] = statement.strip()
    return named


def load_steps(package: str) -> dict[str, str]:
    """Return a store's migrations by name, in the order in which they run.

    Steps are files `migrations/<version>_<order>_<pre|post>_<what>.sql`; `pre` steps run before the
    version's code (add things), `post` steps after the last process of the version before has
    ended (remove things).
    """
    folder = resources.files(package).joinpath("migrations")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")),
        key=lambda file: file.name,
    )
    return {file.name.removesuffix(".sql"): file.read_text(encoding="utf-8") for file in files}
