"""The chart of speeds in the README, from the numbers in `benchmarks/measured.json`."""

from __future__ import annotations

import json
from html import escape
from math import log10

from tests.conftest import ROOT
from tests.documentation.pages import DOCS

MEASURED = ROOT / "benchmarks" / "measured.json"
PATH = DOCS / "pictures" / "how-fast.svg"

_ROW, _LEFT, _WIDTH = 30, 330, 320
_FONT = "font-family: system-ui, 'DejaVu Sans', sans-serif; font-size: 14px"


def chart() -> str:
    """Bars of decisions a second on a logarithmic scale, as SVG that says the same in words."""
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    bars = measured["decisions a second"]
    most = log10(max(bar["a second"] for bar in bars))
    words = "; ".join(f"{bar['what']}: {bar['a second']:,} a second" for bar in bars)
    height = _ROW * len(bars) + 64
    lines = [
        f'<svg role="img" aria-labelledby="fast-name fast-words" viewBox="0 0 780 {height}" '
        'xmlns="http://www.w3.org/2000/svg">',
        '<title id="fast-name">Decisions a second, on a logarithmic scale</title>',
        f'<desc id="fast-words">{escape(words)}</desc>',
        f'<rect width="780" height="{height}" fill="#ffffff"/>',
        f'<g style="{_FONT}" fill="#1f2328">',
        '<text x="12" y="24" font-weight="bold">Decisions a second (logarithmic scale)</text>',
    ]
    for place, bar in enumerate(bars):
        lines += _bar(bar, 40 + _ROW * place, most)
    lines += [
        f'<text x="12" y="{height - 10}" font-size="12" fill="#57606a">{escape(measured["where"])}</text>',
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bar(bar: dict[str, object], top: int, most: float) -> list[str]:
    speed = bar["a second"]
    assert isinstance(speed, int)
    width = round(_WIDTH * log10(speed) / most)
    fill = "#0950ae" if bar["ours"] else "#afb8c1"
    return [
        f'<text x="{_LEFT - 10}" y="{top + 16}" text-anchor="end">{escape(str(bar["what"]))}</text>',
        f'<rect x="{_LEFT}" y="{top}" width="{width}" height="22" fill="{fill}"/>',
        f'<text x="{_LEFT + width + 8}" y="{top + 16}">{speed:,}</text>',
    ]
