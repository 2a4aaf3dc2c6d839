"""Graphviz and Mermaid: layers in their blocks, edges once, names as they are, within limits."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from itertools import pairwise
from xml.etree import ElementTree

import pytest

import cnncalc
from cnncalc import zoo
from cnncalc.cli.application import run
from cnncalc.exporters.diagram import COLOURS, TEXT_COLOUR
from cnncalc.exporters.diagram_dot import dot
from cnncalc.exporters.diagram_mermaid import mermaid
from cnncalc.layers import KINDS

# Defaults of maxEdges and maxTextSize: mermaid.js.org/config/schema-docs/config.html
MOST_EDGES, MOST_CHARACTERS = 500, 50_000
NASTY = """\
name: 'a "quoted" \\name'
input: [3, 8, 8]
layers:
  - {name: 'x"y\\z', type: conv, out_channels: 4, kernel_size: 3, stride: 2}
  - {name: '<b>&#34;`', type: relu}
  - {name: end, type: relu}
  - {name: 'a"]; n0 --> n1 %%{init: {"theme": "dark"}}%%', type: relu}
  - {name: '%% no comment', type: relu}
  - {name: 'style x:#a; classDef y:#b;', type: relu}
  - {name: '$$x$$ fa:fa-car \\nnew \\N\\G\\L', type: relu}
  - {name: '层 😀', type: relu}
  - {name: 'end.sub"graph].}', type: relu}
  - {name: 'end.sub"graph].subgraph x', type: relu}
  - {name: '<script>.</script>', type: relu}
  - {name: '..', type: relu}
  - {name: '  ', type: relu}
  - {name: sum, type: add, from: ['x"y\\z', '<b>&#34;`']}
"""
MERMAID_NODE = re.compile(r'n(\d+)\["([^"]+)"\]:::(\w+)')
MERMAID_BLOCK = re.compile(r'subgraph (\w+)\["([^"]+)"\]')
MERMAID_EDGE = re.compile(r"n(\d+) --> n(\d+)")
DOT_TEXT = r'"((?:[^"\\]|\\.)*)"'
DOT_NODE = re.compile(rf'n(\d+) \[label={DOT_TEXT}, fillcolor="(#\w{{6}})"\];')
DOT_BLOCK = re.compile(rf"subgraph cluster_(\w+) {{ label={DOT_TEXT};")
DOT_EDGE = re.compile(r"n(\d+) -> n(\d+);")


class Read:
    """A diagram's lines, each of which must be known: texts, blocks and edges by identifiers."""

    def __init__(self, lines, node, block, edge, closing, plain):
        self.texts, self.colours, self.blocks, self.edges = {}, {}, {}, []
        around, keys = [], set()
        for line in lines:
            if match := node.fullmatch(line):
                assert int(match[1]) not in self.texts
                self.texts[int(match[1])] = plain(match[2])
                self.colours[plain(match[2])[0]] = match[3]
                self.blocks[plain(match[2])[0]] = list(around)
            elif match := block.fullmatch(line):
                assert match[1] not in keys
                keys.add(match[1])
                around.append(*plain(match[2]))
            elif match := edge.fullmatch(line):
                self.edges.append((int(match[1]), int(match[2])))
            else:
                assert line == closing
                around.pop()
        assert not around

    @property
    def named_edges(self):
        return [(self.texts[a][0], self.texts[b][0]) for a, b in self.edges]


def read_mermaid(text):
    lines = [line.strip() for line in text.splitlines() if not line.startswith("%% ")]
    assert re.fullmatch("flowchart (TD|TB|LR)", lines[0])
    drawn = [line for line in lines[1:] if not line.startswith("classDef ")]
    return Read(drawn, MERMAID_NODE, MERMAID_BLOCK, MERMAID_EDGE, "end", mermaid_text)


def mermaid_text(label):
    """The lines of a text: `#35;` is a sign by its number, and nothing else is special."""
    lines = label.split("<br/>")
    for line in lines:
        assert re.fullmatch(r'(#\d+;|[^#"<>&`\\%$:])*', line)
    return [re.sub(r"#(\d+);", lambda match: chr(int(match[1])), line) for line in lines]


