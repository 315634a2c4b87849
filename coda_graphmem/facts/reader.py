"""Reads texts for facts: the parse, the table, and matchers of one's own."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from coda_graphmem.errors import ExtractionError, ValidationError
from coda_graphmem.facts.asides import Aside, without_asides
from coda_graphmem.facts.contractions import Spelled, spell
from coda_graphmem.facts.ellipses import completed
from coda_graphmem.facts.gate import may_be_read, passages_to_read
from coda_graphmem.facts.table import Table, load_table
from coda_graphmem.facts.values import USER
from coda_graphmem.importance import importance
from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.passages import Passage, passages
from coda_graphmem.language.pipeline import parsing_pipeline
from coda_graphmem.language.roles import NO_NAMES, is_user
from coda_graphmem.models import ExtractedInfo, InformationMatch, InformationType, Statement
from coda_graphmem.validation.refusal import shown

if TYPE_CHECKING:
    from coda_graphmem.facts.engine import Reading

#: Takes a text and gives what it finds.
Matcher = Callable[[str], Iterable[InformationMatch]]

MOST_WORDS = 3_000
"""Words and signs of one text that are read for facts: some fifteen thousand characters, far more than anybody says."""
BUILT_IN = get_args(InformationType)
#: "Caroline: I moved to Rome".
_NO_SPEAKERS = frozenset(
    """correction fyi btw reminder fact context background goal plan news aside plus also remember actually sorry oh
    well so and but my the quick breaking good bad great one ok okay yes no today yesterday tomorrow now memo
    status topic rephrase translate rewrite summarize summarise proofread paraphrase correct fix shorten quote example
    sentence text headline title subject""".split()
)
_TURN = late_pattern(r"([^\W\d_][\w.'’-]*(?: [A-Z][\w.'’-]*)?):\s+")
_NAME = late_pattern(r"[a-z][a-z0-9_]{0,63}")


class Words(NamedTuple):
    """Somebody's words, or a memory made of them."""

    text: str
    subject: str
    """Who says it; the user where nobody is named."""
    said_at: float
    """When (seconds since the Unix epoch, UTC)."""


class FactReader:
    """Finds facts about the user in English texts. May be called from several threads at once."""

    def __init__(self) -> None:
        self._matchers: dict[str, Matcher] = {}

    @property
    def types(self) -> tuple[str, ...]:
        """All types it can find."""
        return (*BUILT_IN, *self._matchers)

    def register(self, name: object, matcher: object) -> None:
        """Find another type of information, in place of an earlier matcher of that name.

        Raises:
            ValidationError: The name is not acceptable or built in, or the matcher cannot be called.
        """
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValidationError(
                "must be 1 to 64 lower-case letters, digits or _, a letter first.", field="name", remedy="Rename it."
            )
        if name in BUILT_IN:
            raise ValidationError(f"{name!r} is built in.", field="name", remedy="Use a name of your own.")
        if not callable(matcher):
            raise ValidationError("cannot be called.", field="matcher", remedy="Pass a function that takes a text.")
        self._matchers = {**self._matchers, name: matcher}

    def check_types(self, value: object, field: str) -> tuple[str, ...] | None:
        """Types of information to look for, or None for all."""
        if value is None:
            return None
        remedy = f"Use some of {', '.join(self.types)}."
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise ValidationError("must be a list of types of information.", field=field, remedy=remedy)
        types = tuple(value)
        unknown = [item for item in types if not isinstance(item, str) or item not in self.types]
        if unknown:
            raise ValidationError(f"{shown(unknown[0])} is no type of information.", field=field, remedy=remedy)
        if not types:
            raise ValidationError("is empty, so nothing could be found.", field=field, remedy="Pass None for all.")
        return tuple(dict.fromkeys(types))

    def read(self, text: str, subject: str = "User", types: Collection[str] | None = None) -> list[ExtractedInfo]:
        """What a text says of the user.

        Args:
            text: What the user said.
            subject: What statements call the user; where the text speaks of somebody of this name, the user is meant.
            types: Only these types of information; None for all.

        Returns:
            Facts in the order of their values in the text, of about its first `MOST_WORDS` words.

        Raises:
            ExtractionError: spaCy's model cannot be loaded, or a matcher failed.
        """
        found: list[ExtractedInfo] = []
        if types is None or not set(types).isdisjoint(BUILT_IN):
            for passage in passages(text, words=MOST_WORDS):
                found += _found(passage, subject)
        for name, matcher in self._matchers.items():
            if types is None or name in types:
                found = [*found, *_matched(name, matcher, text)]
        chosen = [info for info in found if types is None or info.info_type in types]
        return sorted(chosen, key=lambda info: info.span)

    def statements(self, text: str, *, subject: str = USER, said_at: float) -> list[Statement]:
        """What a text states, of whoever says it and of others.

        Args:
            text: Somebody's words, or a memory made of them.
            subject: Who says it; the user where nobody is named.
            said_at: When, in seconds since the Unix epoch (UTC): the times it names are counted from there.

        Raises:
            ExtractionError: spaCy's model cannot be loaded.
        """
        [found] = self.statements_of([Words(text, subject, said_at)])
        return found

    def statements_of(self, said: Sequence[Words]) -> list[list[Statement]]:
        """What each of several texts states; together they are read in two thirds of the time.

        Raises:
            ExtractionError: spaCy's model cannot be loaded.
        """
        table = load_table()
        parts = [(number, part) for number, words in enumerate(said) for part in _parts(words)]
        docs = parsing_pipeline().map(lambda doc: doc, [part.spelled.text for _, part in parts])
        found: list[list[Statement]] = [[] for _ in said]
        for (number, part), doc in zip(parts, docs, strict=True):
            found[number] += _read(doc, part, table, said[number].said_at).statements
        return [list(dict.fromkeys(statements)) for statements in found]


