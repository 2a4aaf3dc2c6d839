"""What is exported runs: small networks of every kind, with extreme attributes and hostile names.

PyTorch's and Keras' sources are executed on the meta device, ONNX's models by onnxruntime; every
output has the shape that the report says. What is not written is refused in one line.
"""

from __future__ import annotations

import ast
import json
import sys

import pytest
from hostile_networks import hostile

import cnncalc
from cnncalc.exporters.keras.export import export as keras_source
from cnncalc.exporters.onnx.export import export as onnx_model
from cnncalc.exporters.pytorch.export import export as pytorch_source
from cnncalc.layers import KINDS

SEEDS = range(10)
BATCH = 2


def outputs_of(report):
    """The layers that no layer reads, in order."""
    read = {source for layer in report for source in layer.node.sources}
    return [layer for layer in report if layer.index not in read]


def batches_of(report):
    """Per output its batch: that of the input, or the regions that it is of."""
    batches = {0: BATCH}
    for layer in report:
        of_regions = layer.type in ("roi_pool", "roi_align")
        batches[layer.index] = (
            layer.node.kind.regions if of_regions else batches[layer.node.sources[0]]
        )
    return [batches[layer.index] for layer in outputs_of(report)]


def expected_shapes(report):
    """The outputs' shapes, each with its batch."""
    return [(n, *layer.out_shape) for n, layer in zip(batches_of(report), outputs_of(report))]


def made(source):
    """What the names of an exported file are."""
    names = {"__name__": "exported"}
    sys.modules.setdefault("torchvision", RegionOperators)
    exec(compile(source, "exported.py", "exec"), names)
    return names


class RegionOperators:
    """The shapes that torchvision's operators give."""

    class ops:
        def roi_pool(x, boxes, size, scale):
            assert boxes.shape[1] == 5 and isinstance(float(scale), float) and x.dim() == 4
            height, width = (size, size) if isinstance(size, int) else size
            return x.new_zeros(boxes.shape[0], x.shape[1], height, width)

        def roi_align(x, boxes, size, scale, sampling_ratio, aligned):
            assert isinstance(sampling_ratio, int) and isinstance(aligned, bool)
            return RegionOperators.ops.roi_pool(x, boxes, size, scale)


def run_pytorch(source, report):
    torch = pytest.importorskip("torch")
    last = [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)][-1]
    names = made(source)
    if names.get("torchvision") is not None:
        names["torchvision"] = RegionOperators
    with torch.no_grad():
        module = names[last]().eval()
        given = module(torch.empty(BATCH, *report.input))
    given = given if isinstance(given, tuple) else (given,)
    assert sum(one.numel() for one in module.parameters()) == report.totals.params
    return [tuple(tensor.shape) for tensor in given]


def run_keras(source, report):
    keras_models = pytest.importorskip("keras_models")
    model = keras_models.without_weights(made(source)["build"])
    if report.totals.params is not None:
        assert model.count_params() == report.totals.params + (report.totals.buffers or 0)
    return [(BATCH, shape[-1], *shape[1:-1]) for shape in (one.shape for one in model.outputs)]


def run_onnx(content, report):
    runtime = pytest.importorskip("onnxruntime")
    import numpy

    options = runtime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    given = {}
    for one in session.get_inputs():
        shape = [size if isinstance(size, int) else BATCH for size in one.shape]
        kind = numpy.int64 if "int64" in one.type else numpy.float32
        given[one.name] = numpy.zeros(shape, dtype=kind)
    return [made.shape for made in session.run(None, given)]


FORMATS = {
    "pytorch": (pytorch_source, run_pytorch),
    "keras": (keras_source, run_keras),
    "onnx": (onnx_model, run_onnx),
}


def check(form, description):
    """Export and run a network; "" where it ran, else why it was not written."""
    try:
        network = cnncalc.loads(json.dumps(description))
        report = cnncalc.analyze(network)
    except cnncalc.CnncalcError:
        return "no network"
    write, run = FORMATS[form]
    try:
        written = write(network, report)
    except cnncalc.NetworkError as refused:
        assert len(str(refused).splitlines()) == 1
        assert refused.layer is not None
        return str(refused)
    assert run(written, report) == expected_shapes(report)
    return ""


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_runs_or_is_refused_in_one_line(form, kind):
    outcomes = [check(form, hostile(kind, seed)) for seed in SEEDS]
    assert any(outcome != "no network" for outcome in outcomes)


def one(layer, name="net", shape=(2, 9, 9), before=()):
    """A network that ends in a layer."""
    return {"name": name, "input": list(shape), "layers": [*before, {"name": "last", **layer}]}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "name", ["f", "F", "None", "True", "scale", "Scale", "class", "torch", "x"]
)
def test_networks_and_layers_called_as_what_the_file_uses(form, name):
    layers = [
        {"name": name, "type": "scale"},
        {"name": "pad", "type": "pad", "padding": [[1, 0], [0, 1]]},
    ]
    layers.append(
        {"name": "grow", "type": "conv", "out_channels": 2, "kernel_size": 2, "padding": "same"}
    )
    assert check(form, {"name": name, "input": [2, 4, 4], "layers": layers}) == ""


