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
from ...version import __version__
from ...wording import install_line
from .graph_builder import GraphBuilder, OnnxContext
from .layers import LAYERS

if TYPE_CHECKING:
    from onnx import ModelProto

# The opset in which pools round up as PyTorch's do, and the first format version to hold it.
OPSET, IR_VERSION = 22, 10
# The one before, for regions: onnxruntime runs no later ones of theirs.
OPSET_OF_REGIONS = 21


def export(network: Network, report: Report) -> bytes:
    """The encoded model; its nodes are called as the layers are.

    Raises NetworkError for a layer that ONNX has no operator for, UsageError without onnx.
    """
    if find_spec("onnx") is None:
        raise UsageError(f"writing ONNX needs the package onnx; {install_line('onnx')}")
    encoded: bytes = _model(network, report).SerializeToString()
    return encoded


def _model(network: Network, report: Report) -> ModelProto:
    graph = GraphBuilder(network, report)
    for layer in report:
        graph.batches[layer.index] = graph.batches[layer.node.sources[0]]
        context = OnnxContext(layer, graph)
        writer = LAYERS.get(layer.type)
        if writer is None:
            raise context.refuse(f"ONNX has no operator for a layer of type {layer.type}")
        writer(context)
        graph.note(layer)
    definition = network.definition
    model: ModelProto = graph.helper.make_model(
        graph.graph(),
        producer_name="cnncalc",
        producer_version=__version__,
        opset_imports=[graph.helper.make_opsetid("", _opset(network))],
        ir_version=IR_VERSION,
        doc_string="; ".join(filter(None, (definition.description, definition.source))),
    )
    return model


def _opset(network: Network) -> int:
    """The version of ONNX's operators that a network needs."""
    has_regions = any(node.type in ("roi_pool", "roi_align") for node in network.nodes)
    return OPSET_OF_REGIONS if has_regions else OPSET
