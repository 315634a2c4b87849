"""How soon the inspector shows a large memory, and how fluently its picture moves.

    python -m benchmarks.inspector [--memories 10000]

A memory is made of sentences about invented people in many conversations. A headless Chromium that knows nothing yet
opens the page, loads page after page until all is there, and drags the picture about. Frames are counted where the
browser draws them; the processor time of browser and server depends less on what else the machine does. The picture is
drawn in software. Needs Linux, Chromium and the built page (make inspector).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from tests.inspector.process import embedded_in, memory_of, served

SECONDS = 4.0
"""How long the picture is dragged about."""
SYLLABLES = "ka lo mi ne ru sa to vi be da fo gu".split()
VERBS = "met called visited wrote helped painted cooked lent showed told asked thanked".split()
THINGS = "boat house garden letter book song bicycle kitchen photograph ladder lamp coat".split()
TYPES = ["episodic"] * 6 + ["semantic"] * 3 + ["preference", "procedural", "emotional"]

#: Drags the picture about and gives the number of frames.
DRAG = """async (milliseconds) => {
  const stage = document.querySelector('.sigma-mouse');
  const box = stage.getBoundingClientRect();
  const tell = (type, target, x, y) => target.dispatchEvent(new MouseEvent(type, {
    clientX: box.x + box.width / 2 + x, clientY: box.y + 12 + y, bubbles: true, cancelable: true, buttons: 1 }));
  tell('mousedown', stage, 0, 0);
  const started = performance.now();
  let frames = 0;
  await new Promise((done) => {
    const step = () => {
      frames += 1;
      tell('mousemove', document, 120 * Math.sin(frames / 9), 80 * Math.cos(frames / 7));
      if (performance.now() - started < milliseconds) requestAnimationFrame(step);
      else done();
    };
    requestAnimationFrame(step);
  });
  tell('mouseup', document, 0, 0);
  return [frames, (performance.now() - started) / 1000];
}"""


async def fill(folder: Path, count: int) -> None:
    """Store that many memories."""
    rng = random.Random(5)
    names = sorted({"".join(rng.choices(SYLLABLES, k=3)).capitalize() for _ in range(1800)})
    weights = [1 / (i + 3) for i in range(len(names))]
    now = time.time()
    async with memory_of(embedded_in(folder)) as memory:
        for start in range(0, count, 500):
            batch = []
            for i in range(start, min(start + 500, count)):
                one, other = rng.choices(names, weights, k=2)
                content = f"yesterday {one} {rng.choice(VERBS)} {other} about the {rng.choice(THINGS)} number {i}"
                batch.append(
                    {
                        "content": content,
                        "memory_type": rng.choice(TYPES),
                        "timestamp": now - (count - i) * 1800,
                        "importance_score": round(rng.random(), 2),
                        "conversation_id": f"talk-{i // 40}",
                        "metadata": {"speaker": one},
                    }
                )
            await memory.store_memories_batch(batch)


def processor_seconds(mark: str) -> float:
    """What the processes with a word in their command line have used so far."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "cmdline").read_text(encoding="utf-8", errors="replace"):
                fields = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        except OSError:  # it ended meanwhile
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(page: Page, address: str, mark: str, console: Console) -> None:
    """Open, load all, and move."""
    started, used = time.perf_counter(), processor_seconds(mark)
    page.goto(address)
    page.wait_for_selector(".stage[data-shown=all]")
    took, used = time.perf_counter() - started, processor_seconds(mark) - used
    console.print(f"first view after {took:.2f} s, {used:.2f} s of processor: {page.locator('.summary').inner_text()}")
    started, pages = time.perf_counter(), 0
    more = page.locator("#more")
    while more.is_visible():
        before = page.locator(".summary").inner_text()
        more.press("Enter")
        page.wait_for_selector(f".summary:not(:text-is('{before}'))")
        pages += 1
    if pages:
        took = (time.perf_counter() - started) / pages
        console.print(f"{pages} more pages, {took:.2f} s each: {page.locator('.summary').inner_text()}")
    page.wait_for_timeout(2000)
    for _ in range(2):
        before_moving = processor_seconds(mark)
        frames, seconds = page.evaluate(DRAG, SECONDS * 1000)
        used = processor_seconds(mark) - before_moving
        console.print(f"moving: {frames / seconds:.1f} frames/s, {1000 * used / frames:.0f} ms of processor a frame")
        page.wait_for_timeout(1000)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memories", type=int, default=10_000)
    count = parser.parse_args().memories
    console = Console()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or sys.exit("Chromium is not installed.")
    mark = f"inspector-benchmark-{os.getpid()}"
    options = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", f"--user-agent={mark}"]
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(fill(Path(folder), count))
        with served(embedded_in(Path(folder)), mark) as addresses:
            console.print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=options)
                measure(browser.new_page(viewport={"width": 1280, "height": 800}), next(addresses), mark, console)
                browser.close()


if __name__ == "__main__":
    main()