class _Part(NamedTuple):
    """A passage that is worth reading."""

    text: str
    spelled: Spelled
    asides: tuple[Aside, ...]
    subject: str


def _parts(words: Words) -> Iterator[_Part]:
    text, subject = words.text, words.subject
    speaker, turn = _speaker(text)
    if speaker is not None and (subject == speaker or is_user(subject)):
        subject, text = speaker, turn
    subject = USER if is_user(subject) else subject
    if may_be_read(subject):
        for passage in passages_to_read(completed(text)):
            yield _Part(passage.text, *without_asides(spell(passage.text, load_table().spellings)), subject)


def _speaker(text: str) -> tuple[str | None, str]:
    """Whose turn a text is, by a name before a colon at its beginning, and their words."""
    match = _TURN.match(text)
    if match is None or match[1].lower() in NO_NAMES or match[1].lower() in _NO_SPEAKERS:
        return None, text
    return match[1], text[match.end() :]


def _read(doc: Any, part: "_Part", table: Table, said_at: float | None) -> "Reading":
    """The facts in what was parsed, by modules that nothing but reading needs."""
    from coda_graphmem.facts.engine import read_parsed
    from coda_graphmem.facts.findings import Parsed

    return read_parsed(Parsed(doc, part.spelled, part.text, part.subject, part.asides), table, said_at)


def _found(passage: Passage, subject: str) -> list[ExtractedInfo]:
    """The facts about the user in a passage, with their places in the whole text."""
    table = load_table()
    part = _Part(passage.text, *without_asides(spell(passage.text, table.spellings)), subject)
    [read] = parsing_pipeline().map(lambda doc: _read(doc, part, table, None), [part.spelled.text])
    return [
        info.model_copy(update={"span": (info.span[0] + passage.start, info.span[1] + passage.start)})
        for info in read.infos
    ]


def _matched(name: str, matcher: Matcher, text: str) -> list[ExtractedInfo]:
    try:
        matches = [InformationMatch.model_validate(match) for match in matcher(text)]
        return [
            ExtractedInfo(
                content=match.content,
                info_type=name,
                value=match.value,
                suggested_type=match.suggested_type,
                importance_score=importance(match.content, match.suggested_type)
                if match.importance_score is None
                else match.importance_score,
                confidence=match.confidence,
                span=match.span,
            )
            for match in matches
        ]
    except Exception as error:
        raise ExtractionError(
            f"the matcher {name!r} failed ({type(error).__name__}).", remedy="The cause is attached; mend the matcher."
        ) from error
