"""The ONNX reader: what moves channels and units about, and what is written out as arithmetic."""

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")

import numpy
from onnx_models import integers, model, node, read, report, tensor


def layers(made, **given):
    """Type and output shape of every layer."""
    return [(layer.type, layer.out_shape) for layer in report(made, **given)]


class TestLayout:
    def test_channels_last_as_tensorflow_has_it(self):
        nodes = [
            node("Transpose", "x", "first", perm=[0, 3, 1, 2]),
            node("Conv", "first w", "c", strides=[2, 1]),
            node("Transpose", "c", "y", perm=[0, 2, 3, 1]),
        ]
        made = model(nodes, [1, 32, 24, 3], [tensor("w", [8, 3, 3, 3])])
        assert report(made).input == (3, 32, 24)
        assert layers(made) == [("conv", (8, 15, 22))]

    def test_a_linear_layer_at_every_place_is_a_convolution(self):
        """A ConvNeXt block, arXiv:2201.03545: 49·C + C, 4·C² + 4·C, 4·C² + C and 2·C weights."""
        nodes = [
            node("Conv", "x w b", "c", group=6, pads=[3, 3, 3, 3]),
            node("Transpose", "c", "last", perm=[0, 2, 3, 1]),
            node("LayerNormalization", "last ln_w ln_b", "n"),
            node("MatMul", "n up", "m"),
            node("Add", "up_b m", "a"),
            node("Gelu", "a", "g"),
            node("MatMul", "g down", "d"),
            node("Add", "d down_b", "e"),
            node("Mul", "gamma e", "s"),
            node("Transpose", "s", "back", perm=[0, 3, 1, 2]),
            node("Add", "back x", "y"),
        ]
        shapes = {"w": [6, 1, 7, 7], "b": [6], "ln_w": [6], "ln_b": [6], "gamma": [6]}
        shapes |= {"up": [6, 24], "up_b": [24], "down": [24, 6], "down_b": [6]}
        made = model(nodes, [1, 6, 14, 14], [tensor(*one) for one in shapes.items()])
        found = report(made)
        assert [(layer.type, layer.params) for layer in found] == [
            ("depthwise_conv", 6 * 49 + 6),
            ("layer_norm", 12),
            ("conv", 6 * 24 + 24),
            ("gelu", 0),
            ("conv", 24 * 6 + 6),
            ("scale", 6),
            ("add", 0),
        ]
        assert found["m"].macs == 14 * 14 * 6 * 24
        assert found["y"].out_shape == (6, 14, 14)

    def test_a_channel_shuffle_is_seen_in_what_moves_the_channels(self):
        nodes = [
            node("Reshape", "x cut", "groups"),
            node("Transpose", "groups", "moved", perm=[0, 2, 1, 3, 4]),
            node("Reshape", "moved whole", "shuffled"),
            node("Conv", "shuffled w", "y"),
        ]
        weights = [integers("cut", 1, 3, 4, 8, 8), integers("whole", -1, 12, 8, 8)]
        made = model(nodes, [1, 12, 8, 8], [*weights, tensor("w", [5, 12, 1, 1])])
        assert layers(made) == [("channel_shuffle", (12, 8, 8)), ("conv", (5, 8, 8))]
        assert read(made).nodes[0].kind.groups == 3

    @pytest.mark.parametrize(
        ("cut", "perm", "whole", "shape", "type_name"),
        [
            ([1, 3, 2, 2, 8, 6], [0, 1, 4, 2, 5, 3], [1, 3, 16, 12], (3, 16, 12), "pixel_shuffle"),
            ([1, 2, 2, 3, 8, 6], [0, 3, 4, 1, 5, 2], [1, 3, 16, 12], (3, 16, 12), "pixel_shuffle"),
            ([1, 12, 4, 2, 3, 2], [0, 3, 5, 1, 2, 4], [1, 48, 4, 3], (48, 4, 3), "space_to_depth"),
        ],
    )
    def test_shuffles_between_channels_and_space(self, cut, perm, whole, shape, type_name):
        nodes = [
            node("Reshape", "x cut", "parts"),
            node("Transpose", "parts", "moved", perm=perm),
            node("Reshape", "moved whole", "y"),
        ]
        made = model(nodes, [1, 12, 8, 6], [integers("cut", *cut), integers("whole", *whole)])
        assert layers(made) == [(type_name, shape)]

    def test_a_gate_of_linear_layers(self):
        """Squeeze and excitation as its authors wrote it, with linear layers on a vector."""
        nodes = [
            node("GlobalAveragePool", "x", "p"),
            node("Reshape", "p flat", "v"),
            node("Gemm", "v w1 b1", "a", transB=1),
            node("Relu", "a", "r"),
            node("Gemm", "r w2 b2", "c", transB=1),
            node("Sigmoid", "c", "s"),
            node("Reshape", "s map", "g"),
            node("Mul", "x g", "y"),
        ]
        weights = [integers("flat", 1, -1), integers("map", 1, 8, 1, 1)]
        weights += [
            tensor("w1", [2, 8]),
            tensor("b1", [2]),
            tensor("w2", [8, 2]),
            tensor("b2", [8]),
        ]
        found = report(model(nodes, [1, 8, 5, 5], weights))
        assert found.totals.params == (8 * 2 + 2) + (2 * 8 + 8)
        assert found["y"].out_shape == (8, 5, 5)
        assert found["y"].gated and not found["y"].is_global

    @pytest.mark.parametrize(
        "nodes",
        [
            [node("Flatten", "x", "f")],
            [node("Reshape", "x all", "f")],
            [node("Reshape", "x kept", "f")],
            [
                node("Shape", "x", "s"),
                node("Gather", "s zero", "n"),
                node("Unsqueeze", "n axis", "m"),
                node("Concat", "m rest", "t", axis=0),
                node("Reshape", "x t", "f"),
            ],
        ],
        ids=["Flatten", "Reshape", "0, -1", "as older PyTorch writes it"],
    )
    def test_flattening_before_a_classifier(self, nodes):
        weights = [integers("all", 1, -1), integers("kept", 0, -1), integers("rest", -1)]
        weights += [tensor("zero", [], numpy.int64(0)), integers("axis", 0), tensor("w", [10, 480])]
        made = model([*nodes, node("Gemm", "f w", "y", transB=1)], [1, 5, 12, 8], weights)
        last = report(made)["y"]
        assert (last.type, last.out_shape, last.params) == ("linear", (10,), 4800)

    def test_boxes_of_several_maps_are_joined_as_vectors(self):
        """SSD: locations of two maps as lists of boxes, joined."""
        nodes, weights = [], [integers("boxes", 1, -1, 4)]
        for number, read_from in ((1, "x"), (2, "p")):
            nodes += [
                node("Conv", f"{read_from} w{number}", f"c{number}"),
                node("Transpose", f"c{number}", f"t{number}", perm=[0, 2, 3, 1]),
                node("Reshape", f"t{number} boxes", f"l{number}"),
            ]
            weights.append(tensor(f"w{number}", [8, 6, 1, 1]))
        pool = node("MaxPool", "x", "p", kernel_shape=[2, 2], strides=[2, 2])
        join = node("Concat", "l1 l2", "y", axis=1)
        found = report(model([pool, *nodes, join], [1, 6, 4, 4], weights))
        assert found["y"].out_shape == (8 * 16 + 8 * 4,)

    def test_sums_over_groups_of_channels(self):
        nodes = [
            node("Reshape", "x cut", "parts"),
            node("ReduceSum", "parts axes", "y", keepdims=0),
        ]
        made = model(nodes, [1, 8, 5, 5], [integers("cut", 1, 2, 4, 5, 5), integers("axes", 1)])
        assert [layer[0] for layer in layers(made)] == ["slice", "slice", "add"]
        assert layers(made)[-1] == ("add", (4, 5, 5))

    def test_a_map_spread_along_one_axis(self):
        nodes = [
            node("ReduceMean", "x rows", "r"),
            node("Sigmoid", "r", "s"),
            node("Mul", "x s", "y"),
        ]
        found = report(model(nodes, [1, 4, 6, 9], [integers("rows", 2)]))
        assert [layer.type for layer in found][-2:] == ["upsample", "mul"]
        assert found["y"].out_shape == (4, 6, 9)