def read_dot(text):
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0].startswith("digraph ")
    assert lines[-1] == "}"
    assert [line.split()[0] for line in lines[2:4]] == ["graph", "node"]
    return Read(lines[4:-1], DOT_NODE, DOT_BLOCK, DOT_EDGE, "}", dot_text)


def dot_text(label):
    """The lines of a text: `\\n` breaks it, other signs after `\\` stand for themselves."""
    broken = re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], label)
    return html.unescape(broken).split("\n")


FORMS = [(dot, read_dot), (mermaid, read_mermaid)]
both_forms = pytest.mark.parametrize(("form", "read"), FORMS, ids=["dot", "mermaid"])


def loaded(text_or_name):
    load = cnncalc.loads if "\n" in text_or_name else cnncalc.load
    network = load(text_or_name)
    return network, cnncalc.analyze(network)


def flat(count, name="layer"):
    return "input: [1, 8, 8]\nlayers:\n" + "".join(
        f"  - {{name: {name}{place}, type: relu}}\n" for place in range(count)
    )


@both_forms
@pytest.mark.parametrize("name", ["vgg16", "resnet18", "googlenet", NASTY])
def test_every_layer_and_every_edge_is_drawn(name, form, read):
    network, report = loaded(name)
    diagram = read(form(network, report).text)
    assert diagram.edges == [(s, node.index) for node in network.nodes for s in node.sources]
    names = {index: lines[0] for index, lines in diagram.texts.items()}
    assert names == {0: "input", **{node.index: node.name for node in network.nodes}}


@both_forms
def test_nodes_show_window_shape_and_field(form, read):
    texts = read(form(*loaded("vgg16")).text).texts.values()
    assert ["conv5_3", "conv 3×3", "512×14×14", "rf 196"] in texts
    assert ["pool1", "max_pool 2×2 / 2", "64×112×112", "rf 6"] in texts


@both_forms
@pytest.mark.parametrize("name", ["resnet18", "efficientnet_b0", "inception_v3", NASTY])
def test_blocks_are_nested_as_names_are(name, form, read):
    network, report = loaded(name)
    blocks = read(form(network, report).text).blocks
    for node in network.nodes:
        parts = node.name.split(".")
        around = [".".join(parts[:level]) or " " for level in range(1, len(parts))]
        assert blocks[node.name] == around


# Bottlenecks of ResNet-50, arXiv:1512.03385 table 1: 1×1, 3×3, 1×1 without biases, with norms.
BLOCK = 256 * 64 + 64 * 64 * 9 + 64 * 256
BLOCK_PARAMS = BLOCK + 2 * (64 + 64 + 256)


@both_forms
def test_folded_blocks_show_copies_shape_and_sums(form, read):
    diagram = read(form(*loaded("resnet50"), depth=2).text)
    (text,) = [lines for lines in diagram.texts.values() if lines[0] == "layer1.1 ×2"]
    assert text[1] == "256×56×56"
    assert text[2] == f"{2 * BLOCK_PARAMS:,} params · {2 * BLOCK * 56 * 56:,} MACs"
    stages = [f"layer{n}.{row}" for n in (1, 2, 3, 4) for row in ("0", f"1 ×{(2, 3, 5, 2)[n - 1]}")]
    chain = ["input", "conv1", "bn1", "relu", "maxpool", *stages, "avgpool", "fc"]
    assert diagram.named_edges == list(pairwise(chain))
    assert diagram.blocks["layer3.1 ×5"] == ["layer3"]


@both_forms
def test_unknown_sums_are_no_zeros(form, read):
    conv = "type: conv, kernel_size: 3, out_channels: 4"
    text = f"input: [null, 8, 8]\nlayers:\n  - {{name: a.b, {conv}}}\n"
    diagram = read(form(*loaded(text), depth=1).text)
    assert diagram.texts[1] == ["a", "4×6×6", "? params · ? MACs", "rf 3"]


