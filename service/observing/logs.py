"""Lines of the log: JSON for machines, or text for people; each says to what it belongs.

A line holds what the code says in its own words, never a value that somebody sent in confidence:
ids, codes, positions, counts. A test plays the whole story and searches every line.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from service.observing.correlation import current

FORMS: Final = ("text", "json")
LEVELS: Final = ("debug", "info", "warning", "error")
"""What LINERNOTES_LOG and LINERNOTES_LOG_LEVEL may be."""


class ObserveSettingError(ValueError):
    """A setting of what is observed is not what it may be."""

    code: Final = "setting_invalid"


class JsonLines(logging.Formatter):
    """One JSON object a line, in ASCII, with the same names in every line."""

    def __init__(self, *, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        line: dict[str, Any] = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "role": self._role,
            "logger": record.name,
            "message": record.getMessage(),
        }
        found = current()
        if found is not None:
            line |= {"trace_id": found.trace, "span_id": found.span}
            if found.request is not None:
                line["request_id"] = found.request
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["error"] = type(error).__name__
            line["stack"] = "".join(traceback.format_exception(error)).rstrip()
        return json.dumps(line, ensure_ascii=True)


def configure(
    env: Mapping[str, str] = os.environ, *, role: str, stream: TextIO | None = None
) -> logging.Handler:
    """Send every line of this process to `stream` (standard error) in the form that is set.

    Raises `ObserveSettingError`. It replaces what was set up before.
    """
    form = _chosen(env, "LINERNOTES_LOG", FORMS)
    level = _chosen(env, "LINERNOTES_LOG_LEVEL", LEVELS, "info")
    handler = logging.StreamHandler(stream or sys.stderr)
    text = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    handler.setFormatter(JsonLines(role=role) if form == "json" else logging.Formatter(text))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # What these say of every request belongs to them, and may hold what it was about.
    for name in ("httpx", "httpcore", "urllib3", "botocore", "boto3", "kafka"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return handler


def _chosen(env: Mapping[str, str], name: str, words: tuple[str, ...], default: str = "") -> str:
    value = env.get(name) or default or words[0]
    if value not in words:
        raise ObserveSettingError(f"{name} is one of {', '.join(words)}, not {value[:40]!r}")
    return value
