"""Attention in ONNX models, as both of PyTorch's exporters write it: the layers of the module."""

from __future__ import annotations

import io
import warnings
from copy import deepcopy
from importlib.util import find_spec

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")
torch = pytest.importorskip("torch", reason="the exporters are PyTorch's")
if not find_spec("timm"):
    pytest.skip("modules of timm and torchvision are exported", allow_module_level=True)
from onnx_models import report  # noqa: E402
from torch_attention import WHOLE  # noqa: E402
from torch_count import macs_and_outputs  # noqa: E402

IMAGE = (3, 12, 18)
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
    """The module as ONNX, encoded, its parameters none one number repeated."""
    stream = io.BytesIO()
    module = module.float().eval()
    for numbers in module.parameters():
        torch.nn.init.uniform_(numbers, 0.5, 1.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (torch.zeros(1, *shape),), stream, **EXPORTERS[exporter])
    return stream.getvalue()


def check_counts(module, shape, found):
    macs, (output,) = macs_and_outputs(deepcopy(module), shape)
    params = sum(one.numel() for one in module.parameters())
    totals = (found.totals.params, found.totals.macs, found.layers[-1].out_shape)
    assert totals == (params, macs, output[1:])


@pytest.mark.parametrize("exporter", EXPORTERS)
@pytest.mark.parametrize("name", WHOLE)
def test_attention_of_all_is_one_layer_with_pytorchs_counts(name, exporter):
    module = WHOLE[name]
    found = report(exported(module, IMAGE, exporter))
    assert [layer.type for layer in found].count("attention") == 1
    assert not any(layer.type == "unknown" for layer in found)
    assert found.layers[-1].is_global and found.warnings == ()
    check_counts(module, IMAGE, found)