@both_forms
@pytest.mark.parametrize(("name", "depth"), [("googlenet", 1), ("densenet121", 3), ("unet", 1)])
def test_between_folded_nodes_there_is_one_edge(name, depth, form, read):
    network, report = loaded(name)
    diagram = read(form(network, report, depth=depth).text)
    assert not any("×" in lines[0] for lines in diagram.texts.values())
    names = ["input", *(".".join(node.name.split(".")[:depth]) for node in network.nodes)]
    expected = {(names[s], names[node.index]) for node in network.nodes for s in node.sources}
    assert len(diagram.edges) == len(set(diagram.edges))
    assert set(diagram.named_edges) == {(a, b) for a, b in expected if a != b}


@both_forms
def test_copies_lie_in_their_block(form, read):
    text = "input: [1, 8, 8]\nlayers:\n" + "".join(
        f"  - {{name: all.{stage}.{copy}.relu, type: relu}}\n" for stage in "st" for copy in "01"
    )
    diagram = read(form(*loaded(text), depth=3).text)
    assert diagram.blocks == {
        "input": [],
        "all.s.0 ×2": ["all", "all.s"],
        "all.t.0 ×2": ["all", "all.t"],
    }


@both_forms
def test_a_layer_called_as_a_block_is_folded_into_it(form, read):
    conv = "type: conv, out_channels: 3, kernel_size: 3"
    text = f"input: [3, 8, 8]\nlayers:\n  - {{name: a, {conv}}}\n  - {{name: a.b, {conv}}}\n"
    diagram = read(form(*loaded(text), depth=1).text)
    params, macs = 3 * 3 * 9 + 3, 3 * 3 * 9
    assert diagram.texts[1][0] == "a"
    assert diagram.texts[1][2] == f"{2 * params} params · {macs * (36 + 16):,} MACs"


@both_forms
def test_a_layer_that_reads_another_twice_has_two_edges(form, read):
    text = flat(1) + "  - {name: double, type: add, from: [layer0, layer0]}\n"
    assert read(form(*loaded(text)).text).edges == [(0, 1), (1, 2), (1, 2)]


def length(text):
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("name", zoo.names())
def test_mermaid_draws_every_built_in_network(name):
    network, report = loaded(name)
    edges = sum(len(node.sources) for node in network.nodes)
    levels = max(node.name.count(".") + 1 for node in network.nodes)
    text, note = mermaid(network, report)
    assert len(read_mermaid(text).edges) <= MOST_EDGES
    assert length(text) <= MOST_CHARACTERS
    if note is None:
        assert len(read_mermaid(text).edges) == edges
        return
    told = re.fullmatch(r"folded to --depth (\d+): ([\d,]+) edges and ([\d,]+) characters .*", note)
    depth, *size = (int(number.replace(",", "")) for number in told.groups())
    assert text.startswith(f"%% {note}\n")
    assert size[0] == edges
    assert edges > MOST_EDGES or size[1] > MOST_CHARACTERS
    assert text.partition("\n")[2] == mermaid(network, report, depth=depth).text
    for greater in range(depth + 1, levels + 1):
        more, excess = mermaid(network, report, depth=greater)
        assert len(read_mermaid(more).edges) > MOST_EDGES or length(more) > MOST_CHARACTERS
        assert "maxEdges" in excess


def test_an_asked_depth_is_drawn_whatever_its_size():
    network, report = loaded("densenet201")
    text, note = mermaid(network, report, depth=4)
    assert len(read_mermaid(text).edges) == sum(len(node.sources) for node in network.nodes) > 500
    assert "a smaller --depth folds more, or raise maxEdges and maxTextSize" in note


@pytest.mark.parametrize(("count", "fits"), [(500, True), (501, False)])
def test_a_network_without_blocks_is_drawn_whole(count, fits):
    text, note = mermaid(*loaded(flat(count, "c")))
    assert len(read_mermaid(text).edges) == count
    assert length(text) < MOST_CHARACTERS
    if fits:
        assert note is None
    else:
        assert note.startswith("501 edges and ")
        assert note.endswith("50,000; raise maxEdges and maxTextSize in mermaid.initialize")


