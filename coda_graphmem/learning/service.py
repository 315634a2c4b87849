"""Learns from what is said: keeps facts, grows surer of what helped, doubts what did not."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from coda_graphmem.facts.reader import FactReader
from coda_graphmem.importance import explain
from coda_graphmem.language.roles import USERS, is_assistant, is_silent, is_user, may_be_person
from coda_graphmem.learning.auto import AutoLearning
from coda_graphmem.learning.feedback import Feedback, credit, damped, moved
from coda_graphmem.learning.novelty import Known, Novelty
from coda_graphmem.memories.access import RecentRecalls
from coda_graphmem.memories.draft import Draft, new_id
from coda_graphmem.memories.writer import MemoryWriter
from coda_graphmem.models import (
    AutoLearningSettings,
    ExtractedInfo,
    ImportanceExplanation,
    LearningResult,
    LinkKind,
    Memory,
    MemoryLink,
    MemoryType,
)
from coda_graphmem.resources import Resources
from coda_graphmem.store.protocol import MemoryChanges, Outcome

DEFAULT_THRESHOLD = 0.5
"""Importance from which a fact is kept where nobody says otherwise."""

#: What the user is called where nobody says whose words they are.
_USER = "User"
#: What learning does to memories: lists of ids in `LearningResult`.
_CHANGES = ("stored", "strengthened", "weakened", "outdated")


@dataclass(slots=True)
class _Tally:
    """What changed so far."""

    stored: list[str] = field(default_factory=list)
    strengthened: list[str] = field(default_factory=list)
    weakened: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)
    extracted: list[ExtractedInfo] = field(default_factory=list)

    def result(self) -> LearningResult:
        return LearningResult(
            **{name: list(dict.fromkeys(getattr(self, name))) for name in _CHANGES}, extracted=self.extracted
        )


class LearningService:
    """Extracts facts, stores them, and applies feedback.

    Args:
        recalls: What was recalled for the present turns.
        reader: Finds facts in texts.
    """

    def __init__(self, resources: Resources, writer: MemoryWriter, recalls: RecentRecalls, reader: FactReader) -> None:
        self._resources = resources
        self._writer = writer
        self._recalls = recalls
        self._novelty = Novelty(resources)
        self.reader = reader
        self.auto = AutoLearning(resources, self.observe)

    # ------------------------------------------------------------------ looking at text

    async def extract(self, text: str, types: Collection[str] | None, subject: str = _USER) -> list[ExtractedInfo]:
        """Find facts about the user in a text, off the event loop.

        Args:
            text: English text, in the words of the user.
            types: Only these types of information; None for all.
            subject: What statements call the user.

        Returns:
            Facts in the order of the text.
        """
        return await asyncio.to_thread(self.reader.read, text, subject, types)

    async def explain_importance(self, text: str, memory_type: MemoryType) -> ImportanceExplanation:
        """The parts of the importance a memory of this text would get."""
        [mentions] = await self._resources.extraction.extract([text], [None], [None])
        return explain(text, memory_type, mentions)

    # ------------------------------------------------------------------ interactions

    async def learn(
        self, namespace: str, user_input: str, assistant_response: str, feedback: Feedback, conversation_id: str | None
    ) -> LearningResult:
        """Learn from one turn.

        Args:
            user_input: What the user said: its facts are kept.
            assistant_response: What was answered: recalled memories it takes up get more of the feedback.
            feedback: What the user thought of it.
            conversation_id: Where it was said, if known.
        """
        settings = await self._settings(namespace, conversation_id)
        recalled = self._recalls.take(namespace, conversation_id)
        tally = _Tally()
        if feedback.signal:
            for memory in await self._resources.store.records.get(namespace, recalled):
                earlier = self._recalls.judged(namespace, memory.memory_id)
                step = damped(settings.learning_rate, credit(memory.content, assistant_response), earlier)
                await self._move(namespace, memory, moved(memory.importance_score, feedback.signal, step), tally)
        infos = await self.extract(user_input, None)
        tally.extracted = infos
        await self._keep(namespace, infos, conversation_id, settings, tally)
        if feedback.correction is not None:
            await self._correct(namespace, feedback.correction, conversation_id, settings, tally, correctable=recalled)
        return self._finish(namespace, tally)

    async def observe(
        self, namespace: str, conversation_id: str, speaker: str | None, text: str, *, besides: Collection[str] = ()
    ) -> LearningResult:
        """Learn from a message of a conversation, if automatic learning is on for it.

        Args:
            speaker: Role or name of who said it. None and ``user`` are the user, assistants and programs
                (``assistant``, ``ChatGPT``, ``system``) say nothing of users, and a name is what statements call the
                speaker; see `coda_graphmem.language.roles`.
            besides: Memories that hold this very message.
        """
        name = (speaker or _USER).strip()
        settings = await self.auto.settings(namespace, conversation_id)
        if settings is None or await self._is_program(namespace, name):
            return LearningResult()
        subject = _USER if is_user(name) else name
        tally = _Tally(extracted=await self.extract(text, None, subject))
        said = " ".join(text.casefold().split()).rstrip(".")
        new = [info for info in tally.extracted if info.content.casefold().rstrip(".") != said]
        await self._keep(namespace, new, conversation_id, settings, tally, besides=besides)
        return self._finish(namespace, tally)

    # ------------------------------------------------------------------ helpers

    async def _is_program(self, namespace: str, name: str) -> bool:
        """Whether no person speaks. A name that people have as well is told by whether a user speaks beside it."""
        if not may_be_person(name):
            return is_silent(name) or is_assistant(name)
        users = [form for word in sorted(USERS) for form in (word, word.capitalize())]
        return is_assistant(name, await self._resources.store.graph.find_speakers(namespace, users))

    def _finish(self, namespace: str, tally: _Tally) -> LearningResult:
        """Emit events of what changed, and give the result."""
        result = tally.result()
        if result.changed:
            groups = {name: getattr(result, name) for name in _CHANGES}
            ids = list(dict.fromkeys(i for group in groups.values() for i in group))
            self._resources.events.emit(
                "learned", namespace, ids, details={name: len(group) for name, group in groups.items()}
            )
        if result.stored:
            self._resources.events.emit("stored", namespace, result.stored, details={"created": len(result.stored)})
        return result

    async def _settings(self, namespace: str, conversation_id: str | None) -> AutoLearningSettings:
        found = await self.auto.settings(namespace, conversation_id)
        return found or AutoLearningSettings(
            learning_rate=self._resources.config.learning_rate, importance_threshold=DEFAULT_THRESHOLD
        )

    async def _move(self, namespace: str, memory: Memory, importance: float, tally: _Tally) -> None:
        if importance == memory.importance_score:
            return
        changes = MemoryChanges(importance_score=importance, updated_at=self._resources.clock())
        if await self._resources.store.records.update(namespace, memory.memory_id, changes):
            grown = importance > memory.importance_score
            (tally.strengthened if grown else tally.weakened).append(memory.memory_id)

    async def _keep(
        self,
        namespace: str,
        infos: Sequence[ExtractedInfo],
        conversation_id: str | None,
        settings: AutoLearningSettings,
        tally: _Tally,
        *,
        besides: Collection[str] = (),
    ) -> None:
        """Store what is worth it and new, and strengthen what was said again."""
        for draft in _drafts(infos, conversation_id, settings.importance_threshold):
            known = await self._novelty.compare(namespace, self._as_memory(draft), besides=besides)
            await self._keep_one(namespace, draft, known, settings.learning_rate, tally)

    async def _keep_one(self, namespace: str, draft: Draft, known: Known, rate: float, tally: _Tally) -> str:
        if known.same_id is not None and not known.outdated:
            for memory in await self._resources.store.records.get(namespace, [known.same_id]):
                await self._move(namespace, memory, moved(memory.importance_score, 1.0, rate), tally)
                return memory.memory_id
        [stored] = await self._writer.record(namespace, [draft])
        (tally.stored if stored.outcome is Outcome.CREATED else tally.strengthened).append(stored.memory_id)
        await self._outdate(
            namespace, stored.memory_id, [(v.first_id, v.similarity, v.reason) for v in known.outdated], tally
        )
        return stored.memory_id

    async def _correct(
        self,
        namespace: str,
        correction: str,
        conversation_id: str | None,
        settings: AutoLearningSettings,
        tally: _Tally,
        *,
        correctable: Sequence[str],
    ) -> None:
        """Keep a correction, whatever its importance, and outdate what it corrects.

        That is what it speaks against or, where no rule finds that, the nearest of the recalled memories.
        """
        infos = await self.extract(correction, None)
        drafts = _drafts(infos, conversation_id, 0.0) or [
            Draft(correction, MemoryType.SEMANTIC, {"learned": True}, conversation_id=conversation_id)
        ]
        for draft in drafts:
            known = await self._novelty.compare(namespace, self._as_memory(draft), correctable=correctable)
            before = len(tally.outdated)
            new = await self._keep_one(namespace, draft, known, settings.learning_rate, tally)
            if len(tally.outdated) == before and known.nearest_id not in (None, new):
                assert known.nearest_id is not None
                await self._outdate(namespace, new, [(known.nearest_id, known.nearest_similarity, "corrected")], tally)

    async def _outdate(
        self, namespace: str, new: str, older: Sequence[tuple[str, float, str | None]], tally: _Tally
    ) -> None:
        links = [
            MemoryLink(
                source_id=old,
                target_id=new,
                kind=LinkKind.POSSIBLY_OUTDATED_BY,
                score=min(max(similarity, -1.0), 1.0),
                guard="update",
                reason=reason,
                created_at=self._resources.clock(),
            )
            for old, similarity, reason in older
            if old != new
        ]
        if links:
            await self._resources.store.links.save_links(namespace, links)
            tally.outdated += [link.source_id for link in links]

    def _as_memory(self, draft: Draft) -> Memory:
        return Memory(
            memory_id=new_id(),
            content=draft.content,
            memory_type=draft.memory_type,
            timestamp=self._resources.clock(),
            importance_score=draft.importance_score or 0.0,
            metadata=draft.metadata,
        )


def _drafts(infos: Iterable[ExtractedInfo], conversation_id: str | None, threshold: float) -> list[Draft]:
    """One memory for each statement; several facts in one statement are one memory."""
    by_content: dict[str, list[ExtractedInfo]] = {}
    for info in infos:
        by_content.setdefault(info.content, []).append(info)
    drafts = []
    for content, group in by_content.items():
        best = max(group, key=lambda info: info.importance_score)
        if best.importance_score >= threshold:
            drafts.append(
                Draft(
                    content,
                    best.suggested_type,
                    {"learned": True, "facts": [{"type": i.info_type, "value": i.value} for i in group]},
                    importance_score=best.importance_score,
                    conversation_id=conversation_id,
                )
            )
    return drafts
