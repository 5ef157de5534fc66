"""The few pages of the door: a problem type, and the reference. Each is whole in itself.

No script, no font and no picture comes from anywhere else; the style is allowed by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from starlette.responses import Response

from service.api.problem_list import ProblemType

STYLE: Final = (
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;"
    "margin:2rem auto;padding:0 1rem}code,pre{font:13px/1.45 ui-monospace,monospace}"
    "pre{overflow:auto;padding:.75rem;border:1px solid #8884;border-radius:6px;max-height:24rem}"
    "h2{margin-top:2.5rem;border-bottom:1px solid #8884}h3{margin:1.5rem 0 .25rem}"
    ".m{font-weight:600}summary{cursor:pointer}a{color:inherit}nav a{margin-right:1rem}"
)

_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of the pages: our own style and nothing else."""


def page(title: str, body: str) -> Response:
    """Return an HTML page."""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return Response(text, media_type="text/html; charset=utf-8", headers=headers)


def problem_page(kind: ProblemType) -> Response:
    """Return the page of one problem type."""
    body = (
        f"<p>{escape(kind.title)}</p><p>HTTP status {kind.status}, code "
        f'<code>{escape(kind.code)}</code>. See the <a href="/reference">reference</a>.</p>'
    )
    return page(kind.code.replace("_", " ").capitalize(), body)


def reference_page(document: Mapping[str, Any]) -> Response:
    """Return the reference, rendered from the OpenAPI document."""
    parts = [f"<p>{escape(document['info']['description'])}</p><nav>"]
    tags = document["tags"]
    parts += [f'<a href="#{_anchor(tag["name"])}">{escape(tag["name"])}</a>' for tag in tags]
    parts.append('<a href="/openapi.json">OpenAPI</a></nav>')
    for tag in tags:
        name, said = escape(tag["name"]), escape(tag["description"])
        parts.append(f'<h2 id="{_anchor(tag["name"])}">{name}</h2><p>{said}</p>')
        parts += list(_operations(document, tag["name"]))
    return page(str(document["info"]["title"]), "".join(parts))


def _anchor(name: str) -> str:
    return escape(name.replace(" ", "-"))


def _operations(document: Mapping[str, Any], tag: str) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, found in methods.items():
            if tag in found.get("tags", ()):
                yield _operation(path, method, found)


def _operation(path: str, method: str, found: Mapping[str, Any]) -> str:
    name = escape(found["operationId"])
    parts = [
        f'<h3 id="{name}">{escape(found.get("summary", name))}</h3>',
        f'<p><span class="m">{method.upper()}</span> <code>{escape(path)}</code></p>',
        f"<p>{escape(found.get('description', ''))}</p>",
    ]
    if found.get("parameters"):
        rows = (
            f"<li><code>{escape(row['name'])}</code> ({escape(row['in'])}) "
            f"{escape(row.get('description', ''))}</li>"
            for row in found["parameters"]
        )
        parts.append(f"<ul>{''.join(rows)}</ul>")
    body = found.get("requestBody", {}).get("content", {})
    parts += list(_examples("Request", body))
    for status, response in found.get("responses", {}).items():
        parts += list(_examples(f"Answer {status}", response.get("content", {})))
    return "".join(parts)


def _examples(label: str, content: Mapping[str, Any]) -> Iterator[str]:
    for kind, described in content.items():
        for name, example in described.get("examples", {}).items():
            value = example["value"]
            text = value if isinstance(value, str) else json.dumps(value, indent=2)
            yield (
                f"<details><summary>{escape(label)}: {escape(name)} "
                f"(<code>{escape(kind)}</code>)</summary><pre>{escape(text)}</pre></details>"
            )
