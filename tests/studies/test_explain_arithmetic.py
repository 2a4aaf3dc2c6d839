"""Explanations: their arithmetic is worked out by a reader of its own and held to the report."""

from fractions import Fraction
from math import prod

import pytest
from formula_text import worked_out
from random_networks import SMALL_BY_UNITS, generate, to_yaml

import cnncalc
from cnncalc import zoo
from cnncalc.arithmetic import AXES
from cnncalc.studies.explain import explain

FIELD = {
    "receptive field": "rf",
    "smallest receptive field": "rf_min",
    "effective stride": "eff_stride",
    "effective padding": "eff_pad",
    "centre": "center",
}
COSTS = {
    "parameters": "params",
    "running statistics": "buffers",
    "MACs": "macs",
    "FLOPs": "flops",
    "weight": "weight_shape",
}


def exact(result):
    """A step's result as Python's exact number, or a tuple of them."""
    if hasattr(result, "numbers"):
        return result.numbers
    return Fraction(*result) if isinstance(result, tuple) else result


def on_axis(step, values, axes):
    """The report's values on the axes that a step holds for; they must be equal."""
    chosen = {values[axes.index(axis)] for axis in step.axes}
    assert len(chosen) == 1, f"{step} holds for axes that differ: {values}"
    return chosen.pop()


def check_arithmetic(step):
    """The numbers put in give the result, and are all known exactly if it is."""
    result = exact(step.result)
    if hasattr(step.result, "first") or not step.formula:
        return
    unknown = "?" in step.with_numbers
    assert unknown == (None in result if isinstance(result, tuple) else result is None), step
    if not unknown:
        assert worked_out(step.with_numbers) == result, step


def check_field(step, layer, axes):
    if step.quantity in FIELD:
        expected = on_axis(step, getattr(layer, FIELD[step.quantity]), axes)
        assert exact(step.result) == expected, step


def check_output(step, layer):
    result = exact(step.result)
    axes = AXES.get(len(layer.out_shape) - 1, ())  # units in a row have one of their own
    if step.quantity == "output size":
        own = axes if len(layer.out_shape) == 1 + len(axes) else ("l",)  # of tokens
        assert result == on_axis(step, layer.out_shape[1:], own)
    elif step.quantity in ("channels", "length"):
        assert result == layer.out_shape[0]
    elif step.quantity.startswith("padding"):
        before, after = on_axis(step, layer.padding, axes)
        total = None if before is None else before + after
        assert result == {"t": total, "p_b": before, "p_e": after}[step.symbol]


def check_costs(section, layer):
    """Costs agree with the report, and the matrix product does all the multiply–accumulates."""
    found = {step.quantity: exact(step.result) for step in section.steps}
    for quantity, name in COSTS.items():
        if quantity in found:
            assert found[quantity] == getattr(layer, name), (layer, quantity)
    assert {"parameters", "MACs"} <= set(found)
    assert ("weight" in found) == (layer.weight_shape is not None and layer.macs != 0)
    matrices = [sides for name, sides in found.items() if "2col" in name or "product" in name]
    matrices += [sides for name, sides in found.items() if "col2" in name]
    assert len(matrices) == (2 if "weight" in found else 0)
    if matrices and layer.macs is not None:
        (rows, inner), (again, columns) = matrices
        assert inner == again
        groups = layer.groups or 1
        assert rows * inner * columns * groups == layer.macs
        if layer.type == "linear":
            assert rows == layer.scale
        else:
            shape = layer.in_shape if layer.type == "conv_transpose" else layer.out_shape
            assert columns == prod(shape[1:]) * layer.scale
    if "weight" in found:
        last = found["weight, channels last"]
        assert sorted(map(str, last), key=str) == sorted(map(str, found["weight"])) or (
            None in last or prod(last) == prod(found["weight"])
        )


def behind_tokens(network):
    """The layers that give tokens, and those behind them: no way leads down through a row."""
    found = set()
    for node in network.nodes:
        if node.type == "tokens" or found & {*node.sources}:
            found.add(node.index)
    return found


