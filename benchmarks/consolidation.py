"""Which of given pairs of texts would be merged: by plain cosine, and with the guards.

    python benchmarks/consolidation.py PAIRS.tsv [--threshold 0.85] [--show LABEL]

The file has a header and the columns ``a``, ``b`` and ``label``; ``same`` should merge, all other labels should not.
"""

from __future__ import annotations

import csv
import math
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from coda_graphmem.config import MemoryConfig
from coda_graphmem.consolidation.plan import judge
from coda_graphmem.consolidation.readings import Reader, Reading
from coda_graphmem.embedding.embedder import shared_embedder
from coda_graphmem.models import Memory, MemoryType, PairVerdict


@dataclass(frozen=True)
class Pair:
    a: str
    b: str
    label: str


def main(
    pairs_file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Tab-separated: a, b, label.")],
    threshold: Annotated[
        float, typer.Option(help="Cosine from which two texts may merge.")
    ] = MemoryConfig.model_fields["similarity_threshold"].default,
    show: Annotated[str | None, typer.Option(help="Print the pairs of this label that are judged wrongly.")] = None,
    half: Annotated[int | None, typer.Option(min=0, max=1, help="Only pairs with an even (0) or odd (1) row.")] = None,
) -> None:
    with pairs_file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    pairs = [Pair(row["a"], row["b"], row["label"]) for i, row in enumerate(rows) if half is None or i % 2 == half]
    cosines = embed(pairs)
    similar = [i for i, cosine in enumerate(cosines) if cosine >= threshold]

    reader = Reader()
    reader.read(["Warm up."])
    texts = list(dict.fromkeys(text for i in similar for text in (pairs[i].a, pairs[i].b)))
    start = time.perf_counter()
    readings = dict(zip(texts, reader.read(texts), strict=True))
    reading_ms = 1000 * (time.perf_counter() - start) / max(len(texts), 1)
    start = time.perf_counter()
    verdicts = {i: judged(pairs[i], readings, cosines[i], threshold) for i in similar}
    judging_ms = 1000 * (time.perf_counter() - start) / max(len(similar), 1)

    console = Console()
    console.print(merged_table(pairs, similar, verdicts, threshold))
    console.print(guard_table(pairs, verdicts))
    console.print(f"{reading_ms:.2f} ms to read a text, {judging_ms:.3f} ms to judge a pair")
    for i, verdict in verdicts.items():
        if pairs[i].label == show and (verdict.verdict == "merge") != (show == "same"):
            console.print(
                f"{cosines[i]:.3f} {verdict.guard} {verdict.reason}\n  {pairs[i].a}\n  {pairs[i].b}", markup=False
            )


def embed(pairs: list[Pair]) -> list[float]:
    embedder = shared_embedder(MemoryConfig().embedding_model)
    a = embedder.embed([pair.a for pair in pairs])
    b = embedder.embed([pair.b for pair in pairs])
    return [float(cosine) for cosine in np.einsum("ij,ij->i", a, b)]


def judged(pair: Pair, readings: dict[str, Reading], cosine: float, threshold: float) -> PairVerdict:
    a, b = (
        Memory(memory_id=name, content=text, memory_type=MemoryType.SEMANTIC, timestamp=0.0, importance_score=0.5)
        for name, text in (("a", pair.a), ("b", pair.b))
    )
    return judge(a, b, readings[pair.a], readings[pair.b], cosine, threshold=threshold)


def merged_table(pairs: list[Pair], similar: list[int], verdicts: dict[int, PairVerdict], threshold: float) -> Table:
    table = Table(
        "label",
        "pairs",
        "cosine alone",
        "with guards",
        "pairs merged (95 % interval)",
        title=f"Share merged at {threshold}",
    )
    totals = Counter(pair.label for pair in pairs)
    plain = Counter(pairs[i].label for i in similar)
    merged = Counter(pairs[i].label for i, verdict in verdicts.items() if verdict.verdict == "merge")
    for label, total in totals.items():
        low, high = wilson(merged[label], total)
        table.add_row(
            label,
            str(total),
            f"{plain[label] / total:.4f}",
            f"{merged[label] / total:.4f}",
            f"{merged[label]} ({low:.3f} to {high:.3f})",
        )
    return table


def wilson(successes: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Where the share lies with 95 % confidence (Wilson 1927)."""
    share = successes / total
    center = (share + z * z / (2 * total)) / (1 + z * z / total)
    margin = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, center - margin), min(1.0, center + margin)


def guard_table(pairs: list[Pair], verdicts: dict[int, PairVerdict]) -> Table:
    refused = Counter((v.guard, pairs[i].label) for i, v in verdicts.items() if v.guard is not None)
    labels = list(dict.fromkeys(pair.label for pair in pairs))
    table = Table("guard", *labels, title="Refused, by the first guard that objects")
    for guard in sorted({guard for guard, _ in refused}, key=lambda g: -sum(refused[g, label] for label in labels)):
        table.add_row(guard, *(str(refused[guard, label]) for label in labels))
    return table


if __name__ == "__main__":
    typer.run(main)
