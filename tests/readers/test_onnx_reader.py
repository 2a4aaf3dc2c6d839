"""The ONNX reader: sizes that a file leaves open, and what graphs are made of."""

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")

import numpy
from onnx import TensorProto, helper
from onnx_models import integers, model, node, read, report, tensor

import cnncalc
from cnncalc.readers.onnx.constants import exact


def layers(made, **given):
    """Type and output shape of every layer."""
    return [(layer.type, layer.out_shape) for layer in report(made, **given)]


def decoder(*tail, weights=()):
    """A map halved, then resized to what `tail` computes from shapes."""
    nodes = [node("MaxPool", "x", "p", kernel_shape=[2, 2], strides=[2, 2]), *tail]
    given = [integers("first", 0), integers("two", 2), integers("end", 4), *weights]
    return model(nodes, ["n", 3, "h", "w"], given)


LIKE = [
    node("Shape", "x", "s"),
    node("Slice", "s two end", "space"),
    node("Shape", "p", "t"),
    node("Slice", "t first two", "front"),
    node("Concat", "front space", "sizes", axis=0),
    node("Resize", "p - - sizes", "y", mode="linear"),
]
DOUBLED = [
    node("Shape", "p", "s"),
    node("Slice", "s two end", "space"),
    node("Cast", "space", "real", to=TensorProto.FLOAT),
    node("Mul", "real factor", "larger"),
    node("Floor", "larger", "floored"),
    node("Cast", "floored", "whole", to=TensorProto.INT64),
    node("Slice", "s first two", "front"),
    node("Concat", "front whole", "sizes", axis=0),
    node("Resize", "p - - sizes", "y", mode="linear"),
]


class TestOpenSizes:
    def test_sizes_that_the_file_leaves_open_stay_unknown(self):
        made = model([node("Conv", "x w")], ["n", 3, "h", "w"], [tensor("w", [8, 3, 3, 3])])
        found = report(made)
        assert found.input == (3, None, None)
        assert (found["y"].params, found["y"].out_shape) == (216, (8, None, None))
        assert found["y"].rf == (3, 3)

    def test_input_fills_them(self):
        made = model([node("Conv", "x w")], ["n", 3, "h", "w"], [tensor("w", [8, 3, 3, 3])])
        assert report(made, input="32x24")["y"].out_shape == (8, 30, 22)
        assert report(made, input="3x32x24")["y"].macs == 30 * 22 * 216

    def test_the_size_of_another_layer(self):
        network = read(decoder(*LIKE))
        (_, resized) = network.nodes
        assert resized.kind.like == "input"
        assert cnncalc.analyze(network, (3, 37, 50))["y"].out_shape == (3, 37, 50)

    def test_a_factor_of_its_own_size(self):
        made = decoder(*DOUBLED, weights=[tensor("factor", [], numpy.float32(1.5))])
        network = read(made)
        assert network.nodes[1].kind.scale_factor == ((3, 2), (3, 2))
        assert cnncalc.analyze(network, (3, 34, 50))["y"].out_shape == (3, 25, 37)

    def test_a_layer_that_depends_on_the_size_asks_for_it(self):
        nodes = [
            node("Shape", "x", "s"),
            node("Slice", "s two end", "space"),
            node("Mod", "space even", "rest"),
            node("Concat", "none none none none none none rest", "pads", axis=0),
            node("Relu", "x", "r"),
            node("Pad", "r pads", "y"),
        ]
        weights = [integers("two", 2), integers("end", 4), integers("none", 0), integers("even", 2)]
        made = model(nodes, [1, 3, "h", "w"], weights)
        with pytest.raises(
            cnncalc.DefinitionError, match=r"'y' depends on the input's size.*--input"
        ):
            read(made)
        assert report(made, input="31x20")["y"].out_shape == (3, 32, 20)

    def test_a_classifier_of_one_size_asks_for_it(self):
        nodes = [node("Flatten", "x", "f"), node("Gemm", "f w", "y", transB=1)]
        made = model(nodes, ["n", 3, "h", "w"], [tensor("w", [10, 3 * 8 * 8])])
        with pytest.raises(cnncalc.DefinitionError, match=r"left open.*--input"):
            read(made)
        assert report(made, input="8")["y"].params == 1920

    def test_channels_that_only_the_first_weight_tells(self):
        made = model([node("Conv", "x w")], ["n", "c", "h", "w"], [tensor("w", [8, 5, 3, 3])])
        assert report(made).input == (5, None, None)

    def test_a_file_s_own_size_may_be_changed(self):
        made = model([node("Conv", "x w")], [1, 3, 32, 32], [tensor("w", [8, 3, 3, 3])])
        assert report(made, input="64")["y"].out_shape == (8, 62, 62)

    def test_a_fixed_batch_is_left_out(self):
        nodes = [node("Reshape", "x flat", "f"), node("Gemm", "f w", "y", transB=1)]
        weights = [integers("flat", 8, -1), tensor("w", [10, 48])]
        found = report(model(nodes, [8, 3, 4, 4], weights))
        assert (found.input, found["y"].macs) == ((3, 4, 4), 480)

    def test_input_that_does_not_fit_is_a_wrong_call(self):
        with pytest.raises(cnncalc.UsageError, match="does not fit"):
            read(model([node("Relu", "x")], [1, 3, 8, 8]), input="1x2x3x4x5")


