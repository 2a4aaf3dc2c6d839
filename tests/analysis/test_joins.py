"""Maps joined along an axis: a unit reads what it read in its own map, counted by an oracle."""

from __future__ import annotations

import pytest
from random_networks import to_yaml
from test_against_oracle import check_against_oracle, described

import cnncalc


def conv(source, kernel, **attributes):
    row = {"out_channels": 2, "kernel_size": kernel, "padding": "same", **attributes}
    return ("conv", {"from": [source], **row})


def transposed(source, kernel):
    row = {"out_channels": 2, "kernel_size": kernel, "stride": 2}
    return ("conv_transpose", {"from": [source], **row})


def join(axis, *sources):
    return ("concat", {"from": list(sources), "axis": axis})


HALVES = [
    ("crop", {"amount": [[0, 5], [0, 0]]}),
    ("crop", {"amount": [[7, 0], [0, 0]], "from": ["input"]}),
]
TAIL = [
    conv("l3", 3),
    ("max_pool", {"kernel_size": 2, "ceil_mode": True}),
    ("upsample", {"scale_factor": 2, "mode": "bilinear"}),
]
NETWORKS = {
    "maps of other fields": [conv("input", 3), conv("input", [5, 3]), join("h", "l1", "l2")],
    "along the last axis": [conv("input", 3), conv("input", [3, 6]), join("w", "l1", "l2")],
    "a map twice": [conv("input", 3), conv("input", 3), join("h", "l1", "l2", "l1")],
    "halves again one map": [*HALVES, join("h", "l1", "l2")],
    "halves exchanged": [*HALVES, join("h", "l2", "l1")],
    "fields that differ on the other axis": [
        conv("input", 3),
        conv("input", 5),
        join("h", "l1", "l2"),
    ],
    "phases": [
        ("conv_transpose", {"out_channels": 2, "kernel_size": 3, "stride": 2}),
        (
            "conv_transpose",
            {"out_channels": 2, "kernel_size": [7, 3], "stride": 2, "from": ["input"]},
        ),
        join("h", "l1", "l2"),
    ],
    "other strides": [
        ("avg_pool", {"kernel_size": [2, 1]}),
        conv("input", [3, 1]),
        join("h", "l1", "l2"),
    ],
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("tail", [0, 3])
def test_what_units_read(name, tail):
    check_against_oracle(described([2, 12, 12], *NETWORKS[name], *TAIL[:tail]), False)


@pytest.mark.parametrize("name", ["phases", "other strides"])
def test_merged_with_a_map_of_its_own(name):
    rows = [*NETWORKS[name], conv("l3", 3), ("add", {"from": ["l3", "l4"]}), join("h", "l5", "l4")]
    check_against_oracle(described([2, 12, 12], *rows), False)


def figures_of(layers, shape=(2, 8, 8), **how):
    rows = [f"  - {{{layer}}}" for layer in layers]
    text = "\n".join(["name: n", f"input: [{', '.join(map(str, shape))}]", "layers:", *rows])
    return cnncalc.analyze(cnncalc.loads(text), **how)


TOKENS = [
    "type: conv, name: a, out_channels: 2, kernel_size: 3, padding: 1",
    "type: max_pool, name: b, kernel_size: 2",
    "type: tokens, name: ta, from: a",
    "type: tokens, name: tb, from: b",
    "type: concat, name: both, axis: l, from: [ta, tb]",
]


def test_tokens_of_several_maps_keep_their_fields():
    """Heads of a detector: 64 units that read 3 pixels a side, and 16 that read 4."""
    report = figures_of(
        [
            *TOKENS,
            "type: relu",
            "type: add, name: twice, from: [both, relu1]",
            "type: take, name: part, index: [64, 80]",
            "type: untokens, name: back, like: b",
            "type: take, name: across, index: [63, 65], from: twice",
            "type: take, name: near, index: [0, 9], from: twice",
        ]
    )
    for name in ("both", "twice", "across"):
        assert report[name].rf == (4, 4) and report[name].rf_min == (3, 3)
        assert report[name].eff_stride == report[name].center == (None, None)
    assert report["part"].rf == report["part"].rf_min == (4, 4)
    assert report["near"].rf == report["near"].rf_min == (3, 3)
    back, own = report["back"], report["b"]
    assert (back.rf, back.eff_stride, back.center) == (own.rf, own.eff_stride, own.center)


def test_tokens_that_read_all_are_left_out_beside_others():
    """A mean of all tokens before them, as in attention pooling; taken alone, it is global."""
    layers = [
        *TOKENS,
        "type: global_avg_pool, name: mean, from: a",
        "type: tokens, name: tm",
        "type: concat, name: all, axis: l, from: [tm, both]",
        "type: prepend, name: learned",
        "type: take, name: first, index: 1",
    ]
    report = figures_of(layers)
    assert report["all"].rf == (4, 4) and report["all"].rf_min == (3, 3) and report["all"].gated
    assert report["learned"].rf_min == (0, 0)
    assert report["first"].is_global and report["first"].rf == (10, 10)
    counted = figures_of(layers, with_global=True)
    assert counted["all"].is_global and counted["all"].rf == (10, 10)


def test_without_a_size_the_largest_and_smallest_are_known():
    layers = ["type: conv, kernel_size: 3, name: c", "type: concat, axis: h, from: [c, input]"]
    report = figures_of(layers, ("null", "null", "null"))
    assert report["concat1"].rf == (3, None) and report["concat1"].rf_min == (1, None)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_join_is_explained(name):
    """On the axis that it joins along no window says which map a unit reads; the figures stand."""
    network = cnncalc.loads(to_yaml(described([2, 12, 12], *NETWORKS[name], *TAIL)))
    report, explained = cnncalc.analyze(network), cnncalc.explain(network)
    assert [one.layer.layer for one in explained.layers] == [layer.layer for layer in report]
