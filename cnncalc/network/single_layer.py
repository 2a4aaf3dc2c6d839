"""One layer as a network of its own: from a type, the shapes that it reads and its attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..arithmetic import Shape
from ..definition.arguments import checked_text, plain, whole_number
from ..definition.definition import INPUT, Definition, File, Located
from ..definition.shape import MOST_AXES, layer_axes, layer_shape
from ..errors import UsageError
from ..fields.window import IDENTITY, WHOLE
from ..layers import KINDS, formulas, kind
from ..layers.attributes import REQUIRED, Wrong
from ..layers.base import Costless, Elementwise, Layer, Reading, Windows
from ..wording import did_you_mean, quote
from .kinds import TYPES_LISTED
from .network import Network, Node

PATH = "<layer>"


class ExtraInput(Costless, Elementwise):
    """An input of the layer beside the network's own: a map, or a vector."""

    type = "input"

    def __init__(self, axes: int, shape: Shape) -> None:
        super().__init__(axes, {})
        self.__dict__["shape"] = shape

    shape: Shape

    def output_shape(self, reading: Reading) -> Shape:
        return self.shape

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return (((IDENTITY if len(self.shape) > 1 else WHOLE),) * self.axes,)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return [formulas.sizes.own(size, "given") for size in self.shape[1:]]

    def explain_channels(self, reading: Reading) -> formulas.Step:
        return formulas.channels.own(self.shape)


def layer(
    type_name: str,
    *inputs: str | int | Sequence[int | None],
    axes: int | None = None,
    **attributes: Any,
) -> Network:
    """A network of one layer of a type, which reads inputs of the given shapes.

    A shape is (channels, *axes) or `"3x224x224"`, or the axes alone; a single number is a vector's
    length, with `axes=1` the axis. `axes` are 2 where they are not given, and 3 where a shape has
    four numbers. The layer goes by its type's name. Raises UsageError where the type, a shape or an
    attribute is wrong.

    >>> from cnncalc import analyze
    >>> network = layer("conv", (3, 224, 224), kernel_size=7, stride=2, padding=3, out_channels=64)
    >>> analyze(network)["conv"].out_shape
    (64, 112, 112)
    """
    cls = checked_kind(type_name)
    axes = layer_axes(inputs) if axes is None else whole_number(axes, "axes", 1, MOST_AXES)
    shapes = [layer_shape(each, axes) for each in inputs] or [(None,) * (axes + 1)]
    asked = _kind(cls, axes, attributes)
    _check_inputs(asked, len(shapes))
    nodes: list[Node] = []

    def add(name: str, kind: Layer, sources: tuple[int, ...]) -> int:
        index = len(nodes) + 1
        nodes.append(Node(index, name, kind.type, kind, sources, None, None, PATH))
        return index

    first, *others = shapes
    is_map = len(first) > 1
    whole = first if is_map else (first[0], *(1,) * axes)
    sources = [0 if is_map else add(INPUT, ExtraInput(axes, first), (0,))]
    for number, shape in enumerate(others, start=2):
        sources.append(add(f"{INPUT}{number}", ExtraInput(axes, shape), (0,)))
    add(type_name, asked, tuple(sources))
    names = {node.name: node.index for node in nodes}
    definition = Definition(type_name, Located(list(whole)), (), File(PATH, {}))
    return Network(type_name, {INPUT: whole}, tuple(nodes), names, definition)


def undoing_layer(
    type_name: str, shape: str | int | Sequence[int], axes: int, **attributes: Any
) -> Network:
    """A network of a layer and of one that undoes it, the last; the attributes are the first's."""
    cls = checked_kind(type_name)
    network = layer(cls.undoes, shape, axes=axes, **attributes)
    index = len(network.nodes) + 1
    asked = cls(axes, {str(cls.reference): cls.undoes})
    node = Node(index, type_name, type_name, asked, (index - 1,), index - 1, None, PATH)
    names = {**network.names, type_name: index}
    return network.but(name=type_name, nodes=(*network.nodes, node), names=names)


def checked_kind(type_name: str) -> type[Layer]:
    """The class of a layer type; raises UsageError with the nearest names."""
    if checked_text(type_name, "a layer type") not in KINDS:
        hint = did_you_mean(type_name, KINDS, TYPES_LISTED, topic="type")
        raise UsageError(f"no layer type is named {quote(type_name)}; {hint}")
    return kind(type_name)


def _kind(cls: type[Layer], axes: int, attributes: Mapping[str, Any]) -> Layer:
    for name in attributes:
        if name not in cls.attributes:
            takes = f"it takes {', '.join(cls.attributes) or 'none'}"
            hint = did_you_mean(name, cls.attributes, takes, topic="key", of=cls.type)
            raise UsageError(f"{cls.type} has no attribute {quote(name)}; {hint}")
    reference = cls.reference
    if reference and (reference in attributes or cls.attributes[reference].default is REQUIRED):
        raise UsageError(
            f"{cls.type}: {reference} names another layer, which a single layer does not have; "
            "write a definition with both"
        )
    try:
        return cls(axes, {name: plain(value) for name, value in attributes.items()})
    except Wrong as wrong:
        raise UsageError(f"{cls.type}: {wrong}") from None


def _check_inputs(kind: Layer, count: int) -> None:
    if count < kind.least_inputs:
        raise UsageError(f"{kind.type} reads at least {kind.least_inputs} inputs, not {count}")
    if kind.most_inputs is not None and count > kind.most_inputs:
        most = "one input" if kind.most_inputs == 1 else f"{kind.most_inputs} inputs"
        raise UsageError(f"{kind.type} reads {most}, not {count}")
