"""A chain of windows in one line: kernel, stride, padding, dilation of one layer after another.

`11,4 3,2 5,1,2` are three windows: 11 with stride 4, 3 with stride 2, and 5 with stride 1 and
padding 2. What is left out is stride 1, padding 0, dilation 1; values per axis join with `x`.
"""

from __future__ import annotations

from typing import Any

from ..definition.definition import Definition, Entry, File, Located
from ..definition.shape import MOST_AXES
from ..errors import UsageError
from ..layers.attributes import Wrong
from ..wording import quote

NAME = "spec"
TYPE = "window"
ATTRIBUTES = ("kernel_size", "stride", "padding", "dilation")
EXAMPLE = 'as in "7,2,3 3,2,1 3x5,1,same"'


def definition(text: str) -> Definition:
    """The definition of a chain of windows; raises UsageError for what is none."""
    items = text.split()
    if not items:
        raise UsageError(f"the spec is empty; give kernel,stride,padding,dilation, {EXAMPLE}")
    axes = _axes(items)
    layers = [_layer(number, item, axes) for number, item in enumerate(items, start=1)]
    entries = tuple(_entry(number, values) for number, values in enumerate(layers, start=1))
    shape = [None] * (axes + 1)
    return Definition(NAME, Located(shape), entries, File("--spec", {}), text=_yaml(shape, layers))


def _axes(items: list[str]) -> int:
    """How many axes the values have: two where none is given per axis."""
    counts = {part.count("x") + 1 for item in items for part in item.split(",")} - {1}
    if len(counts) > 1 or max(counts, default=2) > MOST_AXES:
        raise UsageError(
            f"the spec's values are for {' and '.join(map(str, sorted(counts)))} axes; "
            f"give one number for all axes, or one for each of up to {MOST_AXES}, everywhere alike"
        )
    return counts.pop() if counts else 2


def _layer(number: int, item: str, axes: int) -> dict[str, Any]:
    """The attributes that an item gives, checked as the layer type checks them."""
    from ..layers import kind

    parts = item.split(",")
    if len(parts) > len(ATTRIBUTES) or not all(parts):
        raise UsageError(
            f"spec item {number}, {quote(item)}: give kernel[,stride[,padding[,dilation]]], "
            + EXAMPLE
        )
    values = {}
    for name, part in zip(ATTRIBUTES, parts):
        declared = kind(TYPE).attributes[name]
        values[name] = declared.from_text(part, axes)
        try:
            declared.value(values[name], axes)
        except Wrong as wrong:
            raise UsageError(f"spec item {number}, {quote(item)}: {wrong}") from None
    return values


def _entry(number: int, values: dict[str, Any]) -> Entry:
    attributes = {name: Located(value) for name, value in values.items()}
    return Entry(Located(TYPE), Located(f"layer{number}"), None, None, attributes, None)


def _yaml(shape: list[None], layers: list[dict[str, Any]]) -> str:
    """The same chain as a definition file."""
    lines = [f"name: {NAME}", f"input: [{', '.join(['null'] * len(shape))}]", "layers:"]
    for number, values in enumerate(layers, start=1):
        keys = "".join(f", {name}: {value}" for name, value in values.items())
        lines.append(f"  - {{name: layer{number}, type: {TYPE}{keys}}}")
    return "\n".join(lines) + "\n"
