"""The constants of ranking, in one place and the same for every store.

They were chosen on public data of four kinds (chats between people, chats with an assistant, two
sets of multi-hop questions over encyclopaedic text), one setting for all; see ``docs/retrieval.md``.
"""

from dataclasses import dataclass

#: Decimals of a relevance. What lies beyond is left by adding floats, and not the same with every Python.
DIGITS = 12


@dataclass(frozen=True, slots=True)
class RankingConstants:
    """Weights, bounds and exponents of the ranking; all without unit where none is named."""

    # Candidates
    candidates: int = 100
    """Memories each of vector and text search contribute at least; at least 3 times the limit."""
    walked: int = 30
    """Memories that no search found the walk contributes at least, the most probable first; at least 3 times the
    limit."""

    # Text
    bm25_k1: float = 1.2
    """How soon more of the same word stops to count; at least 0."""
    bm25_b: float = 0.75
    """How much a text's length counts against it, in [0, 1]."""

    exact_share: float = 0.5
    """What a word itself counts where what all its forms begin with is looked for too, relative to that; at least 0."""

    # Fusion
    text_weight: float = 0.5
    """Share of the text in the fused score, in [0, 1]."""
    cosine_reach: float = 1.6
    """How far below the best cosine the fused score falls to 0 in a large namespace, in distances of the last one found
    by vector; at least 1."""

    # Seeds
    seeds: int = 15
    """Best fused candidates the walk starts from."""
    seed_sharpness: float = 3.0
    """Exponent of a seed's margin over the best candidate that is no seed."""
    named_share: float = 0.05
    """Share of the start that lies on entities named in the query, in [0, 1]."""

    titled_share: float = 0.5
    """Share of the seeds that lies on memories with a title that the query names, where there are such, in [0, 1]."""
    titled_memories: int = 5
    """Best memories of one title that get it."""

    # Graph
    entities_per_memory: int = 10
    """Rarest entities of a seed that are followed."""
    memories_per_entity: int = 10
    """Newest memories of an entity that are reached."""
    conversation_steps: int = 1
    """Turns before and after a seed that are reached."""
    mention_exponent: float = 2.0
    """An edge to an entity of n mentions weighs ``1 / ln(1 + n)`` to this power."""
    concept_weight: float = 0.3
    """Weight of an edge to a noun chunk relative to one to a named entity, in (0, 1]."""
    title_weight: float = 3.0
    """Weight of an edge between an entity and what has it as its title, relative to one to what mentions it."""
    nearness_share: float = 0.9
    """Share of the start held by the seeds of which it counts where they mention something, in (0, 1]."""
    nearness_characters: int = 4_000
    """Characters of each that are looked through for it."""
    nearness_floor: float = 0.1
    """What is added to the share of the query's words that stand beside a mention, so that no edge loses all."""
    nearness_exponent: float = 0.5
    """What the edge to it weighs: that sum to this power."""
    follow_weight: float = 5.0
    """Weight of an edge between neighbours of a conversation."""
    hub_share: float = 0.05
    """Entities that more than this share of the live memories mention are no bridges, in (0, 1]."""
    hub_least: int = 10
    """Mentions that never make a hub."""
    hub_most: int = 100
    """Mentions that always make one, so that the cost of a walk does not grow with the namespace."""

    # Walk
    damping: float = 0.85
    """Probability of going on instead of starting again, in (0, 1)."""
    iterations: int = 20
    """Steps of the power iteration; the rest has a weight of ``damping ** iterations`` (4 %) at most."""

    # Score
    walk_exponent: float = 0.7
    """Share of the walk in the geometric mean with the fused score, in [0, 1]."""
    walk_exponent_loose: float = 0.4
    """The same among turns of conversations, which follow one another whatever they are about, and among long texts,
    which mention much that they are not about."""
    long_words: int = 200
    """Words from which on a text is one of those."""
    walk_floor: float = 1e-3
    """Added to the walk's score (its best is 1), so that what it did not reach is still ranked."""
    walk_floor_loose: float = 1e-2
    """The same among turns and long texts."""
    cosine_loose: float = 1.2
    """Among turns and long texts, the logarithm of the score that one unit of cosine is worth beside the fused
    score, where a difference means the same for every query."""
    fused_floor: float = 1e-2
    """Added to the fused score (its best is at most 1)."""

    # Priors for turns of a conversation
    speaker_factor: float = 5.0
    """Lift of what was said by the one the query names."""
    length_exponent: float = 0.5
    """A turn of w words weighs ``(1 + min(w, length_cap))`` to this power, relative to one at the cap."""
    length_cap: int = 40
    """Words beyond which a turn is not more informative."""
    question_factor: float = 0.4
    """Weight of a turn that does nothing but ask, in (0, 1]."""
    question_words: int = 20
    """A question of more words than this tells something too."""

    # Times
    time_factor: float = 20.0
    """Lift of a memory from the time the query speaks of."""
    dated_factor: float = 2.4
    """Lift of a turn that tells a time, where the query asks for one."""

    # Strength
    importance_weight: float = 0.2
    """A memory whose decayed importance is x above the mean of the candidates is lifted by ``exp(weight * x)``."""
    recency_weight: float = 0.1
    """The same for its recency."""
    recency_days: float = 30.0
    """Half-life of recency, in days."""

    # Reranking
    reranked: int = 50
    """Best candidates a reranker reads beside the query, where there is one; at least 3 times the limit."""
    reranked_characters: int = 2_000
    """Characters of each that it is given."""
    reranker_weight: float = 1.0
    """The logarithm of the score that one standard deviation of its scores is worth, at least 0. Models differ, so it
    was chosen by what it does to an order, and not measured with one of them."""

    # Figures
    figure_candidates: int = 25
    """Best candidates that are looked through for a figure the query asks for."""
    figure_characters: int = 1_000
    """Characters of each, without code, that are looked through."""
    figure_reach: float = 200.0
    """Characters beyond which a word of the query does not stand beside a figure."""
    figure_floor: float = 0.25
    """What a word of the query counts that stands elsewhere in the text, in [0, 1]."""
    figure_changed: float = 1.25
    """How much more a figure counts that is said to be new."""
    figure_wished: float = 0.6
    """How much less one counts that is only wished for."""
    figure_apart: float = 0.5
    """How much less one counts that seems to belong to something else."""
    figure_least: float = 0.25
    """Closeness below which nobody states the figure, in [0, 1]."""
    figure_share: float = 0.65
    """Share of the best closeness from which memories state the same figure, in (0, 1]."""
    figure_share_changed: float = 0.45
    """The same of those that say that it is a new one."""
    figure_share_from: float = 0.95
    """The same of those that say what it was before, where nobody else does."""
    figure_lift: float = 3.0
    """Lift of the memory that states the figure beside most of the words asked for."""
    figure_outdated: float = 0.5
    """What is left of one that states another figure than a later one."""

    # Words of change
    change_candidates: int = 8
    """Best candidates among which one that says that something changed is looked for."""
    change_share: float = 0.5
    """Share of the score of the best one that it has at least, in (0, 1]."""
    change_words: int = 40
    """Words it has at most."""

    # Earlier states
    earlier_candidates: int = 12
    """Best candidates among which those are that tell the states of what a question for the past asks about."""
    earlier_share: float = 0.5
    """Share of the match of the best one that those have at least that hold words of the question, in (0, 1]."""
    earlier_share_alike: float = 0.85
    """The same of those that hold none."""
    earlier_share_changed: float = 0.75
    """The same of those that hold none, and say that something became otherwise."""

    earlier_cosine: float = 0.6
    """Share of the best cosine from which a turn that says that something became otherwise is one of those as well,
    where fewer memories are found than are looked for, and the least similar of them sets no scale."""
    earlier_cosine_least: float = 0.3
    """That cosine at least."""
    earlier_cosine_far: float = 0.1
    """Share of the best cosine below which a turn that only names what another one names tells of something else."""

    present_few: int = 50
    """Memories found below which a question for what holds finds the state that was told last in the same way. Of more,
    too many turns tell of some change: figures and `change_share` decide alone."""

    # Succession
    outdated_factor: float = 0.5
    """What is left of the score of a memory of which nothing that a query asks for holds any more, in (0, 1]; in a
    question for the past, of that of what holds."""
    outdated_tie: float = 1e-3
    """What it loses in a question to which that does not matter."""
    outdated_words: float = 25.0
    """A memory of up to so many words says little besides its facts; of a longer one that share counts as over."""
    cosine_scale: float = 4.0
    """In an order by vector alone, the logarithm of the score that one unit of cosine is worth."""

    # Long texts
    passage_price: float = 0.02
    """What the similarity of a passage loses for each e-fold of the passages of its memory."""

    # Relevance
    text_lift: float = 0.5
    """Share of the remaining doubt that a match of all terms removes, in [0, 1]."""
    graph_lift: float = 0.5
    """Share of its distance to the best seed by which the walk's best memory is lifted, in [0, 1]."""
    unknown_names: float = 0.7
    """Share of what lies above 0.5 that is taken where no memory found holds any name of the query, in [0, 1]."""
    chance_similarity: float = 0.2
    """Cosine up to which two texts that have nothing to do with one another come by chance. Of 194 memories that answer
    questions (LoCoMo, 2WikiMultiHopQA) two are below it and neither hold a word of the question nor are linked."""
    chance_link: float = 0.02
    """What the graph adds to a memory that is linked with what is relevant, at least."""
    chance_share: float = 0.77
    """Share that is left of a relevance that comes by chance, so that it is below 0.5."""
    chance_one: float = 0.12
    """What the best of one memory has by chance (`coda_graphmem.retrieval.chance`), in [0, 1]."""
    chance_growth: float = 0.067
    """How much more the best of e times as many has."""
    chance_most: float = 0.52
    """What that comes to at most, in [0, 1); it does so at 400 memories."""
    chance_about: float = 0.6
    """Share of it that is asked for where a query names who speaks or a time from which there are memories."""
    chance_unknown: float = 0.1
    """Share of what speaks for the best that is taken where no memory found holds any name of the query, in [0, 1]."""
    chance_left: float = 0.5
    """Share that is left of every relevance where the best comes by chance, so that all are below 0.5."""
    chance_known: float = 0.5
    """How far the model knows the language of a query at least where what the best has is compared with that."""
    strength_lift: float = 0.02
    """Relevance that one unit of importance or recency above the mean adds."""

    # Diversity
    duplicate_overlap: float = 0.8
    """Jaccard overlap of words from which two memories say the same, in (0, 1]."""

    # Several queries
    reciprocal_rank_k: float = 60.0
    """The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)."""

    # Context of a conversation
    context_seeds: int = 10
    """Latest memories of a conversation the walk starts from."""
    context_fade: float = 0.85
    """Weight of a memory at the start relative to the one after it, in (0, 1]."""


RANKING = RankingConstants()
