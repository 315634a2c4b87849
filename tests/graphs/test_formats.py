"""Each format says what the graph holds, and content never becomes anything but text."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import networkx
import pytest

from coda_graphmem import ValidationError
from coda_graphmem.graphs.build import build_graph
from coda_graphmem.graphs.html import render_html
from coda_graphmem.graphs.layout import CROWDED, positions, uncrowded
from coda_graphmem.graphs.memory_graph import MemoryGraph
from coda_graphmem.graphs.networks import render_gexf, render_graphml
from coda_graphmem.graphs.notebook import LARGEST_PICTURE
from coda_graphmem.graphs.png import render_png
from coda_graphmem.graphs.svg import render_svg
from tests.graphs.build import HOSTILE, entity, graph, memory

EMPTY = MemoryGraph("empty", [], [])
#: Control characters have no place in XML.
WRITABLE = HOSTILE.replace("\x1b", "\ufffd").replace("\x07", "\ufffd")


def test_networkx_holds_nodes_and_edges_with_their_fields() -> None:
    found = graph().to_networkx()
    assert isinstance(found, networkx.MultiDiGraph)
    kinds = dict(found.nodes(data="kind"))
    assert kinds == {
        **dict.fromkeys(("memory:m1", "memory:m2", "memory:m3"), "memory"),
        **dict.fromkeys(("entity:ann", "entity:bob"), "entity"),
        "conversation:c<1>": "conversation",
    }
    first = found.nodes["memory:m1"]
    assert (first["content"], first["speaker"], first["time"]) == (HOSTILE, "Ann", "1970-01-01T00:16:40+00:00")
    assert found.nodes["memory:m2"]["decay_factor"] == 0.5
    assert "decay_factor" not in first
    assert found.nodes["memory:m3"]["archived"] is True
    assert found.nodes["entity:ann"] == {"kind": "entity", "label": "Ann", "entity_label": "PERSON", "mention_count": 2}
    edges = {(a, b, kind) for a, b, kind in found.edges(keys=True)}
    assert edges == {
        ("memory:m1", "entity:ann", "MENTIONS"),
        ("memory:m1", "entity:bob", "MENTIONS"),
        ("memory:m2", "entity:ann", "MENTIONS"),
        ("memory:m1", "conversation:c<1>", "PART_OF"),
        ("memory:m2", "conversation:c<1>", "PART_OF"),
        ("memory:m1", "memory:m2", "NEXT"),
        ("memory:m1", "memory:m2", "SIMILAR_TO"),
        ("memory:m1", "memory:m2", "POSSIBLY_OUTDATED_BY"),
        ("memory:m3", "memory:m2", "CONSOLIDATED_INTO"),
    }
    similar = found.edges["memory:m1", "memory:m2", "SIMILAR_TO"]
    assert (similar["score"], similar["guard"], similar["reason"]) == (0.75, "numbers", "3 | 4")
    assert repr(graph()) == "MemoryGraph(namespace='a <b>', memory=3, entity=2, conversation=1, edges=9)"


@pytest.mark.parametrize("kind", ["graphml", "gexf"])
def test_graph_files_read_back_with_their_types(kind: str) -> None:
    render, read = {
        "graphml": (render_graphml, networkx.read_graphml),
        "gexf": (render_gexf, networkx.read_gexf),
    }[kind]
    data = render(graph())
    found = read(io.BytesIO(data))
    assert set(found.nodes) == set(graph().to_networkx().nodes)
    assert found.number_of_edges() == 9
    first = found.nodes["memory:m1"]
    assert first["content"] == WRITABLE
    assert (first["importance"], first["access_count"], first["archived"]) == (0.5, 0, False)
    assert "decay_factor" not in first
    kinds = sorted(values["kind"] for _, _, values in found.edges(data=True))
    assert kinds == sorted(edge.kind for edge in graph().edges)
    root = ET.fromstring(data)
    ids = [element.get("id") for element in root.iter() if element.tag.endswith("}edge")]
    assert len(set(ids)) == 9


def test_graphml_says_which_type_an_attribute_has() -> None:
    root = ET.fromstring(render_graphml(graph()))
    types = {key.get("attr.name"): key.get("attr.type") for key in root.iter() if key.tag.endswith("}key")}
    assert types["importance"] == "double"
    assert types["access_count"] in ("int", "long")
    assert types["archived"] == "boolean"
    assert types["content"] == "string"


def test_svg_is_a_picture_and_nothing_else() -> None:
    text = render_svg(graph())
    root = ET.fromstring(text)
    tags = {element.tag.split("}")[1] for element in root.iter()}
    assert tags == {"svg", "title", "style", "rect", "line", "circle", "text"}
    assert not any(name.startswith("on") or "href" in name for element in root.iter() for name in element.attrib)
    # Six nodes and the paper; an edge each.
    assert len([e for e in root.iter() if e.tag.endswith(("}circle", "}rect"))]) == 7
    assert len([e for e in root.iter() if e.tag.endswith("}line")]) == 9
    assert "prefers-color-scheme:dark" in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert text == render_svg(graph())


class Page(HTMLParser):
    """Tags, scripts and policy of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        self._inside = values.get("id") or tag

    def handle_data(self, data: str) -> None:
        self.texts[self._inside] = self.texts.get(self._inside, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def test_a_page_runs_its_own_script_alone_and_content_is_data() -> None:
    text = render_html(graph())
    page = Page(text)
    assert "img" not in {tag for tag, _ in page.tags}
    assert not any(
        name.startswith("on") or name in ("src", "href", "style") for _, values in page.tags for name in values
    )
    [policy] = [v["content"] for t, v in page.tags if t == "meta" and v.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    for part in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.texts[part].encode()).digest()).decode()
        assert f"{part}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "innerHTML" not in page.texts["script"]
    assert "http://www.w3.org/2000/svg" in page.texts["script"]
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    data = json.loads(page.texts["data"])
    assert "<" not in page.texts["data"]
    assert data["leftOut"] == 4
    [first] = [node for node in data["nodes"] if node["id"] == "memory:m1"]
    assert first["values"]["content"] == HOSTILE
    assert len(data["edges"]) == 9
    assert page.texts["title"] == "Memories of a <b>"


