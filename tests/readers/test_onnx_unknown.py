"""ONNX nodes of no layer kind: the shape that ONNX infers, parameters and MACs by hand."""

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")

import numpy
from onnx import TensorProto, helper, numpy_helper
from onnx_models import floats, inferred, integers, model, node, report, tensor

import cnncalc

MAP = [1, 3, 16, 12]

# The node, its weights, its parameters and MACs by hand.
OF_NO_KIND = {
    "a product of two maps": (
        [node("Transpose", "x", "t", perm=[0, 1, 3, 2]), node("MatMul", "x t")],
        [],
        (0, 3 * 16 * 12 * 16),
    ),
    "a product in Einstein's notation": (
        [node("Einsum", "x w", equation="bchw,wk->bchk")],
        [tensor("w", [12, 7])],
        (12 * 7, 3 * 16 * 12 * 7),
    ),
    "numbers learned for every unit, in a row": (
        [node("Mul", "x w")],
        [tensor("w", [3, 16, 12])],
        (3 * 16 * 12, 0),
    ),
    "channels resized": ([node("Resize", "x - scales")], [floats("scales", 1, 2, 1, 1)], (0, 0)),
    "channels padded": (
        [node("Pad", "x pads")],
        [integers("pads", 0, 1, 0, 0, 0, 0, 0, 0)],
        (0, 0),
    ),
    "an axis turned round": (
        [node("Slice", "x start end axis step")],
        [integers("start", -1), integers("end", -99), integers("axis", 2), integers("step", -1)],
        (0, 0),
    ),
    "the mean of units apart": (
        [node("AveragePool", "x", kernel_shape=[2, 2], dilations=[2, 2])],
        [],
        (0, 0),
    ),
    "places picked": (
        [node("Gather", "x places", axis=2)],
        [tensor("places", [2, 2], numpy.array([[0, 5], [3, 1]]))],
        (0, 0),
    ),
}


@pytest.mark.parametrize(("nodes", "weights", "figures"), OF_NO_KIND.values(), ids=OF_NO_KIND)
def test_what_is_known_of_a_node_of_no_kind_is_given(nodes, weights, figures):
    made = model(nodes, MAP, weights)
    layer = report(made)["y"]
    assert layer.type == "unknown"
    assert numpy.prod(layer.out_shape) == numpy.prod(inferred(made)["y"])
    assert (layer.params, layer.macs) == figures


RECURRENT = {"LSTM": 4, "GRU": 3, "RNN": 1}


@pytest.mark.parametrize("operator", RECURRENT)
@pytest.mark.parametrize("directions", [1, 2])
def test_recurrent_layers_count_as_pytorch_counts_them(operator, directions):
    """Both biases are parameters; a step of a direction takes g·h·(x + h) MACs, as of nn.LSTM."""
    steps, width, hidden, gates = 16, 36, 5, RECURRENT[operator]
    nodes = [
        node("Transpose", "x", "t", perm=[2, 0, 1, 3]),
        node("Reshape", "t shape", "rows"),
        node(
            operator,
            "rows w r b",
            "y last",
            hidden_size=hidden,
            direction="bidirectional" if directions == 2 else "forward",
        ),
    ]
    weights = [
        integers("shape", steps, 1, width),
        tensor("w", [directions, gates * hidden, width]),
        tensor("r", [directions, gates * hidden, hidden]),
        tensor("b", [directions, 2 * gates * hidden]),
    ]
    layer = report(model(nodes, MAP, weights))["y"]
    assert layer.params == directions * (gates * hidden * (width + hidden) + 2 * gates * hidden)
    assert layer.macs == steps * directions * gates * hidden * (width + hidden)
    assert numpy.prod(layer.out_shape) == steps * directions * hidden


def test_a_size_left_open_leaves_the_shape_open():
    """What lies behind is not known then, nothing is refused, and with an input all is known."""
    nodes = [
        node("Conv", "x w", "c"),
        node("Concat", "c c", "j", axis=2),
        node("Conv", "j v"),
    ]
    weights = [tensor("w", [8, 3, 3, 3]), tensor("v", [5, 8, 1, 1])]
    made = model(nodes, ["n", 3, "h", "w"], weights)
    found = report(made)
    assert [layer.type for layer in found] == ["conv", "concat", "conv"]
    assert (found["c"].params, found["j"].params, found.totals.macs) == (8 * 27, 0, None)
    found = report(made, input="3x10x12")
    assert (found["y"].out_shape, found["y"].macs) == ((5, 16, 10), 16 * 10 * 40)