LONG_NAMES = ["features[0](" * 12, "a, b)" * 30, '"], [' * 30, "branch.conv(1, " * 12 + "]"]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", LONG_NAMES)
def test_long_names_with_brackets_stay_whole(form, name):
    layers = [
        {"name": name, "type": "conv", "out_channels": 2, "kernel_size": 1},
        {"name": f"group.{name}", "type": "conv", "out_channels": 2, "kernel_size": 1},
        {"name": "sum", "type": "add", "from": [name, f"group.{name}"]},
    ]
    assert check(form, {"name": "net", "input": [2, 4, 4], "layers": layers}) == ""


DILATED = {"type": "max_pool", "kernel_size": 3, "stride": 1, "padding": "same", "dilation": 3}
EXTREMES = [
    ({"type": "adaptive_avg_pool", "output_size": [None]}, (2, 9)),
    ({"type": "adaptive_avg_pool", "output_size": [None, None]}, (2, 9, 9)),
    (DILATED, (2, 9, 9)),
    ({"type": "dropout", "p": "1e-1"}, (2, 9)),
    ({"type": "elu", "alpha": "2.5E-1"}, (2, 9)),
    ({"type": "batch_norm", "eps": "1e-05"}, (2, 9)),
]


@pytest.mark.parametrize("form", ["pytorch", "onnx"])
@pytest.mark.parametrize(("layer", "shape"), EXTREMES)
def test_extreme_attributes_run(form, layer, shape):
    assert check(form, one(layer, shape=shape)) == ""


def test_text_that_is_a_number_is_written_as_one():
    network = cnncalc.loads(json.dumps(one({"type": "dropout", "p": "1e-1"})))
    assert "nn.Dropout(p=0.1)" in pytorch_source(network, cnncalc.analyze(network))


def test_padding_before_a_max_pool_is_below_every_number():
    """Kernel 3 with dilation 3 and padding 3: what is padded must not count as numbers."""
    torch = pytest.importorskip("torch")
    network = cnncalc.loads(json.dumps(one(DILATED)))
    module = made(pytorch_source(network, cnncalc.analyze(network)))["Net"]()
    image = -torch.rand(1, 2, 9, 9) - 1
    # the window at a place reads it and those 3 before and after, along each axis
    wanted = torch.stack(
        [
            image[:, :, [i for i in (y - 3, y, y + 3) if 0 <= i < 9]][
                ..., [i for i in (x - 3, x, x + 3) if 0 <= i < 9]
            ].amax((2, 3))
            for y in range(9)
            for x in range(9)
        ],
        dim=-1,
    )
    assert torch.equal(module(image).flatten(2), wanted)


REFUSED = [
    ("pytorch", {"type": "dropout", "p": "much"}, "p must be a number for PyTorch, not the text"),
    ("keras", {"type": "dropout", "p": "much"}, "p must be a number for Keras, not the text"),
    ("onnx", {"type": "elu", "alpha": None}, "alpha must be a number for ONNX, not "),
    ("pytorch", {"type": "dropout", "p": 2}, "p must be between 0 and 1 for PyTorch, not 2"),
    ("onnx", {"type": "gelu", "approximate": "erf"}, "must be none or tanh for ONNX"),
    ("keras", {"type": "softmax", "dim": 4}, "dim 4 is no axis of its input, which are 1 to 3"),
    ("onnx", {"type": "lrn", "size": "2.5"}, "size must be a whole number of at least 1"),
    ("pytorch", {"type": "pad", "padding": 9, "mode": "reflect"}, "by at most 8 where a map has 9"),
    ("onnx", {"type": "pad", "padding": 1, "mode": "odd"}, "no padding of mode"),
    ("pytorch", {"type": "instance_norm"}, "no map of a single unit"),
]


@pytest.mark.parametrize(("form", "layer", "message"), REFUSED)
def test_what_would_not_run_is_refused(form, layer, message):
    shape = (2, 1, 1) if layer["type"] == "instance_norm" else (2, 9, 9)
    assert message in check(form, one(layer, shape=shape))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", ["add", "mul", "maximum", "concat"])
def test_merges_of_many_inputs_run(form, kind):
    layers = [{"name": f"l{number}", "type": "relu", "from": "input"} for number in range(250)]
    layers.append({"name": "all", "type": kind, "from": [layer["name"] for layer in layers]})
    assert check(form, {"name": "wide", "input": [2, 2, 2], "layers": layers}) == ""


@pytest.mark.parametrize("form", FORMATS)
def test_programs_of_many_layers_run(form):
    layers = [{"name": f"l{number}", "type": "relu"} for number in range(1500)]
    assert check(form, {"name": "long", "input": [1, 2, 2], "layers": layers}) == ""


def test_onnxruntime_runs_a_built_in_network_with_regions():
    pytest.importorskip("onnxruntime")
    network = cnncalc.load("faster_rcnn_vgg16").with_input(96)
    report = cnncalc.analyze(network)
    assert run_onnx(onnx_model(network, report), report) == expected_shapes(report)
