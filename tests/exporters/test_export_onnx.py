"""Networks as ONNX models: what ONNX infers of them, what reads them back, and what runs them."""

import io
import sys

import pytest

pytest.importorskip("onnx", reason="writing ONNX needs the package onnx")

import onnx
from onnx import shape_inference
from onnx_models import read
from random_networks import generate, to_yaml

import cnncalc
from cnncalc import zoo
from cnncalc.cli.application import run
from cnncalc.exporters.onnx.export import export
from cnncalc.exporters.onnx.layers import LAYERS
from cnncalc.layers import KINDS

WITH_ATTENTION = ("vit_b_16", "vit_l_16", "deit_s", "swin_t", "swin_b")
NAMES = [name for name in zoo.names() if name not in WITH_ATTENTION]
FIELD = ("rf", "rf_min", "eff_stride", "eff_pad", "center", "coverage", "global", "aligned")
FIGURES = ("out_shape", "params", "buffers", "macs", "activations", *FIELD)


def exported(network, asked=None):
    """The report of a network and its encoded model."""
    report = cnncalc.analyze(network, asked)
    return report, export(network, report)


def shapes(values):
    """Shapes by name, without the batch."""
    return {
        value.name: tuple(size.dim_value for size in value.type.tensor_type.shape.dim)[1:]
        for value in values
    }


def inferred(model):
    """The shapes that ONNX infers by itself; of a group normalization it infers none."""
    names = {
        name
        for node in model.graph.node
        if node.op_type == "GroupNormalization"
        for name in node.output
    }
    kept = [value for value in model.graph.value_info if value.name in names]
    del model.graph.value_info[:]
    model.graph.value_info.extend(kept)
    for output in model.graph.output:
        if output.name not in names:
            output.type.tensor_type.ClearField("shape")
    done = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    return shapes([*done.graph.value_info, *done.graph.output])


