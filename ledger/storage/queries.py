"""The migrations of a store, from its `.sql` files."""

from importlib import resources


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
