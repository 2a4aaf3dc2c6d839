"""Layer types that other formats need: reshape against counting, maximum, function."""

from __future__ import annotations

import itertools
from math import prod

import pytest

import cnncalc


def last(*layers, shape):
    rows = "".join(f"  - {layer}\n" for layer in layers)
    text = f"name: n\ninput: {list(shape)}\nlayers:\n{rows}".replace("None", "null")
    return list(cnncalc.analyze(cnncalc.loads(text)))[-1]


@pytest.mark.parametrize(
    "shape, target, expected",
    [
        ((18, 14, 10), [2, -1, 0], (2, 126, 10)),
        ((18, 14, 10), [-1, 0, 0], (18, 14, 10)),
        ((18, 14, 10), [0, 10, 14], (18, 10, 14)),
        ((18, 14, 10), [-1], (2520,)),
        ((18, 14, 10), [2520], (2520,)),
        ((18, 14, 10), [-1, 1, 1], (2520, 1, 1)),
        ((18, 14), [0, -1], (18, 14)),
        ((6, 4, 4, 2), [3, 8, 0, -1], (3, 8, 4, 2)),
        ((None, 14, 10), [2, -1, 0], (2, None, 10)),
        ((18, None, 10), [2, -1, 0], (2, None, 10)),
        ((18, None, None), [0, 0, 0], (18, None, None)),
    ],
)
def test_shape(shape, target, expected):
    layer = last(f"{{type: reshape, shape: {target}}}", shape=shape)
    assert layer.out_shape == expected
    assert (layer.params, layer.buffers, layer.macs, layer.weight_shape) == (0, 0, 0, None)


def rows_read(read, made, axis):
    """Which places of an axis of the input each place of the output holds, by flat counting."""
    places = {}
    for number, place in enumerate(itertools.product(*map(range, made))):
        source = []
        for size in reversed(read):
            number, rest = divmod(number, size)
            source.insert(0, rest)
        places.setdefault(place[axis], set()).add(source[axis])
    return [places[place] for place in range(made[axis])]


@pytest.mark.parametrize(
    "read, made",
    [
        ((6, 4, 4), (2, 12, 4)),
        ((6, 4, 4), (3, 8, 4)),
        ((6, 4, 4), (4, 6, 4)),
        ((6, 4, 4), (6, 4, 4)),
        ((6, 4, 4), (6, 2, 8)),
        ((2, 3, 4), (2, 4, 3)),
        ((6, 1, 1), (1, 2, 3)),
        ((2, 2, 3), (12, 1, 1)),
    ],
)
def test_a_field_is_kept_only_where_every_unit_stays_on_its_row(read, made):
    layer = last(f"{{type: reshape, shape: {list(made)}}}", shape=read)
    for axis in (1, 2):
        held = rows_read(read, made, axis)
        rf, stride = layer.rf[axis - 1], layer.eff_stride[axis - 1]
        if stride == 1:
            assert held == [{place} for place in range(made[axis])] and rf == 1
        elif rf is not None:
            assert all(places == set(range(rf)) for places in held)
            assert layer.is_global
        else:
            assert held != [{place} for place in range(made[axis])]


def test_a_vector_becomes_a_map_that_sees_all_of_it():
    layers = ("{type: linear, out_features: 12}", "{type: reshape, shape: [3, 2, 2]}")
    layer = last(*layers, shape=(2, 7, 5))
    assert (layer.out_shape, layer.rf, layer.is_global) == ((3, 2, 2), (7, 5), True)
    assert last(*layers, "{type: conv, out_channels: 4, kernel_size: 2}", shape=(2, 7, 5)).rf == (
        7,
        5,
    )


FORM = (
    "shape must be [length], or channels and a size per axis (h, w): whole numbers, "
    "0 for the input's own, one -1 for what is left, not "
)
UNFIT = "does not fit its input of 6×4×4; "


@pytest.mark.parametrize(
    "target, told",
    [
        ("[5, -1, 0]", f"shape [5, -1, 0] {UNFIT}its other numbers must divide 96"),
        ("[95]", f"shape [95] {UNFIT}give a shape of 96 numbers, or -1 for what is left"),
        ("[0]", f"shape [0] {UNFIT}give a shape of 96 numbers, or -1 for what is left"),
        ("[-1, -1, 4]", f"{FORM}[-1, -1, 4]"),
        ("[24, 4]", f"{FORM}[24, 4]"),
        ("[-2]", f"{FORM}[-2]"),
        ("96", f"{FORM}96"),
    ],
)
def test_refused(target, told):
    with pytest.raises(cnncalc.CnncalcError) as caught:
        last(f"{{type: reshape, shape: {target}}}", shape=(6, 4, 4))
    assert caught.value.message == told


def test_a_vector_has_no_axes_to_keep():
    layers = ("{type: linear, out_features: 12}", "{type: reshape, shape: [3, 0, -1]}")
    with pytest.raises(cnncalc.ShapeError, match="keeps number 2 of 12; give that number itself"):
        last(*layers, shape=(2, 3, 3))


def test_maximum_merges_and_functions_keep():
    a = "{name: a, type: conv, out_channels: 3, kernel_size: 3, padding: 1}"
    layer = last(a, "{type: maximum, from: [a, input]}", shape=(3, 8, 9))
    assert (layer.out_shape, layer.rf, layer.params, layer.macs) == ((3, 8, 9), (3, 3), 0, 0)
    with pytest.raises(cnncalc.ShapeError, match="differ"):
        last(a, "{type: maximum, from: [a, input]}", shape=(4, 8, 9))
    layer = last("{type: function, operator: Abs}", shape=(3, 8, 9))
    assert (layer.out_shape, layer.rf, layer.node.kind.operator) == ((3, 8, 9), (1, 1), "Abs")
    assert prod(layer.out_shape) == layer.activations
