"""Attention in ONNX models, as both of PyTorch's exporters write it: the layers of the module."""

from __future__ import annotations

import io
import warnings
from copy import deepcopy
from importlib.util import find_spec

import pytest

import cnncalc

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")
torch = pytest.importorskip("torch", reason="the exporters are PyTorch's")
if not find_spec("timm"):
    pytest.skip("modules of timm and torchvision are exported", allow_module_level=True)
from onnx_models import read  # noqa: E402
from torch_attention import WHOLE, WINDOWED, pixels_read, seeded  # noqa: E402
from torch_count import macs_and_outputs  # noqa: E402

IMAGE = (3, 12, 18)
# Where others count a module, it loses its weights.
WHOLE, WINDOWED = deepcopy((WHOLE, WINDOWED))
EXPORTERS = {
    "tracing": {
        "dynamo": False,
        "opset_version": 17,
        "do_constant_folding": False,
        "training": torch.onnx.TrainingMode.PRESERVE,
    },
    "export": {"dynamo": True, "optimize": False, "verbose": False},
}
if not find_spec("onnxscript"):
    del EXPORTERS["export"]


def exported(module, shape, exporter):
    """The module as ONNX, encoded."""
    stream = io.BytesIO()
    module = seeded(module).float()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (torch.zeros(1, *shape),), stream, **EXPORTERS[exporter])
    return stream.getvalue()


def check_counts(module, shape, found):
    """Parameters, MACs and the output's shape are PyTorch's, and nothing is unknown."""
    assert not any(layer.type == "unknown" for layer in found) and found.warnings == ()
    macs, (output,) = macs_and_outputs(deepcopy(module), shape)
    params = sum(one.numel() for one in module.parameters())
    totals = (found.totals.params, found.totals.macs, found.layers[-1].out_shape)
    assert totals == (params, macs, output[1:])


@pytest.mark.parametrize("exporter", EXPORTERS)
@pytest.mark.parametrize("name", WHOLE)
def test_attention_of_all_is_one_layer_that_reads_all(name, exporter):
    module = WHOLE[name]
    found = cnncalc.analyze(read(exported(module, IMAGE, exporter)))
    assert [layer.type for layer in found].count("attention") == 1
    assert found.layers[-1].is_global
    check_counts(module, IMAGE, found)


@pytest.mark.parametrize("exporter", EXPORTERS)
@pytest.mark.parametrize("name", WINDOWED)
def test_windows_are_one_layer_with_pytorchs_counts_and_fields(name, exporter):
    if (name, exporter) == ("locally grouped", "export"):
        pytest.skip("this exporter has no attention of five dimensions")
    module, shape, attributes = WINDOWED[name]
    network = read(exported(module, shape, exporter))
    (layer,) = [node for node in network.nodes if node.kind.type == "attention"]
    assert {key: getattr(layer.kind, key) for key in attributes} == attributes
    last = network.nodes[-1].name
    for unit, sides in pixels_read(seeded(module), shape).items():
        box = cnncalc.unit_box(network, last, list(unit))
        assert [side.clipped for side in box.sides] == sides, unit
    check_counts(module.float(), shape, cnncalc.analyze(network))
