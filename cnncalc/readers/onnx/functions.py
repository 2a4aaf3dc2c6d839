"""The functions of an ONNX model: their bodies in place of their calls, as far as these are few.

Functions that call each other may be small to write and very large when they are written out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..source import Source

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

MOST_NODES = 100_000
DEEPEST = 100
LARGEST = 50_000_000  # bytes, without the weights

Key = tuple[str, str, str]
Size = tuple[int, int]


def inline_functions(model: ModelProto, source: Source) -> ModelProto:
    """The model with the bodies of its functions in place of their calls."""
    if not model.functions:
        return model
    from onnx import inliner

    nodes, size = _Sizes(model, source).sum(model.graph.node)
    if nodes > MOST_NODES or size > LARGEST:
        raise source.refuse(
            f"its functions, written out, have {nodes:,} nodes and {size // 10**6:,} MB; "
            f"at most {MOST_NODES:,} nodes and {LARGEST // 10**6} MB are read"
        )
    try:
        return inliner.inline_local_functions(model)
    except Exception as error:
        message = f"its functions cannot be resolved: {str(error).splitlines()[0]}"
        raise source.refuse(message) from None


class _Sizes:
    """How many nodes and bytes each function has, those that it calls written out."""

    def __init__(self, model: ModelProto, source: Source) -> None:
        self.source = source
        self.bodies = {(one.domain, one.name, one.overload): one.node for one in model.functions}
        self.sizes: dict[Key, Size | None] = {}

    def sum(self, nodes: Iterable[NodeProto], depth: int = 0) -> Size:
        """Nodes and bytes of a graph or a body."""
        if depth > DEEPEST:
            raise self.source.refuse(f"its functions call each other {DEEPEST} levels deep or more")
        count = size = 0
        for node in nodes:
            key = (node.domain, node.op_type, node.overload)
            parts = [self._of(key, depth + 1) if key in self.bodies else (1, node.ByteSize())]
            for attribute in node.attribute:
                parts += [self.sum(g.node, depth + 1) for g in (attribute.g, *attribute.graphs)]
            count += sum(nodes for nodes, _ in parts)
            size += sum(bytes_ for _, bytes_ in parts)
        return count, size

    def _of(self, key: Key, depth: int) -> Size:
        if key not in self.sizes:
            self.sizes[key] = None
            self.sizes[key] = self.sum(self.bodies[key], depth)
        size = self.sizes[key]
        if size is None:
            raise self.source.refuse(f"its function {key[1]!r} calls itself")
        return size
