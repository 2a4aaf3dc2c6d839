"""ONNX files that are damaged or not understood: one line each, and never a traceback."""

import random
import sys

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")

import numpy
from damage import damaged_model
from onnx import TensorProto, helper
from onnx_models import constant, floats, integers, model, node, read, report, tensor

import cnncalc
from cnncalc.cli.application import run

CONV = [node("Conv", "x w", "c", kernel_shape=[3, 3], strides=[1, 2]), node("Relu", "c")]
WEIGHT = tensor("w", [8, 3, 3, 3])


def small():
    return model(CONV, [1, 3, 16, 16], [WEIGHT])


def changed(change):
    """The small model after a change."""
    made = small()
    change(made.graph)
    return made


def refusal(made, **given):
    """The one line with which a model is refused."""
    with pytest.raises(cnncalc.CnncalcError) as refused:
        cnncalc.analyze(read(made, **given))
    told = str(refused.value)
    assert "\n" not in told
    return told


def strange_input(graph):
    graph.input[0].type.tensor_type.shape.dim.add().dim_value = 4
    graph.input[0].type.tensor_type.shape.dim.add().dim_value = 4


def in_a_circle(graph):
    graph.node[0].input[0] = "y"


def in_disorder(graph):
    first = graph.node.pop(0)
    graph.node.append(first)


WRONG = {
    "no output": (lambda graph: graph.ClearField("output"), "it has no layers"),
    "no input": (lambda graph: graph.ClearField("input"), "no input that is a map"),
    "no nodes": (lambda graph: graph.ClearField("node"), "the graph reads 'y', which nothing"),
    "an input of six sizes": (strange_input, "no input that is a map .* its inputs: 'x'"),
    "a circle": (in_a_circle, "node 1 'c' reads 'y', which nothing before it gives"),
    "disorder": (in_disorder, "node 1 'y' reads 'c', which nothing before it gives"),
    "no weight": (
        lambda graph: graph.ClearField("initializer"),
        "node 1 'c' reads 'w', which nothing before it gives",
    ),
    "an operator that nobody knows": (
        lambda graph: setattr(graph.node[1], "op_type", "Strange"),
        "operator 'Strange' of node 2 'y' is not known here; --unknown pass goes on",
    ),
    "an operator of another domain": (
        lambda graph: setattr(graph.node[1], "domain", "com.example"),
        r"operator 'com.example.Relu' of node 2 'y' is not known here",
    ),
    "a weight of other channels": (
        lambda graph: graph.initializer[0].CopyFrom(tensor("w", [8, 4, 3, 3])),
        "operator 'Conv' of node 1 'c' cannot be read: its weight is for 4 channels, not 3",
    ),
    "a weight of another rank": (
        lambda graph: graph.initializer[0].CopyFrom(tensor("w", [8, 3, 3])),
        "its weight of \\(8, 3, 3\\) is not one of 2 axes",
    ),
    "a negative size": (
        lambda graph: graph.initializer[0].dims.__setitem__(0, -8),
        "the tensor 'w' cannot have the shape",
    ),
    "a kernel that is not the weight's": (
        lambda graph: graph.node[0].attribute[0].ints.__setitem__(0, 5),
        "its kernel_shape \\[5, 3\\] is not that of its weight",
    ),
    "a stride of 0": (
        lambda graph: graph.node[0].attribute[1].ints.__setitem__(0, 0),
        "layer 'c': stride must be a whole number of at least 1",
    ),
    "strides of other axes": (
        lambda graph: graph.node[0].attribute[1].ints.append(1),
        "its strides \\[1, 2, 1\\] are not one per axis",
    ),
    "an attribute of another type": (
        lambda graph: graph.node[0].attribute.append(helper.make_attribute("group", "two")),
        "its attribute 'group' is no integer",
    ),
    "padding by a rule that nobody knows": (
        lambda graph: graph.node[0].attribute.append(helper.make_attribute("auto_pad", "MOST")),
        "its auto_pad 'MOST' is no rule of padding",
    ),
    "a map smaller than the window": (
        lambda graph: setattr(graph.input[0].type.tensor_type.shape.dim[2], "dim_value", 2),
        "layer 'c': window 3 is larger than its padded input 2 on axis h",
    ),
}