def check_ways(explained, axes, tokens):
    """Each step starts where the one before ended, and the last one gives the field."""
    ends = {}
    for way in explained.ways:
        before = way.start
        for step in way.steps:
            check_arithmetic(step)
            for name in ("RF", "first", "last"):
                if name in step.symbols and step.formula != "last − first + 1":
                    assert step.values[name] == before, (explained.layer, step)
            before = step.result
        for axis in way.axes:
            ends.setdefault(axis, {})[way.quantity] = way.values[-1]
    for place, axis in enumerate(axes):
        rf = explained.layer.rf[place]
        if axis not in ends:
            assert not rf or explained.layer.index in tokens
        elif "RF" in ends[axis]:
            assert ends[axis]["RF"] == rf
        else:
            assert ends[axis]["last"] - ends[axis]["first"] + 1 == rf


def check(network, **asked):
    """Every step of every layer."""
    explanation = explain(network, **asked)
    report, tokens = cnncalc.analyze(network, **asked), behind_tokens(network)
    assert [explained.layer.layer for explained in explanation] == [x.layer for x in report]
    for explained, layer in zip(explanation, report, strict=True):
        output, field, costs = explained.sections
        for step in explained.steps:
            check_arithmetic(step)
        for step in output.steps:
            check_output(step, layer)
        for step in field.steps:
            check_field(step, layer, report.axes)
        check_costs(costs, layer)
        check_ways(explained, report.axes, tokens)
    return explanation


@pytest.mark.parametrize("name", zoo.names())
def test_built_in_network(name):
    check(cnncalc.load(name))


@pytest.mark.parametrize("name", ["alexnet", "unet", "mobilenet_v2", "faster_rcnn_vgg16"])
def test_batch_of_a_built_in_network(name):
    check(cnncalc.load(name), batch=10)


@pytest.mark.parametrize("seed", range(300))
def test_random_network(seed):
    check(cnncalc.loads(to_yaml(generate(seed))))


@pytest.mark.parametrize("seed", range(100))
def test_random_network_with_fields_unit_by_unit(seed):
    check(cnncalc.loads(to_yaml(generate(seed, limits=SMALL_BY_UNITS))))


@pytest.mark.parametrize("seed", range(0, 300, 6))
@pytest.mark.parametrize("asked", ["no size", "nothing", "with_global", "batch", "from"])
def test_random_network_otherwise(seed, asked):
    network = cnncalc.loads(to_yaml(generate(seed)))
    channels, *sizes = network.input
    middle = network.nodes[len(network.nodes) // 2]
    arguments = {
        "no size": {"input": (channels, *[None] * len(sizes))},
        "nothing": {"input": [None] * len(network.input)},
        "with_global": {"with_global": True},
        "batch": {"batch": 3},
        "from": {"from_layer": middle.name},
    }
    try:
        cnncalc.analyze(network, **arguments[asked])
    except cnncalc.CnncalcError:
        return  # A vector has no field to be relative to.
    check(network, **arguments[asked])


TRANSFORMER = """
input: [2, 12, 10]
layers:
  - {type: conv, out_channels: 4, kernel_size: 3, stride: 2, padding: 1}
  - {name: windows, type: attention, heads: 2, window: [4, 2], shift: 1, position_bias: true}
  - {type: add, from: [windows, conv1]}
  - tokens
  - {type: prepend, count: 2}
  - position
  - {name: all, type: attention, heads: 2, key_dim: 5, position_bias: true, bias: false}
  - {name: sum, type: add, from: [all, position1]}
  - {type: conv, out_channels: 4, kernel_size: 1}
  - {name: class, type: take, index: 0}
  - {type: linear, out_features: 3}
  - {name: patches, type: take, index: [2, 32], from: sum}
  - {name: scores, type: matmul, from: [patches, patches], transpose: true}
  - {type: matmul, from: [scores, patches]}
  - {type: untokens, like: conv1}
  - {type: max_pool, kernel_size: 2}
"""


@pytest.mark.parametrize(
    "asked", [{}, {"with_global": True}, {"batch": 3}, {"input": (2, None, None)}]
)
def test_attention_and_tokens(asked):
    check(cnncalc.loads(TRANSFORMER), **asked)
