"""The command ``serve`` in a program of its own, on stand-in models; ``SLOW`` names seconds that a text takes them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any


def maker(config: Any) -> Callable[[], Any]:
    def make() -> Any:
        from coda_graphmem.manager import MemoryManager
        from tests.fakes import NameExtractor, WordEmbedder

        class Slow(WordEmbedder):
            def embed(self, texts: Any) -> Any:
                time.sleep(float(os.environ.get("SLOW", "0")))
                return super().embed(texts)

        return MemoryManager(config, embedder=Slow(), extractor=NameExtractor())

    return make


def main() -> None:
    from coda_graphmem import cli
    from coda_graphmem.cli.commands import serve

    serve._maker = maker
    cli.main()


if __name__ == "__main__":
    main()
