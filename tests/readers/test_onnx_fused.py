"""Operators that onnxruntime makes of several, in the files that it writes, against PyTorch."""

import io
import warnings

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")

from onnx import helper
from onnx_models import model, node, report, tensor

torch = pytest.importorskip("torch")
runtime = pytest.importorskip("onnxruntime")
flop_counter = pytest.importorskip("torch.utils.flop_counter")
nn = torch.nn
LEVELS = runtime.GraphOptimizationLevel


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 16, 1)
        self.depthwise = nn.Conv2d(16, 16, 3, padding=1, groups=16)
        self.up, self.head = nn.ConvTranspose2d(16, 8, 2, 2), nn.Linear(8, 10)

    def forward(self, x):
        x = torch.relu(self.one(x))
        y = torch.sigmoid(self.two(nn.functional.hardswish(self.depthwise(x)))) * x
        z = nn.functional.leaky_relu(self.up(nn.functional.max_pool2d(x + y, 2)))
        return self.head(z.mean((2, 3))).softmax(1)


class Pictures:
    """What quantization is calibrated by."""

    def __init__(self):
        self.left = [{"x": torch.rand(1, 3, 16, 16).numpy()}]

    def get_next(self):
        return self.left.pop() if self.left else None


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "net.onnx"
    file = io.BytesIO()
    how = {"input_names": ["x"], "dynamo": False, "do_constant_folding": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(Net().eval(), (torch.zeros(1, 3, 16, 16),), file, **how)
    path.write_bytes(file.getvalue())
    return path


def quantized(path, form):
    """The model in integers: by nodes around operators, by their own operators, or as it runs."""
    tools = pytest.importorskip("onnxruntime.quantization")
    made = path.with_name(f"{form}.onnx")
    if form == "dynamic":
        tools.quantize_dynamic(path, made)
    elif form != "plain":
        kind = {"nodes": tools.QuantFormat.QDQ, "operators": tools.QuantFormat.QOperator}[form]
        tools.quantize_static(path, made, Pictures(), quant_format=kind)
    return path if form == "plain" else made


@pytest.mark.parametrize("level", [LEVELS.ORT_ENABLE_BASIC, LEVELS.ORT_ENABLE_EXTENDED])
@pytest.mark.parametrize("form", ["plain", "dynamic", "nodes", "operators"])
def test_figures_are_those_of_the_module(form, level, exported):
    check(exported, form, level)


def test_so_are_they_where_integers_have_their_channels_last(exported):
    check(exported, "operators", LEVELS.ORT_ENABLE_ALL)


def check(path, form, level):
    options = runtime.SessionOptions()
    options.graph_optimization_level, options.log_severity_level = level, 4
    options.optimized_model_filepath = str(path.with_name("optimized.onnx"))
    runtime.InferenceSession(quantized(path, form), options, providers=["CPUExecutionProvider"])
    found = report(path.with_name("optimized.onnx").read_bytes())
    with flop_counter.FlopCounterMode(display=False) as counter:
        Net()(torch.zeros(1, 3, 16, 16))
    assert found.totals.params == sum(each.numel() for each in Net().parameters())
    assert found.totals.macs == counter.get_total_flops() // 2
    # all of the map, and what two paddings of 1 add on both sides
    assert found.layers[-1].rf == (16 + 2 * 2,) * 2


OWN = {"domain": "com.microsoft"}


def test_a_fused_convolution_adds_and_bends():
    nodes = [
        node("Conv", "x v", "z"),
        node("FusedConv", "x w b z", activation="LeakyRelu", activation_params=[0.1], **OWN),
    ]
    weights = [tensor("v", [4, 3, 1, 1]), tensor("w", [4, 3, 1, 1]), tensor("b", [4])]
    found = report(model(nodes, [1, 3, 8, 8], weights))
    assert [(layer.type, layer.params) for layer in found] == [
        ("conv", 12),
        ("conv", 12 + 4),
        ("add", 0),
        ("leaky_relu", 0),
    ]


def test_a_pool_of_channels_that_come_last():
    pooled = node("QLinearGlobalAveragePool", "t s z s z", "p", channels_last=1, **OWN)
    nodes = [node("Transpose", "x", "t", perm=[0, 2, 3, 1]), pooled]
    weights = [tensor("s", [], [0.5]), tensor("z", [], [0.0])]
    found = report(
        model([*nodes, node("Transpose", "p", perm=[0, 3, 1, 2])], [1, 5, 8, 6], weights)
    )
    assert [(layer.type, layer.out_shape) for layer in found] == [("global_avg_pool", (5, 1, 1))]


def test_weights_that_are_packed_are_not_known():
    made = node("MatMulNBits", "x w scales", "s", K=8, N=6, bits=4, block_size=16, **OWN)
    told = helper.make_tensor_value_info("s", 1, [1, 3, 8, 6])
    weights = [tensor("w", [6, 1, 8]), tensor("scales", [6])]
    full = model([made, node("Relu", "s")], [1, 3, 8, 8], weights)
    full.graph.value_info.append(told)
    found = report(full)
    assert found["s"].params is None
    assert found.totals.params is None