ACTIVATIONS = {
    "silu": "Sigmoid x s; Mul x s y",
    "mish": "Softplus x p; Tanh p t; Mul t x y",
    "hard_swish": "HardSigmoid x s; Mul s x y",
    "hard_swish, written out": "Add x three a; Clip a zero six c; Mul x c m; Div m six y",
    "hard_sigmoid": "Add x three a; Clip a zero six c; Div c six y",
    "gelu": "Div x root d; Erf d e; Add e one a; Mul x a m; Mul m half y",
    "gelu, halved first": "Mul x half h; Div x root d; Erf d e; Add e one a; Mul h a y",
    "gelu, by tanh": (
        "Pow x three c; Mul c cube d; Add x d e; Mul e wide f; Tanh f t; Add t one a;"
        "Mul x a m; Mul half m y"
    ),
    "layer_norm": (
        "ReduceMean x channels m; Sub x m c; Pow c two s; ReduceMean s channels v;"
        "Add v small e; Sqrt e r; Div c r n; Mul n w p; Add p b y"
    ),
}
NUMBERS = {"three": 3, "zero": 0, "six": 6, "root": 2**0.5, "one": 1, "half": 0.5, "two": 2}
NUMBERS |= {"cube": 0.044715, "wide": (2 / numpy.pi) ** 0.5, "small": 1e-5}


class TestPatterns:
    @staticmethod
    def written(text, **given):
        nodes = []
        for line in text.split(";"):
            operator, *inputs, output = line.split()
            nodes.append(node(operator, " ".join(inputs), output))
        weights = [tensor(name, [], numpy.float32(number)) for name, number in NUMBERS.items()]
        weights += [integers("channels", 1), tensor("w", [6, 1, 1]), tensor("b", [6, 1, 1])]
        return model(nodes, [1, 6, 5, 5], weights, **given)

    @pytest.mark.parametrize("name", ACTIVATIONS)
    def test_activations_and_norms_written_out_are_one_layer(self, name):
        (layer,) = report(self.written(ACTIVATIONS[name]))
        assert layer.type == name.partition(",")[0]
        assert layer.out_shape == (6, 5, 5)
        assert layer.params == (12 if name == "layer_norm" else 0)

    def test_what_is_no_pattern_stays_as_it_is(self):
        found = report(self.written("Sigmoid x s; Mul s x m; Add m s y"))
        assert [layer.type for layer in found] == ["sigmoid", "silu", "add"]
        found = report(self.written("Add x six a; Clip a zero six c; Div c six y"))
        assert [layer.type for layer in found] == ["function", "relu6", "function"]

    def test_a_mean_over_channels_alone_reads_its_own_place(self):
        mean, last = report(self.written("ReduceMean x channels m; Sigmoid m y"))
        assert (mean.type, mean.out_shape, mean.params, mean.macs) == ("unknown", (1, 5, 5), 0, 0)
        assert (last.out_shape, last.rf) == ((1, 5, 5), (1, 1))
