"""Small plots as SVG text, in the colours of the page's own style sheet; no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np

WIDTH, HEIGHT = 460, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 10, 26
COLORS = ("var(--accent)", "var(--given)", "var(--fixed)", "var(--unsure)")


def curves(series: Mapping[str, Sequence[float]], label: str) -> str:
    """Lines over epochs 1 to n, one for each name; a legend stands above."""
    shown = {name: np.asarray(values, np.float64) for name, values in series.items() if len(values)}
    if not shown:
        return ""
    low = min(np.nanmin(values) for values in shown.values())
    high = max(np.nanmax(values) for values in shown.values())
    n = max(map(len, shown.values()))
    parts = list(_grid(low, high, n))
    for color, (_name, values) in zip(COLORS, shown.items(), strict=False):
        points = " ".join(f"{_x(i, n):.1f},{_y(v, low, high):.1f}" for i, v in enumerate(values) if np.isfinite(v))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
    legend = "".join(
        f'<span><i style="background:{color}"></i>{escape(name)}</span>' for color, name in zip(COLORS, shown, strict=False)
    )
    return f'<figure><figcaption>{escape(label)}</figcaption><p class="legend">{legend}</p>{_svg(parts)}</figure>'


def _svg(parts: Iterable[str], height: int = HEIGHT) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{"".join(parts)}</svg>'


def _x(i: int, n: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * i / max(n - 1, 1)


def _y(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def _grid(low: float, high: float, n: int) -> Iterable[str]:
    for value in np.linspace(low, high, 4):
        y = _y(value, low, high)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>'
    for i in sorted({0, (n - 1) // 2, n - 1}):
        yield f'<text x="{_x(i, n):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{i + 1}</text>'


def intervals(rows: Sequence[tuple[str, str, float, float, float]]) -> str:
    """Differences with their intervals: (name, text, value, low, high), one above the other, with a line at zero."""
    reach = max((abs(edge) for _name, _text, _value, low, high in rows for edge in (low, high)), default=0) or 1.0
    left, step = 110, 30

    def x(value: float) -> float:
        return left + (WIDTH - left - 80) * (value / reach + 1) / 2

    height = step * len(rows) + 12
    parts = [f'<line x1="{x(0):.1f}" x2="{x(0):.1f}" y1="4" y2="{height - 4}" class="zero"/>']
    for number, (name, text, value, low, high) in enumerate(rows):
        y = 6 + step * (number + 0.5)
        parts += [
            f'<text x="{left - 12}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>',
            f'<line x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y:.1f}" y2="{y:.1f}" class="range"/>',
            f'<circle cx="{x(value):.1f}" cy="{y:.1f}" r="5" class="value"/>',
            f'<text x="{WIDTH - 4}" y="{y + 4:.1f}" text-anchor="end">{text}</text>',
        ]
    return f"<figure>{_svg(parts, height)}</figure>"


def bars(rows: Sequence[tuple[str, int]]) -> str:
    """Counts as horizontal bars, the largest filling the width."""
    most = max((count for _name, count in rows), default=1)
    lines = [
        f'<tr><td>{escape(name)}</td><td class="bar"><i style="width:{100 * count / most:.0f}%"></i></td>'
        f'<td class="number">{count}</td></tr>'
        for name, count in rows
    ]
    return f'<table class="bars">{"".join(lines)}</table>'
