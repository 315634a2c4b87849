"""Makes the default model load faster: words are looked up before they are dequantised, not after.

The file keeps its word table of 30,522 rows in eight bits and turns all of it into floats before it
looks up the few rows of a text. ONNX Runtime does that once, when it loads the model, which takes a
third of the loading time and 90 MB. Looking up first and dequantising only what was found computes
the very same numbers. The edit works on the protobuf encoding of the file, of which it needs five
fields (onnx/onnx.proto), rather than on the ``onnx`` package, which nothing else here needs.
"""

from collections.abc import Iterator, Sequence

from coda_graphmem.errors import EmbeddingError

# Field numbers in ModelProto, GraphProto and NodeProto.
_GRAPH = 7
_NODE = 1
_INPUT, _OUTPUT, _NAME, _OP_TYPE = 1, 2, 3, 4

# Wire types: a number, eight bytes, a length and as many bytes, four bytes.
_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5


def look_up_before_dequantising(model: bytes, table: str) -> bytes:
    """Move a table's ``Cast`` and ``Mul`` behind the ``Gather`` that reads it.

    Args:
        model: An ONNX file in which ``table`` is computed as ``Mul(Cast(q), scale)`` with one scale a
            row, and read by one ``Gather`` along rows.
        table: Name of the table.

    Returns:
        The ONNX file of a model with the same inputs, outputs and results.

    Raises:
        EmbeddingError: The model is not of that form.
    """
    parts: list[bytes | memoryview] = []
    for number, field, content in _fields(memoryview(model)):
        if number == _GRAPH:
            graph = _edit(content, table)
            parts += [_header(number, sum(map(len, graph))), *graph]
        else:
            parts.append(field)
    return b"".join(parts)  # the only copy of the weights


def _edit(graph: memoryview, table: str) -> list[bytes | memoryview]:
    """The fields of the edited graph."""
    makers: dict[str, memoryview] = {}
    parts: list[bytes | memoryview] = []
    edited = False
    for number, field, content in _fields(graph):
        node = _Node(content) if number == _NODE else None
        if node and node.op_type in ("Cast", "Mul") and (node.outputs[0] == table or node.outputs[0] == f"{table}_f"):
            makers[node.op_type] = content
        elif node and node.op_type == "Gather" and node.inputs[0] == table and len(makers) == 2:
            cast, mul = (_Node(makers[name]) for name in ("Cast", "Mul"))
            [words] = node.inputs[1:]
            parts += [
                node.rewired([cast.inputs[0], words], [f"{table}.rows_q"]),
                node.rewired([mul.inputs[1], words], [f"{table}.rows_scale"]),
                cast.rewired([f"{table}.rows_q"], [f"{table}.rows_f"]),
                mul.rewired([f"{table}.rows_f", f"{table}.rows_scale"], node.outputs),
            ]
            edited = True
        else:
            parts.append(field)
    if not edited:
        raise EmbeddingError(
            "the default model is not of the expected form.",
            field="embedding_model",
            remedy="Reinstall coda-graphmem and the packages it depends on.",
        )
    return parts


class _Node:
    """One operation of a graph."""

    def __init__(self, content: memoryview) -> None:
        self._fields = list(_fields(content))
        self.inputs = self._texts(_INPUT)
        self.outputs = self._texts(_OUTPUT)
        self.op_type = "".join(self._texts(_OP_TYPE))

    def _texts(self, number: int) -> list[str]:
        return [str(content, "utf-8") for found, _, content in self._fields if found == number]

    def rewired(self, inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
        """The same operation with other inputs and outputs, as a field of a graph."""
        rest = [bytes(field) for number, field, _ in self._fields if number not in (_INPUT, _OUTPUT, _NAME)]
        wires = [_delimited(_INPUT, name.encode()) for name in inputs]
        wires += [_delimited(_OUTPUT, name.encode()) for name in outputs]
        return _delimited(_NODE, b"".join(wires + rest))


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """(number, whole field, content) of each field of a protobuf message."""
    position = 0
    while position < len(message):
        start = position
        key, position = _read_varint(message, position)
        number, wire = key >> 3, key & 7
        if wire == _DELIMITED:
            length, position = _read_varint(message, position)
        elif wire == _VARINT:
            length = _read_varint(message, position)[1] - position
        else:
            length = {_FIXED64: 8, _FIXED32: 4}[wire]
        yield number, message[start : position + length], message[position : position + length]
        position += length


def _read_varint(message: memoryview, position: int) -> tuple[int, int]:
    """A number and the position after it."""
    value = shift = 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def _delimited(number: int, content: bytes) -> bytes:
    return _header(number, len(content)) + content


def _header(number: int, length: int) -> bytes:
    """What stands before the content of a field with a length."""
    return _varint(number << 3 | _DELIMITED) + _varint(length)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
