"""Adapters work with both managers, from both kinds of code, and say what is missing."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from coda_graphmem import MemoryManager, MissingPackageError, SyncMemoryManager, ValidationError
from coda_graphmem.integrations.calls import Calls
from coda_graphmem.integrations.packages import needed

ADAPTERS = {
    "langchain": ("langchain_core", "langchain-core"),
    "langgraph": ("langgraph", "langgraph-checkpoint"),
    "openai-agents": ("agents", "openai-agents"),
    "anthropic": ("anthropic", "anthropic"),
    "pydantic-ai": ("pydantic_ai", "pydantic-ai-slim"),
    "llama-index": ("llama_index.core", "llama-index-core"),
}
FRAMEWORKS = {"langchain_core", "langgraph", "agents", "anthropic", "pydantic_ai", "llama_index"}


async def _count(memory: MemoryManager) -> int:
    await memory.store_memory("Nora rows")
    return await memory.count()


async def test_an_asynchronous_memory_is_awaited(plain: MemoryManager) -> None:
    assert await Calls(plain).awaited(_count) == 1


async def test_a_synchronous_memory_does_not_block_the_loop(waiting: SyncMemoryManager) -> None:
    assert await Calls(waiting).awaited(_count) == 1
    assert Calls(waiting).waited_for(_count) == 2  # its loop is another one


async def test_an_asynchronous_memory_is_not_waited_for_in_its_own_loop(plain: MemoryManager) -> None:
    with pytest.raises(ValidationError, match="Await the asynchronous method") as error:
        Calls(plain).waited_for(_count)
    assert error.value.field == "memory"
    assert await asyncio.to_thread(Calls(plain).waited_for, _count) == 1


def test_both_memories_are_waited_for_without_a_loop(waiting: SyncMemoryManager) -> None:
    assert Calls(waiting).waited_for(_count) == 1


def test_what_is_no_memory_is_refused() -> None:
    with pytest.raises(ValidationError, match="SyncMemoryManager") as error:
        Calls(object())  # type: ignore[arg-type]
    assert error.value.field == "memory"


def test_a_missing_package_names_the_extra() -> None:
    with (
        pytest.raises(MissingPackageError, match=r'pip install "coda-graphmem\[some\]"') as error,
        needed("p", extra="some"),
    ):
        import no_such_package  # noqa: F401
    assert isinstance(error.value, ImportError)
    assert "is not installed" in str(error.value)
    with pytest.raises(MissingPackageError, match="version that does not fit"), needed("p", extra="some"):
        from json import no_such_name  # noqa: F401


@pytest.mark.parametrize("extra", ADAPTERS)
def test_an_adapter_without_its_framework_says_which_extra_it_needs(extra: str) -> None:
    module, package = ADAPTERS[extra]
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        f"import coda_graphmem\n"
        f"try:\n    import coda_graphmem.integrations.{extra.replace('-', '_')}\n"
        f"except coda_graphmem.MissingPackageError as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f'pip install "coda-graphmem[{extra}]"' in run.stdout
    assert run.stdout.startswith(f"{package}: ")


def test_no_framework_is_imported_unasked() -> None:
    code = f"import sys, coda_graphmem.integrations.calls\nprint(*sorted({FRAMEWORKS!r} & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_pyproject_has_every_extra() -> None:
    import tomllib
    from pathlib import Path

    text = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    extras = tomllib.loads(text)["project"]["optional-dependencies"]
    for extra, (_, package) in ADAPTERS.items():
        assert any(requirement.startswith(package) for requirement in extras[extra])
