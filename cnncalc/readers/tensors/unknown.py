"""Layers of operators that no kind stands for, with the figures that are known of them."""

from __future__ import annotations

from typing import Any

from .call import Call
from .graph import Graph
from .products import PRODUCTS, between_activations, product_macs
from .values import NO_NAMES, Draft, Value


def unknown_layer(
    graph: Graph,
    call: Call,
    sources: list[Value],
    shape: tuple[int, ...],
    names: frozenset[str] = NO_NAMES,
    **figures: Any,
) -> Draft:
    """A layer of unknown type of this shape, which counts these parameters."""
    figures["num_params"] = sum(graph.counts[name] for name in names)
    figures["num_macs"] = macs = product_macs(call) if call.operator in PRODUCTS else 0
    if macs and between_activations(call):
        figures["num_products"] = macs
    draft = graph.emit(
        "unknown",
        graph.names.of(call, call.operator),
        sources,
        names,
        operator=call.operator,
        in_shape=[[one.channels, *one.sizes] for one in sources],
        out_shape=list(shape),
        **{key: figure for key, figure in figures.items() if figure is not None},
    )
    draft.shape = shape
    return draft
