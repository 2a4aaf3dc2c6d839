"""Networks of several inputs written for every tool, and read back."""

import re
from inspect import signature

import pytest

import cnncalc
from cnncalc.exporters.diagram_dot import dot
from cnncalc.exporters.diagram_mermaid import mermaid
from cnncalc.exporters.yaml import flat_definition, folded_definition

TWO = """\
name: two
input: {image: [3, 16, 12], depth: [1, 16, 12]}
layers:
  - {name: a, type: conv, out_channels: 8, kernel_size: 3, padding: 1}
  - {name: b, type: conv, out_channels: 8, kernel_size: 5, padding: 2, from: depth}
  - {name: sum, type: add, from: [a, b]}
  - {name: head, type: conv, out_channels: 2, kernel_size: 3}
"""
SHARED = """\
name: siamese
input: {left: [3, 16, 16], right: [3, 16, 16]}
layers:
  - {name: a, type: conv, out_channels: 8, kernel_size: 3}
  - {name: a2, type: conv, out_channels: 8, kernel_size: 3, from: right, shares: a}
  - {name: both, type: concat, from: [a, a2]}
  - {name: fc, type: linear, out_features: 3}
"""
VECTOR = """\
name: gated
input: {image: [3, 16, 16], code: [5]}
layers:
  - {name: fc, type: linear, out_features: 8, from: code}
  - {name: gate, type: reshape, shape: [8, 1, 1]}
  - {name: a, type: conv, out_channels: 8, kernel_size: 3, from: image}
  - {name: out, type: mul, from: [a, gate]}
"""
UNREAD = TWO.replace("depth: [1, 16, 12]}", "depth: [1, 16, 12], hint: [3, 8, 8]}")
BLOCKS = """\
name: towers
input: {left: [4, 16, 16], right: [4, 16, 16]}
blocks:
  tower:
    layers:
      - {name: conv, type: conv, out_channels: 4, kernel_size: 3}
      - batch_norm
      - relu
layers:
  - {name: one, type: tower}
  - {name: other, type: tower, from: right}
  - {name: both, type: concat, from: [one, other]}
"""
NAMES = [
    "input",
    "inputs",
    "x",
    "self",
    "layers",
    "class",
    "a.b",
    "größe",
    "1",
    "torch",
    "in put",
    "out",
    "x_2",
]
NETWORKS = {
    "two": TWO,
    "shared": SHARED,
    "vector": VECTOR,
    "unread": UNREAD,
    "blocks": BLOCKS,
    **{name: re.sub("depth", f'"{name}"', TWO) for name in NAMES},
}


def figures(network):
    """What holds whatever the layers and inputs are called."""
    report = cnncalc.analyze(network)
    totals = report.totals
    return (
        (totals.params, totals.buffers, totals.macs),
        [layer.out_shape for layer in report if layer.macs],
        report.layers[-1].rf,
    )


@pytest.fixture(params=NETWORKS)
def network(request):
    return cnncalc.loads(NETWORKS[request.param])


@pytest.mark.parametrize("write", [flat_definition, folded_definition])
def test_definitions(network, write):
    again = cnncalc.loads(write(network))
    assert again.input == network.input
    assert cnncalc.analyze(again).to_dict() == cnncalc.analyze(network).to_dict()


def test_pytorch(network):
    torch = pytest.importorskip("torch")
    from cnncalc.exporters.pytorch.export import export

    scope = {"__name__": "made"}
    exec(export(network, cnncalc.analyze(network)), scope)
    made = [each for each in scope.values() if isinstance(each, type)]
    module = [each for each in made if issubclass(each, torch.nn.Module)][-1]()
    names = list(signature(module.forward).parameters)
    again = cnncalc.from_torch(module, dict(zip(names, network.inputs.values(), strict=True)))
    assert figures(again) == figures(network)


def test_keras(network):
    pytest.importorskip("keras_models")
    from cnncalc.exporters.keras.export import export

    scope = {"__name__": "made"}
    exec(export(network, cnncalc.analyze(network)), scope)
    again = cnncalc.from_keras(scope["build"]())
    assert list(again.inputs.values()) == list(network.inputs.values())
    assert figures(again) == figures(network)


def test_onnx(network):
    pytest.importorskip("onnx")
    from onnx import checker, load_from_string
    from onnx_models import read

    from cnncalc.exporters.onnx.export import export

    encoded = export(network, cnncalc.analyze(network))
    checker.check_model(load_from_string(encoded), full_check=True)
    again = read(encoded)
    read_ones = {source for node in network.nodes for source in node.sources}
    kept = {name: s for name, s in network.inputs.items() if network.index(name) in read_ones}
    assert again.input == kept
    assert figures(again) == figures(network)


@pytest.mark.parametrize("draw", [dot, mermaid])
def test_diagrams(network, draw):
    text = draw(network, cnncalc.analyze(network)).text
    arrows = re.findall(r"^\s*(\w+) -+> (\w+)", text, re.MULTILINE)
    expected = sum(len(node.sources) for node in network.nodes)
    assert len(arrows) == expected
    boxes = {place for arrow in arrows for place in arrow}
    assert len(boxes) == len(network.nodes) + len(
        {s for n in network.nodes for s in n.sources if s <= 0}
    )
