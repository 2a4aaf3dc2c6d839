"""Nodes of no layer kind, as layers with the shape, the parameters and the MACs that they have."""

from __future__ import annotations

from typing import Any

from ..tensors.traced import NOTHING, form_behind, layer, regions_of
from ..tensors.values import Opaque, Unreadable, Value
from .aliases import MICROSOFT
from .graph import OnnxGraph, Shapes
from .node import OnnxNode
from .products import CALLS, macs_of, multiplies_activations
from .roles import BODIES, is_costless, parameters_read, statistics, what_a_unit_reads

Output = Value | Opaque | None


def unknown(
    graph: OnnxGraph, node: OnnxNode, shapes: Shapes, sources: list[Value] | None = None
) -> list[Output]:
    """The outputs of a layer for a node; raises Unreadable where its shape is not known.

    It gives the first output that something reads; others are layers behind it that cost nothing.
    """
    sources = sources or node.values()
    used = [place for place, name in enumerate(node.outputs) if graph.uses[name]] or [0]
    first, shape = used[0], dict(enumerate(shapes)).get(used[0])
    if not sources or shape is None or 0 in shape:
        raise Unreadable("the shape of what it gives is not known")
    operator = "matmul" if node.operator in CALLS else node.operator
    made = form_behind(graph, operator, sources, shape)
    read = (name for name in parameters_read(node) if name in graph.counts)
    names = frozenset(name for name in read if name not in graph.owners)
    # Of onnxruntime's own operators some have weights packed, and scales beside them.
    is_known = node.operator in CALLS or is_costless(node) or MICROSOFT not in node.operator
    figures = {
        "num_params": None
        if node.operator in BODIES or not is_known
        else sum(graph.counts[name] for name in names),
        "num_buffers": statistics(node) or None,
        "reads": what_a_unit_reads(node, sources, made, graph.axes),
        **_multiplications(node, shape, regions_of(sources)),
    }
    value = layer(graph, node.operator, node.name, sources, made, names, **figures)
    outputs: list[Output] = [None] * len(node.outputs)
    outputs[first] = value
    for place in used[1:]:
        outputs[place] = _output_beside(graph, node, value, place, shapes[place])
    return outputs


def _multiplications(node: OnnxNode, shape: tuple[int, ...], regions: int) -> dict[str, Any]:
    """Multiply–accumulates for one region, and how many are of activations with each other."""
    if node.operator not in CALLS:
        return {"num_macs": 0 if is_costless(node) else None}
    macs = macs_of(node, shape)
    if not macs:
        return {"num_macs": macs}
    macs //= regions
    return {"num_macs": macs, "num_products": macs if multiplies_activations(node, shape) else 0}


def _output_beside(
    graph: OnnxGraph, node: OnnxNode, value: Value, place: int, shape: tuple[int, ...] | None
) -> Output:
    if shape is None or 0 in shape:
        return Opaque(value.layer)
    made = form_behind(graph, "", [value], shape)
    return layer(graph, node.operator, f"{node.name}.{place}", [value], made, **NOTHING)