def test_characters_are_counted_as_javascript_does():
    plain, faces = (mermaid(*loaded(flat(200, sign * 150))) for sign in ("x", "😀"))
    assert len(plain.text) == len(faces.text) < MOST_CHARACTERS < length(faces.text)
    assert plain.note is None
    assert f" {length(faces.text):,} characters" in faces.note


@pytest.mark.parametrize("direction", ["TB", "TD", "LR", "lr"])
def test_direction(direction, capsys):
    for form in ("dot", "mermaid"):
        assert run(["export", "lenet5", "--to", form, "--direction", direction]) == 0
    out = capsys.readouterr().out
    assert f"\nflowchart {direction.upper()}\n" in out
    assert f"  rankdir={'LR' if direction in ('LR', 'lr') else 'TB'};\n" in out


def test_the_command(tmp_path, capsys):
    path = tmp_path / "net.mmd"
    assert run(["export", "resnet152", "--to", "mermaid", "-o", str(path)]) == 0
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert capsys.readouterr().err == f"note: {first.removeprefix('%% ')}\n"
    assert run(["export", "resnet152", "--to", "dot", "--depth", "1"]) == 0
    out, err = capsys.readouterr()
    assert "\\n".join(["layer4", "2048×7×7"]) in out
    assert not err


@pytest.mark.parametrize("form", ["pytorch", "keras", "onnx"])
@pytest.mark.parametrize("option", [("--depth", "2"), ("--direction", "LR")])
def test_what_only_diagrams_have_is_refused_for_others(form, option, capsys):
    assert run(["export", "lenet5", "--to", form, *option]) == 2
    assert f"{option[0]} is for --to dot and --to mermaid, not {form}" in capsys.readouterr().err


@pytest.mark.parametrize("depth", ["0", "-1", "1.5", "99999999999999999999999"])
def test_a_depth_is_a_whole_number_of_at_least_1(depth, capsys):
    assert run(["export", "lenet5", "--to", "dot", "--depth", depth]) == 2
    assert "--depth" in capsys.readouterr().err


@both_forms
def test_a_family_has_one_colour_and_the_next_another(form, read):
    colour = read(form(*loaded("vgg16")).text).colours
    assert colour["conv1_1"] == colour["conv5_3"] == colour["fc6"]
    assert len({colour[name] for name in ("input", "conv1_1", "relu1_1", "pool1")}) == 4


def test_every_family_has_a_colour_on_which_its_text_reads():
    assert {home.split(".")[0] for home in KINDS.values()} <= COLOURS.keys()
    for fill in COLOURS.values():
        assert contrast(fill, TEXT_COLOUR) >= 7  # WCAG 2.2, success criterion 1.4.6


def contrast(light, dark):
    """WCAG's contrast ratio."""
    one, other = (
        sum(
            weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
            for weight, part in zip(
                (0.2126, 0.7152, 0.0722), (c / 255 for c in bytes.fromhex(sign[1:]))
            )
        )
        for sign in (light, dark)
    )
    return (one + 0.05) / (other + 0.05)


needs_graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


@needs_graphviz
@pytest.mark.parametrize("depth", [None, 1, 2])
@pytest.mark.parametrize("name", ["resnet18", NASTY])
def test_graphviz_reads_it(name, depth):
    text = dot(*loaded(name), depth=depth).text
    drawn = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, text=True, check=True)
    assert not drawn.stderr
    groups = {kind: [] for kind in ("node", "edge", "cluster", "graph")}
    for group in ElementTree.fromstring(drawn.stdout).iter("{http://www.w3.org/2000/svg}g"):
        texts = ["".join(t.itertext()) for t in group.findall("{http://www.w3.org/2000/svg}text")]
        groups[group.get("class")].append(texts)
    diagram = read_dot(text)
    assert sorted(map(visible, groups["node"])) == sorted(map(visible, diagram.texts.values()))
    assert len(groups["edge"]) == len(diagram.edges)
    names = {name for around in diagram.blocks.values() for name in around}
    assert {name for texts in groups["cluster"] for name in texts} == names


def visible(lines):
    """Lines as Graphviz writes them: blanks at the edges are no text."""
    return [line.replace("\xa0", " ").strip() for line in lines if line.strip()]
