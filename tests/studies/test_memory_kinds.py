"""Memory of tokens, matrices, attention, operators without a kind, and of several inputs."""

import pytest

import cnncalc


def rows(text, **asked):
    """What each layer takes, by its name."""
    found = cnncalc.memory(cnncalc.loads(text), **asked)
    return found, {layer.layer: layer for layer in found.layers}


# Numbers: input 3·4, map and key 2·4, product of 4 tokens with 4 tokens 4·4, with values 2·4.
MATRICES = """
input: [3, 2, 2]
layers:
  - {name: query, type: conv, out_channels: 2, kernel_size: 1}
  - {name: key, type: conv, out_channels: 2, kernel_size: 1, from: input}
  - {name: rows, type: tokens, from: query}
  - {name: columns, type: tokens, from: key}
  - {name: scores, type: matmul, transpose: true, from: [rows, columns]}
  - {name: weights, type: softmax}
  - {name: taken, type: matmul, from: [weights, columns]}
  - {name: map, type: untokens, like: key}
"""


def test_products_of_matrices_by_hand():
    found, by_name = rows(MATRICES)
    live = [12 + 8, 8 + 12 + 8, 16, 16, 16 + 16, 8 + 16 + 16, 8 + 16 + 8, 8]
    assert [layer.live for layer in found.layers] == [4 * each for each in live]
    owners = {name: layer.storage_of for name, layer in by_name.items() if layer.storage_of}
    assert owners == {"rows": "query", "columns": "key", "map": "taken"}
    # Both convolutions keep the input, each product what it multiplies; the softmax keeps what it
    # gives, which the second product keeps too, as the first keeps the columns.
    saved = {name: layer.saved // 4 for name, layer in by_name.items() if layer.saved}
    assert saved == {"query": 12, "scores": 8 + 8, "weights": 16}


TRANSFORMER = """
input: [4, 2, 3]
layers:
  - {name: patches, type: conv, out_channels: 4, kernel_size: 1}
  - tokens
  - {name: class, type: prepend, count: 2}
  - {name: place, type: position}
  - {name: attend, type: attention, heads: 2}
  - {name: rest, type: take, index: [2, 8]}
  - {name: back, type: untokens, like: patches}
  - {name: end, type: global_avg_pool}
"""


def test_tokens_and_attention_by_hand():
    found, by_name = rows(TRANSFORMER, batch=3)
    # A map of 6 units, 8 tokens with the two that are learned, of 4 channels each.
    live = [24 + 24, 24, 24 + 32, 32 + 32, 32 + 32, 32, 32, 32 + 4]
    assert [layer.live for layer in found.layers] == [3 * 4 * each for each in live]
    assert by_name["tokens1"].storage_of == "patches"
    assert by_name["rest"].storage_of == by_name["back"].storage_of == "attend"
    assert [by_name[name].saved for name in ("class", "place", "rest", "back")] == [0] * 4
    # Which tensors attention keeps is a matter of how it is computed.
    assert by_name["attend"].saved is None and found.saved is None
    # 4·4 + 4 of the patches, 2·4 and 8·4 learned, 4·12 + 12 and 4·4 + 4 of attention.
    assert found.weights == 4 * (20 + 8 + 32 + 60 + 20)


OPERATORS = """
input: [2, 4]
layers:
  - {{name: conv, type: conv, out_channels: 2, kernel_size: 1}}
  - {{name: odd, type: unknown, num_params: 0, {figures}}}
  - {{name: end, type: conv, out_channels: 1, kernel_size: 1}}
"""
KNOWN = "operator: {}, in_shape: [2, {}], out_shape: [6, 4]"


def test_an_operator_without_a_kind():
    found, by_name = rows(OPERATORS.format(figures=KNOWN.format("fft", 4)))
    assert [layer.live for layer in found.layers] == [4 * each for each in (16, 8 + 24, 24 + 4)]
    assert by_name["odd"].saved is None and found.saved is None
    assert by_name["end"].saved == 4 * 24


def test_an_operator_on_other_inputs_is_not_known():
    found, _ = rows(OPERATORS.format(figures=KNOWN.format("fft", 5)))
    assert [layer.live for layer in found.layers] == [4 * 16, None, None]
    assert (found.peak, found.arena, found.saved) == (None, None, None)


def test_a_rearrangement_is_a_view():
    """However many numbers it seems to have: they are expanded."""
    found, by_name = rows(OPERATORS.format(figures=KNOWN.format("rearrange", 4)))
    assert [layer.live for layer in found.layers] == [4 * each for each in (16, 8, 8 + 4)]
    assert by_name["odd"].storage_of == "conv"
    assert found.saved == 4 * (8 + 8)


def test_what_constants_make_does_not_hold_the_input():
    text = """
input: [2, 4]
layers:
  - {name: conv, type: conv, out_channels: 3, kernel_size: 1}
  - {name: act, type: relu}
  - {name: table, type: unknown, operator: linear, in_shape: [2, 4], out_shape: [3, 4],
     num_params: 5, reads: none, from: input}
  - {name: sum, type: add, from: [act, table]}
"""
    found, by_name = rows(text)
    assert [layer.live for layer in found.layers] == [4 * each for each in (20, 24, 24, 36)]
    assert by_name["table"].saved == 0


def test_a_gain_of_a_weight_makes_no_tensor():
    text = """
input: [2, 4]
layers:
  - {name: conv, type: conv, out_channels: 3, kernel_size: 1, bias: false}
  - {name: gain, type: scale, of_weight: true}
  - {name: end, type: conv, out_channels: 1, kernel_size: 1}
"""
    found, by_name = rows(text)
    assert [layer.live for layer in found.layers] == [4 * each for each in (20, 12, 16)]
    assert (by_name["gain"].storage_of, by_name["gain"].saved) == ("conv", 0)
    plain, _ = rows(text.replace(", of_weight: true", ""))
    assert [layer.live for layer in plain.layers] == [4 * each for each in (20, 24, 16)]
    assert plain.saved == 4 * (8 + 12 + 12) and found.saved == 4 * (8 + 12)


# Numbers: left 3·4, right 5·4, conv 2·4, act 2·4, both 7·4.
INPUTS = """
input: {left: [3, 2, 2], right: [5, 2, 2]}
layers:
  - {name: conv, type: conv, out_channels: 2, kernel_size: 1, from: left}
  - {name: act, type: relu}
  - {name: both, type: concat, from: [act, right]}
  - {name: over, type: relu, from: right}
  - {name: end, type: conv, out_channels: 1, kernel_size: 1, from: both}
  - {name: last, type: add, from: [end, over]}
"""


@pytest.mark.parametrize("in_place", [False, True])
def test_all_inputs_count_from_the_start(in_place):
    found, by_name = rows(INPUTS, in_place=in_place, batch=2)
    own = 0 if in_place else 8
    # `over` may not write over the right input, which nobody reads after it; `last` reads `end` of
    # one channel and gives 5, so it has to make its own.
    live = [12 + 20 + 8, 20 + 8 + own, 20 + 8 + 28, 20 + 28 + 20, 28 + 20 + 4, 20 + 4 + 20]
    assert [layer.live for layer in found.layers] == [2 * 4 * each for each in live]
    assert found.input == 2 * 4 * (12 + 20)
    held = [40, 12 + live[1], 12 + live[2], 12 + live[3], 32 + live[4], 32 + live[5]]
    assert found.peak_input_held == 2 * 4 * max(held)
    assert by_name["over"].storage_of is None
    inputs = [(each.tensor, each.first, each.last) for each in found.plan[:2]]
    assert inputs == [("left", 0, 1), ("right", 0, 4)]
    # `end` needs no more of an input that `conv` keeps already; `over` learns nothing.
    kept = {name: layer.saved // 8 for name, layer in by_name.items() if layer.saved}
    assert kept == {"conv": 12, "act": 8, "end": 28}
    assert (found.input_shape, found.peak_layer) == (
        {"left": (3, 2, 2), "right": (5, 2, 2)},
        "over",
    )


def test_an_input_that_nobody_reads_is_there_at_the_start():
    text = INPUTS.replace("right: [5, 2, 2]}", "right: [5, 2, 2], idle: [99, 2, 2]}")
    found, _ = rows(text)
    assert found.input == found.peak == 4 * (12 + 20 + 99 * 4) and found.peak_layer is None
