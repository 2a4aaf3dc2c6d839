"""The ONNX reader against ONNX's own test cases and its reference implementation.

Shapes are those of the outputs that the test cases of ONNX's backends hold; the pixels that a unit
reads are those whose change changes it when ONNX's reference evaluator computes the model.
"""

import importlib

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")

import numpy
import onnx.backend.test.case.node as cases
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx_models import floats, integers, model, node, read, report, tensor
from oracle import trace

MODULES = (
    *("conv", "convtranspose", "maxpool", "averagepool", "resize", "upsample", "depthtospace"),
    *("spacetodepth", "globalaveragepool", "globalmaxpool"),
)
# What no layer kind does: units of other places, and the mean of units apart.
OF_NO_KIND = (
    "_not_larger",
    "_not_smaller",
    "_antialias",
    "tf_crop_and_resize",
    "resize_downsample_scales_nearest",
    "resize_downsample_sizes_nearest",
    "resize_upsample_scales_cubic_asymmetric",
    "resize_downsample_sizes_linear_pytorch_half_pixel",
    "resize_upsample_sizes_nearest_round_prefer_ceil_asymmetric",
    "resize_upsample_sizes_nearest_ceil_half_pixel",
    "resize_downsample_scales_linear_half_pixel_symmetric",
    "resize_upsample_scales_linear_half_pixel_symmetric",
    "averagepool_2d_dilations",
    "averagepool_3d_dilations",
)


def node_cases():
    for name in MODULES:
        importlib.import_module(f"onnx.backend.test.case.node.{name}")
    return [case for case in cases._NodeTestCases if len(case.model.graph.node) == 1]


CASES = node_cases()


def with_constants(case):
    """The case's model with all its inputs but the first as constants, and its first output."""
    inputs, outputs = case.data_sets[0]
    made = type(case.model)()
    made.CopyFrom(case.model)
    for declared, numbers in list(zip(made.graph.input, inputs))[1:]:
        made.graph.initializer.append(numpy_helper.from_array(numbers, declared.name))
    return made, outputs[0].shape


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_shapes_of_onnx_s_own_cases(case):
    made, shape = with_constants(case)
    (*_, layer) = report(made)
    assert layer.out_shape == shape[1:]
    assert (layer.type == "unknown") == any(part in case.name for part in OF_NO_KIND)


def test_onnx_s_own_cases_are_many():
    assert len(CASES) > 90


def ones(*shape, name="w"):
    return tensor(name, shape, numpy.ones(shape, dtype=numpy.float32))


def resized(size, scales=(), sizes=(), **attributes):
    if scales:
        given = node("Resize", "x - scales", **attributes)
        return model([given], [1, 1, size], [floats("scales", 1, 1, *scales)])
    given = node("Resize", "x - - sizes", **attributes)
    return model([given], [1, 1, size], [integers("sizes", 1, 1, *sizes)])


def windowed(operator, size, kernel, **attributes):
    if operator.startswith("Conv"):
        weights = [ones(1, 1, kernel)]
        return model([node(operator, "x w", **attributes)], [1, 1, size], weights)
    return model([node(operator, "x", kernel_shape=[kernel], **attributes)], [1, 1, size])


NEAREST = {
    "coordinate_transformation_mode": "asymmetric",
    "mode": "nearest",
    "nearest_mode": "floor",
}
CORNERS = {"coordinate_transformation_mode": "align_corners"}
READ = {
    "nearest, asymmetric, ×3": resized(6, [3], **NEAREST),
    "nearest, asymmetric, ×1.5": resized(8, [1.5], **NEAREST),
    "nearest, asymmetric, to 5": resized(12, sizes=[5], **NEAREST),
    "nearest, half a pixel, ×2": resized(6, [2], mode="nearest"),
    "linear, ×2": resized(8, [2], mode="linear"),
    "linear, ×1.5": resized(8, [1.5], mode="linear"),
    "linear, to 5": resized(12, sizes=[5], mode="linear"),
    "linear, corners": resized(8, sizes=[15], mode="linear", **CORNERS),
    "linear, corners, to 11": resized(8, sizes=[11], mode="linear", **CORNERS),
    "linear, asymmetric, ÷3": resized(
        12, sizes=[4], mode="linear", coordinate_transformation_mode="asymmetric"
    ),
    "cubic, ×2": resized(12, [2], mode="cubic"),
    "cubic, ×3": resized(12, [3], mode="cubic"),
    "cubic, corners": resized(9, sizes=[17], mode="cubic", **CORNERS),
    "conv, same": windowed("Conv", 17, 4, auto_pad="SAME_UPPER", strides=[3]),
    "conv, same lower": windowed("Conv", 17, 4, auto_pad="SAME_LOWER", strides=[3]),
    "conv, uneven": windowed("Conv", 17, 3, pads=[2, 1], dilations=[2]),
    "transposed": windowed("ConvTranspose", 7, 3, strides=[2], pads=[1, 0]),
    "transposed, same": windowed("ConvTranspose", 7, 4, strides=[3], auto_pad="SAME_UPPER"),
    "transposed, same lower": windowed("ConvTranspose", 7, 4, strides=[3], auto_pad="SAME_LOWER"),
    "transposed, to 14": windowed(
        "ConvTranspose", 7, 5, strides=[2], output_shape=[14], auto_pad="SAME_UPPER"
    ),
    "transposed, to 14, lower": windowed(
        "ConvTranspose", 7, 5, strides=[2], output_shape=[14], auto_pad="SAME_LOWER"
    ),
    "max pool, rounded up": windowed("MaxPool", 12, 3, strides=[2], ceil_mode=1),
    "average pool": windowed("AveragePool", 12, 4, strides=[3], pads=[1, 2]),
    "every third": model(
        [node("Slice", "x starts ends axes steps")],
        [1, 1, 20],
        [
            integers("starts", 1),
            integers("ends", 19),
            integers("axes", 2),
            integers("steps", 3),
        ],
    ),
    "padded": model([node("Pad", "x pads")], [1, 1, 9], [integers("pads", 0, 0, 2, 0, 0, 3)]),
}


def pixels_read(made, size):
    """Of every unit that the reference evaluator computes, the pixels whose change changes it."""
    evaluator = ReferenceEvaluator(made)
    base = numpy.random.default_rng(3).random((1, 1, size), dtype=numpy.float32)
    (plain,) = evaluator.run(None, {"x": base})
    sets = [set() for _ in range(plain.shape[-1])]
    for pixel in range(size):
        changed = base.copy()
        changed[..., pixel] += 10
        (result,) = evaluator.run(None, {"x": changed})
        for unit in numpy.flatnonzero(result[0, 0] != plain[0, 0]):
            sets[unit].add(pixel)
    return sets


def description(network):
    """The network as the brute-force oracle takes it."""
    described = [
        {
            "name": entry.name.value,
            "type": entry.type.value,
            "from": [source.value for source in entry.sources],
            **{key: given.value for key, given in entry.attributes.items()},
        }
        for entry in network.definition.layers
    ]
    return {"input": list(network.input), "layers": described}


@pytest.mark.parametrize("made", READ.values(), ids=READ)
def test_units_read_the_pixels_that_the_reference_reads(made):
    network = read(made)
    size = network.input[1]
    expected = pixels_read(made, size)
    last = list(trace(description(network)).layers.values())[-1]
    assert last.shape[1] == len(expected)
    inside = 0
    for unit, pixels in enumerate(expected):
        found = last.fields[0].reads(unit)
        if found and min(found) >= 0 and max(found) < size:
            assert found == pixels
            inside += 1
    assert inside > len(expected) // 4
