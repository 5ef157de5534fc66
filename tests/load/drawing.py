"""Lines over time as an SVG, for a person to look at: is memory flat, is the rate steady?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

WIDTH: Final = 900
HEIGHT: Final = 260
LEFT: Final = 60
RIGHT: Final = 190
TOP: Final = 36
BOTTOM: Final = 30
"""Pixels: of one chart, and around its lines."""

COLORS: Final = (
    "#4269d0",
    "#efb118",
    "#ff725c",
    "#6cc5b0",
    "#3ca951",
    "#ff8ab7",
    "#a463f2",
    "#97bbf5",
    "#9c6b4e",
    "#9498a0",
    "#1b1b1b",
)

Line = Sequence[tuple[float, float]]
"""Points: seconds, and a value."""


def draw(charts: Mapping[str, Mapping[str, Line]]) -> str:
    """Return one SVG with a chart for each title, one above another."""
    parts = [
        _chart(title, lines, offset=number * HEIGHT)
        for number, (title, lines) in enumerate(charts.items())
    ]
    size = f'width="{WIDTH}" height="{HEIGHT * len(charts)}"'
    style = "<style>text{font:12px sans-serif;fill:#333}.t{font-weight:bold}</style>"
    back = '<rect width="100%" height="100%" fill="#fff"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, style, back, *parts, "</svg>\n"])


def _chart(title: str, lines: Mapping[str, Line], *, offset: int) -> str:
    points = [point for line in lines.values() for point in line]
    last_s = max((at for at, _ in points), default=1.0) or 1.0
    most = max((value for _, value in points), default=1.0) or 1.0
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(at: float) -> float:
        return round(LEFT + wide * at / last_s, 1)

    def y(value: float) -> float:
        return round(TOP + high * (1 - value / most), 1)

    parts = [
        f'<g transform="translate(0 {offset})">',
        f'<text class="t" x="{LEFT}" y="20">{escape(title)}</text>',
        f'<path d="M{LEFT} {TOP}V{TOP + high}H{LEFT + wide}" fill="none" stroke="#999"/>',
        f'<text x="{LEFT - 6}" y="{TOP + 4}" text-anchor="end">{most:g}</text>',
        f'<text x="{LEFT - 6}" y="{TOP + high}" text-anchor="end">0</text>',
        f'<text x="{LEFT + wide}" y="{TOP + high + 18}" text-anchor="end">{last_s:.0f} s</text>',
    ]
    for number, (name, line) in enumerate(lines.items()):
        color = COLORS[number % len(COLORS)]
        path = " ".join(f"{x(at)},{y(value)}" for at, value in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>')
        parts.append(
            f'<text x="{LEFT + wide + 12}" y="{TOP + 14 * number + 8}" style="fill:{color}">'
            f"{escape(name)}</text>"
        )
    return "\n".join([*parts, "</g>"])
