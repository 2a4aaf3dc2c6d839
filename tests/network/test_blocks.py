"""Blocks, arguments and repeats: expanded, they are the network that one would write out."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import CnncalcError, NetworkError, UsageError
from cnncalc.network.blocks import Least

RESIDUAL = """
name: residual
input: [3, 32, 32]
args: {widen: 1, depth: 2, alpha: 0.75, plain: false, kind: relu}
blocks:
  stage:
    args: {width: null, stride: 1, copies: 1}
    layers:
      - {name: first, type: unit, width: $width, stride: $stride}
      - {name: rest, type: unit, width: $width, repeat: $(copies - 1)}
  unit:
    args: {width: null, stride: 1}
    layers:
      - {name: conv1, type: conv, out_channels: $width, kernel_size: 3, stride: $stride,
         padding: 1, bias: false}
      - batch_norm
      - {name: skip, type: conv, out_channels: $width, kernel_size: 1, stride: $stride, from: input}
      - {type: add, from: [batch_norm1, skip]}
layers:
  - {name: stage1, type: stage, width: $(16 * widen), copies: $depth}
  - {name: stage2, type: stage, width: $(32 * widen), stride: 2, copies: $depth}
  - {name: act, type: $kind}
  - global_avg_pool
  - {type: linear, out_features: 10, bias: $(1 > 0)}
"""


def flat_unit(name, source, width, stride):
    """The layers of one unit, written out."""
    return [
        f"{{name: {name}.conv1, type: conv, out_channels: {width}, kernel_size: 3, "
        f"stride: {stride}, padding: 1, bias: false, from: {source}}}",
        f"{{name: {name}.batch_norm1, type: batch_norm}}",
        f"{{name: {name}.skip, type: conv, out_channels: {width}, kernel_size: 1, "
        f"stride: {stride}, from: {source}}}",
        f"{{name: {name}.add1, type: add, from: [{name}.batch_norm1, {name}.skip]}}",
    ]


def flat(widen, depth, kind):
    """The residual network with its blocks written out by plain loops."""
    rows, source = [], "input"
    for stage, stride in ((1, 1), (2, 2)):
        for copy in range(depth):
            name = f"stage{stage}.first" if copy == 0 else f"stage{stage}.rest.{copy - 1}"
            rows += flat_unit(name, source, 16 * stage * widen, stride if copy == 0 else 1)
            source = f"{name}.add1"
    rows += [
        f"{{name: act, type: {kind}}}",
        "{name: global_avg_pool1, type: global_avg_pool}",
        "{name: linear1, type: linear, out_features: 10}",
    ]
    body = "".join(f"  - {row}\n" for row in rows)
    return f"name: residual\ninput: [3, 32, 32]\nlayers:\n{body}"


@pytest.mark.parametrize("widen, depth, kind", [(1, 2, "relu"), (4, 1, "gelu"), (2, 5, "relu")])
def test_expands_to_what_one_would_write_out(widen, depth, kind):
    network = cnncalc.loads(RESIDUAL, widen=widen, depth=depth, kind=kind)
    expected = cnncalc.loads(flat(widen, depth, kind))
    assert cnncalc.analyze(network).records() == cnncalc.analyze(expected).records()


def test_names_of_blocks_and_copies_are_their_outputs():
    report = cnncalc.analyze(cnncalc.loads(RESIDUAL, depth=3))
    assert report["stage1"].layer == "stage1.rest.1.add1"
    assert report["stage1.first"].layer == "stage1.first.add1"
    assert report["stage1.rest"].layer == report["stage1.rest.1"].layer == "stage1.rest.1.add1"
    assert report["stage1.rest.0"].layer == "stage1.rest.0.add1"


def test_a_repeat_of_none_names_what_it_would_read():
    report = cnncalc.analyze(cnncalc.loads(RESIDUAL, depth=1))
    assert report["stage2.rest"].layer == "stage2.first.add1"


class TestArguments:
    TEXT = """
name: args
input: [1, 8, 8]
args: {width: 8, alpha: 0.5, bias: true, kernel: [1, 3], mode: same, twice: $(2 * width)}
layers:
  - {name: a, type: conv, out_channels: $width, kernel_size: $kernel, bias: $bias, padding: $mode}
  - {name: b, type: conv, out_channels: $(width * alpha), kernel_size: 1}
  - {name: c, type: conv, out_channels: $twice, kernel_size: 1}
