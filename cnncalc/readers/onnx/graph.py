"""Layers in the making from an ONNX graph, with the shapes that their kinds give them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ...wording import quote
from ..builder import Builder
from ..tensors.call import Call
from ..tensors.folding import Folding
from ..tensors.graph import Graph
from ..tensors.traced import rearranged_map
from ..tensors.values import Constant, Draft, Opaque, Value
from ..unread_operators import Unread
from .constants import FLOATS, Array
from .names import NodeNames
from .node import OnnxNode

LONGEST_REASON = 200
NORMS = ("layer_norm", "group_norm", "instance_norm")
Shapes = Sequence[tuple[int, ...] | None]


class OnnxGraph(Graph):
    """Layers in the making.

    `origins` has the operator that each comes from and the one number it computes with, if any.
    `outputs` are the tensors that a layer or a view of it gives, `uses` how often each is read.
    """

    def __init__(self, builder: Builder, shape: tuple[int, ...]) -> None:
        self.node_names = NodeNames()
        super().__init__(builder, self.node_names, shape)
        self.origins: dict[Draft, tuple[str, Any]] = {}
        self.uses: Counter[str] = Counter()
        self.outputs: dict[Draft, list[str]] = {}

    def learn(self, array: Array) -> Array:
        """Take note of a weight."""
        for name in array.names:
            self.counts[name] = array.count
            if array.uniform:
                self.repeated.add(name)
        return array

    def has_bias(self, constant: Constant | None) -> bool:
        # One that is written out as one number, zero, is none; one of integers has no names.
        integers = isinstance(constant, Array) and constant.dtype not in FLOATS
        return integers or super().has_bias(constant)

    def is_alone(self, call: Call, draft: Draft) -> bool:
        return draft not in self.read and all(
            self.uses[name] <= 1 for name in self.outputs.get(draft, ())
        )

    def rearrangement(self, value: Value, axes: int) -> Value:
        return rearranged_map(self, value, axes)

    def refuse(self, node: OnnxNode, reason: str, shapes: Shapes) -> list[Value | Opaque]:
        """The outputs of a layer that is not read; what only reads one is not told."""
        if not reason or not self.is_vague(node.inputs):
            if len(reason) > LONGEST_REASON:
                reason = reason[: LONGEST_REASON - 1] + "…"
            place = f"node {node.index} {quote(node.name)}"
            self.builder.note_unread(Unread(node.operator, place, reason))
        sources = [one for one in node.inputs if isinstance(one, (Value, Opaque))] or [self.start]
        draft = self.emit("unknown", node.name, sources, operator=node.operator)
        self.vague.update([draft] if None in shapes else [])
        return [
            self.opaque(draft, shape) if shape is not None and all(shape) else Opaque(draft)
            for shape in shapes
        ]

    def complete(self, outputs: list[Draft]) -> None:
        """Hand the layers that the outputs come from to the builder."""
        self._drop_unread(outputs)
        self._join_scales()
        self.given.update(outputs)
        Folding(self).run()
        self.node_names.settle(self.drafts)
        self.finish()

    def _drop_unread(self, outputs: list[Draft]) -> None:
        """Leave out what only layers that became one with others read.

        The first one that shares the parameters of such a layer has them for its own.
        """
        read = set(outputs)
        for draft in reversed(self.drafts):
            if draft in read:
                read.update(draft.sources)
                read.update(one for one in draft.attributes.values() if isinstance(one, Draft))
        self.drafts = [draft for draft in self.drafts if draft in read]
        heirs: dict[Draft, Draft] = {}
        for draft in self.drafts:
            if draft.shares is not None and draft.shares not in read:
                heir = heirs.setdefault(draft.shares, draft)
                draft.shares = None if heir is draft else heir

    def _join_scales(self) -> None:
        """Make a norm without weights and the scale behind it, its only reader, one layer."""
        readers = Counter(source for draft in self.drafts for source in draft.sources)
        owners = {draft.shares for draft in self.drafts}
        joined: dict[Draft, Draft] = {}
        for draft in self.drafts:
            draft.sources = tuple(joined.get(source, source) for source in draft.sources)
            norm = draft.sources[0]
            if (
                draft.type == "scale"
                and draft.attributes["bias"]
                and draft.shares is None
                and draft not in owners
                and norm.type in NORMS
                and not norm.attributes.get("affine", norm.type != "instance_norm")
                and readers[norm] == 1
            ):
                norm.learn("affine", draft.names)
                joined[draft] = norm
        self.drafts = [draft for draft in self.drafts if draft not in joined]


Handler = Callable[[OnnxGraph, OnnxNode], Any]
Take = Callable[[OnnxNode], Any]


def translation(
    handler: Callable[[Graph, Call], Any], operator: str = "", /, **arguments: Take
) -> Handler:
    """The handler of nodes that gives them to one of readers/tensors, arguments by its names."""

    def read(graph: OnnxGraph, node: OnnxNode) -> Any:
        taken = {name: take(node) for name, take in arguments.items()}
        return handler(graph, node.call(operator, input=node.value(), **taken))

    return read