@pytest.fixture(scope="module")
def models():
    return {name: exported(cnncalc.load(name)) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_onnx_finds_the_models_right_and_infers_the_report_s_shapes(name, models):
    report, content = models[name]
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    expected = {layer.layer: layer.out_shape for layer in report}
    assert shapes([*model.graph.value_info, *model.graph.output]) == expected
    found = inferred(model)
    assert {layer: found.get(layer) for layer in expected} == expected


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_back_has_the_same_figures(name, models):
    report, content = models[name]
    again = cnncalc.analyze(read(content))
    assert again.totals == report.totals
    assert again.input == report.input
    assert [layer.layer for layer in again] == [layer.layer for layer in report]
    for found, layer in zip(again.layers, report.layers):
        one, other = found.to_dict(), layer.to_dict()
        assert {key: one[key] for key in FIGURES} == {key: other[key] for key in FIGURES}
        assert found.sources == layer.sources
        # An adaptive pool is written as the sliding or global one that it is at this size.
        if not layer.type.startswith("adaptive"):
            assert one == other


def tensors(model, but):
    """The numbers of every tensor in a model, but those of nodes of certain names."""
    own = list(model.graph.initializer)
    nodes = [node for node in model.graph.node if node.name not in but]
    own += [
        attribute.t for node in nodes for attribute in node.attribute if attribute.HasField("t")
    ]
    return [onnx.numpy_helper.to_array(tensor).ravel() for tensor in own]


def norms_without_parameters(report):
    """The nodes that hold the ones and zeros in the place of a frozen norm's factors."""
    norms = [layer for layer in report if layer.type == "batch_norm" and layer.params == 0]
    return {f"{layer.layer}/{word}" for layer in norms for word in ("ones", "zeros")}


@pytest.mark.parametrize("name", NAMES)
def test_nodes_are_called_as_layers_and_hold_no_numbers(name, models):
    report, content = models[name]
    model = onnx.load_from_string(content)
    assert {layer.layer for layer in report} <= {node.name for node in model.graph.node}
    names = [name for node in model.graph.node for name in node.output if name]
    assert len(names) == len(set(names))
    assert max(map(len, tensors(model, norms_without_parameters(report)))) <= 8


def may_be_absent(layer, report, names):
    """Whether a layer leaves its map as it is, or does what another one does that is there."""
    if layer.out_shape == layer.in_shape and layer.params == 0:
        return True
    twins = [other for other in report if other.layer in names and other.sources == layer.sources]
    return any(other.type == layer.type and other.rf == layer.rf for other in twins)


@pytest.mark.parametrize("seed", range(120))
def test_random_networks(seed):
    network = cnncalc.loads(to_yaml(generate(seed)))
    try:
        report, content = exported(network)
    except cnncalc.NetworkError as refused:
        assert "from multiples of it" in str(refused)
        return
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    found = inferred(model)
    again = cnncalc.analyze(read(content))
    assert (again.totals.params, again.totals.macs) == (report.totals.params, report.totals.macs)
    names = {layer.layer for layer in again}
    for layer in report:
        assert found[layer.layer] == layer.out_shape
        if layer.layer not in names:
            assert may_be_absent(layer, report, names)
            continue
        one, other = again[layer.layer].to_dict(), layer.to_dict()
        for key in ("out_shape", "params", "buffers", "macs", *FIELD[:-1]):
            assert one[key] == other[key], (layer, key)


RUN = ("lenet5", "squeezenet1_1", "mobilenet_v3_large", "shufflenet_v2_x1_0", "densenet121")
RUN_SMALL = {"segnet": "3x72x60", "convnext_tiny": "3x64x64", "gcn": "3x64x64", "fcn8s": "3x64x64"}


@pytest.mark.parametrize(("name", "asked"), [*((name, None) for name in RUN), *RUN_SMALL.items()])
def test_onnxruntime_runs_them(name, asked):
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    import numpy

    report, content = exported(cnncalc.load(name), asked)
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    given = numpy.zeros([2, *report.input], dtype=numpy.float32)
    made = session.run(None, {"input": given})
    for output, numbers in zip(session.get_outputs(), made):
        assert numbers.shape == (2, *report[output.name].out_shape)


def small(layer, shape="[8, 6, 6]", before=""):
    return cnncalc.loads(f"name: small\ninput: {shape}\nlayers:\n{before}  - {layer}\n")


@pytest.mark.parametrize("name", WITH_ATTENTION)
def test_attention_is_refused(name):
    with pytest.raises(cnncalc.NetworkError, match=r"layer '[\w.]+': ONNX has no operator for"):
        exported(cnncalc.load(name))


UNWRITTEN = {
    "window": "{type: window, kernel_size: 3}",
    "unknown": "{type: unknown, operator: strange}",
    "function": "{type: function, operator: strange}",
}


OF_TRANSFORMERS = {"attention", "matmul", "tokens", "prepend", "position", "take", "untokens"}


def test_every_kind_is_written_or_refused():
    assert set(KINDS) == set(LAYERS) | {"window", "unknown"} | OF_TRANSFORMERS


@pytest.mark.parametrize("layer", UNWRITTEN.values(), ids=UNWRITTEN)
def test_what_onnx_has_no_operator_for_is_refused_by_name(layer):
    with pytest.raises(
        cnncalc.NetworkError, match=r"layer '\w+': ONNX has no operator for"
    ) as told:
        exported(small(layer))
    assert "\n" not in str(told.value)


def test_an_adaptive_pool_to_an_uneven_size_is_refused():
    with pytest.raises(cnncalc.NetworkError, match=r"to \(4, 4\) only from multiples of it"):
        exported(small("{type: adaptive_avg_pool, output_size: 4}"))


def test_what_is_unknown_is_refused_where_onnx_needs_it():
    with pytest.raises(cnncalc.NetworkError, match="weight's shape, which is unknown"):
        exported(small("{type: conv, kernel_size: 3}"))
    report, content = exported(
        small("{type: conv, out_channels: 4, kernel_size: 3}", "[8, null, null]")
    )
    assert cnncalc.analyze(read(content)).input == report.input == (8, None, None)


KINDS_OF_ONE_LAYER = [
    "{type: conv_transpose, out_channels: 4, kernel_size: 1, stride: 3, padding: same}",
    "{type: conv_transpose, out_channels: 4, kernel_size: 5, stride: 2, padding: same_lower}",
    "{type: max_pool, kernel_size: 1, stride: 4, ceil_mode: caffe}",
    "{type: max_pool, kernel_size: 2, stride: 4, ceil_mode: caffe}",
    "{type: avg_pool, kernel_size: 3, stride: 2, ceil_mode: true}",
    "{type: upsample, scale_factor: [1.5, 0.5], mode: bilinear}",
    "{type: upsample, size: [9, 4], mode: bicubic}",
    "{type: upsample, size: 11, mode: bilinear, align_corners: true}",
    "{type: instance_norm, affine: true}",
    "{type: batch_norm, affine: false, track_running_stats: false}",
    "{type: layer_norm, affine: false}",
    "{type: group_norm, num_groups: 4}",
    "{type: scale, bias: false}",
    "{type: prelu, per_channel: true}",
    "{type: roi_pool, output_size: 3, regions: 5}",
    "{type: roi_align, output_size: 3, regions: 7}",
    "{type: roi_align, output_size: 3, regions: 7, sampling_ratio: 2, aligned: true}",
    "{type: reshape, shape: [2, 12, -1]}",
    "{type: maximum, from: [input, input]}",
    "{type: function, operator: erf}",
    "{type: elu, alpha: 0.5}",
    "{type: log_softmax}",
]


@pytest.mark.parametrize("layer", KINDS_OF_ONE_LAYER)
def test_kinds_that_no_built_in_network_has(layer):
    report, content = exported(small(layer))
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    found = cnncalc.analyze(read(content)).layers[-1].to_dict()
    expected = report.layers[-1].to_dict()
    for key in ("type", "out_shape", "params", "buffers", "macs", "activations", *FIELD):
        assert found[key] == expected[key], key


@pytest.mark.parametrize(
    ("attributes", "ratio", "mode"),
    [
        ("", 0, "output_half_pixel"),
        (", sampling_ratio: 2, aligned: true", 2, "half_pixel"),
        (", sampling_ratio: -1", 0, "output_half_pixel"),
    ],
)
def test_sampling_of_regions(attributes, ratio, mode):
    _, content = exported(small(f"{{type: roi_align, output_size: 3{attributes}}}"))
    (node,) = [
        each for each in onnx.load_from_string(content).graph.node if "Align" in each.op_type
    ]
    written = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
    assert written["sampling_ratio"] == ratio
    assert written["coordinate_transformation_mode"] == mode.encode()
    kind = read(content).nodes[-1].kind
    assert (max(kind.sampling_ratio, 0), kind.aligned) == (ratio, mode == "half_pixel")


def test_shared_weights_stay_shared():
    network = cnncalc.loads(
        "name: shared\ninput: [4, 8, 8]\nlayers:\n"
        "  - {name: one, type: conv, out_channels: 4, kernel_size: 3, padding: 1}\n"
        "  - {name: two, type: conv, out_channels: 4, kernel_size: 3, padding: 1, shares: one}\n"
    )
    report, content = exported(network)
    assert report.totals.params == 4 * 4 * 9 + 4
    assert cnncalc.analyze(read(content)).to_dict()["totals"] == report.to_dict()["totals"]


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


def test_the_command_writes_a_file_or_into_a_pipe_but_not_to_a_terminal(
    tmp_path, capfdbinary, monkeypatch
):
    path = tmp_path / "lenet5.onnx"
    assert run(["export", "lenet5", "--to", "onnx", "-o", str(path)]) == 0
    onnx.checker.check_model(str(path))
    assert run(["export", "lenet5", "--to", "onnx"]) == 0
    assert capfdbinary.readouterr().out == path.read_bytes()
    monkeypatch.setattr(sys, "stdout", Terminal(io.BytesIO()))
    assert run(["export", "lenet5", "--to", "onnx"]) == 2


def test_input_changes_what_is_written(tmp_path):
    path = tmp_path / "vgg16.onnx"
    assert run(["export", "vgg16", "--to", "onnx", "--input", "64", "-o", str(path)]) == 0
    assert cnncalc.analyze(cnncalc.load(path)).input == (3, 64, 64)


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(cnncalc.UsageError, match=r'pip install "cnncalc\[onnx\]"'):
        exported(cnncalc.load("lenet5"))