"""

    def report(self, **arguments):
        return cnncalc.analyze(cnncalc.loads(self.TEXT, **arguments))

    def channels(self, **arguments):
        return [layer.out_shape[0] for layer in self.report(**arguments)]

    def test_defaults(self):
        assert self.channels() == [8, 4, 16]
        assert self.report()["a"].params == 8 * 3 + 8
        assert self.report()["a"].out_shape == (8, 8, 8)

    def test_a_default_follows_the_arguments_before_it(self):
        assert self.channels(width=3, alpha=1) == [3, 3, 6]
        assert self.channels(twice=5) == [8, 4, 5]

    @pytest.mark.parametrize("alpha", [0.75, "0.75", Fraction(3, 4)])
    def test_decimals_are_exact(self, alpha):
        if alpha == "0.75":
            with pytest.raises(CnncalcError, match=r"the text '0\.75' is not a number"):
                self.report(alpha=alpha)
        else:
            assert self.channels(alpha=alpha) == [8, 6, 16]

    def test_a_double_is_what_it_is_written_as(self):
        assert self.channels(width=1000, alpha=0.1) == [1000, 100, 2000]
        assert self.channels(width=10, alpha=1e-1) == [10, 1, 20]

    def test_whole_decimals_are_whole(self):
        assert self.channels(width=4.0) == [4, 2, 8]

    def test_booleans_texts(self):
        assert self.report(bias=False)["a"].params == 8 * 3
        assert self.report(mode="valid")["a"].out_shape == (8, 8, 6)

    @pytest.mark.parametrize("value", [None, [1, 2], float("nan"), float("inf"), object()])
    def test_no_value_for_an_argument(self, value):
        with pytest.raises(UsageError, match="argument width must be a number, a text or a bool"):
            self.report(width=value)

    def test_unknown(self):
        with pytest.raises(UsageError) as caught:
            self.report(widht=3)
        assert str(caught.value) == "args has no argument 'widht'; did you mean 'width'?"

    def test_unknown_of_a_network_without_any(self):
        with pytest.raises(UsageError) as caught:
            cnncalc.load("vgg16", widen=3)
        assert str(caught.value) == "vgg16 has no argument 'widen'; it has none"

    @pytest.mark.parametrize("width", [0, -1, 0.3])
    def test_a_value_that_does_not_fit_is_told_of_its_use(self, width):
        with pytest.raises(CnncalcError, match="<text>:6: layer 'a': out_channels must be a whole"):
            self.report(width=width)

    @pytest.mark.parametrize("width, told", [("wide", "the text 'wide'"), (True, "true")])
    def test_a_value_that_an_expression_cannot_take(self, width, told):
        with pytest.raises(CnncalcError) as caught:
            self.report(width=width)
        assert str(caught.value) == f"<text>:4: expression '$(2 * width)': {told} is not a number"

    def test_over_the_bound(self):
        with pytest.raises(CnncalcError, match=r"go up to 10\^9"):
            self.report(width=10**9 + 1)


def chain_of_blocks(depth):
    """b<depth> uses b<depth − 1> and so on down to b0, a relu."""
    blocks = ["  b0: {layers: [relu]}"]
    blocks += [f"  b{n}: {{layers: [b{n - 1}]}}" for n in range(1, depth)]
    return "name: t\ninput: [1, 8]\nblocks:\n" + "\n".join(blocks) + f"\nlayers: [b{depth - 1}]\n"


class TestBounds:
    def test_nesting(self):
        assert len(cnncalc.loads(chain_of_blocks(50)).nodes) == 1
        with pytest.raises(NetworkError, match="blocks are nested deeper than 50 levels"):
            cnncalc.loads(chain_of_blocks(51))

    def test_a_chain_of_very_many_blocks(self):
        with pytest.raises(NetworkError, match="blocks are nested deeper than 50 levels"):
            cnncalc.loads(chain_of_blocks(5000))

    def test_as_many_layers_as_there_may_be(self):
        text = "name: t\ninput: [1, 8]\nlayers:\n  - {type: relu, repeat: 200000}\n"
        assert len(cnncalc.loads(text).nodes) == 200_000
        with pytest.raises(NetworkError, match="expands to more than 200,000 layers"):
            cnncalc.loads(text + "  - sigmoid\n")

    def test_more_layers_than_there_may_be_by_an_argument(self):
        text = "name: t\ninput: [1, 8]\nargs: {n: 1}\nlayers:\n  - {type: relu, repeat: $n}\n"
        with pytest.raises(NetworkError, match="<text>:5: the network expands to more than 200,"):
            cnncalc.loads(text, n=200_001)

    def test_connections(self):
        names = ", ".join(["a"] * 1000)
        text = (
            "name: t\ninput: [1, 8]\nlayers:\n  - {name: a, type: relu}\n"
            f"  - {{name: c, type: add, from: [{names}], repeat: 1001}}\n"
        )
        with pytest.raises(NetworkError, match="more than 1,000,000 connections"):
            cnncalc.loads(text)

    def test_names(self):
        long = "x" * 1000
        text = f"name: t\ninput: [1, 8]\nlayers:\n  - {{name: {long}, type: relu, repeat: 60000}}\n"
        with pytest.raises(NetworkError, match="names are over 20 million characters"):
            cnncalc.loads(text)

    def test_uses_of_blocks_that_have_no_layers(self):
        blocks = ["  b0: {layers: [{type: relu, repeat: 0}]}"]
        blocks += [f"  b{n}: {{layers: [b{n - 1}, b{n - 1}]}}" for n in range(1, 40)]
        text = "name: t\ninput: [1, 8]\nblocks:\n" + "\n".join(blocks) + "\nlayers: [b39]\n"
        with pytest.raises(NetworkError, match="expands to more than 200,000 layers"):
            cnncalc.loads(text)


ENTRIES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([None, 0, 1, 2, 3]), st.booleans()),
    min_size=1,
    max_size=3,
)


def entry(level, block, repeat, by_argument):
    """A use of a block below the level, or of a plain layer."""
    kind = f"b{block % level}" if level and block < 3 else "relu"
    if repeat is None:
        return f"{{type: {kind}}}"
    return f"{{type: {kind}, repeat: {f'$({repeat})' if by_argument else repeat}}}"


@given(st.lists(ENTRIES, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_layers_counted_before_expansion_are_never_too_many(levels):
    bodies = [
        ", ".join(entry(level, *each) for each in entries) for level, entries in enumerate(levels)
    ]
    blocks = "".join(f"  b{level}: {{layers: [{body}]}}\n" for level, body in enumerate(bodies))
    text = f"name: t\ninput: [1, 8]\nblocks:\n{blocks}layers: [b{len(levels) - 1}]\n"
    network = cnncalc.loads(text)
    definition = network.definition
    layers, uses = Least(definition.blocks).of(definition.layers)
    assert layers <= len(network.nodes)
    if "$" not in text:
        assert layers == len(network.nodes)
        assert uses >= 1
