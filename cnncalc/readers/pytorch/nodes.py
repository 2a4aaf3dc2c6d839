"""The nodes of a traced program in order, with those of parts that it wraps in autocast."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Nodes:
    """The nodes; a wrapped part's come before the node that calls it.

    `operands` has what the inputs of wrapped parts stand for, `results` what the calls give.
    """

    def __init__(self, graph: Any) -> None:
        self.operands: dict[Any, Any] = {}
        self.results: dict[Any, Any] = {}
        self.outputs: set[Any] = set()
        self.all = list(self._nodes(graph))

    def _nodes(self, graph: Any) -> Iterator[Any]:
        for node in graph.nodes:
            part = _wrapped_part(node)
            if part is not None:
                place, inner = part
                inputs = [one for one in inner.nodes if one.op == "placeholder"]
                self.operands.update(zip(inputs, node.args[place + 1 :]))
                yield from self._nodes(inner)
                (output,) = inner.find_nodes(op="output")
                self.outputs.add(output)
                self.results[node] = output.args[0]
            yield node


def _wrapped_part(node: Any) -> tuple[int, Any] | None:
    """Where among a call's arguments the part stands that it wraps, and that part's graph."""
    if node.op != "call_function" or not str(node.target).startswith("wrap_with_"):
        return None
    for place, argument in enumerate(node.args):
        if getattr(argument, "op", "") == "get_attr":
            part: Any = getattr(node.graph.owning_module, argument.target)
            return place, part.graph
    return None
