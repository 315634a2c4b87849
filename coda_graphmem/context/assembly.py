"""Which of what is known, relevant and last said goes into a context, each thing once; pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from coda_graphmem.context.page import Frame, Page, Record, Tokenizer, day_of
from coda_graphmem.context.quotation import cleaned, fence
from coda_graphmem.language.words import STOP_STEMS, stems
from coda_graphmem.models import (
    Context,
    ContextItem,
    ContextKind,
    ContextSection,
    LeftOut,
    LeftOutReason,
    Memory,
    ProfileLine,
)
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.duplicates import Sayings
from coda_graphmem.texts import excerpt

#: Characters of who speaks or is spoken of.
_NAME_LENGTH = 60
#: Facts that stand for one memory that has no room.
_FACTS_A_MEMORY = 3
#: Characters that a token stands for, about.
_CHARACTERS_PER_TOKEN = 4
#: Times that room which turned out to be left is filled again.
_ROUNDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a context is to be made."""

    max_tokens: int
    sections: tuple[ContextSection, ...] = ("profile", "memories", "turns")
    """Those it has, in the order of the text."""
    profile_share: float = 0.25
    """Share of the budget that the profile may take before relevant memories, in [0, 1]."""
    turns_share: float = 0.4
    """The same for the turns of the conversation."""
    profile_always: bool = False
    """Whether the profile stands in it even where nothing relevant to the query was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a context is made of."""

    subject: str
    as_of: float
    """In seconds."""
    query: str | None = None
    profile: Sequence[ProfileLine] = ()
    """In their order."""
    found: Sequence[Memory] = ()
    """The most relevant first."""
    facts: Sequence[ProfileLine] = ()
    """What holds by memories that were found."""
    turns: Sequence[Memory] = ()
    """In the order in which they were said."""
    keeps_outdated: bool = False
    """Whether memories that do not hold any more have a place."""


@dataclass(slots=True)
class _Candidates:
    """All that might stand in a context, by section, the first to be taken in first."""

    profile: list[Record]
    found: list[Record]
    turns: list[Record]
    facts: Mapping[str, list[Record]]
    """By the memory that says so, those that answer best first."""
    outdated: list[Record]
    learned: frozenset[str]
    """Ids of found memories that repeat what was said, as they were learned from it."""
    says: Mapping[str, list[ProfileLine]]
    """By the id of a memory the facts that it says."""
    words: dict[Record, frozenset[str]] = field(default_factory=dict)

    def words_of(self, record: Record) -> frozenset[str]:
        """`stems` of what it says."""
        if record not in self.words:
            self.words[record] = stems(record.content)
        return self.words[record]

    def all(self) -> Iterator[Record]:
        """All of them."""
        yield from self.profile
        yield from self.found
        yield from self.turns
        for told in self.facts.values():
            yield from told


def assemble(material: Material, plan: Plan, count: Tokenizer) -> Context:
    """The context that fits a budget best: what is most relevant first, and whatever fits behind what does not.

    Turns and the profile have a share of the budget each, and memories the rest; what one leaves free, the others take.
    What is too large is left out whole, and a fact that it says and that the query asks for may take its place.

    Args:
        material: What was found.
        plan: How large, of which sections, in which order.
        count: Says how many tokens a text takes.
    """
    candidates = _candidates(material, plan)
    title = f"About {_name(material.subject)}:"
    titles = {"profile": title, "memories": "Relevant:", "turns": "This conversation:"}
    page = Page(
        Frame(
            {section: titles[section] for section in plan.sections},
            material.as_of,
            fence([title, *(record.text for record in candidates.all())]),
        ),
        plan.max_tokens,
        count,
    )
    for turn in candidates.turns:
        page.add(turn, plan.turns_share * plan.max_tokens)
    for line in candidates.profile:
        page.add(line, plan.profile_share * plan.max_tokens)
    for _ in range(_ROUNDS):
        before = list(page.records)
        _fill(page, candidates)
        page.keep(_each_once(page.records, candidates))
        page.settle()
        if page.records == before:
            break
    return _context(page, candidates, material, plan)


# ---------------------------------------------------------------------- what there is


