"""``python -m tests_outside [NAME…]``: runs the tests of all ecosystems, or of some, and prints what came of them."""

from __future__ import annotations

import importlib
import pkgutil
import sys

from tests_outside import ecosystems
from tests_outside.ecosystem import ROOT, Ecosystem, Outcome


def known() -> dict[str, Ecosystem]:
    """All ecosystems, by name."""
    modules = (importlib.import_module(f"{ecosystems.__name__}.{found.name}")
               for found in pkgutil.iter_modules(ecosystems.__path__))  # fmt: skip
    return {module.ECOSYSTEM.name: module.ECOSYSTEM for module in modules if hasattr(module, "ECOSYSTEM")}


def table(outcomes: dict[str, Outcome]) -> str:
    """What came of the tests, as lines of text."""
    lines = [f"{'ecosystem':<16} {'passed':>6} {'failed':>6} {'skipped':>7} {'left out':>8}  tests of"]
    for name, outcome in outcomes.items():
        skipped, left_out = sum(outcome.skipped.values()), sum(outcome.left_out.values())
        lines.append(
            f"{name:<16} {outcome.passed:>6} {len(outcome.failed):>6} {skipped:>7} {left_out:>8}  {outcome.versions}"
        )
        lines += [f"    !! {outcome.trouble}"] if outcome.trouble else []
        lines += [f"    failed: {test}" for test in outcome.failed]
        lines += [f"    {count} skipped: {reason}" for reason, count in sorted(outcome.skipped.items())]
        lines += [f"    {count} left out: {reason}" for reason, count in sorted(outcome.left_out.items())]
    return "\n".join(lines)


def main(wanted: list[str]) -> int:
    """Run them; 0 where all passed, 1 where not, 2 for a name that none has."""
    there = known()
    if unknown := sorted(set(wanted) - there.keys()):
        print(f"No such ecosystem: {', '.join(unknown)}. There are: {', '.join(sorted(there))}", file=sys.stderr)
        return 2
    outcomes: dict[str, Outcome] = {}
    for name in wanted or sorted(there):
        print(f"== {name}", flush=True)
        place = ROOT / ".outside" / name
        place.mkdir(parents=True, exist_ok=True)
        outcomes[name] = there[name].run(place)
    print(table(outcomes))
    return 0 if all(outcome.is_good for outcome in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
