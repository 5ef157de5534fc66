"""How near an audit that decides every command again comes to verifying signatures alone.

Run `python -m benchmarks.audit_decide`.
"""

from benchmarks.audited_log import compare


def main() -> None:
    """Print the measure."""
    compare("audit_decide", decide=True)


if __name__ == "__main__":
    main()
