"""ONNX models of several inputs: as PyTorch exports its modules, and written by hand."""

import io
import warnings

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")

from onnx import TensorProto, helper
from onnx_models import integers, model, node, read, report, tensor

import cnncalc
from cnncalc.cli.application import run
from cnncalc.exporters.yaml import flat_definition

WEIGHTS = [tensor("w", [4, 3, 3, 3]), tensor("v", [4, 1, 3, 3])]
TWO = [node("Conv", "x w", "a"), node("Conv", "depth v", "b"), node("Add", "a b")]


def given(name, shape, kind=TensorProto.FLOAT):
    """One more input of a graph."""
    return helper.make_tensor_value_info(name, kind, shape)


def two(shape=(1, 3, 8, 8), other=(1, 1, 8, 8), name="depth"):
    nodes = [node("Conv", "x w", "a"), node("Conv", f"{name} v", "b"), node("Add", "a b")]
    return model(nodes, shape, WEIGHTS, more_inputs=[given(name, other)])


class TestFromTorch:
    torch = pytest.importorskip("torch", reason="the exporters are PyTorch's")
    modules = pytest.importorskip("torch_inputs")
    KEPT = ("Siamese", "ColourAndDepth", "Gated", "Film", "Tokens", "Vectors", "Joined")

    @pytest.mark.parametrize("dynamo", [False, True])
    @pytest.mark.parametrize("name", KEPT)
    def test_figures_are_those_of_the_module(self, name, dynamo):
        module, shapes = self.modules.CASES[name]
        found = report(self.exported(module, shapes, dynamo))
        assert found.totals.params == sum(each.numel() for each in module().parameters())
        assert found.totals.macs == self.modules.macs(module(), shapes)
        assert set(found.input) == set(shapes)

    @pytest.mark.parametrize("name", ["Siamese", "ColourAndDepth", "Gated"])
    def test_so_are_those_of_a_file_without_its_weights(self, name):
        module, shapes = self.modules.CASES[name]
        found = report(self.exported(module, shapes, False, export_params=False))
        assert found.totals.params == sum(each.numel() for each in module().parameters())
        assert set(found.input) == set(shapes)

    def exported(self, module, shapes, dynamo, **how):
        if dynamo:
            pytest.importorskip("onnxscript", reason="the exporter by torch.export needs it")
        tensors, file = (
            tuple(self.torch.zeros(1, *shape) for shape in shapes.values()),
            io.BytesIO(),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = self.torch.onnx.export(
                *(module().eval(), tensors, None if dynamo else file),
                input_names=list(shapes),
                dynamo=dynamo,
                **({"verbose": False} if dynamo else {"do_constant_folding": False}),
                **how,
            )
        return made.model_proto if dynamo else file.getvalue()


class TestWhichAreInputs:
    def test_fields_are_those_of_each(self):
        network = read(two())
        assert network.input == {"x": (3, 8, 8), "depth": (1, 8, 8)}
        assert cnncalc.analyze(network, from_layer="depth")["b"].rf == (3, 3)
        assert cnncalc.analyze(network)["b"].rf == (None, None)

    def test_what_nothing_reads_is_left_out(self):
        made = model([node("Relu", "x")], [1, 3, 8, 8], more_inputs=[given("z", [1, 3, 8, 8])])
        assert read(made).input == (3, 8, 8)

    def test_weights_without_numbers_are_none(self):
        nodes = [node("Conv", "x w", "a"), node("Add", "a b")]
        more = [given("w", [4, 3, 3, 3]), given("b", [4, 1, 1])]
        found = report(model(nodes, [1, 3, 8, 8], more_inputs=more))
        assert (found.input, found.totals.params) == ((3, 8, 8), 4 * 3 * 9 + 4)

    def test_what_is_added_beside_weights_of_the_file_is_one(self):
        nodes = [node("Conv", "x w", "a"), node("Add", "a b")]
        found = report(
            model(nodes, [1, 3, 8, 8], WEIGHTS[:1], more_inputs=[given("b", [1, 4, 6, 6])])
        )
        assert found.input == {"x": (3, 8, 8), "b": (4, 6, 6)}
        assert found.totals.params == 4 * 3 * 9

    def test_sizes_numbers_of_tokens_and_masks_are_none(self):
        nodes = [
            node("Conv", "x w", "a"),
            node("Flatten", "a", "f"),
            node("Div", "f image_shape", "d"),
            node("Add", "d length"),
        ]
        more = [
            given("image_shape", [1, 144]),
            given("length", [1], TensorProto.INT64),
            given("ids", [1, 144], TensorProto.INT64),
        ]
        found = report(model(nodes, [1, 3, 8, 8], WEIGHTS[:1], more_inputs=more))
        assert found.input == (3, 8, 8)
        assert found.totals.params == 4 * 3 * 9

    def test_a_picture_behind_ids_is_the_input(self):
        nodes = [
            node("Gather", "table ids", "t"),
            node("ReduceMean", "t one", "m", keepdims=0),
            node("Conv", "pixels w", "a"),
            node("GlobalAveragePool", "a", "g"),
            node("Flatten", "g", "f"),
            node("Add", "m f"),
        ]
        graph = helper.make_graph(
            nodes,
            "small",
            [given("ids", [1, 7], TensorProto.INT64), given("pixels", [1, 3, 8, 8])],
            [given("y", None)],
            [WEIGHTS[0], tensor("table", [9, 4]), integers("one", 1)],
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)])
        assert read(made).input == (3, 8, 8)

    def test_the_map_of_most_axes_comes_first(self):
        module, shapes = TestFromTorch.modules.CASES["Tokens"]
        made = TestFromTorch().exported(module, shapes, False)
        assert list(report(made).input) == ["image", "tokens"]