def _candidates(material: Material, plan: Plan) -> _Candidates:
    says: dict[str, list[ProfileLine]] = defaultdict(list)
    for line in material.facts:
        for memory_id in line.fact.memory_ids:
            says[memory_id].append(line)
    found: list[Record] = []
    outdated: list[Record] = []
    turns: list[Record] = []
    profile: list[Record] = []
    if "memories" in plan.sections:
        for memory in material.found:
            is_over = memory.valid_until is not None and not material.keeps_outdated
            (outdated if is_over else found).append(_record(_fitting(memory, plan.max_tokens), "memories"))
    if "turns" in plan.sections:
        turns = [_record(memory, "turns") for memory in reversed(material.turns)]
    is_asked_in_vain = material.query is not None and not found and not turns
    if "profile" in plan.sections and (plan.profile_always or not is_asked_in_vain):
        profile = [_told(line, None, "profile") for line in material.profile]
    asked = stems(material.query or "") - STOP_STEMS
    facts = {record.memory_ids[0]: _answers(says[record.memory_ids[0]], asked) for record in found}
    return _Candidates(
        profile=profile,
        found=[record for record in found if record.text],
        turns=[record for record in turns if record.text],
        facts=facts,
        outdated=outdated,
        learned=frozenset(memory.memory_id for memory in material.found if memory.metadata.get("learned") is True),
        says=says,
    )


def _fitting(memory: Memory, tokens: int) -> Memory:
    """A memory that would fill half of a budget with what answers alone, where that is known."""
    if not memory.passages or len(memory.content) <= _CHARACTERS_PER_TOKEN * tokens / 2:
        return memory
    return memory.model_copy(update={"content": f"… {memory.passages[0].text} …"})


def _record(memory: Memory, section: ContextSection) -> Record:
    content = cleaned(memory.content)
    speaker = None if memory.speaker is None else _name(memory.speaker)
    mark = ""
    if memory.valid_until is not None:
        mark = f"(outdated since {day_of(memory.valid_until)}) "
    elif memory.superseded_by is not None:
        mark = "(partly outdated) "
    return Record(
        section,
        "turn" if section == "turns" else "memory",
        f"{mark}{speaker}: {content}" if speaker and content else f"{mark}{content}" if content else "",
        (memory.memory_id,),
        memory.timestamp,
        content,
        speaker or None,
        memory.relevance_score,
    )


def _told(line: ProfileLine, subject: str | None, section: ContextSection) -> Record:
    fact = line.fact
    who = "" if subject is None else f"{_name(subject)}: "
    said = f" [{day_of(fact.known_from)}]" if section == "profile" else ""
    text = f"{who}{excerpt(cleaned(line.text), len(line.text))}{said}"
    kind: ContextKind = "profile" if section == "profile" else "fact"
    return Record(section, kind, text, tuple(fact.memory_ids), fact.known_from, fact_id=fact.fact_id)


def _answers(lines: Iterable[ProfileLine], asked: frozenset[str]) -> list[Record]:
    """Facts that hold a word of the query, those that hold most of them first."""
    shared = [(len(stems(f"{line.fact.subject} {line.fact.attribute} {line.text}") & asked), line) for line in lines]
    best = sorted((pair for pair in shared if pair[0]), key=lambda pair: -pair[0])
    return [_told(line, line.fact.subject, "memories") for _, line in best[:_FACTS_A_MEMORY]]


def _name(text: str) -> str:
    """Who speaks or is spoken of, on one line."""
    return excerpt(cleaned(text), _NAME_LENGTH)


# ---------------------------------------------------------------------- what fits