@pytest.mark.parametrize(("change", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_place(change, told):
    with pytest.raises(cnncalc.CnncalcError, match=told):
        cnncalc.analyze(read(changed(change)))
    assert refusal(changed(change)).startswith("small.onnx: ")


UNREAD = {
    "a shape that does not fit": (
        [node("Reshape", "x shape", "r"), node("Relu", "r")],
        [integers("shape", 1, 7, -1)],
        "cuts .* unevenly",
    ),
    "a shape that is not known": (
        [node("ReduceMax", "x", "m", keepdims=0), node("Reshape", "x m")],
        [],
        "cannot be read",
    ),
    "how many numbers are other than 0": ([node("NonZero", "x")], [], "not known here"),
    "a product that does not fit": (
        [node("MatMul", "x w")],
        [tensor("w", [15, 16])],
        "does not fit what it reads",
    ),
}


@pytest.mark.parametrize(("nodes", "weights", "told"), UNREAD.values(), ids=UNREAD)
def test_what_has_no_known_shape_is_refused_with_its_reason(nodes, weights, told):
    made = model(nodes, [1, 3, 16, 16], weights)
    assert "operator " in refusal(made)
    with pytest.raises(cnncalc.DefinitionError, match=told):
        read(made)


def test_unknown_operators_are_passed_on_with_figures_unknown():
    nodes = [
        node("Conv", "x w", "c"),
        node("Strange", "c", "s"),
        node("Relu", "s", "r"),
        node("Sigmoid", "c", "z"),
    ]
    made = model(nodes, [1, 3, 16, 16], [WEIGHT], ["r", "z"])
    found = report(made, unknown="pass")
    assert [layer.type for layer in found] == ["conv", "unknown", "unknown", "sigmoid"]
    assert found["c"].params == 216
    assert found["s"].params is None and found.totals.params is None
    assert found["z"].out_shape == (8, 14, 14)


def test_shapes_behind_an_operator_of_onnx_s_own_are_inferred():
    """What the operator does to the field is unknown, but layers after it are still seen."""
    nodes = [node("Det", "x", "d"), node("GridSample", "x grid", "g"), node("Conv", "g w", "y")]
    weights = [tensor("grid", [1, 5, 6, 2]), tensor("w", [8, 3, 3, 3])]
    found = report(model(nodes, [1, 3, 16, 16], weights), unknown="pass")
    assert [layer.type for layer in found] == ["unknown", "conv"]


GARBAGE = {
    "nothing": (b"", "holds no model|no layers|no input|is empty"),
    "text": (b"name: small\ninput: [3, 8, 8]\n", "not readable as ONNX"),
    "a pointer of Git LFS": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "Git LFS pointer",
    ),
    "a page of HTML": (b"<!DOCTYPE html><html></html>", "not readable as ONNX"),
    "zeros": (bytes(1000), "not readable as ONNX"),
    "ones": (b"\xff" * 1000, "not readable as ONNX"),
    "nested without end": (b"\x3a\x7f" * 40, "not readable as ONNX"),
}


@pytest.mark.parametrize(("content", "told"), GARBAGE.values(), ids=GARBAGE)
def test_files_that_are_no_models(content, told):
    with pytest.raises(cnncalc.DefinitionError, match=told):
        read(content)
    refusal(content)


def test_a_file_cut_off_anywhere():
    whole = model(CONV, [1, 3, 16, 16], [tensor("w", [8, 3, 3, 3])]).SerializeToString()
    for length in range(len(whole)):
        try:
            report(whole[:length])
        except cnncalc.CnncalcError as refused:
            assert "\n" not in str(refused)


@pytest.mark.parametrize("seed", range(150))
def test_bytes_changed_at_random(seed):
    draw = random.Random(seed)
    content = bytearray(small().SerializeToString())
    for _ in range(draw.choice((1, 2, 8, 40))):
        content[draw.randrange(len(content))] = draw.randrange(256)
    given = {"unknown": draw.choice(("refuse", "pass"))}
    try:
        report(bytes(content), **given)
    except cnncalc.CnncalcError as refused:
        assert "\n" not in str(refused)


def test_huge_sizes_take_no_memory():
    nodes = [node("ConstantOfShape", "shape", "w"), node("Conv", "x w")]
    made = model(nodes, [1, 3, 16, 16], [integers("shape", 10**9, 3, 10**4, 10**4)])
    assert "window 10000 is larger" in refusal(made)
    nodes = [node("Range", "zero many one", "r"), node("Reshape", "x r")]
    numbers = [tensor(name, [], numpy.int64(n)) for name, n in (("zero", 0), ("one", 1))]
    numbers.append(tensor("many", [], numpy.int64(10**15)))
    assert "cannot be read" in refusal(model(nodes, [1, 3, 16, 16], numbers))


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    content = small().SerializeToString()
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(cnncalc.UsageError, match=r'pip install "cnncalc\[onnx\]"'):
        read(content)


def test_the_suffix_chooses_the_reader(tmp_path, capsys):
    path = tmp_path / "small.ONNX"
    path.write_bytes(small().SerializeToString())
    assert run(["shape", str(path), "--csv", "--columns", "layer,out_channels,params"]) == 0
    assert capsys.readouterr().out == "layer,out_channels,params\nc,8,216\ny,8,0\n"


def test_a_file_that_is_not_there_or_empty(tmp_path, capsys):
    (tmp_path / "empty.onnx").write_bytes(b"")
    assert run(["shape", str(tmp_path / "empty.onnx")]) == 1
    assert "the file is empty" in capsys.readouterr().err
    assert run(["shape", str(tmp_path / "none.onnx")]) == 2


def test_a_tensor_whose_data_are_of_another_size():
    damaged = tensor("shape", [2], numpy.array([1, -1], dtype=numpy.int64))
    damaged.raw_data = damaged.raw_data[:5]
    made = model([node("Reshape", "x shape", "r"), node("Relu", "r")], [1, 3, 8, 8], [damaged])
    assert "the data of tensor 'shape' do not fit" in refusal(made)
    of_no_type = TensorProto(name="shape", dims=[2], raw_data=bytes(16))
    made = model([node("Reshape", "x shape", "r"), node("Relu", "r")], [1, 3, 8, 8], [of_no_type])
    refusal(made)


def test_the_place_of_an_axis_that_is_damaged():
    """The first reader adds an axis at a place whose number is cut off."""
    damaged = integers("axes", 1)
    damaged.raw_data = damaged.raw_data[:3]
    nodes = [node("Unsqueeze", "x axes", "u"), node("Conv", "u w")]
    made = model(nodes, [1, 16, 16], [damaged, tensor("w", [8, 1, 3, 3])])
    assert "the data of tensor 'axes' do not fit" in refusal(made)


def resized(other):
    """A map resized to the size of a layer, which is its own or another's of that size."""
    nodes = [
        node("Conv", "x w", "c", pads=[1, 1, 1, 1]),
        node("Relu", "x", "r"),
        node("Shape", other, "shape", start=2),
        node("Concat", "first shape", "sizes", axis=0),
        node("Resize", "c - - sizes", "y", mode="nearest"),
    ]
    return model(nodes, [1, 3, 16, 16], [WEIGHT, integers("first", 1, 8)])


def test_resizing_to_the_size_that_a_map_has():
    """ONNX infers 8×16×16 for both; where the size is another layer's, it is by chance."""
    assert [layer.type for layer in report(resized("c"))] == ["conv"]
    found = report(resized("r"))
    assert [layer.type for layer in found] == ["conv", "relu", "upsample"]
    assert found["y"].out_shape == (8, 16, 16) and found["y"].rf == (3, 3)


def test_parameters_whose_first_layer_is_not_read():
    """A node that is there twice gives its output twice; the second one has its weights."""
    made = model([node("Conv", "x w"), node("Conv", "x w")], [1, 3, 16, 16], [WEIGHT])
    assert [layer.params for layer in report(made)] == [8 * 3 * 9]


def test_a_constant_filled_with_no_number():
    value = tensor("v", [0], numpy.zeros(0, numpy.float32))
    nodes = [node("ConstantOfShape", "shape", "w", value=value), node("Conv", "x w")]
    made = model(nodes, [1, 3, 16, 16], [integers("shape", 8, 3, 3, 3)])
    assert "it is filled with other than one number" in refusal(made)


def test_versions_that_no_operator_has():
    made = model([node("Strange", "x")], [1, 3, 16, 16])
    made.opset_import[0].version = 2**62
    assert "operator 'Strange' of node 1 'y' is not known here" in refusal(made)


def shapes():
    """Sizes computed from sizes, for views and resizing."""
    nodes = [
        node("Conv", "x w", "c", strides=[2, 2], pads=[1, 1, 1, 1]),
        node("Shape", "x", "whole"),
        node("Slice", "whole two four", "sizes"),
        node("Concat", "first sizes", "target", axis=0),
        node("Resize", "c - - target", "r", mode="linear"),
        node("Shape", "r", "rs"),
        node("Gather", "rs zero", "b"),
        node("Concat", "b rest", "flat", axis=0),
        node("Reshape", "r flat", "f"),
        node("Gemm", "f g h", transB=1),
    ]
    numbers = {"two": [2], "four": [4], "first": [1, 8], "zero": [0], "rest": [-1]}
    weights = [integers(name, *values) for name, values in numbers.items()]
    weights += [WEIGHT, tensor("g", [5, 2048]), tensor("h", [5])]
    return model(nodes, [1, 3, 16, 16], weights)


def cuts():
    """Pieces, joins, pads and pools."""
    nodes = [
        node("Unsqueeze", "x axes", "u"),
        node("Squeeze", "u axes", "d"),
        node("Pad", "d pads", "p", mode="reflect"),
        node("Split", "p", "s t", axis=2, num_outputs=2),
        node("Slice", "s start end last step", "v"),
        node("MaxPool", "v", "m", kernel_shape=[3, 3], strides=[2, 1], ceil_mode=1),
        node("Upsample", "m scales", "a"),
        node("Concat", "a a", "j", axis=1),
        node("Transpose", "j", "q", perm=[0, 2, 3, 1]),
        node("Squeeze", "q none", "z"),
        node("ReduceMean", "z mean"),
        node("Clip", "t", "k", min=0.0, max=6.0),
        node("SplitToSequence", "k", "e", axis=3),
        node("SequenceAt", "e one", "o"),
    ]
    numbers = {"axes": [0], "pads": [0, 0, 1, 1, 0, 0, 1, 1], "start": [0], "end": [9]}
    numbers |= {"last": [3], "step": [2], "none": [0], "mean": [1], "one": [1]}
    weights = [integers(name, *values) for name, values in numbers.items()]
    made = [*weights, floats("scales", 1, 1, 2, 2)]
    return model(nodes, [1, 3, 16, 16], made, ("y", "o"), opset=13)


def units():
    """Norms, gates, matrices, constants in nodes, an If, a function."""
    branch = helper.make_graph(
        [helper.make_node("Relu", ["n"], ["taken"])],
        "branch",
        [],
        [helper.make_tensor_value_info("taken", TensorProto.FLOAT, None)],
    )
    nodes = [
        node("Conv", "x w", "c", group=1, auto_pad="SAME_UPPER"),
        node("BatchNormalization", "c s s s s", "n"),
        constant("true", tensor("t", [], numpy.array(True))),
        helper.make_node("If", ["true"], ["i"], "i", then_branch=branch, else_branch=branch),
        node("GlobalAveragePool", "i", "g"),
        node("Conv", "g v", "d"),
        node("HardSigmoid", "d", "h", alpha=0.2, beta=0.5),
        node("Mul", "i h", "l"),
        node("ConvTranspose", "l u", "a", strides=[2, 2], output_padding=[1, 1]),
        node("Flatten", "a", "f"),
        node("MatMul", "f m", "k"),
        node("Softmax", "k"),
    ]
    weights = [WEIGHT, tensor("s", [8]), tensor("v", [8, 8, 1, 1]), tensor("u", [8, 2, 3, 3])]
    return model(nodes, [1, 3, 7, 7], [*weights, tensor("m", [2 * 16 * 16, 5])])


@pytest.mark.parametrize("made", [shapes, cuts, units])
@pytest.mark.parametrize("seed", range(100))
def test_fields_changed_at_random(made, seed):
    """Inputs dropped, sizes emptied, ranks and types changed, numbers negative and huge."""
    for number in range(5):
        damaged = damaged_model(made(), 1000 * seed + number)
        try:
            report(damaged, unknown=("refuse", "pass")[number % 2])
        except cnncalc.CnncalcError as refused:
            assert str(refused).isprintable() and len(str(refused)) < 3000


@pytest.mark.parametrize("made", [shapes, cuts, units])
def test_they_are_read_undamaged(made):
    assert len(report(made())) > 2