class TestSizes:
    OPEN = (("N", 3, "H", "W"), ("N", 1, "H", "W"))

    def test_open_sizes_stay_open(self):
        network = read(two(*self.OPEN))
        assert network.input == {"x": (3, None, None), "depth": (1, None, None)}
        assert cnncalc.analyze(network, input=32)["y"].out_shape == (4, 30, 30)

    def test_names_give_them(self):
        asked = {"x": "3x16x16", "depth": "16"}
        assert read(two(*self.OPEN), input=asked).input == {"x": (3, 16, 16), "depth": (1, 16, 16)}

    def test_a_wrong_name_is_told(self):
        with pytest.raises(cnncalc.CnncalcError, match=r"no input 'dept'.*depth"):
            read(two(*self.OPEN), input={"dept": "3x16x16"})

    def test_one_shape_for_two_is_told(self):
        with pytest.raises(cnncalc.CnncalcError, match="does not say which of the inputs x, depth"):
            read(two(*self.OPEN), input="3x16x16")

    def test_from_the_command_line(self, tmp_path, capsys):
        path = tmp_path / "two.onnx"
        path.write_bytes(two(*self.OPEN).SerializeToString())
        asked = ["--input", "x=3x16x16", "--input", "depth=1x16x16"]
        assert run(["flops", str(path), "--csv", *asked]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.split(",")[-2] for line in lines[1:]] == [
            str(14 * 14 * 4 * channels * 9) for channels in (3, 1)
        ]


class TestNames:
    @pytest.mark.parametrize(
        "name", ["input", "x.y", "größe", "in\u200bput", "a=b", "$x", "#", "'", "x:0"]
    )
    def test_any_name_makes_a_definition_that_reads(self, name):
        network = read(two(name=name))
        shown = list(network.inputs)[1]
        assert shown == "".join(sign if sign.isprintable() else "_" for sign in name)
        again = cnncalc.loads(flat_definition(network))
        assert again.input == network.input
        assert cnncalc.analyze(again).totals == cnncalc.analyze(network).totals

    def test_a_layer_of_an_input_s_name_gets_a_number(self):
        made = two()
        made.graph.node[1].name = "depth"
        assert [layer.layer for layer in report(made)] == ["a", "depth_2", "y"]

    def test_two_of_one_name_are_one(self):
        made = two()
        made.graph.input.append(made.graph.input[1])
        assert read(made).input == {"x": (3, 8, 8), "depth": (1, 8, 8)}
