"""Puts right what the parse of a short text often takes for a verb: "I can't have **gluten**", "I like **techno**"."""

from typing import Any

#: Verbs that help none of these, and pass for helping ones before a noun that the tagger does not know.
_LIKING = frozenset("like love hate prefer".split())
_HAVING = frozenset("have".split())
_NOUNS_AS_WELL = frozenset(
    "work study love hate play drive volunteer coach teach dance cook run live drink speak".split()
)
#: Participles that are written as their verb is.
_ALIKE = frozenset(
    """put cut read run come become overcome hit set let quit shut cost hurt split beat bet burst cast spread bid rid
    fit knit reset upset""".split()
)


def mended(doc: Any) -> Any:
    """The parse with nouns for what it wrongly takes for verbs, and verbs for a few nouns.

    "I live in Turin, **work** as a welder": a joined verb that may be a noun passes for one.
    """
    for token in doc:
        if token.dep_ == "conj" and token.tag_ == "NN" and token.lower_ in _NOUNS_AS_WELL and _is_joined_verb(token):
            token.tag_ = "VBP"
    wrong = [t for t in doc if t.dep_ == "aux" and _helps_nothing(t)]
    if not wrong:
        return doc
    heads, deps = [t.head.i for t in doc], [t.dep_ for t in doc]
    tags, lemmas = [t.tag_ for t in doc], [t.lemma_ for t in doc]
    for verb in wrong:
        noun = verb.head
        for child in noun.children:
            if child.i < verb.i or (child != verb and child.dep_ not in ("det", "amod", "compound", "nummod", "poss")):
                heads[child.i] = verb.i
        heads[verb.i] = verb.i if noun.head == noun else noun.head.i
        deps[verb.i] = noun.dep_
        heads[noun.i], deps[noun.i], tags[noun.i], lemmas[noun.i] = verb.i, "dobj", "NN", noun.lower_
    from spacy.tokens import Doc  # was imported with the model

    found = Doc(
        doc.vocab,
        words=[t.text for t in doc],
        spaces=[bool(t.whitespace_) for t in doc],
        heads=heads,
        deps=deps,
        tags=tags,
        lemmas=lemmas,
        ents=[f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else "O" for t in doc],
    )
    found.user_data.update(doc.user_data)
    return found


def _is_joined_verb(token: Any) -> bool:
    return token.head.tag_ in ("VBP", "VBZ", "VBD") and not any(
        t.dep_ in ("det", "poss", "amod") for t in token.children
    )


def _helps_nothing(verb: Any) -> bool:
    noun = verb.head
    if noun.i < verb.i or noun.tag_ not in ("VB", "VBN", "VBP"):
        return False
    if any(t.dep_ in ("aux", "auxpass") and t.i > verb.i for t in noun.children):
        return False
    if verb.lemma_ in _LIKING:
        return True
    is_participle = noun.tag_ == "VBN" and (noun.lemma_ != noun.lower_ or noun.lower_ in _ALIKE)
    return verb.lemma_ in _HAVING and not is_participle and not any(t.dep_ in ("dobj", "ccomp") for t in noun.children)
