"""Make the pictures of the inspector in docs/images, from the sample conversation and a few memories beside it.

Needs Chromium, the built page (make inspector) and the development dependencies.
"""

from __future__ import annotations

import asyncio
import queue
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType
from coda_graphmem.demo import read_sample
from coda_graphmem.importing import Loader
from coda_graphmem.inspector.server import Door, ServerOptions, serve

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
QUESTION = "What would be a good present for the woman who lent me the sewing machine?"
BESIDE = (
    ("Nora prefers the early ferry to Roscoff.", MemoryType.PREFERENCE),
    ("Nora prefers the early ferry to Roscoff, always.", MemoryType.PREFERENCE),
    ("The boiler is serviced in September.", MemoryType.SEMANTIC),
    ("The boiler is serviced in October.", MemoryType.SEMANTIC),
    ("Felix works at the harbour office.", MemoryType.SEMANTIC),
    ("Felix no longer works at the harbour office.", MemoryType.SEMANTIC),
    ("Ida is scared of thunder.", MemoryType.EMOTIONAL),
    ("To bleed a radiator, turn the key anticlockwise until water comes.", MemoryType.PROCEDURAL),
)


async def _serve(folder: Path, doors: queue.Queue[Door]) -> None:
    config = MemoryConfig(namespace="demo", vector_store={"persist_directory": folder})
    async with MemoryManager(config) as memory:
        await Loader(memory).load(read_sample())
        for content, kind in BESIDE:
            await memory.store_memory(content, kind, {"speaker": "Nora"})
        await serve(memory, ServerOptions("127.0.0.1", 0, read_only=False), doors.put)


@contextmanager
def served() -> Iterator[queue.Queue[Door]]:
    """What opens pages of an inspector that ends with this process."""
    doors: queue.Queue[Door] = queue.Queue()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        threading.Thread(target=lambda: asyncio.run(_serve(Path(folder), doors)), daemon=True).start()
        yield doors


def picture(page: Page, name: str, theme: str) -> None:
    """Keep what is shown, without the pointer over anything."""
    page.mouse.move(700, 8)
    page.wait_for_timeout(900)
    page.screenshot(path=IMAGES / f"inspector-{name}-{theme}.png")


def main() -> None:
    """Make all pictures."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or sys.exit("Chromium is not installed.")
    options = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with served() as doors, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        for theme in ("light", "dark"):
            page = browser.new_page(color_scheme=theme, viewport={"width": 1280, "height": 800})
            page.goto(doors.get(timeout=120).address)
            page.wait_for_selector(".stage[data-shown=all]")
            picture(page, "graph", theme)
            page.fill("#question", QUESTION)
            page.keyboard.press("Enter")
            page.wait_for_selector(".answers")
            page.locator("#question").blur()
            picture(page, "question", theme)
            page.locator("body").press("Escape")
            page.get_by_role("tab", name="Timeline").click()
            page.select_option("#conversation", index=2)
            page.wait_for_selector(".turn")
            picture(page, "timeline", theme)
            page.get_by_role("tab", name="Merging").click()
            page.get_by_role("button", name="Review").click()
            page.wait_for_selector(".pair")
            picture(page, "merging", theme)
            page.close()
        browser.close()
    for path in sorted(IMAGES.glob("inspector-*.png")):
        print(f"{path.name}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
