"""What is given without sizes or channels, and fields from a layer on.

A figure that is given while a size is unknown must be the figure for every size; so each network
is analysed without its sizes (or channels) and with several of them.
"""

from __future__ import annotations

import re
from itertools import product

import pytest
from random_networks import generate, to_yaml

import cnncalc

FIGURES = ("rf", "rf_min", "eff_stride", "eff_pad", "center", "coverage")
COSTS = ("params", "buffers", "macs", "flops", "activations")


def without_fixed_sizes(text: str) -> bool:
    """Whether a network works on other sizes too: nothing in it asks for a size of its own."""
    return not re.search(r"\bsize: |like:|output_size|max_unpool|crop", text)


def agreeing(unknown, known, names: tuple[str, ...]) -> None:
    """Whatever figure the partial report gives must be that of the full one."""
    for name in names:
        one, other = getattr(unknown, name), getattr(known, name)
        pairs = zip(one, other) if isinstance(one, tuple) else [(one, other)]
        for partial, full in pairs:
            if partial is not None:
                assert partial == full, (unknown.layer, name)


SEEDS = [seed for seed in range(150) if without_fixed_sizes(to_yaml(generate(seed)))]


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_without_a_size_hold_for_every_size(seed):
    network = cnncalc.loads(to_yaml(generate(seed)))
    open_sizes = cnncalc.analyze(network, input=(None,) * network.axes)
    for larger in product(range(4), repeat=network.axes):
        sizes = tuple(size + more for size, more in zip(network.input[1:], larger))
        try:
            report = cnncalc.analyze(network, input=sizes)
        except cnncalc.ShapeError:
            continue
        for layer in open_sizes:
            known = report[layer.layer]
            if (known.is_global or known.gated) and not (layer.is_global or layer.gated):
                # A map that happens to shrink to 1×1 here broadcasts; of unknown size it is taken
                # to be as large as what it meets.
                break
            assert layer.is_global == report[layer.layer].is_global
            agreeing(layer, report[layer.layer], FIGURES)


def test_geometry_without_a_size_is_not_given_up():
    network = cnncalc.load("vgg16")
    report = cnncalc.analyze(network, input=(3, 224, 224))
    for layer in cnncalc.analyze(network, input=(None, None)):
        if not layer.is_global:
            assert layer.figures == report[layer.layer].figures


@pytest.mark.parametrize("seed", range(60))
def test_figures_without_channels_hold_for_all(seed):
    network = cnncalc.loads(to_yaml(generate(seed)))
    report = cnncalc.analyze(network)
    geometry = cnncalc.analyze(network, input=(None, *network.input[1:]))
    for layer in geometry:
        full = report[layer.layer]
        assert layer.out_shape[1:] == full.out_shape[1:]
        assert layer.figures == full.figures
        agreeing(layer, full, COSTS)


CHAIN = """\
name: chain
input: [2, 61, 64]
layers:
  - {name: a, type: conv, out_channels: 2, kernel_size: 3, stride: 2, padding: same}
  - {name: b, type: max_pool, kernel_size: [2, 3]}
  - {name: c, type: conv_transpose, out_channels: 2, kernel_size: 3, stride: 2, padding: 1}
  - {name: d, type: conv, out_channels: 2, kernel_size: 3, dilation: 2}
  - {name: e, type: upsample, scale_factor: 3, mode: bilinear}
  - {name: f, type: avg_pool, kernel_size: 2}
  - {name: g, type: global_avg_pool}
"""


@pytest.mark.parametrize("start", "abcdef")
def test_fields_from_a_layer_are_those_of_the_rest_alone(start):
    whole = cnncalc.loads(CHAIN)
    size = cnncalc.analyze(whole)[start].out_shape
    lines = CHAIN.splitlines(keepends=True)
    rest = [*lines[:1], f"input: {list(size)}\n", "layers:\n"]
    rest += lines[4 + "abcdefg".index(start) :]
    alone = cnncalc.analyze(cnncalc.loads("".join(rest)))
    relative = cnncalc.analyze(whole, from_layer=start)
    for layer in alone:
        assert relative[layer.layer].figures == layer.figures
    assert relative[start].rf == (1, 1)
    for earlier in "abcdef"[: "abcdef".index(start)]:
        assert relative[earlier].rf == (None, None)


BRANCHES = """\
name: branches
input: [2, 32, 32]
layers:
  - {name: left, type: conv, out_channels: 2, kernel_size: 3, padding: 1}
  - {name: right, type: conv, out_channels: 2, kernel_size: 7, padding: 3, from: input}
  - {name: sum, type: add, from: [left, right]}
  - {name: gate, type: global_avg_pool, from: sum}
  - {name: gated, type: mul, from: [sum, gate]}
  - {name: last, type: conv, out_channels: 2, kernel_size: 3, padding: 1}
"""


def test_a_merge_counts_only_branches_that_depend_on_the_origin():
    network = cnncalc.loads(BRANCHES)
    assert cnncalc.analyze(network)["sum"].rf == (7, 7)
    relative = cnncalc.analyze(network, from_layer="left")
    assert relative["right"].rf == (None, None)
    assert relative["sum"].rf == (1, 1)
    assert relative["sum"].aligned is None


def test_paths_through_a_whole_map_are_left_out_of_merges():
    network = cnncalc.loads(BRANCHES)
    report = cnncalc.analyze(network)
    assert report["gate"].is_global and not report["gate"].gated
    assert not report["sum"].gated and report["sum"].through is None
    for name in ("gated", "last"):
        assert report[name].gated and not report[name].is_global
        assert report[name].through == "gate"
    assert report["last"].rf == (9, 9)
    assert report["last"].eff_stride == (1, 1)


def test_they_are_counted_on_request():
    report = cnncalc.analyze(cnncalc.loads(BRANCHES), with_global=True)
    assert report["gated"].is_global and report["last"].is_global
    assert not report["last"].gated
    # Every unit of 32 sees 3 pixels to each side: 32 + 2·3.
    assert report["last"].rf == (38, 38)
    assert report["last"].eff_stride == (None, None)


def test_a_global_path_beside_what_does_not_depend_on_the_origin_is_the_only_one():
    report = cnncalc.analyze(cnncalc.loads(GATE_OF_LEFT), from_layer="left")
    assert report["gated"].is_global and not report["gated"].gated


GATE_OF_LEFT = BRANCHES.replace("from: sum", "from: left").replace("[sum, gate]", "[right, gate]")


def test_the_argument_that_once_did_it_says_that_it_changes_nothing():
    network = cnncalc.loads(BRANCHES)
    with pytest.warns(FutureWarning, match="ignore_global changes nothing"):
        report = cnncalc.analyze(network, ignore_global=True)
    assert report == cnncalc.analyze(network)


def test_parallel_branches_at_the_same_unknown_offset_still_merge():
    text = """\
name: parallel
input: [2, null, null]
layers:
  - {name: a, type: conv, out_channels: 2, kernel_size: 3, stride: 2, padding: same}
  - {name: b, type: max_pool, kernel_size: 3, stride: 2, padding: same, from: input}
  - {name: c, type: conv, out_channels: 2, kernel_size: 1, stride: 2, padding: same, from: input}
  - {name: alike, type: add, from: [a, b]}
  - {name: other, type: add, from: [a, c]}
"""
    report = cnncalc.analyze(cnncalc.loads(text))
    assert report["alike"].rf == (3, 3) and report["alike"].aligned is True
    assert report["alike"].eff_pad == (None, None)
    assert report["other"].rf == (None, None) and report["other"].aligned is None
    assert report["other"].eff_stride == (2, 2)
