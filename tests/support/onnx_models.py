"""Small ONNX models, written down for the tests, and what ONNX itself says of them."""

import pytest

import cnncalc
from cnncalc.network.build import build

onnx = pytest.importorskip("onnx", reason="reading and writing ONNX models needs onnx")

import numpy  # noqa: E402
from onnx import TensorProto, helper, numpy_helper, shape_inference  # noqa: E402

OPSET = 22


def tensor(name, shape, numbers=None):
    """A tensor of random numbers, or of those given."""
    if numbers is None:
        seed = sum(map(ord, name))
        numbers = numpy.random.default_rng(seed).standard_normal(shape).astype(numpy.float32)
    return numpy_helper.from_array(numpy.asarray(numbers).reshape(shape), name)


def integers(name, *numbers):
    """A constant list of integers."""
    return tensor(name, [len(numbers)], numpy.array(numbers, dtype=numpy.int64))


def floats(name, *numbers):
    """A constant list of numbers."""
    return tensor(name, [len(numbers)], numpy.array(numbers, dtype=numpy.float32))


def constant(name, value):
    """A tensor that is written into the graph as a node."""
    return helper.make_node("Constant", [], [name], name, value=value)


def node(operator, inputs, output="y", **attributes):
    """A node called as its first output is; inputs as a text with blanks between them."""
    names = ["" if one == "-" else one for one in inputs.split()]
    outputs = output.split()
    return helper.make_node(operator, names, outputs, outputs[0], **attributes)


def model(nodes, shape, weights=(), outputs=("y",), opset=OPSET, more_inputs=(), **given):
    """A model of one input x; sizes may be texts, for symbolic ones."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        list(nodes),
        given.pop("name", "small"),
        [value("x", TensorProto.FLOAT, shape), *more_inputs],
        [value(name, TensorProto.FLOAT, None) for name in outputs],
        list(weights),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], **given)


def read(made, path="small.onnx", **given):
    """The network of a model; what is given is as on the command line."""
    from cnncalc.readers import read as read_source
    from cnncalc.readers.source import Source

    content = made if isinstance(made, bytes) else made.SerializeToString()
    source = Source(path, given.pop("folder", ""), content, **given)
    return build(read_source(source, "onnx"))


def report(made, **given):
    """The report of a model."""
    return cnncalc.analyze(read(made, **given))


def inferred(made):
    """The shapes that ONNX infers, without the batch, by the tensors' names."""
    done = shape_inference.infer_shapes(made, strict_mode=True, data_prop=True)
    return {
        value.name: tuple(one.dim_value for one in value.type.tensor_type.shape.dim)[1:]
        for value in (*done.graph.value_info, *done.graph.output)
    }
