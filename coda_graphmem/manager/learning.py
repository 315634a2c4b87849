"""Calls that learn from what is said."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from coda_graphmem.boundary import operation
from coda_graphmem.errors import ExtractionError, MemoryStorageError, ValidationError
from coda_graphmem.learning.feedback import read_feedback
from coda_graphmem.learning.service import DEFAULT_THRESHOLD
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import (
    AutoLearningSettings,
    ExtractedInfo,
    ImportanceExplanation,
    InformationMatch,
    LearningResult,
    MemoryType,
)
from coda_graphmem.validation.checked import seconds_of
from coda_graphmem.validation.types import Answer, Content, Fraction, Id, Kind, Moment, Unit


class Learning(ManagerCore):
    """Learns from what is said."""

    @operation(ExtractionError, scoped=True)
    async def extract_key_information(
        self, text: Content, extract_types: Sequence[str] | None = None, *, subject: Id = "User"
    ) -> list[ExtractedInfo]:
        """Find facts about the user in what they said. Nothing is stored.

        Only what is asserted counts: no question, hypothesis, quotation or hearsay, and nothing of other people but
        that they are related to the user. ``docs/learning.md`` shows each type with examples.

        Args:
            text: English text, in the words of the user.
            extract_types: Only these types of information (`InformationType` or names of
                `register_information_matcher`); None for all.
            subject: What statements call the user. A text that speaks of somebody of this name speaks of the user.

        Returns:
            Facts in the order of the text.

        Raises:
            ExtractionError: spaCy's model cannot be loaded, or a matcher failed.
        """
        learning = self._open.learning
        return await learning.extract(text, learning.reader.check_types(extract_types, "extract_types"), subject)

    @operation(ExtractionError)
    async def register_information_matcher(
        self, name: str, matcher: Callable[[str], Iterable[InformationMatch]]
    ) -> None:
        """Find a type of information of one's own from now on, in all namespaces of this memory.

        Args:
            name: Name of the type: lower-case letters, digits and ``_``. A name of one's own may be registered anew.
            matcher: Takes a text and gives what it finds. It runs in a worker thread and should be quick.

        Example:
            ```python
            import re

            from coda_graphmem import InformationMatch


            def orders(text: str) -> list[InformationMatch]:
                return [
                    InformationMatch(value=m[1], content=f"User has order {m[1]}.", span=m.span(1))
                    for m in re.finditer(r"order (#[0-9]+)", text)
                ]


            await memory.register_information_matcher("order", orders)
            ```
        """
        self._open.learning.reader.register(name, matcher)

    @operation(ExtractionError, scoped=True)
    async def explain_importance(self, text: Content, memory_type: Kind = MemoryType.EPISODIC) -> ImportanceExplanation:
        """Say which importance `store_memory` gives a text on its own, and of which parts it is made.

        Args:
            text: What would be remembered.
            memory_type: What kind of knowledge it would be.
        """
        return await self._open.learning.explain_importance(text, memory_type)

    @operation(MemoryStorageError, scoped=True)
    async def learn_from_interaction(
        self,
        user_input: Content,
        assistant_response: Answer | None = None,
        user_feedback: Mapping[str, Any] | None = None,
        conversation_id: Id | None = None,
        *,
        subject: Id = "User",
        timestamp: Moment | None = None,
    ) -> LearningResult:
        """Learn from one turn: keep the user's facts, and let feedback reach what was recalled for it.

        Facts are stored from the importance threshold on: 0.5, or that of the conversation. What is stored already
        is strengthened instead, and what a fact speaks against is marked as possibly outdated by it.

        Args:
            user_input: What the user said.
            assistant_response: What was answered; None or "" where nothing was, or nobody knows. Memories whose words
                it takes up get all of the feedback, others half.
            user_feedback: Any of ``helpful`` (bool), ``relevant`` (bool), ``rating`` (1 to 5) and ``correction``
                (text). It moves the importance of what was recalled in the last 15 minutes and not judged yet towards
                1 or 0 by at most the learning rate. A correction is stored and outdates what it corrects.
            conversation_id: Where it was said. Recalls of this conversation are judged and, where there are none,
                those of no conversation; settings of `enable_auto_learning` apply.
            subject: Whose words these are: what they say in the first person is kept of somebody of this name, and of
                the user where it is ``User``. A correction counts as theirs, too.
            timestamp: When it was said (seconds, `datetime` or ISO 8601), which decides what outdates what. None for
                the time of the turn, where its conversation keeps it in the same words, else for now.

        Returns:
            Ids of what was stored, strengthened, weakened and outdated, and all facts that were found.
        """
        return await self._open.learning.learn(
            self.namespace,
            user_input,
            assistant_response or "",
            read_feedback(user_feedback),
            conversation_id,
            subject=subject,
            said_at=seconds_of(timestamp),
            scope=self.scope,
        )

    @operation(MemoryStorageError)
    async def enable_auto_learning(
        self, conversation_id: Id, learning_rate: Fraction | None = None, importance_threshold: Unit = DEFAULT_THRESHOLD
    ) -> None:
        """Learn from a conversation by itself: from each turn stored for it, after the call that stores it.

        The settings stay until `disable_auto_learning`, in all processes and over restarts. Another process heeds a
        change within two seconds.

        Args:
            conversation_id: Which conversation.
            learning_rate: How far feedback and repetition move an importance, in (0, 1]; None for
                `MemoryConfig.learning_rate`.
            importance_threshold: Importance from which a fact is kept, in [0, 1].

        Raises:
            ValidationError: `MemoryConfig.enable_auto_learning` is off.
        """
        services = self._open
        if not self.config.enable_auto_learning:
            raise ValidationError(
                "is off in the configuration, so nothing would be learned.",
                field="enable_auto_learning",
                remedy="Set MemoryConfig(enable_auto_learning=True).",
            )
        await services.learning.auto.enable(
            self.namespace,
            conversation_id,
            AutoLearningSettings(
                learning_rate=self.config.learning_rate if learning_rate is None else learning_rate,
                importance_threshold=importance_threshold,
            ),
        )

    @operation(MemoryStorageError)
    async def disable_auto_learning(self, conversation_id: Id) -> bool:
        """Learn from a conversation no longer; what was learned stays.

        Returns:
            False where it was not learned from.
        """
        return await self._open.learning.auto.disable(self.namespace, conversation_id)
