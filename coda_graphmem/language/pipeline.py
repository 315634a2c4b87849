"""Loads spaCy's small English model, once for what only tags and names need and once with the parse, or a named one."""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from coda_graphmem.errors import ExtractionError
from coda_graphmem.forks import renewed_in_child
from coda_graphmem.imports import torch_hidden
from coda_graphmem.language.files import model_folder
from coda_graphmem.language.passages import UNCUT, passages
from coda_graphmem.threads import one_core

T = TypeVar("T")

#: Verbs that spaCy's rules reduce to another word, "hoping" to "hop", "hates" to "hat", or not at all.
_VERBS = {
    form: verb
    for verb, forms in {"hate": "hates hated hating", "hope": "hopes hoped hoping", "forget": "forgot"}.items()
    for form in forms.split()
}

#: What tags and names do without.
_OF_THE_PARSE = ("attribute_ruler", "lemmatizer", "parser")
#: Texts that go through the model together.
_BATCH = 64


class Pipeline:
    """spaCy's model, loaded when it is first needed. May be called from several threads at once.

    Args:
        exclude: Components to leave out.
        model: Name or folder of another model than the English one that comes with the package.
    """

    def __init__(self, exclude: Iterable[str] = (), *, model: str | None = None) -> None:
        self._exclude = [*exclude, "senter"]
        self._mends = "lemmatizer" not in self._exclude
        self._model = model
        self._lock = threading.Lock()
        renewed_in_child(self, "_lock", threading.Lock)
        self._nlp: Any = None

    def load(self) -> None:
        """Import spaCy, check the files of its model and load it.

        Raises:
            ExtractionError: The model is missing, not the expected one, or cannot be loaded.
        """
        with self._lock:
            self._load()

    def map(self, work: Callable[[Any], T], texts: Sequence[str]) -> list[T]:
        """What ``work`` makes of spaCy's ``Doc`` of each text.

        A long text is read in `passages`, and its ``Doc`` is made of theirs.

        Raises:
            ExtractionError: The model cannot be loaded.
        """
        done: list[T] = []
        for start in range(0, len(texts), _BATCH):
            cut = [_parts(text) for text in texts[start : start + _BATCH]]
            read = iter(self._read([parts[0] for parts in cut if len(parts) == 1]))
            done += [work(next(read) if len(parts) == 1 else self._joined(parts)) for parts in cut]
        return done

    def _read(self, texts: Sequence[str]) -> list[Any]:
        # Between batches, and between the passages of a long text, others have their turn.
        with self._lock:
            self._load()
            # These products are too small to share out: a second BLAS thread would only wait, on a core
            # that vectors are computed on.
            with one_core():
                if self._model is not None:
                    return [*self._nlp.pipe(texts)]
                docs = _processed(self._nlp, texts)
                return [_mended(doc) for doc in docs] if self._mends else docs

    def _joined(self, parts: Sequence[str]) -> Any:
        read = [doc for part in parts for doc in self._read([part])]
        from spacy.tokens import Doc  # was imported with the model

        return Doc.from_docs(read, ensure_whitespace=False) if read else self._read([""])[0]

    def _load(self) -> None:
        if self._nlp is not None:
            return
        folder = model_folder() if self._model is None else self._model
        try:
            with torch_hidden():
                import spacy
                from thinc.api import use_ops

            # NumPy's BLAS computes these models in two thirds of the time that thinc's own takes.
            with use_ops("numpy", use_blis=False):
                nlp = spacy.load(folder, exclude=self._exclude)
        except Exception as error:
            if self._model is not None:
                raise ExtractionError(
                    f"spaCy cannot load the model {self._model!r} ({type(error).__name__}).",
                    field="spacy_model",
                    remedy="Install it (python -m spacy download NAME), or give the path of a folder that holds it.",
                ) from error
            raise ExtractionError(
                f"spaCy cannot load its English model ({type(error).__name__}).",
                remedy="Reinstall it: pip install --force-reinstall spacy",
            ) from error
        self._nlp = nlp


def _processed(nlp: Any, texts: Sequence[str]) -> list[Any]:
    """What ``nlp.pipe`` makes of texts, in two thirds of the time."""
    from spacy.pipeline.transition_parser import Parser  # was imported with the model

    docs = [nlp.make_doc(text) for text in texts]
    for _, component in nlp.pipeline:
        if isinstance(component, Parser) and component.cfg["beam_width"] == 1:
            states = _states(component, docs)
            component.set_annotations(docs, states)
        else:
            docs = list(component.pipe(docs))
    return docs


def _states(parser: Any, docs: Sequence[Any]) -> list[Any]:
    """How a parser, or what finds names, leaves the texts, step by step as in its own search with several candidates.

    With one candidate its own loop gives up the interpreter's lock, and each of the many additions of a step takes it
    again to see whether it has failed: a quarter of all the time, and more where other threads compute.
    """
    states: list[Any] = parser.moves.init_batch(docs)
    unfinished = [state for state in states if not state.is_final()]
    if unfinished:
        model = parser.model.predict(docs)
        while unfinished:
            unfinished = parser.transition_states(unfinished, model.predict(unfinished))
        model.clear_memory()
    return states


def _parts(text: str) -> list[str]:
    return [text] if len(text) <= UNCUT else [passage.text for passage in passages(text)]


def _mended(doc: Any) -> Any:
    for token in doc:
        if token.lower_ in _VERBS and token.tag_.startswith("V"):
            token.lemma_ = _VERBS[token.lower_]
    return doc


def tagging_pipeline() -> Pipeline:
    """Tags and named entities only, about 4 ms a text: enough to store a memory."""
    return Pipeline(_OF_THE_PARSE)


@lru_cache(maxsize=1)
def parsing_pipeline() -> Pipeline:
    """Everything but the sentence splitter, with the parse; one a process, as it takes a second to load."""
    return Pipeline()
