"""The ONNX reader: which tensors are weights, whose they are, and where they lie."""

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")

from onnx import TensorProto, helper
from onnx_models import constant, floats, integers, model, node, report, tensor


def norm(read_from, output, *names):
    return node("BatchNormalization", f"{read_from} {' '.join(names)}", output)


class TestWeights:
    def test_a_bias_added_apart_belongs_to_the_layer_before(self):
        nodes = [node("MatMul", "x w", "m"), node("Add", "m b", "y")]
        made = model(nodes, [1, 12], [tensor("w", [12, 5]), tensor("b", [5])])
        assert [(layer.type, layer.params) for layer in report(made)] == [("linear", 65)]

    def test_a_bias_of_a_layer_that_others_read_too_stays_apart(self):
        nodes = [
            node("Conv", "x w", "c"),
            node("Add", "c b", "a"),
            node("Add", "a c", "y"),
        ]
        weights = [tensor("w", [4, 3, 1, 1]), tensor("b", [1, 4, 1, 1])]
        found = report(model(nodes, [1, 3, 5, 5], weights))
        assert [(layer.type, layer.params) for layer in found] == [
            ("conv", 12),
            ("scale", 4),
            ("add", 0),
        ]

    def test_factor_and_bias_are_one_scale(self):
        nodes = [node("Mul", "x w", "m"), node("Add", "m b", "y")]
        weights = [tensor("w", [6, 1, 1]), tensor("b", [6, 1, 1])]
        assert [(one.type, one.params) for one in report(model(nodes, [1, 6, 4, 4], weights))] == [
            ("scale", 12)
        ]

    def test_what_is_subtracted_and_divided_by_is_no_weight(self):
        nodes = [node("Sub", "x mean", "m"), node("Div", "m deviation", "y")]
        weights = [tensor("mean", [3, 1, 1]), tensor("deviation", [3, 1, 1])]
        found = report(model(nodes, [1, 3, 8, 8], weights))
        assert [(layer.type, layer.params) for layer in found] == [("function", 0)] * 2

    def test_a_convolution_used_twice_counts_once(self):
        nodes = [
            node("MaxPool", "x", "p", kernel_shape=[2, 2], strides=[2, 2]),
            node("Conv", "x w b", "one"),
            node("Conv", "p w b", "other"),
        ]
        weights = [tensor("w", [5, 3, 3, 3]), tensor("b", [5])]
        found = report(model(nodes, [1, 3, 16, 16], weights, ["one", "other"]))
        assert found["one"].params == 5 * 3 * 9 + 5
        assert found["other"].params == 0
        assert found["other"].macs == 36 * 5 * 3 * 9

    def test_tensors_of_one_number_are_no_sign_of_sharing(self):
        """Exporters make equal tensors one, so that fresh norms share their ones and zeros."""
        nodes = [norm("x", "a", "w", "b", "b", "w"), norm("a", "y", "w", "b", "b", "w")]
        weights = [floats("w", *[1] * 6), floats("b", *[0] * 6)]
        found = report(model(nodes, [1, 6, 4, 4], weights))
        assert (found.totals.params, found.totals.buffers) == (24, 24)
        different = [floats("w", *range(6)), floats("b", *range(1, 7))]
        assert report(model(nodes, [1, 6, 4, 4], different)).totals.params == 12

    def test_convolutions_that_share_a_bias_of_zeros_are_two(self):
        nodes = [node("Conv", "x v b", "one"), node("Conv", "one w b", "y")]
        weights = [tensor("v", [3, 3, 1, 1]), tensor("w", [3, 3, 1, 1]), floats("b", 0, 0, 0)]
        found = report(model(nodes, [1, 3, 4, 4], weights))
        assert [layer.params for layer in found] == [12, 12]

    def test_ones_that_are_written_out_are_no_weights(self):
        nodes = [
            constant("w", floats("w", *[1] * 6)),
            constant("b", floats("b", *[0] * 6)),
            node("InstanceNormalization", "x w b"),
        ]
        (layer,) = report(model(nodes, [1, 6, 4, 4]))
        assert (layer.type, layer.params) == ("instance_norm", 0)

    def test_weights_in_nodes_are_weights_where_their_numbers_differ(self):
        nodes = [constant("w", tensor("w", [5, 3, 3, 3])), node("Conv", "x w")]
        (layer,) = report(model(nodes, [1, 3, 8, 8]))
        assert layer.params == 135

    def test_group_normalization_as_older_exporters_write_it(self):
        nodes = [
            constant("ones", floats("ones", 1, 1)),
            constant("zeros", floats("zeros", 0, 0)),
            node("Reshape", "x groups", "g"),
            node("InstanceNormalization", "g ones zeros", "n"),
            node("Shape", "x", "shape"),
            node("Reshape", "n shape", "m"),
            node("Mul", "m w", "s"),
            node("Add", "s b", "y"),
        ]
        weights = [integers("groups", 0, 2, -1), tensor("w", [8, 1, 1]), tensor("b", [8, 1, 1])]
        (layer,) = report(model(nodes, [1, 8, 5, 5], weights))
        assert (layer.type, layer.params, layer.out_shape) == ("group_norm", 16, (8, 5, 5))
        assert layer.node.kind.num_groups == 2

    def test_a_normalized_weight_counts_with_its_gain(self):
        """Weight standardization: the weight less its mean, times a gain per channel."""
        nodes = [
            node("ReduceMean", "w axes", "mean"),
            node("Sub", "w mean", "centred"),
            node("Mul", "centred gain", "scaled"),
            node("Conv", "x scaled b"),
        ]
        weights = [tensor("w", [4, 3, 3, 3]), integers("axes", 1, 2, 3)]
        weights += [tensor("gain", [4, 1, 1, 1]), tensor("b", [4])]
        assert report(model(nodes, [1, 3, 8, 8], weights)).totals.params == 108 + 4 + 4

    def test_weights_may_be_inputs_of_the_graph(self):
        declared = helper.make_tensor_value_info("w", TensorProto.FLOAT, [5, 3, 3, 3])
        made = model([node("Conv", "x w")], [1, 3, 8, 8], more_inputs=[declared])
        assert report(made).totals.params == 135

    def test_weights_in_another_file_are_not_needed(self):
        outside = TensorProto(
            name="w", data_type=TensorProto.FLOAT, dims=[5, 3, 3, 3], data_location=1
        )
        for key, value in (("location", "weights.bin"), ("offset", "0"), ("length", "540")):
            outside.external_data.add(key=key, value=value)
        assert report(model([node("Conv", "x w")], [1, 3, 8, 8], [outside])).totals.params == 135

    def test_large_weights_are_not_loaded(self):
        from cnncalc.readers.onnx.file import model as skeleton
        from cnncalc.readers.source import Source

        made = model([node("Conv", "x w")], [1, 512, 8, 8], [tensor("w", [512, 512, 3, 3])])
        content = made.SerializeToString()
        assert len(content) > 9_000_000
        assert skeleton(Source("large.onnx", "", content)).ByteSize() < 1000
        assert report(content).totals.params == 512 * 512 * 9
