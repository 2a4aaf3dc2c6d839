"""ONNX models that the package onnx ships: light ones of nine networks, and small ones of PyTorch.

Weights are counted as the models list them, shapes are those that ONNX infers.
"""

import math
from pathlib import Path

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")

import onnx
from onnx import numpy_helper
from onnx_models import inferred

import cnncalc

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"
LIGHT = sorted(DATA.glob("light/*.onnx"))
OF_PYTORCH = sorted(DATA.glob("pytorch-converted/test_*/model.onnx"))

pytestmark = pytest.mark.skipif(not LIGHT, reason="this onnx ships no models")


def weights(model):
    """How many numbers the model's weights have; the light models fill large ones in nodes."""
    given = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    filled = [one for one in model.graph.node if one.op_type == "ConstantOfShape"]
    read = {name for one in model.graph.node for name in one.input}
    listed = [name for name, one in given.items() if name in read and one.dtype == "float32"]
    in_nodes = sum(math.prod(map(int, given[one.input[0]])) for one in filled)
    return in_nodes + sum(given[name].size for name in listed)


@pytest.mark.parametrize("path", LIGHT, ids=lambda path: path.stem)
def test_light_models(path):
    model = onnx.load(path)
    report = cnncalc.analyze(cnncalc.load(path))
    assert report.totals.params + report.totals.buffers == weights(model)
    shapes = inferred(model)
    found = {layer.layer: layer.out_shape for layer in report}
    given = {(node.name or node.output[0]): node.output[0] for node in model.graph.node}
    compared = [name for name in found if shapes.get(given.get(name))]
    assert len(compared) == len(found)
    for name in compared:
        assert math.prod(found[name]) == math.prod(shapes[given[name]])
        assert len(found[name]) == 1 or found[name] == shapes[given[name]]


# torchvision's and Caffe's own counts of what these are models of.
KNOWN = {
    "light_bvlc_alexnet": 60_965_224,
    "light_resnet50": 25_557_032,
    "light_squeezenet": 1_235_496,
    "light_vgg19": 143_667_240,
    "light_inception_v1": 6_998_552,
}


@pytest.mark.parametrize("name", KNOWN)
def test_parameters_of_light_models_are_those_of_the_networks(name):
    report = cnncalc.analyze(cnncalc.load(DATA / "light" / f"{name}.onnx"))
    assert report.totals.params == KNOWN[name]


@pytest.mark.parametrize("path", OF_PYTORCH, ids=lambda path: path.parent.name)
def test_single_modules_as_pytorch_exported_them(path):
    output = onnx.TensorProto()
    output.ParseFromString((path.parent / "test_data_set_0" / "output_0.pb").read_bytes())
    last = cnncalc.analyze(cnncalc.load(path)).layers[-1]
    shape = tuple(output.dims)
    # A batch comes first, and a vector may be read as a map of one unit.
    found = [size for size in last.out_shape if size > 1]
    assert found in ([size for size in shape[1:] if size > 1], [size for size in shape if size > 1])
