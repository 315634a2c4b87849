"""Learns from what is said: keeps facts, grows surer of what helped, doubts what did not."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from coda_graphmem.conditions import holds
from coda_graphmem.facts.reader import FactReader, Words
from coda_graphmem.facts.values import USER
from coda_graphmem.importance import explain
from coda_graphmem.language.repeats import repeat_form
from coda_graphmem.language.roles import is_user
from coda_graphmem.learning.auto import AutoLearning
from coda_graphmem.learning.feedback import Feedback, credit, damped, moved
from coda_graphmem.learning.novelty import Known, Novelty
from coda_graphmem.memories.access import RecentRecalls
from coda_graphmem.memories.draft import Draft, key_of, new_id
from coda_graphmem.memories.speakers import is_program
from coda_graphmem.memories.statements import StatementReading, words_of
from coda_graphmem.memories.writer import MemoryWriter
from coda_graphmem.models import (
    NOBODYS,
    AutoLearningSettings,
    ExtractedInfo,
    ImportanceExplanation,
    LearningResult,
    LinkKind,
    Memory,
    MemoryFilter,
    MemoryLink,
    MemoryType,
    Scope,
)
from coda_graphmem.resources import Resources
from coda_graphmem.store.protocol import MemoryChanges, Outcome

DEFAULT_THRESHOLD = 0.5
"""Importance from which a fact is kept where nobody says otherwise."""

ACTOR = "learning"
"""Who changes memories here, for their history."""

#: Memories of a conversation among which a turn is looked for, to know when it was said.
_LAST_TURNS = 20
#: What learning does to memories: lists of ids in `LearningResult`.
_CHANGES = ("stored", "strengthened", "weakened", "outdated")


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is learned from: where, when and by whom it was said."""

    conversation_id: str | None
    said_at: float
    """Seconds since the Unix epoch, UTC."""
    owner: Scope = NOBODYS
    """Whose memories come of it."""
    speaker: str = USER
    """What statements call whoever said it."""


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
        reading: Reads what is stored.
        reader: Finds facts in texts.
    """

    def __init__(
        self,
        resources: Resources,
        writer: MemoryWriter,
        recalls: RecentRecalls,
        reading: StatementReading,
        reader: FactReader,
    ) -> None:
        self._resources = resources
        self._writer = writer
        self._recalls = recalls
        self._reading = reading
        self._novelty = Novelty(resources)
        self.reader = reader
        self.auto = AutoLearning(resources, self.observe)

    # ------------------------------------------------------------------ looking at text

    async def extract(self, text: str, types: Collection[str] | None, subject: str = USER) -> list[ExtractedInfo]:
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
        self,
        namespace: str,
        user_input: str,
        assistant_response: str,
        feedback: Feedback,
        conversation_id: str | None,
        *,
        subject: str = USER,
        said_at: float | None = None,
        scope: Scope = NOBODYS,
    ) -> LearningResult:
        """Learn from one turn.

        Args:
            user_input: What the user said: its facts are kept.
            assistant_response: What was answered: recalled memories it takes up get more of the feedback.
            feedback: What the user thought of it.
            conversation_id: Where it was said, if known.
            subject: What statements call whoever said it.
            said_at: When (seconds, UTC); None for the time of the turn where its conversation holds it, else for now.
            scope: Whose memories are made, strengthened and compared with.
        """
        if said_at is None:
            said_at = await self._said_at(namespace, user_input, conversation_id)
        settings = await self._settings(namespace, conversation_id)
        recalled = self._recalls.take(namespace, conversation_id)
        tally = _Tally()
        if feedback.signal:
            for memory in await self._resources.store.records.get(namespace, recalled):
                if scope and not holds(scope.condition, memory):
                    continue
                earlier = self._recalls.judged(namespace, memory.memory_id)
                step = damped(settings.learning_rate, credit(memory.content, assistant_response), earlier)
                await self._move(namespace, memory, moved(memory.importance_score, feedback.signal, step), tally)
        turn = _Turn(conversation_id, said_at, scope, USER if is_user(subject) else subject)
        tally.extracted = infos = await self.extract(user_input, None, turn.speaker)
        await self._keep(namespace, infos, turn, settings, tally)
        if feedback.correction is not None:
            await self._correct(namespace, feedback.correction, turn, settings, tally, correctable=recalled)
        await self._add_settled(namespace, tally)
        return self._finish(namespace, tally)

    async def observe(
        self,
        namespace: str,
        conversation_id: str,
        speaker: str | None,
        text: str,
        *,
        said_at: float | None = None,
        besides: Collection[str] = (),
        owner: Scope = NOBODYS,
    ) -> LearningResult:
        """Learn from a message of a conversation, if automatic learning is on for it.

        Args:
            speaker: Role or name of who said it. None and ``user`` are the user, assistants and programs
                (``assistant``, ``ChatGPT``, ``system``) say nothing of users, and a name is what statements call the
                speaker; see `coda_graphmem.language.roles`.
            said_at: When it was said (seconds, UTC); None for now.
            besides: Memories that hold this very message.
            owner: Whose memories come of it.
        """
        name = (speaker or USER).strip()
        settings = await self.auto.settings(namespace, conversation_id)
        if settings is None or await is_program(self._resources.store, namespace, name):
            return LearningResult()
        subject = USER if is_user(name) else name
        tally = _Tally(extracted=await self.extract(text, None, subject))
        said = " ".join(text.casefold().split()).rstrip(".")
        new = [info for info in tally.extracted if info.content.casefold().rstrip(".") != said]
        turn = _Turn(conversation_id, self._resources.clock() if said_at is None else said_at, owner, subject)
        await self._keep(namespace, new, turn, settings, tally, besides=besides)
        return self._finish(namespace, tally)

    # ------------------------------------------------------------------ helpers

    async def _said_at(self, namespace: str, text: str, conversation_id: str | None) -> float:
        """When a turn was said: as its conversation has it, where it is kept there, else now."""
        now = self._resources.clock()
        if conversation_id is None:
            return now
        where = MemoryFilter(conversation_id=conversation_id, lifetime="any")
        latest = await self._resources.store.records.find(namespace, where, limit=_LAST_TURNS, now=now)
        form = repeat_form(text)
        return next((memory.timestamp for memory in latest if repeat_form(memory.content) == form), now)

    async def _add_settled(self, namespace: str, tally: _Tally) -> None:
        """Add what does not hold any more by what was just stored, as the facts of both say."""
        if not tally.stored:
            return
        await self._reading.settled(namespace)
        for old in await self._resources.store.facts.outdated(namespace, tally.stored):
            if old.superseded_by in tally.stored and old.memory_id not in tally.stored:
                tally.outdated.append(old.memory_id)

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
        changes = MemoryChanges(importance_score=importance, updated_at=self._resources.clock(), actor=ACTOR)
        if await self._resources.store.records.update(namespace, memory.memory_id, changes):
            grown = importance > memory.importance_score
            (tally.strengthened if grown else tally.weakened).append(memory.memory_id)

    async def _keep(
        self,
        namespace: str,
        infos: Sequence[ExtractedInfo],
        turn: _Turn,
        settings: AutoLearningSettings,
        tally: _Tally,
        *,
        besides: Collection[str] = (),
    ) -> None:
        """Store what is worth it and new, and strengthen what was said again."""
        for draft in _drafts(infos, turn, settings.importance_threshold):
            known = await self._novelty.compare(namespace, _as_memory(draft, turn.said_at), besides=besides)
            await self._keep_one(namespace, draft, known, settings.learning_rate, tally)

    async def _keep_one(self, namespace: str, draft: Draft, known: Known, rate: float, tally: _Tally) -> str:
        if known.same_id is not None and not known.outdated and not known.outdated_by:
            for memory in await self._resources.store.records.get(namespace, [known.same_id]):
                return await self._repeat(namespace, memory, draft, rate, tally)
        [stored] = await self._writer.record(namespace, [draft])
        new = stored.memory_id
        (tally.stored if stored.outcome is Outcome.CREATED else tally.strengthened).append(new)
        links = [_outdating(v.first_id, new, v.similarity, v.reason) for v in known.outdated]
        links += [_outdating(new, v.second_id, v.similarity, v.reason) for v in known.outdated_by]
        await self._outdate(namespace, links, tally)
        return new

    async def _repeat(self, namespace: str, memory: Memory, draft: Draft, rate: float, tally: _Tally) -> str:
        """Let a memory be said again, in whatever words, at the time of the draft."""
        again = Draft(
            memory.content,
            memory.memory_type,
            {name: memory.metadata[name] for name in ("speaker",) if name in memory.metadata},
            importance_score=memory.importance_score,
            conversation_id=draft.conversation_id,
            timestamp=draft.timestamp,
            owner=draft.owner,
        )
        if not self._resources.config.deduplicate or key_of(again) is None:
            await self._move(namespace, memory, moved(memory.importance_score, 1.0, rate), tally)
            return memory.memory_id
        [stored] = await self._writer.record(namespace, [again], reinforcement=rate)
        (tally.stored if stored.outcome is Outcome.CREATED else tally.strengthened).append(stored.memory_id)
        return stored.memory_id

    async def _correct(
        self,
        namespace: str,
        correction: str,
        turn: _Turn,
        settings: AutoLearningSettings,
        tally: _Tally,
        *,
        correctable: Sequence[str],
    ) -> None:
        """Keep a correction, whatever its importance, and let it replace what it corrects.

        That is what it speaks against or, where no rule finds that, the nearest of the recalled memories, unless that
        tells of somebody else. It is as if the user had said by hand that the one takes the place of the other.
        """
        infos = await self.extract(correction, None, turn.speaker)
        drafts = _drafts(infos, turn, 0.0) or [
            Draft(
                correction,
                MemoryType.SEMANTIC,
                # These are words and no statement: whose they are has to be said.
                {"learned": True} | ({} if turn.speaker == USER else {"speaker": turn.speaker}),
                conversation_id=turn.conversation_id,
                timestamp=turn.said_at,
                owner=turn.owner,
            )
        ]
        for draft in drafts:
            known = await self._novelty.compare(namespace, _as_memory(draft, turn.said_at), correctable=correctable)
            before = len(tally.outdated)
            new = await self._keep_one(namespace, draft, known, settings.learning_rate, tally)
            corrected = [old for old in tally.outdated[before:] if old in correctable]
            nearest = known.nearest_id
            if (
                len(tally.outdated) == before
                and nearest is not None
                and nearest != new
                and not await self._tells_of_others(namespace, nearest, draft, turn)
            ):
                link = _outdating(nearest, new, known.nearest_similarity, "corrected")
                await self._outdate(namespace, [link], tally)
                corrected = [nearest]
            for old in corrected:
                await self._supersede(namespace, old, new, turn.said_at)

    async def _tells_of_others(self, namespace: str, old: str, draft: Draft, turn: _Turn) -> bool:
        """Whether a memory tells of others than a correction does; False where one of the two tells of nobody."""
        for memory in await self._resources.store.records.get(namespace, [old]):
            said = [Words(draft.content, turn.speaker, turn.said_at), words_of(memory)]
            new, before = await asyncio.to_thread(self.reader.statements_of, said)
            return bool(new and before) and {s.subject_key for s in new}.isdisjoint(s.subject_key for s in before)
        return False

    async def _supersede(self, namespace: str, old: str, new: str, said_at: float) -> None:
        if old == new:
            return
        done = await self._resources.store.facts.set_standing(
            namespace, old, "superseded", at=said_at, superseded_by=new, actor=ACTOR, now=self._resources.clock()
        )
        if done:
            self._resources.events.emit("superseded", namespace, [old], details={"superseded_by": new})

    async def _outdate(self, namespace: str, found: Iterable[MemoryLink], tally: _Tally) -> None:
        now = self._resources.clock()
        links = [link.model_copy(update={"created_at": now}) for link in found if link.source_id != link.target_id]
        if links:
            await self._resources.store.links.save_links(namespace, links)
            tally.outdated += [link.source_id for link in links]


def _as_memory(draft: Draft, said_at: float) -> Memory:
    return Memory(
        memory_id=new_id(),
        content=draft.content,
        memory_type=draft.memory_type,
        timestamp=said_at,
        importance_score=draft.importance_score or 0.0,
        metadata=draft.metadata,
        **draft.owner.ids,
    )


def _outdating(old: str, new: str, similarity: float, reason: str | None) -> MemoryLink:
    """A link that says that one memory may be outdated by another; when it is made is for the caller to say."""
    return MemoryLink(
        source_id=old,
        target_id=new,
        kind=LinkKind.POSSIBLY_OUTDATED_BY,
        score=min(max(similarity, -1.0), 1.0),
        guard="update",
        reason=reason,
        created_at=0.0,
    )


def _drafts(infos: Iterable[ExtractedInfo], turn: _Turn, threshold: float) -> list[Draft]:
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
                    conversation_id=turn.conversation_id,
                    timestamp=turn.said_at,
                    owner=turn.owner,
                )
            )
    return drafts
