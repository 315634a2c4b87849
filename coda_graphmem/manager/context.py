"""The call that makes the text that belongs into a prompt."""

from coda_graphmem.boundary import operation
from coda_graphmem.context.assembly import Plan
from coda_graphmem.context.service import ContextRequest
from coda_graphmem.errors import MemoryRetrievalError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import Context, Validity
from coda_graphmem.validation.checked import seconds_of
from coda_graphmem.validation.types import (
    Id,
    Kinds,
    Limit,
    MetadataFilter,
    Moment,
    QueryText,
    Sections,
    TokenBudget,
    TokenCounter,
    Unit,
)
from coda_graphmem.where import Where


class Contexts(ManagerCore):
    """Makes texts for prompts."""

    @operation(MemoryRetrievalError, scoped=True)
    async def build_context(
        self,
        query: QueryText | None = None,
        conversation_id: Id | None = None,
        max_tokens: TokenBudget = 1000,
        *,
        subject: Id = "User",
        limit: Limit | None = None,
        max_turns: Limit = 10,
        min_relevance: Unit | None = None,
        memory_types: Kinds | None = None,
        min_importance: Unit | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        metadata: MetadataFilter | None = None,
        where: Where | None = None,
        validity: Validity | None = None,
        as_of: Moment | None = None,
        sections: Sections = ("profile", "memories", "turns"),
        profile_share: Unit = 0.25,
        turns_share: Unit = 0.4,
        profile_always: bool = False,
        count_recall: bool = True,
        tokenizer: TokenCounter | None = None,
    ) -> Context:
        """The text that belongs into a prompt: what is known, what is relevant, and what was said last.

        Each thing stands in it once, numbered, with its day and who said it, and quoted as data: no memory ends the
        quotation, hides in it or looks like a part of the frame. What does not fit is left out whole, and what fits
        behind it is not. Where nothing is relevant the text is empty; without a query and a conversation it is the
        profile, if there is one.

        Args:
            query: A question or some words, such as what the user has just said; None to search for nothing.
            conversation_id: The conversation whose latest turns are part of it; None for none.
            max_tokens: What the text takes at most, from 0; with too few for anything it is empty.
            subject: Whose profile is part of it, as in `get_facts`.
            limit: How many memories are looked for at most; None for as many as there may be room for, up to 200.
            max_turns: How many turns of the conversation at most.
            min_relevance: As in `retrieve_memories`, as are the arguments that follow; they are about the memories that
                are looked for.
            memory_types: Only these types; None for all.
            min_importance: Only memories of at least this importance, in [0, 1].
            since: Only memories whose timestamp is at or after this.
            until: Only memories whose timestamp is before this.
            metadata: Only memories whose metadata has these values.
            where: Only memories of which these conditions hold.
            validity: ``current`` leaves out what does not hold any more; ``past`` and ``all`` mark it. None reads from
                the question which of these it asks for.
            as_of: The time that counts as now, for profile, memories and turns; None for the clock.
            sections: Which parts it has, in this order: ``profile``, ``memories``, ``turns``.
            profile_share: Share of ``max_tokens`` that the profile may take before memories do, in [0, 1]. What one
                part leaves free is for the others.
            turns_share: The same for the turns of the conversation.
            profile_always: Whether the profile is there even where nothing is relevant to the query.
            count_recall: Whether the memories in it, but for turns, count as recalled.
            tokenizer: Says how many tokens a text takes; it may be called in another thread. None for an estimate that
                needs no model (`coda_graphmem.language.tokens.estimated_tokens`): mostly a tenth more than a tokenizer
                counts in English and code, and for German, Chinese and other languages a sixth less to a third more.

        Returns:
            The text, what it is made of, and what was left out and why.

        Raises:
            MemoryRetrievalError: Memories could not be searched or read.
            EmbeddingError: No vector could be made of the query.
        """
        request = ContextRequest(
            namespace=self.namespace,
            scope=self.scope,
            plan=Plan(
                max_tokens=max_tokens,
                sections=tuple(sections),
                profile_share=profile_share,
                turns_share=turns_share,
                profile_always=profile_always,
            ),
            query=query,
            conversation_id=conversation_id,
            subject=subject,
            limit=limit,
            max_turns=max_turns,
            min_relevance=self._threshold(min_relevance),
            where=self._filter(
                where=where,
                memory_types=memory_types,
                min_importance=min_importance,
                since=since,
                until=until,
                metadata=metadata,
            ),
            validity=validity,
            as_of=seconds_of(as_of),
            count_recall=count_recall,
            tokenizer=tokenizer,
        )
        return await self._open.contexts.build(request)