def test_a_picture_has_no_tex_read_what_memories_say(monkeypatch: pytest.MonkeyPatch) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    texmanager = pytest.importorskip("matplotlib.texmanager")
    monkeypatch.setattr(texmanager.TexManager, "_run_checked_subprocess", lambda *_: pytest.fail("TeX was run"))
    with matplotlib.rc_context({"text.usetex": True}):
        assert render_png(graph()).startswith(b"\x89PNG")


def test_png_is_one_and_its_absence_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    data = render_png(graph())
    assert data.startswith(b"\x89PNG\r\n")
    assert int.from_bytes(data[16:20], "big") == 1800
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ValidationError, match="needs Matplotlib") as caught:
        render_png(graph())
    assert caught.value.field == "format"
    assert "coda-graphmem[plot]" in str(caught.value)


def test_nothing_can_be_drawn_too() -> None:
    assert "<svg" in render_svg(EMPTY)
    assert json.loads(Page(render_html(EMPTY)).texts["data"])["nodes"] == []
    assert render_png(EMPTY).startswith(b"\x89PNG")
    assert networkx.read_graphml(io.BytesIO(render_graphml(EMPTY))).number_of_nodes() == 0
    assert networkx.read_gexf(io.BytesIO(render_gexf(EMPTY))).number_of_nodes() == 0


def test_a_notebook_sees_a_picture_or_numbers() -> None:
    shown = graph()._repr_html_()
    assert "<svg" in shown
    assert "3 memories, 2 entities, 1 conversations and 9 edges of a &lt;b&gt;; 4 more memories" in shown
    assert "<img" not in shown
    many = build_graph("n", [memory(f"x{i}") for i in range(LARGEST_PICTURE + 1)], {}, [], [])
    assert "<svg" not in many._repr_html_()
    assert f"{LARGEST_PICTURE + 1} memories" in many._repr_html_()
    assert "<svg" not in EMPTY._repr_html_()


def test_places_are_fixed_distinct_and_inside() -> None:
    crowd = build_graph(
        "n",
        [memory(f"m{i}", entities=(f"own{i}", f"shared{i % 3}")) for i in range(20)] + [memory("alone")],
        {key: entity(key) for i in range(20) for key in (f"own{i}", f"shared{i % 3}")},
        [],
        [],
    )
    places = positions(crowd)
    assert set(places) == {node.node_id for node in crowd.nodes}
    assert len(set(places.values())) == len(places)
    assert all(0 <= value <= 1 for place in places.values() for value in place)
    assert places == positions(crowd)


def test_crowded_pictures_leave_out_what_one_memory_alone_mentions() -> None:
    assert uncrowded(graph()) == graph()
    crowd = graph(*(memory(f"x{i}", entities=("ann",)) for i in range(CROWDED)))
    kept = {node.node_id for node in uncrowded(crowd).nodes}
    assert "entity:ann" in kept
    assert "entity:bob" not in kept
    assert len(kept) == len(crowd.nodes) - 1