class _Said:
    """What is quoted so far, to see what says it again: the same, by nobody else."""

    def __init__(self, candidates: _Candidates, records: Iterable[Record]) -> None:
        self._candidates = candidates
        self._sayings = Sayings(RANKING.duplicate_overlap)
        self._records: list[Record] = []
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Take in what is quoted; anything else is passed over."""
        if record.is_quotation:
            self._sayings.add(record.content, self._candidates.words_of(record))
            self._records.append(record)

    def again(self, record: Record) -> Record | None:
        """The quotation that says the same, the first of several."""
        places = self._sayings.alike(record.content, self._candidates.words_of(record)) if record.is_quotation else ()
        alike = (self._records[place] for place in places)
        return next((one for one in alike if one.speaker in (None, record.speaker) or record.speaker is None), None)


def _fill(page: Page, candidates: _Candidates) -> None:
    """Take in what fits: memories by relevance, or facts in their place, then older turns, then the profile."""
    quoted = _quoted(page.records)
    told = {record.fact_id for record in page.records}
    said = _Said(candidates, page.records)
    for record in candidates.found:
        [memory_id] = record.memory_ids
        if memory_id in quoted or _saying_it(record, quoted, candidates) is not None or said.again(record) is not None:
            continue
        if page.add(record):
            quoted.add(memory_id)
            said.add(record)
            continue
        for fact in candidates.facts.get(memory_id, ()):
            if fact.fact_id not in told and quoted.isdisjoint(fact.memory_ids) and page.add(fact):
                told.add(fact.fact_id)
    # Turns may repeat one another, as people do, and not what was found.
    said = _Said(candidates, (record for record in page.records if record.kind == "memory"))
    for record in candidates.turns:
        if quoted.isdisjoint(record.memory_ids) and said.again(record) is None and page.add(record):
            quoted.update(record.memory_ids)
    for record in candidates.profile:
        if record.fact_id not in told and quoted.isdisjoint(record.memory_ids):
            page.add(record)


def _each_once(records: Sequence[Record], candidates: _Candidates) -> list[Record]:
    """The records but those whose facts stand in another one that is quoted."""
    quoted = _quoted(records)
    return [record for record in records if _saying_it(record, quoted, candidates) is None]


def _saying_it(record: Record, quoted: set[str], candidates: _Candidates) -> str | None:
    """The quoted memory that says what a fact or a learned memory tells; None where none does, or it is a quotation."""
    if record.kind in ("profile", "fact"):
        return next((memory_id for memory_id in record.memory_ids if memory_id in quoted), None)
    [memory_id] = record.memory_ids
    said = candidates.says.get(memory_id)
    if record.kind == "turn" or memory_id not in candidates.learned or not said:
        return None
    others = [
        next((one for one in line.fact.memory_ids if one in quoted and one not in candidates.learned), None)
        for line in said
    ]
    return others[0] if all(others) else None


def _quoted(records: Iterable[Record]) -> set[str]:
    return {record.memory_ids[0] for record in records if record.is_quotation}


# ---------------------------------------------------------------------- what it became


def _context(page: Page, candidates: _Candidates, material: Material, plan: Plan) -> Context:
    records = page.numbered()
    numbers = {record: number for number, record in enumerate(records, 1)}
    items = [
        ContextItem(
            number=number,
            section=record.section,
            kind=record.kind,
            text=record.text,
            memory_ids=list(record.memory_ids),
            date=record.date,
            speaker=record.speaker,
            relevance_score=record.relevance,
            tokens=page.cost(record),
        )
        for record, number in numbers.items()
    ]
    return Context(
        text=page.text(),
        tokens=page.tokens,
        max_tokens=plan.max_tokens,
        as_of=material.as_of,
        items=items,
        left_out=_left_out(records, candidates),
    )


def _left_out(records: Sequence[Record], candidates: _Candidates) -> list[LeftOut]:
    """What was found and does not stand among these records, which are in the order of the text."""
    numbers = {record: number for number, record in enumerate(records, 1)}
    quotations = {record.memory_ids[0]: number for record, number in numbers.items() if record.is_quotation}
    facts = {record.fact_id: number for record, number in numbers.items() if record.fact_id}
    quoted, said = set(quotations), _Said(candidates, records)

    def instead(record: Record) -> int | None:
        saying = _saying_it(record, quoted, candidates)
        if saying is not None:
            return quotations[saying]
        again = said.again(record)
        return facts.get(record.fact_id or "") if again is None else numbers[again]

    left = []
    seen = set(quoted)
    for record in (*candidates.found, *candidates.turns, *candidates.profile, *candidates.outdated):
        if record in numbers or (record.is_quotation and record.memory_ids[0] in seen):
            continue
        seen.update(record.memory_ids if record.is_quotation else ())
        is_over = record in candidates.outdated
        number = None if is_over else instead(record)
        reason: LeftOutReason = "outdated" if is_over else "does_not_fit" if number is None else "repeats"
        left.append(LeftOut(memory_ids=list(record.memory_ids), kind=record.kind, reason=reason, instead=number))
    return left
