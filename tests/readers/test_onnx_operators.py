"""ONNX operators one by one: the layer, its shape as ONNX infers it, its parameters by hand."""

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")

import numpy
from onnx import numpy_helper
from onnx_models import (
    floats,
    inferred,
    integers,
    model,
    node,
    report,
    tensor,
)

MAP = [1, 6, 16, 12]
LARGEST = 2**63 - 1


def weight(*shape, name="w"):
    return tensor(name, shape)


def bias(count, name="b"):
    return tensor(name, [count])


# What each node reads, the layer that it is, and its parameters by hand.
OPERATORS = [
    (node("Conv", "x w b"), [weight(8, 6, 3, 3), bias(8)], "conv", 8 * 6 * 9 + 8),
    (
        node("Conv", "x w", pads=[1, 0, 2, 3], strides=[2, 1], dilations=[1, 2]),
        [weight(8, 6, 3, 3)],
        "conv",
        8 * 6 * 9,
    ),
    (
        node("Conv", "x w", auto_pad="SAME_UPPER", strides=[3, 2]),
        [weight(4, 6, 4, 5)],
        "conv",
        4 * 6 * 20,
    ),
    (
        node("Conv", "x w", auto_pad="SAME_LOWER", strides=[3, 2]),
        [weight(4, 6, 4, 5)],
        "conv",
        4 * 6 * 20,
    ),
    (node("Conv", "x w", auto_pad="VALID"), [weight(4, 6, 4, 5)], "conv", 4 * 6 * 20),
    (node("Conv", "x w", group=3), [weight(9, 2, 3, 3)], "conv", 9 * 2 * 9),
    (node("Conv", "x w b", group=6), [weight(12, 1, 3, 3), bias(12)], "depthwise_conv", 12 * 10),
    (
        node("ConvTranspose", "x w b"),
        [weight(6, 8, 3, 3), bias(8)],
        "conv_transpose",
        6 * 8 * 9 + 8,
    ),
    (
        node("ConvTranspose", "x w", strides=[2, 3], pads=[1, 0, 0, 1], output_padding=[1, 2]),
        [weight(6, 8, 4, 3)],
        "conv_transpose",
        6 * 8 * 12,
    ),
    (
        node("ConvTranspose", "x w", strides=[2, 2], group=2, auto_pad="SAME_UPPER"),
        [weight(6, 4, 3, 3)],
        "conv_transpose",
        6 * 4 * 9,
    ),
    (
        node("ConvTranspose", "x w", strides=[2, 2], output_shape=[31, 24]),
        [weight(6, 4, 4, 4)],
        "conv_transpose",
        6 * 4 * 16,
    ),
    (node("MaxPool", "x", kernel_shape=[3, 2], strides=[2, 2]), [], "max_pool", 0),
    (
        node("MaxPool", "x", kernel_shape=[3, 3], dilations=[2, 1], pads=[1, 1, 1, 1]),
        [],
        "max_pool",
        0,
    ),
    (
        node("MaxPool", "x", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        [],
        "max_pool",
        0,
    ),
    (
        node("MaxPool", "x", kernel_shape=[1, 1], strides=[4, 5], ceil_mode=1),
        [],
        "max_pool",
        0,
    ),
    (
        node("MaxPool", "x", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_LOWER"),
        [],
        "max_pool",
        0,
    ),
    (
        node("AveragePool", "x", kernel_shape=[3, 4], pads=[1, 0, 1, 2], count_include_pad=1),
        [],
        "avg_pool",
        0,
    ),
    (node("GlobalAveragePool", "x"), [], "global_avg_pool", 0),
    (node("GlobalMaxPool", "x"), [], "global_max_pool", 0),
    (node("ReduceMean", "x axes"), [integers("axes", 2, 3)], "global_avg_pool", 0),
    (node("ReduceMean", "x axes"), [integers("axes", -1)], "adaptive_avg_pool", 0),
    (node("ReduceMax", "x axes"), [integers("axes", 2, 3)], "global_max_pool", 0),
    (
        node("BatchNormalization", "x w b m v"),
        [bias(6, name) for name in "wbmv"],
        "batch_norm",
        12,
    ),
    (node("InstanceNormalization", "x w b"), [bias(6, "w"), bias(6)], "instance_norm", 12),
    (
        node("GroupNormalization", "x w b", num_groups=3),
        [bias(6, "w"), bias(6)],
        "group_norm",
        12,
    ),
    (node("LRN", "x", size=5), [], "lrn", 0),
    (node("PRelu", "x w"), [weight(6, 1, 1)], "prelu", 6),
    (node("PRelu", "x w"), [weight(1, 1, 1)], "prelu", 1),
    (node("Relu", "x"), [], "relu", 0),
    (
        node("Clip", "x low high"),
        [tensor("low", [], 0.0), tensor("high", [], 6.0)],
        "relu6",
        0,
    ),
    (node("Clip", "x low"), [tensor("low", [], 0.0)], "relu", 0),
    (node("Clip", "x low"), [tensor("low", [], -1.0)], "function", 0),
    (node("LeakyRelu", "x", alpha=0.1), [], "leaky_relu", 0),
    (node("Elu", "x"), [], "elu", 0),
    (node("Gelu", "x"), [], "gelu", 0),
    (node("Sigmoid", "x"), [], "sigmoid", 0),
    (node("HardSigmoid", "x"), [], "hard_sigmoid", 0),
    (node("HardSwish", "x"), [], "hard_swish", 0),
    (node("Mish", "x"), [], "mish", 0),
    (node("Tanh", "x"), [], "tanh", 0),
    (node("Softmax", "x", axis=1), [], "softmax", 0),
    (node("LogSoftmax", "x", axis=1), [], "log_softmax", 0),
    (node("Dropout", "x"), [], "dropout", 0),
    (node("Identity", "x"), [], "identity", 0),
    (node("Erf", "x"), [], "function", 0),
    (node("Pow", "x two"), [tensor("two", [], 2.0)], "function", 0),
    (node("Add", "x x"), [], "add", 0),
    (node("Sub", "x x"), [], "add", 0),
    (node("Sum", "x x x"), [], "add", 0),
    (node("Mul", "x x"), [], "mul", 0),
    (node("Max", "x x"), [], "maximum", 0),
    (node("Concat", "x x x", axis=1), [], "concat", 0),
    (node("DepthToSpace", "x", blocksize=1), [], "pixel_shuffle", 0),
    (node("SpaceToDepth", "x", blocksize=4), [], "space_to_depth", 0),
    (node("Flatten", "x"), [], "flatten", 0),
    (
        node("Pad", "x pads"),
        [integers("pads", 0, 0, 1, 2, 0, 0, 3, 0)],
        "pad",
        0,
    ),
    (
        node("Pad", "x pads - axes", mode="reflect"),
        [integers("pads", 2, 1), integers("axes", 3)],
        "pad",
        0,
    ),
    (node("Pad", "x pads"), [integers("pads", 0, 0, -1, 0, 0, 0, -2, 0)], "crop", 0),
    (
        node("Slice", "x starts ends axes"),
        [integers("starts", 1, 2), integers("ends", -1, LARGEST), integers("axes", 2, 3)],
        "crop",
        0,
    ),
    (
        node("Slice", "x starts ends axes"),
        [integers("starts", 2), integers("ends", 5), integers("axes", 1)],
        "slice",
        0,
    ),
    (
        node("Slice", "x starts ends axes steps"),
        [
            integers("starts", 0),
            integers("ends", LARGEST),
            integers("axes", 3),
            integers("steps", 5),
        ],
        "max_pool",
        0,
    ),
    (
        node("Resize", "x - scales", mode="linear"),
        [floats("scales", 1, 1, 2, 1.5)],
        "upsample",
        0,
    ),
    (
        node("Resize", "x - - sizes", mode="cubic", axes=[2, 3]),
        [integers("sizes", 20, 30)],
        "upsample",
        0,
    ),
    (node("Gather", "x places", axis=1), [integers("places", 1, 2, 3)], "slice", 0),
    (node("Expand", "x shape"), [integers("shape", 1, 6, 16, 12)], None, 0),
    (node("Tile", "x repeats"), [integers("repeats", 1, 1, 1, 1)], None, 0),
]


def told(case):
    attributes = " ".join(f"{one.name}" for one in case[0].attribute)
    return f"{case[0].op_type} {attributes}".strip()


@pytest.mark.parametrize("case", OPERATORS, ids=told)
def test_an_operator_is_the_layer_that_it_stands_for(case):
    made, weights, type_name, params = case
    if type_name is None:  # it changes nothing, and is no layer
        (layer,) = report(model([made, node("Relu", "y", "z")], MAP, weights, outputs=["z"]))
        assert (layer.type, layer.out_shape) == ("relu", tuple(MAP[1:]))
        return
    made = model([made], MAP, weights)
    (layer,) = report(made)
    assert layer.layer == "y"
    assert layer.type == type_name
    # Of a group normalization ONNX infers nothing, for it is defined by other operators.
    assert layer.out_shape == inferred(made)["y"] or layer.out_shape == tuple(MAP[1:])
    assert layer.params == params


# What later opsets give as inputs was given as attributes before.
OLDER = [
    (5, node("Reshape", "x shape"), [integers("shape", 1, -1)], (6 * 16 * 12,)),
    (7, node("Upsample", "x", scales=[1.0, 1.0, 2.0, 3.0]), [], (6, 32, 36)),
    (9, node("Upsample", "x scales"), [floats("scales", 1, 1, 2, 3)], (6, 32, 36)),
    (10, node("Resize", "x scales"), [floats("scales", 1, 1, 2, 3)], (6, 32, 36)),
    (9, node("Slice", "x", axes=[2], starts=[-5], ends=[-1]), [], (6, 4, 12)),
    (2, node("Pad", "x", pads=[0, 0, 1, 1, 0, 0, 1, 1]), [], (6, 18, 14)),
    (11, node("Split", "x", "y z", axis=1, split=[2, 4]), [], (2, 16, 12)),
    (13, node("Split", "x split", "y z", axis=1), [integers("split", 2, 4)], (2, 16, 12)),
    (18, node("Split", "x", "y z", axis=1, num_outputs=2), [], (3, 16, 12)),
    (6, node("Clip", "x", min=0.0, max=6.0), [], (6, 16, 12)),
    (11, node("ReduceMean", "x", axes=[2, 3], keepdims=1), [], (6, 1, 1)),
    (7, node("Dropout", "x", ratio=0.5), [], (6, 16, 12)),
]


@pytest.mark.parametrize("case", OLDER, ids=lambda case: f"{case[1].op_type} {case[0]}")
def test_older_opsets_say_the_same_in_other_places(case):
    opset, made, weights, shape = case
    last = node("Relu", "y", "last")
    assert report(model([made, last], MAP, weights, ["last"], opset))["y"].out_shape == shape


def test_pools_of_one_and_three_axes():
    line = model([node("MaxPool", "x", kernel_shape=[3], strides=[2])], [1, 4, 21])
    assert report(line)["y"].out_shape == inferred(line)["y"] == (4, 10)
    solid = model([node("Conv", "x w")], [1, 2, 9, 8, 7], [weight(5, 2, 3, 2, 1)])
    assert report(solid)["y"].out_shape == inferred(solid)["y"] == (5, 7, 7, 7)
    assert report(solid)["y"].macs == 7 * 7 * 7 * 5 * 2 * 3 * 2 * 1


def test_same_padding_of_a_transposed_convolution_takes_output_padding_in():
    """ONNX: output_shape[i] = input_shape[i] * strides[i] under SAME, whatever is added to it."""
    window = {"strides": [2, 2], "output_padding": [1, 1], "auto_pad": "SAME_UPPER"}
    made = model([node("ConvTranspose", "x w", **window)], MAP, [weight(6, 4, 3, 3)])
    (layer,) = report(made)
    assert layer.out_shape == (4, 32, 24)
    assert layer.padding == ((1, 1), (1, 1))


def test_an_uneven_split_leaves_the_rest_for_the_last_piece():
    split = node("Split", "x", "a b c", axis=1, num_outputs=3)
    made = model(
        [split, node("Relu", "a", "d"), node("Relu", "c", "e")], [1, 7, 5, 5], [], ["d", "e"]
    )
    found = report(made)
    assert found["d"].out_shape == inferred(made)["d"] == (3, 5, 5)
    assert found["e"].out_shape == inferred(made)["e"] == (1, 5, 5)


def test_wide_padding_is_a_layer_of_its_own():
    made = model([node("AveragePool", "x", kernel_shape=[3, 3], pads=[2, 0, 1, 2])], MAP)
    padded, pooled = report(made)
    assert (padded.type, pooled.type, pooled.layer) == ("pad", "avg_pool", "y")
    assert pooled.out_shape == inferred(made)["y"]


def test_a_pool_is_undone_by_its_indices():
    pool = node("MaxPool", "x", "p i", kernel_shape=[2, 2], strides=[2, 2])
    undo = node("MaxUnpool", "p i", kernel_shape=[2, 2], strides=[2, 2])
    _, undone = report(model([pool, undo], MAP))
    assert (undone.type, undone.out_shape, undone.sources) == ("max_unpool", (6, 16, 12), ("p",))
    odd = [node("MaxUnpool", "p i shape", kernel_shape=[2, 2], strides=[2, 2])]
    made = model([pool, *odd], [1, 6, 17, 13], [integers("shape", 1, 6, 17, 13)])
    assert report(made)["y"].out_shape == (6, 17, 13)


def test_regions_of_interest():
    rois = tensor("rois", [300, 5])
    made = model([node("MaxRoiPool", "x rois", pooled_shape=[7, 5])], MAP, [rois])
    (layer,) = report(made)
    assert (layer.type, layer.out_shape) == ("roi_pool", (6, 7, 5))
    assert layer.activations == 300 * 6 * 7 * 5
    size = {"output_height": 7, "output_width": 7, "spatial_scale": 0.25}
    boxes = [tensor("rois", [12, 4]), integers("maps", *[0] * 12)]
    (layer,) = report(model([node("RoiAlign", "x rois maps", **size)], MAP, boxes))
    assert (layer.type, layer.activations) == ("roi_align", 12 * 6 * 49)


def test_quantized_convolutions_count_as_others():
    nodes = [
        node("DynamicQuantizeLinear", "x", "q s z"),
        node("ConvInteger", "q w z", "c"),
        node("Cast", "c", "f", to=1),
        node("Mul", "f s", "y"),
    ]
    made = numpy_helper.from_array(numpy.ones([8, 6, 3, 3], dtype=numpy.uint8), "w")
    found = report(model(nodes, MAP, [made], opset=13))
    assert [layer.type for layer in found] == ["function", "conv", "function"]
    assert found["c"].params == 8 * 6 * 9
    assert found["c"].macs == 14 * 10 * 8 * 6 * 9
