from __future__ import annotations

import numpy as np
import pytest

from coda_graphmem.embedding.files import WEIGHTS
from coda_graphmem.embedding.onnx_graph import look_up_before_dequantising
from coda_graphmem.errors import EmbeddingError

TABLE = "inner.embeddings.word_embeddings.weight"


def run(model: bytes, ids: np.ndarray) -> np.ndarray:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    ones = np.ones_like(ids)
    feeds = {"input_ids": ids, "attention_mask": ones, "token_type_ids": ones * 0}
    return np.asarray(session.run(["last_hidden_state"], feeds)[0])


def test_the_edited_model_computes_the_very_same_numbers() -> None:
    model = WEIGHTS.read()
    edited = look_up_before_dequantising(model, TABLE)
    assert edited != model
    assert abs(len(edited) - len(model)) < 1000
    ids = np.random.default_rng(0).integers(0, 30_522, (3, 20))
    np.testing.assert_array_equal(run(edited, ids), run(model, ids))


@pytest.mark.parametrize("table", ["no.such.table", "inner.embeddings.token_type_embeddings.weight"])
def test_a_model_of_another_form_is_refused(table: str) -> None:
    with pytest.raises(EmbeddingError, match="expected form"):
        look_up_before_dequantising(WEIGHTS.read(), table)
