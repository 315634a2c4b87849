"""Gathers what is known, what is relevant and what was said last, and makes a context of it."""

import time
from dataclasses import dataclass, field
from typing import SupportsIndex

from coda_graphmem.context.assembly import Material, Plan, assemble
from coda_graphmem.context.page import Tokenizer
from coda_graphmem.errors import ValidationError
from coda_graphmem.facts.profile import profile_line
from coda_graphmem.language.tokens import estimated_tokens
from coda_graphmem.memories.conversations import ConversationService
from coda_graphmem.memories.facts import FactService
from coda_graphmem.models import NOBODYS, Context, Memory, MemoryFilter, ProfileLine, Scope, Validity
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.query import Query
from coda_graphmem.retrieval.service import RetrievalService
from coda_graphmem.retrieval.succession import asked_time
from coda_graphmem.threads import aside

#: Tokens that a short memory takes: so many memories are looked for that these would fill the budget.
_SHORT = 12
_FEWEST, _MOST = 10, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRequest:
    """What a context is wanted of."""

    namespace: str
    scope: Scope = NOBODYS
    """Whose profile, memories and turns alone; nobody's for all."""
    plan: Plan
    query: str | None = None
    conversation_id: str | None = None
    subject: str = "User"
    limit: int | None = None
    """Memories that are looked for at most; None for as many as there may be room for."""
    max_turns: int = 10
    min_relevance: float = 0.0
    where: MemoryFilter = field(default_factory=MemoryFilter)
    """What memories that are looked for must match."""
    validity: Validity | None = None
    as_of: float | None = None
    count_recall: bool = True
    tokenizer: Tokenizer | None = None
    """None for the estimate."""


class ContextService:
    """Makes contexts.

    Args:
        resources: The clock.
        retrieval: Finds what is relevant.
        conversations: Reads what was said last.
        facts: Tells what is known.
    """

    def __init__(
        self,
        resources: Resources,
        retrieval: RetrievalService,
        conversations: ConversationService,
        facts: FactService,
    ) -> None:
        self._resources = resources
        self._retrieval = retrieval
        self._conversations = conversations
        self._facts = facts

    async def build(self, request: ContextRequest) -> Context:
        """The context that fits; what of it a search found counts as recalled, unless the request says otherwise.

        Raises:
            ValidationError: The tokenizer gives something else than a number.
        """
        started = time.perf_counter()
        now = self._resources.clock() if request.as_of is None else request.as_of
        found = await self._found(request)
        material = Material(
            subject=request.subject,
            as_of=now,
            query=request.query,
            profile=await self._profile(request),
            found=found,
            facts=await self._said(request, found),
            turns=await self._turns(request),
            keeps_outdated=_keeps_outdated(request, now),
        )
        size = sum(len(memory.content) for memory in (*material.found, *material.turns))
        context = await aside(size, assemble, material, request.plan, _counting(request.tokenizer))
        if request.query is not None and request.count_recall:
            used = {item.memory_ids[0] for item in context.items if item.kind == "memory"}
            recalled = [memory for memory in found if memory.memory_id in used]
            seconds = time.perf_counter() - started
            self._retrieval.recalled(request.namespace, recalled, seconds, request.conversation_id)
        return context

    async def _profile(self, request: ContextRequest) -> list[ProfileLine]:
        if "profile" not in request.plan.sections:
            return []
        known = await self._facts.profile(
            request.namespace, request.subject, as_of=request.as_of, max_tokens=None, scope=request.scope
        )
        return known.lines

    async def _found(self, request: ContextRequest) -> list[Memory]:
        if request.query is None or "memories" not in request.plan.sections:
            return []
        enough = min(_MOST, max(_FEWEST, request.plan.max_tokens // _SHORT))
        query = Query(
            namespace=request.namespace,
            scope=request.scope,
            text=request.query,
            where=request.where,
            limit=enough if request.limit is None else request.limit,
            min_relevance=request.min_relevance,
            validity=request.validity,
            as_of=request.as_of,
            # What repeats is left out by `assemble`, which says so.
            diverse=False,
        )
        return await self._retrieval.retrieve(query, count_recall=False)

    async def _said(self, request: ContextRequest, found: list[Memory]) -> list[ProfileLine]:
        """What holds by the memories that were found, as lines."""
        if not found:
            return []
        ids = {memory.memory_id for memory in found}
        facts = await self._facts.facts(request.namespace, None, None, as_of=request.as_of, scope=request.scope)
        lines = (profile_line(fact) for fact in facts if not ids.isdisjoint(fact.memory_ids))
        return [line for line in lines if line is not None]

    async def _turns(self, request: ContextRequest) -> list[Memory]:
        if request.conversation_id is None or "turns" not in request.plan.sections:
            return []
        return await self._conversations.context(
            request.namespace,
            request.conversation_id,
            request.max_turns,
            as_of=request.as_of,
            own=request.scope.condition if request.scope else None,
        )


def _keeps_outdated(request: ContextRequest, now: float) -> bool:
    """Whether a question is after anything else than what holds."""
    if request.query is None:
        return False
    asked = asked_time(request.validity, request.query, now)
    return asked is None or asked.wish != "current"


def _counting(tokenizer: Tokenizer | None) -> Tokenizer:
    """The tokenizer, whose numbers are checked, or the estimate."""
    if tokenizer is None:
        return estimated_tokens

    def count(text: str) -> int:
        tokens = tokenizer(text)
        # Also whole numbers of NumPy.
        if isinstance(tokens, bool) or not isinstance(tokens, SupportsIndex) or int(tokens) < 0:
            # Of what is no number only the type: it may hold the text.
            given = int(tokens) if isinstance(tokens, SupportsIndex) else type(tokens).__name__
            raise ValidationError(
                f"gave {given}, and not how many tokens a text takes.",
                field="tokenizer",
                remedy="Pass a function such as lambda text: len(encoding.encode(text)).",
            )
        return int(tokens)

    return count
