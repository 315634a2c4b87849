"""Memories that their tests work with: embedded, in folders that go at the end, on models that load nothing."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

from coda_graphmem import MemoryConfig, SyncMemoryManager
from tests_outside.ecosystem import ROOT

# By its file: the tests of others may be a package ``tests`` as well.
_spec = importlib.util.spec_from_file_location("outside_fakes", ROOT / "tests" / "fakes.py")
assert _spec is not None
assert _spec.loader is not None
_fakes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_fakes)

WordEmbedder = _fakes.WordEmbedder
NameExtractor = _fakes.NameExtractor


def opened(folder: Path | None = None) -> SyncMemoryManager:
    """An open memory, in a new folder unless one is named."""
    folder = folder or Path(tempfile.mkdtemp(prefix="outside-"))
    config = MemoryConfig(vector_store={"persist_directory": folder})
    memory = SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor())
    memory.initialize(warm_up=False, maintain=False)
    return memory
