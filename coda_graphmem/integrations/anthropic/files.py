"""Files of which each is a memory: its text is the content, its path stands in the metadata."""

import hashlib
import itertools
import uuid
from dataclasses import dataclass
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.integrations.verbatim import is_sayable, read, sayable, written
from coda_graphmem.manager import MemoryManager
from coda_graphmem.models import Memory, MemoryType, MetadataValue
from coda_graphmem.validation.limits import MAX_LIMIT

KEEPER = "claude-memory-tool"
"""What stands as ``kept_by`` in the metadata of a file."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is kept."""

    path: str
    text: str
    memory: Memory


async def listed(memory: MemoryManager, path: str | None = None) -> dict[str, File]:
    """Files by path, those too that were merged with others or set aside.

    Args:
        memory: Where they are.
        path: Only the file of this path; None for all.
    """
    wanted: dict[str, MetadataValue] = {"kept_by": KEEPER}
    if path is not None:
        wanted["path"] = path
    found: dict[str, File] = {}
    for archived in (True, False):
        passed, size = 0, MAX_LIMIT
        while size == MAX_LIMIT:
            page = await memory.list_memories(size, passed, metadata=wanted, archived=archived)
            size = len(page)
            passed += size
            for one in page:
                # A merged memory has the metadata of a file, and another id.
                if one.metadata["file_id"] == one.memory_id and _is_newer(one, found.get(one.metadata["path"])):
                    found[one.metadata["path"]] = File(one.metadata["path"], _text(one), one)
    return found


async def create(memory: MemoryManager, path: str, text: str) -> bool:
    """Keep a new file. False where there is one of this path, made meanwhile by somebody else."""
    name = hashlib.sha256(path.encode()).hexdigest()[:32]
    for number in itertools.count():
        # The id follows from the path, so that of several at the same time only one can make the file.
        memory_id = f"file-{name}-{number}"
        try:
            await _keep(memory, path, text, memory_id)
        except ValidationError as error:
            if error.field != "memory_id":
                raise
            holder = await memory.get_memory(memory_id)
            if holder is not None and holder.metadata.get("path") == path:
                return False
            continue  # a file that was moved away has the id
        break
    return True


async def change(memory: MemoryManager, file: File, text: str) -> None:
    """Give a file another text; what it was before is kept as its history.

    Raises:
        MemoryStorageError: Somebody else has changed it since it was read.
    """
    before = file.memory
    if before.consolidated_into is not None:
        # A merged memory says for it what it said: that ends with the original.
        await _keep(memory, file.path, text, f"file-{uuid.uuid4().hex}")
        await memory.delete_memory(before.memory_id)
        return
    await memory.update_memory(
        before.memory_id,
        _content(text),
        _metadata(file.path, text, before.memory_id),
        expected_version=before.version,
        actor=KEEPER,
    )
    if before.archived_at is not None:
        await memory.unarchive_memories([before.memory_id])


async def move(memory: MemoryManager, file: File, path: str) -> None:
    """Give a file another path."""
    metadata = _metadata(path, file.text, file.memory.memory_id)
    await memory.update_memory(file.memory.memory_id, metadata=metadata, actor=KEEPER)


async def _keep(memory: MemoryManager, path: str, text: str, memory_id: str) -> None:
    # What differs every time, so that nothing is taken for a repetition.
    metadata = {**_metadata(path, text, memory_id), "made": uuid.uuid4().hex}
    await memory.store_memory(_content(text), MemoryType.SEMANTIC, metadata, memory_id=memory_id)


def _metadata(path: str, text: str, memory_id: str) -> dict[str, Any]:
    exact = {} if is_sayable(text) else {"text": written(text, "text")}
    return {"path": path, "kept_by": KEEPER, "file_id": memory_id, **exact}


def _content(text: str) -> str:
    return sayable(text, "(an empty file)")


def _text(memory: Memory) -> str:
    exact = memory.metadata.get("text")
    return memory.content if exact is None else str(read(exact))


def _is_newer(memory: Memory, than: File | None) -> bool:
    return than is None or _age(memory) > _age(than.memory)


def _age(memory: Memory) -> tuple[float, str]:
    return memory.created_at or 0.0, memory.memory_id
