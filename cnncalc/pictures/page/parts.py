"""A network's layers in the blocks that their names tell of, laid out level by level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...analysis.trace import Trace
from ...record import Record
from ...report.folding import BlockReport, block_name, fold
from ...report.layer import LayerReport
from ...report.report import Report
from .layout import layout

MOST_NESTED = 20
DEEPEST = 1_000_000  # below it, layers stand by themselves


class Part(Record):
    """A layer, a block, or equal copies of a block in a row; `layers` and `output` are indices."""

    name: str
    layers: tuple[int, ...]
    output: int
    inside: tuple[Part, ...] = ()
    copies: int = 1


def parts(report: Report, layers: Sequence[LayerReport], depth: int = 1) -> tuple[Part, ...]:
    """The parts that layers fold into at a depth of names, with what is inside of each."""
    level = depth if depth <= MOST_NESTED else DEEPEST
    result = []
    for row in fold(report.but(layers=tuple(layers)), level):
        if isinstance(row, LayerReport) or len(row.layers) == 1:
            result.append(_single(row.layers[0]))
        elif row.repeat == 1:
            inside = parts(report, row.layers, depth + 1)
            result.append(Part(row.layer, _indices(row.layers), row.output.index, inside))
        else:
            result.append(_copies(report, row, level))
    return tuple(result)


def _single(layer: LayerReport) -> Part:
    return Part(layer.layer, (layer.index,), layer.index)


def _indices(layers: Sequence[LayerReport]) -> tuple[int, ...]:
    return tuple(layer.index for layer in layers)


def _copies(report: Report, row: BlockReport, depth: int) -> Part:
    copies: dict[str, list[LayerReport]] = {}
    for layer in row.layers:
        copies.setdefault(block_name(layer.layer, depth), []).append(layer)
    inside = []
    for name, layers in copies.items():
        if len(layers) == 1:
            inside.append(_single(layers[0]))
            continue
        own = _indices(layers)
        output = report.names.get(name, own[-1])
        inner = parts(report, layers, depth + 1)
        inside.append(Part(name, own, output if output in own else own[-1], inner))
    return Part(row.layer, _indices(row.layers), row.output.index, tuple(inside), row.repeat)


def graph(trace: Trace) -> dict[str, Any]:
    """The network's parts, laid out; the first input comes before them, others are parts."""
    others = tuple(
        Part(name, (-place,), -place) for place, name in enumerate(trace.network.inputs) if place
    )
    return _scope(trace, others + parts(trace.report, trace.layers), None)


def _scope(trace: Trace, inside: Sequence[Part], around: Part | None) -> dict[str, Any]:
    """What is in a block, or in the network: parts, places and edges.

    Node 0 is what is read from outside, the last one of a block what is read of it outside.
    """
    homes = {index: node for node, part in enumerate(inside, 1) for index in part.layers}
    edges: dict[tuple[int, int], None] = {}
    for node, part in enumerate(inside, 1):
        for index in part.layers:
            for source in trace.node(index).sources if index > 0 else ():
                if homes.get(source, 0) != node:
                    edges[homes.get(source, 0), node] = None
    count = len(inside) + 1
    if around is not None:
        for index in around.layers:
            if index == around.output or any(r not in homes for r in trace.readers[index]):
                edges[homes[index], count] = None
        count += 1
    places = layout(count, edges)
    return {
        "parts": [_plain(trace, part) for part in inside],
        **places.as_dict(),
        "edges": list(map(list, edges)),
    }


def _plain(trace: Trace, part: Part) -> dict[str, Any]:
    if not part.inside:
        return {"layer": part.output}
    block = {"name": part.name, "output": part.output, "layers": part.layers}
    copies = {"copies": part.copies} if part.copies > 1 else {}
    return {**block, **copies, "inside": _scope(trace, part.inside, part)}


def block_outputs(report: Report) -> Mapping[str, int]:
    """The output of every name that is a block's, not a layer's."""
    layers = {layer.layer for layer in report}
    return {
        name: index
        for name, index in report.names.items()
        if name not in layers and index <= len(report)
    }
