"""How near to what a query asks a text mentions something.

"The Lego Batman Movie was directed by Chris McKay. Will Arnett voices Batman": asked who voices Batman there, the walk
goes on to Will Arnett rather than to Chris McKay, as his sentence holds the words of the query.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from coda_graphmem.language.excerpts import SENTENCE
from coda_graphmem.language.normal_form import folded
from coda_graphmem.language.words import stems
from coda_graphmem.retrieval.candidates import Flags, Pool
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.graph import Seeds
from coda_graphmem.retrieval.terms import Wording, held_terms

#: A mention in a text: memory id and key of the entity.
Mention = tuple[str, str]


def nearness_of_mentions(
    pool: Pool,
    seeds: Seeds,
    mentions: Iterable[Mention],
    asked: Wording,
    *,
    constants: RankingConstants,
) -> dict[Mention, float]:
    """What the edge from a seed to what it mentions is worth for where it mentions it, in (0, 1] or little more.

    ``(s + nearness_floor) ** nearness_exponent`` with s in [0, 1] the share of the query's words, each by its inverse
    document frequency and those of the entity's own name left out, that the sentence holds which mentions it; the best
    sentence counts. What is not found in the text as it is called is left out.

    Args:
        pool: Holds the texts of the seeds.
        seeds: Those that hold `RankingConstants.nearness_share` of the start count.
        mentions: Those of others are passed over.
        asked: The words of the query.
    """
    found: dict[Mention, float] = {}
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    leading = seeds.leading(constants.nearness_share)
    for memory_id, key in mentions:
        if memory_id in leading and memory_id in pool.position:
            wanted[memory_id].append(key)
    for memory_id, keys in wanted.items():
        text = pool.candidates[pool.position[memory_id]].excerpt[: constants.nearness_characters]
        for key, share in shares_of_sentences(text, keys, asked).items():
            found[memory_id, key] = (share + constants.nearness_floor) ** constants.nearness_exponent
    return found


def shares_of_sentences(text: str, keys: Iterable[str], asked: Wording) -> Mapping[str, float]:
    """The largest share of a query's words that a sentence holds which names something, by its key, in [0, 1].

    Args:
        text: With the sentences.
        keys: Of what they may name. What none of them names is left out.
        asked: The words of the query, each by its inverse document frequency.
    """
    sentences = [sentence for sentence in SENTENCE.findall(text) if sentence]
    plain = [folded(sentence) for sentence in sentences]
    held: dict[int, Flags] = {}
    shares = {}
    for key in keys:
        words = key.split()
        places = [place for place, sentence in enumerate(plain) if all(word in sentence for word in words)]
        if not places:
            continue
        others = asked.idf * ~held_terms(asked, stems(key))
        whole = float(others.sum())
        for place in places:
            if place not in held:
                held[place] = held_terms(asked, stems(sentences[place]))
        best = max(float(others[held[place]].sum()) for place in places)
        shares[key] = best / whole if whole > 0.0 else 1.0
    return shares
