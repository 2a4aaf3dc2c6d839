"""Which layer kinds the formats do not know: a new kind shows here what it still lacks."""

import ast
import importlib
import json
import re

import pytest
from imports import TREES

import cnncalc
from cnncalc import CnncalcError
from cnncalc.layers import KINDS

# What traced formats share counts for both.
SHARED_BY = {
    "onnx": ("readers.onnx", "readers.tensors"),
    "pytorch": ("readers.pytorch", "readers.tensors"),
}
# What readers fill into the name of a type.
FILLED = "(max|avg)(_pool)?"
READERS = ("caffe", "darknet", "keras", "onnx", "pytorch")
# Written by hand alone: a window without channels, and what readers make of what they do not know.
BY_HAND = {"window", "unknown"}
OF_TRANSFORMERS = {"attention", "matmul", "tokens", "prepend", "position", "take", "untokens"}


def words_of(reader):
    """The texts in a reader's files, as patterns: what is filled in says which pool."""
    for name, tree in TREES.items():
        if name.startswith(SHARED_BY.get(reader, (f"readers.{reader}",))):
            for node in ast.walk(tree):
                if isinstance(node, ast.JoinedStr):
                    parts = [
                        re.escape(p.value) if isinstance(p, ast.Constant) else FILLED
                        for p in node.values
                    ]
                    yield "".join(parts)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield re.escape(node.value)


def unread(reader):
    words = {word for word in words_of(reader) if word != FILLED}
    return {kind for kind in KINDS if not any(re.fullmatch(word, kind) for word in words)} - BY_HAND


NEVER_MADE = {
    "caffe": (
        "adaptive_avg_pool adaptive_max_pool depthwise_conv gelu "
        " hard_sigmoid hard_swish layer_norm log_softmax mish "
        f"{' '.join(OF_TRANSFORMERS)}"
    ),
    "darknet": (
        "adaptive_avg_pool adaptive_max_pool channel_shuffle depthwise_conv "
        "global_max_pool group_norm hard_sigmoid hard_swish instance_norm layer_norm "
        "log_softmax max_unpool maximum prelu roi_align roi_pool scale "
        f"{' '.join(OF_TRANSFORMERS)}"
    ),
    "keras": f"max_unpool roi_align roi_pool {' '.join(OF_TRANSFORMERS - {'attention'})}",
    "onnx": "",
    "pytorch": "",
}


@pytest.mark.parametrize("reader", READERS)
def test_kinds_that_a_reader_never_makes(reader):
    """No model of the format has such a layer, or it comes as other kinds."""
    assert unread(reader) == set(NEVER_MADE[reader].split())


NEEDED = {
    "conv": {"out_channels": 4, "kernel_size": 3},
    "depthwise_conv": {"kernel_size": 3},
    "conv_transpose": {"out_channels": 4, "kernel_size": 2},
    "window": {"kernel_size": 3},
    "linear": {"out_features": 4},
    "max_pool": {"kernel_size": 2},
    "avg_pool": {"kernel_size": 2},
    "adaptive_avg_pool": {"output_size": 2},
    "adaptive_max_pool": {"output_size": 2},
    "max_unpool": {"pool": "first"},
    "roi_pool": {"output_size": 2},
    "roi_align": {"output_size": 2},
    "upsample": {"scale_factor": 2},
    "pad": {"padding": 1},
    "crop": {"amount": 1},
    "pixel_shuffle": {"factor": 2},
    "space_to_depth": {"factor": 2},
    "group_norm": {"num_groups": 2},
    "slice": {"channels": [0, 2]},
    "channel_shuffle": {"groups": 2},
    "reshape": {"shape": [4, 8, 2]},
    "attention": {"heads": 2},
    "take": {"index": 0},
    "untokens": {"like": "first"},
    "unknown": {"operator": "mystery"},
    "function": {"operator": "exp"},
}
TWO_INPUTS = ("add", "mul", "maximum", "concat")
ROWS = ("prepend", "take", "untokens", "matmul")


def network_of(kind):
    """A network that ends in a layer of a kind."""
    layer = {"name": "last", "type": kind, **NEEDED.get(kind, {})}
    if kind in TWO_INPUTS:
        layer["from"] = ["first", "input"]
    first = {"name": "first", "type": "max_pool", "kernel_size": 1 + (kind == "max_unpool")}
    if kind == "max_unpool":
        first["stride"] = 2
    layers = [first, layer]
    if kind in ROWS:
        layers.insert(1, {"name": "row", "type": "tokens"})
    if kind == "matmul":
        layer.update({"from": ["row", "row"], "transpose": True})
    return cnncalc.loads(json.dumps({"name": "net", "input": [4, 4, 4], "layers": layers}))


def refused(exporter):
    export = importlib.import_module(f"cnncalc.exporters.{exporter}.export").export
    kinds = set()
    for kind in KINDS:
        network = network_of(kind)
        try:
            export(network, cnncalc.analyze(network))
        except CnncalcError:
            kinds.add(kind)
    return kinds


@pytest.mark.parametrize(
    ("exporter", "kinds"),
    [
        ("pytorch", {"window", "unknown"}),
        (
            "keras",
            {"window", "unknown", "function", "max_unpool", "roi_pool", "roi_align"}
            | OF_TRANSFORMERS,
        ),
        ("onnx", {"window", "unknown"} | OF_TRANSFORMERS),
    ],
)
def test_kinds_that_an_exporter_refuses(exporter, kinds):
    if exporter == "onnx":
        pytest.importorskip("onnx")
    assert refused(exporter) == kinds