class TestTold:
    """Shapes that the file tells of an operator that ONNX knows nothing of."""

    def made(self, shape, size=MAP):
        nodes = [node("Strange", "x w", "s", domain="com.example"), node("Relu", "s")]
        made = model(nodes, size, [tensor("w", [5, 3])])
        made.opset_import.append(helper.make_opsetid("com.example", 1))
        info = helper.make_tensor_value_info("s", TensorProto.FLOAT, shape)
        made.graph.value_info.append(info)
        return made

    def test_a_told_shape_is_taken(self):
        found = report(self.made([1, 8, 4, 6]))
        assert [layer.out_shape for layer in found] == [(8, 4, 6), (8, 4, 6)]
        assert (found["s"].params, found["s"].macs) == (15, None)

    def test_sizes_by_name_are_those_of_the_input(self):
        found = report(self.made(["n", 8, "h", 6], ["n", 3, "h", 12]), input="3x20x12")
        assert found["y"].out_shape == (8, 20, 6)

    def test_of_another_input_it_says_nothing(self):
        with pytest.raises(cnncalc.DefinitionError, match=r"com.example.Strange.*--unknown pass"):
            report(self.made([1, 8, 4, 6]), input="3x32x32")


def test_what_a_loop_holds_is_not_known():
    info = helper.make_tensor_value_info
    body = helper.make_graph(
        [node("MatMul", "a w", "b"), node("Identity", "c", "d")],
        "body",
        [info("i", TensorProto.INT64, []), info("c", TensorProto.BOOL, []), info("a", 1, None)],
        [info("d", TensorProto.BOOL, []), info("b", 1, None)],
    )
    made = model([node("Loop", "n - x", body=body), node("Relu", "y", "z")], MAP, outputs=["z"])
    made.graph.initializer.extend([tensor("n", [], numpy.int64(3)), tensor("w", [12, 12])])
    made.graph.value_info.append(info("y", TensorProto.FLOAT, MAP))
    found = report(made)
    assert (found["y"].params, found["y"].macs) == (None, None)
    assert found["z"].out_shape == (3, 16, 12)


def integer_weight(*shape, name="w"):
    return numpy_helper.from_array(numpy.full(shape, 3, dtype=numpy.int8), name)


class TestQuantized:
    """Integers multiply and are parameters; their scales and zero points are none."""

    def test_weights_between_quantize_and_dequantize(self):
        nodes = [
            node("DequantizeLinear", "w scales zeros", "v", axis=0),
            node("QuantizeLinear", "x s z", "q"),
            node("DequantizeLinear", "q s z", "d"),
            node("DequantizeLinear", "b t u", "bias"),
            node("Conv", "d v bias"),
        ]
        weights = [
            integer_weight(8, 3, 3, 3),
            numpy_helper.from_array(numpy.full(8, 3, dtype=numpy.int32), "b"),
            tensor("scales", [8]),
            tensor("zeros", [8], numpy.zeros(8, dtype=numpy.int8)),
            *(tensor(name, [], numpy.float32(0.1)) for name in "st"),
            tensor("z", [], numpy.int8(0)),
            tensor("u", [], numpy.int32(0)),
        ]
        found = report(model(nodes, MAP, weights))
        assert found.totals.params == found["y"].params == 8 * 27 + 8
        assert found.totals.macs == 14 * 10 * 8 * 27

    def test_products_of_integers_scaled_per_column(self):
        nodes = [
            node("Flatten", "x", "f"),
            node("DynamicQuantizeLinear", "f", "q s z"),
            node("MatMulInteger", "q w z", "m"),
            node("Cast", "m", "c", to=1),
            node("Mul", "s columns", "factors"),
            node("Mul", "c factors"),
        ]
        weights = [integer_weight(576, 10), tensor("columns", [10])]
        found = report(model(nodes, MAP, weights))
        assert (found.totals.params, found.totals.macs) == (5760, 5760)
        assert found["y"].out_shape == (10,)

    def test_operators_on_quantized_tensors(self):
        nodes = [
            node("QuantizeLinear", "x s z", "q"),
            node("QLinearConv", "q s z w t u s z b", "c"),
            node("QLinearAdd", "c s z c s z s z", "a", domain="com.microsoft"),
            node("QLinearGlobalAveragePool", "a s z s z", domain="com.microsoft"),
        ]
        weights = [
            integer_weight(8, 3, 3, 3),
            numpy_helper.from_array(numpy.full(8, 3, dtype=numpy.int32), "b"),
            *(tensor(name, [], numpy.float32(0.1)) for name in "st"),
            *(tensor(name, [], numpy.int8(0)) for name in "zu"),
        ]
        made = model(nodes, MAP, weights)
        made.opset_import.append(helper.make_opsetid("com.microsoft", 1))
        found = report(made)
        assert [layer.type for layer in found][1:] == ["conv", "add", "global_avg_pool"]
        assert (found.totals.params, found.totals.macs) == (8 * 27 + 8, 14 * 10 * 8 * 27)


