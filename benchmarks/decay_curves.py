"""Draws how memories fade, as the picture of the documentation.

    python benchmarks/decay_curves.py docs/decay.svg [--rate 0.01] [--days 365]

The picture is plain SVG, so that it needs no plotting library and a change of the formula shows as a small difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from coda_graphmem.config import MemoryConfig
from coda_graphmem.decay import TYPE_FACTORS, decay_factors
from coda_graphmem.models import MemoryType
from coda_graphmem.times import SECONDS_PER_DAY

WIDTH, HEIGHT, LEFT, TOP, GAP = 340, 240, 44, 34, 100
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


@dataclass(frozen=True)
class Curve:
    name: str
    values: NDArray[np.float64]


def main(
    picture: Annotated[Path, typer.Argument(dir_okay=False, help="The SVG file to write.")],
    rate: Annotated[float, typer.Option(help="Share lost in the first day.")] = MemoryConfig.model_fields[
        "importance_decay_rate"
    ].default,
    days: Annotated[int, typer.Option(min=1, help="Length of the curves.")] = 365,
) -> None:
    panels = [
        ("By type", [Curve(kind.value, curve(rate, days, kind=kind)) for kind in by_strength()]),
        (
            "By importance (episodic)",
            [Curve(f"{i:g}", curve(rate, days, importance=i)) for i in (1.0, 0.75, 0.5, 0.25, 0.0)],
        ),
        ("By recalls before day 0", [Curve(str(n), curve(rate, days, recalls=n)) for n in (100, 10, 3, 1, 0)]),
        (
            "Recalled on days 30 and 90",
            [Curve("recalled", recalled(rate, days, (30, 90))), Curve("never", curve(rate, days))],
        ),
    ]
    picture.write_text(svg(panels, rate, days), encoding="utf-8")


def by_strength() -> list[MemoryType]:
    return sorted(TYPE_FACTORS, key=lambda kind: (TYPE_FACTORS[kind], kind.value))


def curve(
    rate: float, days: int, *, kind: MemoryType = MemoryType.EPISODIC, importance: float = 0.5, recalls: int = 0
) -> NDArray[np.float64]:
    return decay_factors(
        timestamp=0.0,
        last_accessed=np.nan,
        uses=recalls,
        importance=importance,
        type_factor=TYPE_FACTORS[kind],
        now=SECONDS_PER_DAY * np.arange(days + 1),
        rate=rate,
    )


def recalled(rate: float, days: int, on: Sequence[int]) -> NDArray[np.float64]:
    """The curve of a memory that is recalled on some days."""
    now = np.arange(days + 1)
    counts = np.array([sum(day <= today for day in on) for today in now])
    last = np.array([max((day for day in on if day <= today), default=np.nan) for today in now])
    return decay_factors(
        timestamp=0.0,
        last_accessed=SECONDS_PER_DAY * last,
        uses=counts,
        importance=0.5,
        type_factor=TYPE_FACTORS[MemoryType.EPISODIC],
        now=SECONDS_PER_DAY * now,
        rate=rate,
    )


def svg(panels: Sequence[tuple[str, list[Curve]]], rate: float, days: int) -> str:
    width, height = 2 * (WIDTH + LEFT + GAP), 2 * (HEIGHT + TOP + 60) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
        ' font-family="sans-serif" font-size="12">',
        f"<title>Decay factor over {days} days at importance_decay_rate {rate:g}</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, (title, curves) in enumerate(panels):
        x, y = LEFT + (number % 2) * (WIDTH + LEFT + GAP), TOP + (number // 2) * (HEIGHT + TOP + 60)
        parts += [f'<g transform="translate({x} {y})">', *panel(title, curves, days), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def panel(title: str, curves: Sequence[Curve], days: int) -> list[str]:
    parts = [f'<text y="-12" font-size="14" font-weight="bold">{title}</text>']
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = HEIGHT * (1 - share)
        parts.append(f'<path d="M0 {y:.1f}H{WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="-6" y="{y + 4:.1f}" text-anchor="end">{share:g}</text>')
    for day in range(0, days + 1, max(days // 4, 1)):
        parts.append(f'<text x="{WIDTH * day / days:.1f}" y="{HEIGHT + 16}" text-anchor="middle">{day}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT + 32}" text-anchor="middle">days</text>')
    step = max(days // 120, 1)
    for number, item in enumerate(curves):
        color = COLORS[number % len(COLORS)]
        points = " ".join(
            f"{WIDTH * day / days:.1f},{HEIGHT * (1 - v):.1f}" for day, v in list(enumerate(item.values))[::step]
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts.append(f'<text x="{WIDTH + 8}" y="{14 + 15 * number}" fill="{color}">{item.name}</text>')
    return parts


if __name__ == "__main__":
    typer.run(main)