class TestGraphs:
    def test_several_outputs(self):
        nodes = [node("Relu", "x", "a"), node("Conv", "a w", "b"), node("Sigmoid", "a", "c")]
        made = model(nodes, [1, 3, 8, 8], [tensor("w", [2, 3, 1, 1])], ["b", "c"])
        assert [layer[0] for layer in layers(made)] == ["relu", "conv", "sigmoid"]

    def test_what_no_output_needs_is_left_out(self):
        nodes = [node("Relu", "x"), node("Conv", "x w", "unread"), node("Strange", "x", "z")]
        assert layers(model(nodes, [1, 3, 8, 8])) == [("relu", (3, 8, 8))]

    def test_a_branch_whose_condition_is_known(self):
        branches = {
            name: helper.make_graph(
                [helper.make_node(operator, ["x"], [f"{name}_y"], f"{name}_y")],
                name,
                [],
                [helper.make_tensor_value_info(f"{name}_y", TensorProto.FLOAT, None)],
            )
            for name, operator in (("then_branch", "Relu"), ("else_branch", "Tanh"))
        }
        nodes = [
            node("Shape", "x", "s"),
            node("Size", "s", "rank"),
            node("Equal", "rank four", "known"),
            node("If", "known", "y", **branches),
        ]
        made = model(nodes, [1, 3, 8, 8], [tensor("four", [], numpy.int64(4))])
        assert layers(made) == [("relu", (3, 8, 8))]

    def test_functions_of_the_model_s_own(self):
        body = [helper.make_node("Conv", ["a", "k"], ["c"]), helper.make_node("Relu", ["c"], ["r"])]
        opset = helper.make_opsetid("", 22)
        function = helper.make_function("own", "Block", ["a", "k"], ["r"], body, [opset])
        call = helper.make_node("Block", ["x", "w"], ["y"], "block", domain="own")
        made = model([call], [1, 3, 8, 8], [tensor("w", [4, 3, 3, 3])])
        made.functions.append(function)
        made.opset_import.append(helper.make_opsetid("own", 1))
        assert layers(made) == [("conv", (4, 6, 6)), ("relu", (4, 6, 6))]

    def test_names_are_those_of_the_nodes(self):
        nodes = [helper.make_node("Relu", ["x"], ["t"], "stem/act"), node("Relu", "t")]
        nodes[1].name = ""
        found = report(model(nodes, [1, 3, 8, 8]))
        assert [layer.layer for layer in found] == ["stem/act", "y"]

    def test_names_are_those_of_the_modules_where_nodes_tell_them(self):
        """As PyTorch's exporter by tracing calls nodes: by the names of modules in modules."""
        named = {
            "a": "/layer1/layer1.0/act/Sigmoid",
            "b": "/layer1/layer1.0/act/Mul",
            "c": "/layer1/layer1.0/Add",
            "d": "/layer1/layer1.0/Add_1",
            "y": "/Flatten",
        }
        reads = {"a": "x", "b": "x a", "c": "b x", "d": "c b", "y": "d"}
        nodes = []
        for output, name in named.items():
            operator = name.rpartition("/")[2].removesuffix("_1")
            nodes.append(helper.make_node(operator, reads[output].split(), [output], name))
        found = report(model(nodes, [1, 3, 8, 8]))
        assert [(layer.layer, layer.type) for layer in found] == [
            ("layer1.0.act", "silu"),
            ("layer1.0.add", "add"),
            ("layer1.0.add_2", "add"),
            ("flatten", "flatten"),
        ]

    def test_names_are_those_of_the_modules_that_metadata_tell(self):
        """As PyTorch's newer exporter keeps them; a convolution's is where its weight is."""
        nodes = [node("Conv", "x features.0.weight", "c"), node("Relu", "c")]
        scopes = [
            "['', 'features', 'features.1', 'batch_norm']",
            "['', 'features', 'features.2', 'relu']",
        ]
        for made, told in zip(nodes, scopes):
            made.metadata_props.add(key="pkg.torch.onnx.name_scopes", value=told)
        weights = [tensor("features.0.weight", [4, 3, 3, 3])]
        found = report(model(nodes, [1, 3, 8, 8], weights))
        assert [layer.layer for layer in found] == ["features.0", "features.2"]

    def test_a_model_is_called_by_its_graph_or_its_file(self, tmp_path):
        for name, expected in (("lenet", "lenet"), ("main_graph", "own")):
            path = tmp_path / "own.onnx"
            made = model([node("Relu", "x")], [1, 3, 8, 8], name=name, producer_name="pytorch")
            path.write_bytes(made.SerializeToString())
            definition = cnncalc.load(path).definition
            assert (definition.name, definition.source) == (expected, "ONNX, written by pytorch")

    def test_a_vector_is_an_input_of_one_unit(self):
        made = model([node("Gemm", "x w", transB=1)], ["n", 20], [tensor("w", [10, 20])])
        assert report(made).input == (20, 1)
        assert layers(made) == [("linear", (10,))]

    def test_an_image_without_channels(self):
        nodes = [node("Unsqueeze", "x one", "map"), node("Conv", "map w")]
        made = model(nodes, [1, 28, 28], [integers("one", 1), tensor("w", [4, 1, 5, 5])])
        assert report(made).input == (1, 28, 28)
        assert layers(made) == [("conv", (4, 24, 24))]

    def test_an_image_without_a_batch(self):
        nodes = [node("Unsqueeze", "x first", "map"), node("Conv", "map w")]
        made = model(nodes, [3, 28, 28], [integers("first", 0), tensor("w", [4, 3, 5, 5])])
        assert report(made).input == (3, 28, 28)


@pytest.mark.parametrize(
    ("written", "number"),
    [(0.1, "1/10"), (2.0, "2"), (1 / 3, "1/3"), (1e-5, "0.00001")],
)
def test_floats_are_the_simplest_numbers_that_they_stand_for(written, number):
    from fractions import Fraction

    assert exact(float(numpy.float32(written))) == Fraction(number)
