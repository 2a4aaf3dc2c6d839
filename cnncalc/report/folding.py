"""Layers folded into the blocks that their names tell of, and equal blocks into one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..arithmetic import Number, Shape, total
from ..fields.field import Figures
from ..record import Record
from .columns import plain_layer
from .layer import LayerReport
from .report import Report

BLOCK = "block"
DIGITS = "0123456789"


class BlockReport(Record):
    """The figures of a block, or of its consecutive equal copies together.

    Costs are sums over all layers of all copies; shape and field are those of `output`. What only
    a layer has (kernel, groups, weight) is None.
    """

    layer: str
    layers: tuple[LayerReport, ...]
    output: LayerReport
    sources: tuple[str, ...]
    repeat: int = 1

    type = BLOCK
    moves_field = True
    kernel = stride = padding = dilation = groups = weight_shape = aligned = None

    def __repr__(self) -> str:
        times = f" ×{self.repeat}" if self.repeat > 1 else ""
        return f"<{self.layer}{times}: {len(self.layers)} layers, {self.out_shape}>"

    @property
    def index(self) -> int:
        """The first layer's place in the network, from 1."""
        return self.layers[0].index

    @property
    def in_shape(self) -> Shape:
        """Shape of the first layer's first input."""
        return self.layers[0].in_shape

    @property
    def out_shape(self) -> Shape:
        """Shape of the output."""
        return self.output.out_shape

    @property
    def figures(self) -> tuple[Figures, ...]:
        """The output's figures of the field, per axis."""
        return self.output.figures

    @property
    def rf(self) -> tuple[Number, ...]:
        """The output's receptive field per axis, in input pixels."""
        return self.output.rf

    @property
    def rf_min(self) -> tuple[Number, ...]:
        """The output's smallest receptive field per axis, in input pixels."""
        return self.output.rf_min

    @property
    def is_global(self) -> bool:
        """Whether every path to the output reads a whole map."""
        return self.output.is_global

    @property
    def gated(self) -> bool:
        """Whether some paths to the output read a whole map."""
        return self.output.gated

    @property
    def through(self) -> str | None:
        """A layer that reads a whole map, on a path to the output."""
        return self.output.through

    @property
    def params(self) -> Number:
        """Trainable numbers."""
        return self._sum("params")

    @property
    def buffers(self) -> Number:
        """Running statistics."""
        return self._sum("buffers")

    @property
    def macs(self) -> Number:
        """Multiply–accumulates."""
        return self._sum("macs")

    @property
    def product_macs(self) -> Number:
        """Multiply–accumulates of products of activations."""
        return self._sum("product_macs")

    @property
    def flops(self) -> Number:
        """Floating-point operations."""
        return self._sum("flops")

    @property
    def activations(self) -> Number:
        """Output elements of all layers."""
        return self._sum("activations")

    def _sum(self, name: str) -> Number:
        return total([getattr(layer, name) for layer in self.layers])

    def to_dict(self) -> dict[str, Any]:
        """The row in JSON's form."""
        return plain_layer(self)


Row = LayerReport | BlockReport
Block = tuple[str, list[LayerReport]]


def fold(report: Report, depth: int) -> tuple[Row, ...]:
    """The report's layers with blocks below `depth` levels of names as rows of their sums.

    `layer1.0.conv1` is of three levels. Blocks stand where their first layer does; consecutive
    equal copies are one row.
    """
    blocks: dict[str, list[LayerReport]] = {}
    for layer in report.layers:
        blocks.setdefault(block_name(layer.layer, depth), []).append(layer)
    rows = {layer.index: name for name, layers in blocks.items() for layer in layers}
    return tuple([_row(copies, report, rows) for copies in _copies(blocks)])


def _row(copies: list[Block], report: Report, rows: dict[int, str]) -> Row:
    """Equal blocks as one row; `rows` are the names of the rows that layers are in."""
    name, first = copies[0]
    if len(copies) == len(first) == 1 and first[0].layer == name:
        return first[0]
    last, ending = copies[-1]
    output = report.names.get(last, 0)
    return BlockReport(
        name,
        tuple([layer for _, layers in copies for layer in layers]),
        next((layer for layer in ending if layer.index == output), ending[-1]),
        _sources([layer for _, layers in copies for layer in layers], rows),
        len(copies),
    )


def block_name(layer: str, depth: int) -> str:
    """The name of a layer's block at a depth, its own where it lies no deeper.

    >>> block_name("layer1.0.conv1", 2), block_name("layer1.0.conv1", 3)
    ('layer1.0', 'layer1.0.conv1')
    """
    return ".".join(layer.split(".", depth)[:depth])


def _sources(layers: Sequence[LayerReport], rows: dict[int, str]) -> tuple[str, ...]:
    """Names of the rows that the layers read from outside, in order."""
    own = {layer.index for layer in layers}
    outside = {
        rows.get(source, name): None
        for layer in layers
        for source, name in zip(layer.node.sources, layer.sources)
        if source not in own
    }
    return tuple(outside)


def _copies(blocks: Mapping[str, list[LayerReport]]) -> Iterator[list[Block]]:
    """Blocks that follow each other and are equal, together."""
    copies: list[Block] = []
    for block in blocks.items():
        if copies and not _alike(copies[-1], block):
            yield copies
            copies = []
        copies.append(block)
    if copies:
        yield copies


def _alike(one: Block, other: Block) -> bool:
    """Whether two blocks are equal but for their names and fields; so two copies of a layer."""
    (name, layers), (name_after, layers_after) = one, other
    if len(layers) != len(layers_after):
        return False
    if not _are_copies(name, name_after, layers[0].layer == name):
        return False
    return all(
        layer.node.kind == after.node.kind
        and layer.in_shapes == after.in_shapes
        and layer.measures == after.measures
        and layer.scale == after.scale
        for layer, after in zip(layers, layers_after)
    ) and _places(layers) == _places(layers_after)


def _are_copies(one: str, other: str, layers: bool) -> bool:
    """Whether names differ in a number at their end alone: `block4` and `block5`.

    Of single layers it stands for itself, as `repeat` writes it: `c.0` and `c.1`.
    """
    stem, stem_after = one.rstrip(DIGITS), other.rstrip(DIGITS)
    return stem == stem_after and (stem.endswith(".") or not layers)


def _places(layers: Sequence[LayerReport]) -> list[list[int]]:
    """Which of their own each of the layers reads, from 1; 0 for what is before them."""
    places = {layer.index: place for place, layer in enumerate(layers, start=1)}
    return [[places.get(source, 0) for source in layer.node.sources] for layer in layers]
