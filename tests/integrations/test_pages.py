"""The programs on the frameworks' pages run, offline."""

from __future__ import annotations

import gc
import re
import warnings

import pytest

from tests.docs.blocks import PAGES, Page, blocks
from tests.integrations.frameworks import framework

pytestmark = pytest.mark.slow

#: What each page needs.
NEEDED = {
    "integrations/langchain.md": ("langchain_core", "langchain-core"),
    "integrations/langgraph.md": ("langgraph.store.base", "langgraph-checkpoint"),
    "integrations/openai-agents.md": ("agents", "openai-agents"),
    "integrations/anthropic.md": ("anthropic", "anthropic"),
    "integrations/pydantic-ai.md": ("pydantic_ai", "pydantic-ai-slim"),
    "integrations/llama-index.md": ("llama_index.core", "llama-index-core"),
}


@pytest.mark.parametrize("name", NEEDED)
def test_blocks_run_in_their_order(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    framework(*NEEDED[name])
    page = Page()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # frameworks warn of one another's versions
            for i, (kind, text) in enumerate(blocks(name)):
                if kind == "python":
                    page.python(text, f"{name}, block {i}")
            # Frameworks leave connections open, which would complain later.
            page.names.clear()
            gc.collect()
    finally:
        page.close()
    assert capsys.readouterr().out


def test_every_adapter_has_a_page_that_names_its_extra() -> None:
    pages = {name for name in PAGES if name.startswith("integrations/")} - {"integrations/index.md"}
    assert pages == NEEDED.keys()
    index = PAGES["integrations/index.md"].read_text(encoding="utf-8")
    for name in pages:
        [extra] = re.findall(r'pip install "coda-graphmem\[([\w-]+)\]"', PAGES[name].read_text(encoding="utf-8"))
        assert f"| `{extra}` |" in index
