"""The command that says what is installed, which store and model are used, and what is wrong: ``doctor``."""

import os
import platform
import shlex
import stat
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import GraphMemoryError

#: Packages that a memory works with, as the package index names them.
PACKAGES = (
    "coda-graphmem",
    "neo4j",
    "networkx",
    "spacy",
    "sentence-transformers",
    "onnxruntime",
    "apscheduler",
    "pydantic",
    "chromadb",
)
_MARKS = {"ok": "✓", "note": "·", "warning": "!", "problem": "✗"}
_STYLES = {"ok": "green", "note": "dim", "warning": "yellow", "problem": "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    about: str
    state: str
    """``ok``, ``note``, ``warning`` (it may be meant so) or ``problem``."""
    text: str
    remedy: str | None = None


async def doctor(
    settings: Settings,
    *,
    models: Annotated[bool, typer.Option(help="Whether the files of the models are checked as well.")] = True,
    as_json: AsJson = False,
) -> None:
    """Say what is installed, which store and which models are used, what is wrong and what to do about it.

    The exit code is 1 where something is wrong; files that others may read are a warning. Nothing is changed, and no
    store is made where there is none.
    """
    findings = [Finding("python", "ok", f"{platform.python_version()} at {sys.executable}"), *_modules(), *_packages()]
    config = None
    try:
        config = settings.config()
        findings.append(Finding("settings", "ok", f"{config.vector_store_type} store, namespace {config.namespace}"))
    except GraphMemoryError as error:
        findings.append(_problem("settings", error))
    if models:
        findings += _models(config)
    if config is not None:
        findings += await _store(config)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        _print_findings(findings)
    if any(finding.state == "problem" for finding in findings):
        raise typer.Exit(1)


def _modules() -> list[Finding]:
    """Parts of PYTHONPATH from which Python runs what others may have put there, before any program of ours begins."""
    from coda_graphmem.private_files import is_writable_by_others

    parts = os.environ.get("PYTHONPATH", "").split(os.pathsep) if os.environ.get("PYTHONPATH") else []
    remedy = "Let it name whole paths only, of folders that nobody else may write to."
    return [
        Finding("PYTHONPATH", "warning", f"Python runs modules of {part or '.'!r}, whoever put them there", remedy)
        for part in parts
        if not Path(part).is_absolute() or (Path(part).exists() and is_writable_by_others(Path(part)))
    ]


def _packages() -> list[Finding]:
    found = []
    for name in PACKAGES:
        try:
            found.append(Finding(name, "ok", metadata.version(name)))
        except metadata.PackageNotFoundError:
            missing = "not installed; only vector_store_type='chroma' needs it"
            found.append(
                Finding(name, "note", missing, "pip install 'coda-graphmem[chroma]'")
                if name == "chromadb"
                else Finding(name, "problem", "not installed", "Install coda-graphmem anew.")
            )
    return found


def _models(config: MemoryConfig | None) -> list[Finding]:
    from coda_graphmem.config import DEFAULT_MODEL
    from coda_graphmem.embedding.files import TOKENIZER, WEIGHTS
    from coda_graphmem.language.files import PACKAGE, model_folder

    name = DEFAULT_MODEL if config is None else config.embedding_model
    found = [_checked("entities", PACKAGE, model_folder)]
    if config is not None and not config.enable_semantic_search:
        found.append(Finding("embedding model", "note", "none: enable_semantic_search is off"))
    elif name.rpartition("/")[2] == DEFAULT_MODEL.rpartition("/")[2]:
        found.append(_checked("embedding model", f"{name}, {WEIGHTS.package}", WEIGHTS.read))
        found.append(_checked("tokenizer", TOKENIZER.package, TOKENIZER.read))
    else:
        found.append(Finding("embedding model", "note", f"{name}, loaded by sentence-transformers when first needed"))
    if config is not None and config.reranker is not None:
        told = f"{config.reranker}, loaded by sentence-transformers when first needed"
        found.append(Finding("reranker", "note", told))
    return found


def _checked(about: str, text: str, check: Callable[[], object]) -> Finding:
    try:
        check()
    except GraphMemoryError as error:
        return _problem(about, error)
    return Finding(about, "ok", f"{text}, files as expected")


async def _store(config: MemoryConfig) -> list[Finding]:
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.store.embedded.store import file_of

    if config.vector_store_type != "neo4j" and not file_of(config).exists():
        return [
            Finding("store", "note", f"nothing in {location(config)} yet", "It is made by the first memory stored.")
        ]
    memory = MemoryManager(config)
    try:
        await memory.initialize(warm_up=False)
        numbers = await memory.get_memory_stats()
        names = await memory.list_namespaces()
    except GraphMemoryError as error:
        return [_problem("store", error)]
    finally:
        await memory.cleanup()
    return [
        Finding("store", "ok", f"{location(config)}, {len(names):,} namespaces"),
        Finding("memories", "ok", f"{numbers.total_memories:,} in namespace {memory.namespace}"),
        *(() if config.vector_store_type == "neo4j" else _rights(file_of(config))),
    ]


def _rights(file: Path) -> list[Finding]:
    """What others on this machine may do with the files of a store. Whoever loosened a mode may have meant it."""
    from coda_graphmem.private_files import is_open_to_others, is_writable_by_others
    from coda_graphmem.store.embedded.database import beside

    found = []
    for path in (*beside(file), file.with_name("chroma")):
        if path.exists() and is_open_to_others(path):
            mode = stat.S_IMODE(path.stat().st_mode)
            text = f"others on this machine may use {path} (mode {mode:o})"
            found.append(
                Finding("rights", "warning", text, f"chmod go-rwx {shlex.quote(str(path))}, unless they should")
            )
    if is_writable_by_others(file.parent):
        text = f"others on this machine may put other files into {file.parent}, or another folder in its place"
        found.append(Finding("rights", "warning", text, "Take away their right to write there, unless they should."))
    return found


def _problem(about: str, error: GraphMemoryError) -> Finding:
    text = f"{error.field}: {error.message}" if error.field else error.message
    return Finding(about, "problem", text, error.remedy)


def _print_findings(findings: list[Finding]) -> None:
    width = max(len(finding.about) for finding in findings)
    for finding in findings:
        say(f"{_MARKS[finding.state]} {finding.about:{width}}  {finding.text}", style=_STYLES[finding.state])
        if finding.remedy:
            say(f"  {'':{width}}  → {finding.remedy}")
