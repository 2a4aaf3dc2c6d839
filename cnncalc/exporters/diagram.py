"""A network as a diagram: a box a layer or block, coloured by family, with its blocks around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from ..layers import family
from ..record import Record
from ..report.folding import BLOCK, BlockReport, Row, fold
from ..report.layer import LayerReport
from ..report.report import Report
from ..wording import UNKNOWN, axes_once, number, shape_text

# Light fills, on which dark text reads whatever the page's colour.
COLOURS = {
    "input": "#f3f4f6",
    "weighted": "#dbeafe",
    "attention": "#cffafe",
    "pooling": "#ffedd5",
    "normalization": "#f3e8ff",
    "activation": "#dcfce7",
    "merge": "#fee2e2",
    "resize": "#fef9c3",
    "rearrange": "#fce7f3",
    "tokens": "#ecfccb",
    "unknown": "#ffffff",
    BLOCK: "#e0e7ff",
}
TEXT_COLOUR, LINE_COLOUR = "#111111", "#555555"
# Programs that draw take time and room for every level of blocks in blocks.
MOST_NESTED = 20
TOP_DOWN = "TD"


class Diagram(Record):
    """A diagram's file, and what is to be said of it."""

    text: str
    note: str | None = None


class DiagramBox(Record):
    """A node: the lines of its text, the blocks it is in from the outermost, what it reads."""

    index: int
    lines: list[str]
    family: str
    blocks: tuple[str, ...]
    sources: tuple[int, ...]


class DiagramBlock(Record):
    """A block with what is in it; `key` is an identifier of its own."""

    name: str
    key: str
    members: list[DiagramBlock | DiagramBox]


def boxes(report: Report, depth: int | None = None) -> list[DiagramBox]:
    """The input, and every layer or every row of the report folded to a depth.

    Between folded rows there is one edge at most.
    """
    rows: Sequence[Row] = report.layers if depth is None else fold(report, depth)
    places = {layer.index: row.index for row in rows for layer in row.layers}
    drawn = []
    for place, (name, shape) in enumerate(report.inputs.items()):
        places[-place] = -place
        lines = [_printable(name), shape_text(shape)]
        drawn.append(DiagramBox(-place, lines, "input", (), ()))
    for row in rows:
        sources = [places[source] for layer in row.layers for source in layer.node.sources]
        if depth is not None:
            sources = list(dict.fromkeys(place for place in sources if place != row.index))
        drawn.append(DiagramBox(row.index, _lines(row), _family(row), _blocks(row), tuple(sources)))
    return drawn


def identifier(index: int) -> str:
    """What a diagram's language calls the box of a layer, or of an input after the first."""
    return f"n{index}" if index >= 0 else f"i{-index}"


def edges(drawn: Sequence[DiagramBox], arrow: str) -> list[str]:
    """The lines of the edges in a language that has this arrow."""
    return [
        f"  {identifier(source)}{arrow}{identifier(box.index)}"
        for box in drawn
        for source in box.sources
    ]


def _family(row: Row) -> str:
    return BLOCK if isinstance(row, BlockReport) else family(row.type)


def _blocks(row: Row) -> tuple[str, ...]:
    """Names of the blocks around a row, the outermost first."""
    level = min(row.layer.count("."), MOST_NESTED)
    return tuple(accumulate(row.layer.split(".", level)[:level], "{}.{}".format))


def _lines(row: Row) -> list[str]:
    field = f"rf {UNKNOWN if None in row.rf else axes_once([number(side) for side in row.rf])}"
    name, shape = _printable(row.layer), shape_text(row.out_shape)
    if isinstance(row, LayerReport):
        return [name, _window(row), shape, field]
    times = f" ×{row.repeat}" if row.repeat > 1 else ""
    costs = f"{number(row.params)} params · {number(row.macs)} MACs"
    return [name + times, shape, costs, field]


def _printable(name: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in name)


def _window(layer: LayerReport) -> str:
    if layer.kernel is None:
        return layer.type
    text = f"{layer.type} {'×'.join(map(str, layer.kernel))}"
    strides = axes_once(layer.stride)
    return text if strides == "1" else f"{text} / {strides}"


def nest(inside: Sequence[DiagramBox], level: int = 0) -> list[DiagramBlock | DiagramBox]:
    """The boxes of a block, and its blocks with theirs, in order of their first boxes."""
    groups: dict[str | int, list[DiagramBox]] = {}
    for box in inside:
        key = box.blocks[level] if level < len(box.blocks) else box.index
        groups.setdefault(key, []).append(box)
    return [
        DiagramBlock(_printable(key) or " ", f"b{group[0].index}_{level}", nest(group, level + 1))
        if isinstance(key, str)
        else group[0]
        for key, group in groups.items()
    ]


def body(
    members: Sequence[DiagramBlock | DiagramBox],
    node: Callable[[DiagramBox], str],
    opening: Callable[[DiagramBlock], str],
    closing: str,
) -> Iterator[str]:
    """The lines of nested blocks in a language that has these for a node and a block."""
    for member in members:
        if isinstance(member, DiagramBox):
            yield node(member)
            continue
        yield opening(member)
        yield from ("  " + line for line in body(member.members, node, opening, closing))
        yield closing
