"""A network as an ONNX model with shapes and no trained weights.

Every weight is the output of a ConstantOfShape node: declared by its shape, of numbers that are all
one. So the file is small, complete and valid as it stands; it runs with the network's input alone,
where weights kept in another file would be missing, and weights as inputs would all have to be
given. ONNX's own light models are written like it.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...network.network import Network
from ...report.report import Report
from .layers import LAYERS
from .sheet import Context, Sheet

if TYPE_CHECKING:
    from onnx import ModelProto

# The opset in which pools round up as PyTorch's do, and the first format version to hold it.
OPSET, IR_VERSION = 22, 10


def export(network: Network, report: Report) -> bytes:
    """The encoded model; its nodes are called as the layers are.

    Raises NetworkError for a layer that ONNX has no operator for, UsageError without onnx.
    """
    if find_spec("onnx") is None:
        raise UsageError(
            'writing ONNX needs the package onnx; install it with pip install "cnncalc[onnx]"'
        )
    encoded: bytes = _model(network, report).SerializeToString()
    return encoded


def _model(network: Network, report: Report) -> ModelProto:
    from onnx import helper

    from ...version import __version__

    sheet = Sheet(network, report)
    for layer in report:
        context = Context(sheet, layer)
        writer = LAYERS.get(layer.type)
        if writer is None:
            raise context.refuse(f"ONNX has no operator for a layer of type {layer.type}")
        writer(context)
        sheet.note(layer)
    definition = network.definition
    return helper.make_model(
        sheet.graph(network.name),
        producer_name="cnncalc",
        producer_version=__version__,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        doc_string="; ".join(filter(None, (definition.description, definition.source))),
    )