def test_a_pool_of_one_axis_written_as_one_of_two():
    nodes = [
        node("Unsqueeze", "x two", "u"),
        node("AveragePool", "u", "p", kernel_shape=[1, 3], strides=[1, 2], pads=[0, 1, 0, 1]),
        node("Squeeze", "p two"),
    ]
    made = model(nodes, [1, 4, 21], [integers("two", 2)])
    (layer,) = report(made)
    assert (layer.type, layer.out_shape, layer.rf) == ("avg_pool", inferred(made)["y"], (3,))


def test_a_gate_over_channels_is_a_convolution_of_one_axis():
    """As efficient channel attention: three weights slide over the channels' means."""
    nodes = [
        node("GlobalAveragePool", "x", "m"),
        node("Squeeze", "m last", "v"),
        node("Transpose", "v", "t", perm=[0, 2, 1]),
        node("Conv", "t w", "c", pads=[1, 1]),
        node("Transpose", "c", "b", perm=[0, 2, 1]),
        node("Unsqueeze", "b last", "u"),
        node("Sigmoid", "u", "s"),
        node("Mul", "x s"),
    ]
    found = report(model(nodes, MAP, [integers("last", -1), tensor("w", [1, 1, 3])]))
    assert (found.totals.params, found.totals.macs) == (3, 3 * 3)
    assert found["y"].out_shape == (3, 16, 12)


def test_tokens_with_a_class_token_and_positions():
    nodes = [
        node("Conv", "x patches", "p", strides=[4, 4]),
        node("Reshape", "p flat", "f"),
        node("Transpose", "f", "t", perm=[0, 2, 1]),
        node("Concat", "class t", "all", axis=1),
        node("Add", "all positions", "z"),
        node("Gather", "z first", axis=1),
    ]
    weights = [
        tensor("patches", [6, 3, 4, 4]),
        integers("flat", 1, 6, -1),
        tensor("class", [1, 1, 6]),
        tensor("positions", [1, 13, 6]),
        tensor("first", [], numpy.int64(0)),
    ]
    found = report(model(nodes, MAP, weights))
    kinds = [(layer.type, layer.out_shape, layer.params) for layer in found][1:]
    assert kinds == [
        ("tokens", (6, 12), 0),
        ("prepend", (6, 13), 6),
        ("position", (6, 13), 13 * 6),
        ("take", (6, 1), 0),
        ("flatten", (6,), 0),
    ]


def test_constants_in_pieces_are_constants():
    """Sines and cosines of positions, say, that a graph splits before it multiplies by them."""
    nodes = [
        node("SplitToSequence", "table two", "pieces", axis=-1),
        node("SequenceAt", "pieces zero", "sines"),
        node("Mul", "x sines"),
    ]
    weights = [
        tensor("table", [16, 24]),
        tensor("two", [], numpy.int64(12)),
        tensor("zero", [], numpy.int64(0)),
    ]
    assert report(model(nodes, MAP, weights))["y"].out_shape == (3, 16, 12)


def test_numbers_that_modules_learn_are_parameters():
    """One number is one of a module's where its name is a path of modules, else the author's."""
    for name, params in (("stem.act.scale", 1), ("onnx::Mul_7", 0), ("/stem/Constant_output", 0)):
        found = report(model([node("Mul", f"x {name}")], MAP, [tensor(name, [])]))
        assert (found.totals.params, found["y"].out_shape) == (params, (3, 16, 12))
