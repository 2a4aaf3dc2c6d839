"""Layers that share parameters: counted once, multiplied as often as they are used."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.exporters.yaml import flat_definition, folded_definition

HEAD = "name: shared\ninput: [4, 9, 9]\nlayers:\n"
TOWERS = (
    HEAD
    + """\
  - {name: a, type: slice, channels: [0, 2]}
  - {name: b, type: slice, channels: [2, 4], from: input}
  - {name: conv_a, type: conv, out_channels: 3, kernel_size: 3, from: a}
  - {name: norm_a, type: batch_norm}
  - {name: fc_a, type: linear, out_features: 5}
  - {name: conv_b, type: conv, out_channels: 3, kernel_size: 3, stride: 2, from: b, shares: conv_a}
  - {name: norm_b, type: batch_norm, shares: norm_a}
  - {name: conv_c, type: conv, out_channels: 3, kernel_size: 3, from: b, shares: conv_b}
"""
)


def test_parameters_and_buffers_count_once():
    report = cnncalc.analyze(cnncalc.loads(TOWERS))
    rows = {layer.layer: (layer.params, layer.buffers, layer.macs) for layer in report}
    assert rows["conv_a"] == (3 * 2 * 9 + 3, 0, 49 * 3 * 2 * 9)
    assert rows["conv_b"] == (0, 0, 16 * 3 * 2 * 9)
    assert rows["conv_c"] == (0, 0, 49 * 3 * 2 * 9)
    assert (rows["norm_a"], rows["norm_b"]) == ((6, 6, 0), (0, 0, 0))
    assert report.totals.params == 3 * 2 * 9 + 3 + 6 + 3 * 49 * 5 + 5
    assert report.totals.buffers == 6
    assert report["conv_b"].weight_shape == (3, 2, 3, 3)


def test_who_shares_with_a_sharer_shares_with_the_owner():
    network = cnncalc.loads(TOWERS)
    owner = network.names["conv_a"]
    assert [network.nodes[network.names[name] - 1].shares for name in ("conv_b", "conv_c")] == [
        owner,
        owner,
    ]


def test_repeated_layers_share_all_with_one():
    text = HEAD + (
        "  - {name: c, type: conv, out_channels: 4, kernel_size: 1}\n"
        "  - {name: d, type: conv, out_channels: 4, kernel_size: 1, repeat: 3, shares: c}\n"
    )
    totals = cnncalc.analyze(cnncalc.loads(text)).totals
    assert (totals.params, totals.macs) == (4 * 4 + 4, 4 * 81 * 4 * 4)


def test_unknown_channels_share_what_is_known():
    text = TOWERS.replace("[4, 9, 9]", "[null, 9, 9]")
    text = text.replace("type: slice, channels: [0, 2]", "type: identity")
    report = cnncalc.analyze(cnncalc.loads(text))
    assert (report["conv_a"].params, report["conv_b"].params) == (None, 0)


@pytest.mark.parametrize("write", [flat_definition, folded_definition])
def test_written_definitions_keep_what_is_shared(write):
    network = cnncalc.loads(TOWERS)
    again = cnncalc.loads(write(network))
    assert cnncalc.analyze(again).records() == cnncalc.analyze(network).records()
    assert [node.shares for node in again.nodes] == [node.shares for node in network.nodes]


def test_parts_that_share_are_not_folded_into_blocks():
    part = """\
  - {name: PART.conv, type: conv, out_channels: 4, kernel_size: 3, padding: 1SHARES}
  - {name: PART.norm, type: batch_norm}
  - {name: PART.relu, type: relu}
"""
    own = part.replace("SHARES", "")
    text = HEAD + own.replace("PART", "p1") + own.replace("PART", "p2")
    text += part.replace("SHARES", ", shares: p1.conv").replace("PART", "p3")
    network = cnncalc.loads(text)
    assert cnncalc.analyze(network).totals.params == 2 * (4 * 4 * 9 + 4) + 3 * 8
    written = folded_definition(network)
    assert "blocks:" in written and "shares: p1.conv" in written
    again = cnncalc.analyze(cnncalc.loads(written))
    assert again.records() == cnncalc.analyze(network).records()


REFUSED = {
    "type: conv, out_channels: 3, kernel_size: 3, shares: a": (
        "layer 'x': shares 'a' is of type slice; name a layer of type conv"
    ),
    "type: conv, out_channels: 3, kernel_size: 3, shares: input": (
        "layer 'x': shares 'input' is the network's input; name a layer of type conv"
    ),
    "type: conv, out_channels: 3, kernel_size: 3, shares: conv_d": (
        "layer 'x': no layer 'conv_d' is listed before this line; did you mean 'conv_c'?"
    ),
    "type: conv, out_channels: 3, kernel_size: 3, from: b, bias: false, shares: conv_a": (
        "layer 'x': it has other parameters (a bias, say) than 'conv_a', whose parameters it "
        "shares; share between layers of equal channels and attributes, or leave shares out"
    ),
    "type: conv, out_channels: 3, kernel_size: 5, from: b, shares: conv_a": (
        "layer 'x': its weight 3×2×5×5 is not the 3×2×3×3 of 'conv_a', whose parameters it "
        "shares; share between layers of equal channels and attributes, or leave shares out"
    ),
    "type: batch_norm, affine: false, from: conv_a, shares: norm_a": (
        "layer 'x': its weight (none) is not the 3 of 'norm_a', whose parameters it "
        "shares; share between layers of equal channels and attributes, or leave shares out"
    ),
    "type: batch_norm, track_running_stats: false, from: conv_a, shares: norm_a": (
        "layer 'x': it has other parameters (a bias, say) than 'norm_a', whose parameters it "
        "shares; share between layers of equal channels and attributes, or leave shares out"
    ),
}


@pytest.mark.parametrize("layer", REFUSED)
def test_refused(layer):
    with pytest.raises(cnncalc.CnncalcError) as caught:
        cnncalc.analyze(cnncalc.loads(f"{TOWERS}  - {{name: x, {layer}}}\n"))
    assert str(caught.value) == f"<text>:12: {REFUSED[layer]}"


def test_a_block_shares_nothing():
    text = (
        "blocks:\n  tower:\n    layers: [relu]\n"
        + HEAD
        + "  - {name: a, type: tower}\n  - {name: b, type: tower, shares: a}\n"
    )
    with pytest.raises(cnncalc.NetworkError, match="shares goes with a layer, but 'tower' is a"):
        cnncalc.loads(text)
