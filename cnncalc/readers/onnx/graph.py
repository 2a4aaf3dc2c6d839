"""Layers in the making from an ONNX graph, with the shapes that their kinds give them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from ...arithmetic import Impossible, Shape
from ...layers import kind
from ...layers.attributes import Wrong
from ...layers.base import Layer, Reading, Referred
from ...wording import quote, shape_text
from ..builder import Measuring
from ..source import PASS
from ..tensors.graph import Graph as Drafts
from ..tensors.values import Draft, Unreadable, Value, map_value
from .constants import Array
from .names import NodeNames
from .node import Node

NO_NAMES: frozenset[str] = frozenset()
LONGEST_REASON = 200
NORMS = ("layer_norm", "group_norm", "instance_norm")
# Stands in a draft for a mean over channels until a pattern has taken it up.
CHANNEL_MEAN = "mean over channels"


class Opaque:
    """The output of an unknown layer, of which not even a shape is known."""

    def __init__(self, layer: Draft) -> None:
        self.layer = layer


class Graph(Drafts):
    """Layers in the making.

    `origins` has the operator that each comes from and the one number it computes with, if any.
    `repeated` are weights of one number over and over. `outputs` are the tensors that a layer or a
    view of it gives, `uses` how often each tensor is read.
    """

    def __init__(self, builder: Measuring, shape: tuple[int, ...]) -> None:
        self.node_names = NodeNames()
        super().__init__(builder, self.node_names, shape)
        self.kinds: dict[Draft, tuple[Layer | None, Reading, Shape]] = {}
        self.origins: dict[Draft, tuple[str, Any]] = {}
        self.repeated: set[str] = set()
        self.uses: Counter[str] = Counter()
        self.outputs: dict[Draft, list[str]] = {}
        self.read: set[Draft] = set()
        self.kinds[self.input] = (None, Reading((shape,)), shape)

    def emit(
        self,
        type_name: str,
        name: str,
        sources: list[Value],
        names: frozenset[str] = NO_NAMES,
        **attributes: Any,
    ) -> Draft:
        self.read.update(source.layer for source in sources)
        return super().emit(type_name, name, sources, names, **attributes)

    def learn(self, array: Array) -> Array:
        """Take note of a weight."""
        for name in array.names:
            self.counts[name] = array.count
            if array.uniform:
                self.repeated.add(name)
        return array

    def layer(
        self,
        node: Node,
        type_name: str,
        values: list[Value],
        names: frozenset[str] = NO_NAMES,
        name: str | None = None,
        **attributes: Any,
    ) -> Value:
        """A layer's output as ONNX lays it out: batch, channels, axes."""
        draft = self.emit(type_name, name or node.name, values, names - self.repeated, **attributes)
        return map_value(draft, (values[0].regions, *self.shape_of(draft, values)))

    def alike(
        self,
        node: Node,
        type_name: str,
        value: Value,
        names: frozenset[str] = NO_NAMES,
        **attributes: Any,
    ) -> Value:
        """The output of a layer that works number by number, laid out as what it reads."""
        draft = self.emit(type_name, node.name, [value], names - self.repeated, **attributes)
        self.note(draft, node.operator, (value.channels, *value.sizes))
        return value.but(layer=draft)

    def note(self, draft: Draft, operator: str, shape: Shape) -> None:
        """Take note of where a layer comes from that works number by number, and of its shape."""
        self.kinds[draft] = (None, Reading((shape,)), shape)
        self.origins[draft] = (operator, None)
        draft.shape = shape  # type: ignore[assignment]

    def is_alone(self, draft: Draft) -> bool:
        """Whether a layer's output has no reader but one, through whatever views."""
        return draft not in self.read and all(
            self.uses[name] <= 1 for name in self.outputs.get(draft, ())
        )

    def shape_of(self, draft: Draft, values: list[Value]) -> tuple[int, ...]:
        """Shape of a layer's output, as its kind gives it."""
        given = {
            key: value.name if isinstance(value, Draft) else value
            for key, value in draft.attributes.items()
        }
        try:
            made = kind(draft.type)(self.axes, given)
            shapes = tuple((value.channels, *value.sizes) for value in values)
            sources = tuple(source.name for source in draft.sources)
            reading = Reading(shapes, sources, self._referred(made, draft))
            shape = made.output_shape(reading)
        except (Impossible, Wrong) as error:
            raise self.builder.refuse(str(error), layer=draft.name) from None
        if None in shape:
            raise Unreadable("the shape that it gives is not known")
        self.kinds[draft] = (made, reading, shape)
        draft.shape = shape  # type: ignore[assignment]
        return shape  # type: ignore[return-value]

    def _referred(self, made: Layer, draft: Draft) -> Referred | None:
        named = draft.attributes.get(made.reference) if made.reference else None
        return None if named is None else Referred(*self.kinds[named])

    def refused(self, node: Node, reason: str) -> Any:
        """The refusal of a node, to be raised."""
        if len(reason) > LONGEST_REASON:
            reason = reason[: LONGEST_REASON - 1] + "…"
        told = f"cannot be read: {reason}" if reason else "is not known here"
        return self.builder.refuse(
            f"operator {quote(node.operator)} of node {node.index} {quote(node.name)} "
            f"{told}; --unknown pass goes on with its figures unknown"
        )

    def passed(self, node: Node, reason: str, shapes: list[tuple[int, ...] | None]) -> list[Any]:
        """The outputs of a layer of which nothing is known, or the refusal of it."""
        if self.builder.source.unknown != PASS:
            raise self.refused(node, reason)
        values = [given for given in node.inputs if isinstance(given, (Value, Opaque))]
        draft = Draft("unknown", node.name, tuple(value.layer for value in values))
        if not values:
            draft.sources = (self.input,)
        draft.attributes = {"operator": node.operator}
        self.drafts.append(draft)
        return [self._seen(draft, shape) for shape in shapes]

    def _seen(self, draft: Draft, shape: tuple[int, ...] | None) -> Value | Opaque:
        if shape is None or not all(shape):
            return Opaque(draft)
        return self.opaque(draft, shape)

    def complete(self, outputs: list[Draft]) -> None:
        """Hand the layers that the outputs come from to the builder."""
        self._drop_unread(outputs)
        for draft in self.drafts:
            if draft.type == CHANNEL_MEAN:
                self._give_up_mean(draft)
        self._join_scales()
        self.node_names.settle(self.drafts)
        self.finish()

    def _compare(self, draft: Draft, name: str) -> None:
        """Refuse a layer whose kind gives another shape than the graph goes on with."""
        shape = self.builder.shapes[name]
        if draft.shape and None not in shape and draft.shape != shape:
            raise self.builder.refuse(
                f"the graph goes on with {shape_text(draft.shape)} where a {draft.type} layer "
                f"gives {shape_text(shape)}",
                layer=name,
            )

    def _drop_unread(self, outputs: list[Draft]) -> None:
        """Leave out what only layers that became one with others read."""
        read = set(outputs)
        for draft in reversed(self.drafts):
            if draft in read:
                read.update(draft.sources)
                read.update(one for one in draft.attributes.values() if isinstance(one, Draft))
        self.drafts = [draft for draft in self.drafts if draft in read]

    def _give_up_mean(self, draft: Draft) -> None:
        operator = self.origins[draft][0]
        if self.builder.source.unknown != PASS:
            raise self.builder.refuse(
                f"operator {quote(operator)} of node {quote(draft.name)} reduces the channels, "
                "which no layer kind does; --unknown pass goes on with its figures unknown"
            )
        draft.type, draft.attributes = "unknown", {"operator": operator}

    def _join_scales(self) -> None:
        """Make a norm without weights and the scale behind it, its only reader, one layer."""
        readers = Counter(source for draft in self.drafts for source in draft.sources)
        kept: list[Draft] = []
        joined: dict[Draft, Draft] = {}
        for draft in self.drafts:
            draft.sources = tuple(joined.get(source, source) for source in draft.sources)
            norm = draft.sources[0]
            if (
                draft.type == "scale"
                and draft.attributes["bias"]
                and norm.type in NORMS
                and not norm.attributes.get("affine", norm.type != "instance_norm")
                and readers[norm] == 1
            ):
                norm.attributes["affine"] = True
                norm.names |= draft.names
                joined[draft] = norm
            else:
                kept.append(draft)
        self.drafts = kept


Handler = Callable[[Graph, Node], Any]
