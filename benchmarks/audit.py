"""How near an audit comes to verifying signatures alone: run `python -m benchmarks.audit`.

Without deciding again: bytes, signatures, key validity, statements, tags, leaves, tree, index.
"""

from benchmarks.audited_log import compare


def main() -> None:
    """Print the measure."""
    compare("audit", decide=False)


if __name__ == "__main__":
    main()
