"""``python -m tests_outside [NAME…]``: runs the tests of all ecosystems, or of some, and prints what came of them."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests_outside import ecosystems
from tests_outside.ecosystem import ROOT, Ecosystem, Outcome, trouble_of


def known() -> dict[str, Ecosystem]:
    """All ecosystems, by name."""
    modules = (importlib.import_module(f"{ecosystems.__name__}.{found.name}")
               for found in pkgutil.iter_modules(ecosystems.__path__))  # fmt: skip
    return {module.ECOSYSTEM.name: module.ECOSYSTEM for module in modules if hasattr(module, "ECOSYSTEM")}


def table(outcomes: dict[str, Outcome]) -> str:
    """What came of the tests, as lines of text."""
    lines = [f"{'ecosystem':<16} {'passed':>6} {'failed':>6} {'skipped':>7} {'left out':>8} {'seconds':>7}  tests of"]
    for name, outcome in outcomes.items():
        skipped, left_out = sum(outcome.skipped.values()), sum(outcome.left_out.values())
        counts = f"{outcome.passed:>6} {len(outcome.failed):>6} {skipped:>7} {left_out:>8} {outcome.seconds:>7.0f}"
        lines.append(f"{name:<16} {counts}  {outcome.versions}")
        lines += [f"    !! {outcome.trouble}"] if outcome.trouble else []
        lines += [f"    failed: {test}" for test in outcome.failed]
        lines += [f"    {count} skipped: {reason}" for reason, count in sorted(outcome.skipped.items())]
        lines += [f"    {count} left out: {reason}" for reason, count in sorted(outcome.left_out.items())]
    return "\n".join(lines)


def run(name: str, ecosystem: Ecosystem) -> Outcome:
    """Fetch and run the tests of one; whatever keeps them from being run is trouble."""
    print(f"== {name}", flush=True)
    place = ROOT / ".outside" / name
    place.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    try:
        outcome = ecosystem.run(place)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        outcome = Outcome(trouble=trouble_of(error))
    outcome.seconds = time.monotonic() - started
    print(f"== {name}: {'passed' if outcome.is_good else 'FAILED'} in {outcome.seconds:.0f} s", flush=True)
    return outcome


def main(arguments: list[str]) -> int:
    """Run them; 0 where all passed, 1 where not, 2 for a name that none has."""
    parser = argparse.ArgumentParser(prog="tests_outside", description=(__doc__ or "").replace("``", ""))
    parser.add_argument("names", nargs="*", metavar="NAME", help="Ecosystems; all of them where none is named.")
    parser.add_argument("--jobs", "-j", type=int, default=2, help="How many are run at a time.")
    options = parser.parse_args(arguments)
    there = known()
    if unknown := sorted(set(options.names) - there.keys()):
        print(f"No such ecosystem: {', '.join(unknown)}. There are: {', '.join(sorted(there))}", file=sys.stderr)
        return 2
    names = list(dict.fromkeys(options.names)) or sorted(there)
    # They wait for downloads and for programs, each in a folder of its own.
    with ThreadPoolExecutor(max_workers=max(1, options.jobs)) as pool:
        outcomes = dict(zip(names, pool.map(lambda name: run(name, there[name]), names), strict=True))
    print(table(outcomes))
    return 0 if all(outcome.is_good for outcome in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
