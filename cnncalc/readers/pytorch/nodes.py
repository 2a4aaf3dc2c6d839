"""The nodes of a traced program in order, with those of parts that it wraps in autocast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any


class RecordedNode:
    """An operator, a tensor that none makes, or what is given; told like a node of torch.fx."""

    __slots__ = ("all_input_nodes", "args", "kwargs", "meta", "name", "op", "target", "users")

    def __init__(
        self, op: str, name: str, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self.op = op
        self.name = name
        self.target = target
        self.args = args
        self.kwargs = kwargs
        self.meta: dict[str, Any] = {}
        self.users: dict[RecordedNode, None] = {}
        self.all_input_nodes = list(dict.fromkeys(_nodes_in((*args, *kwargs.values()))))
        for node in self.all_input_nodes:
            node.users[self] = None


def _nodes_in(arguments: tuple[Any, ...]) -> Iterator[RecordedNode]:
    for argument in arguments:
        if isinstance(argument, RecordedNode):
            yield argument
        elif isinstance(argument, tuple):
            yield from _nodes_in(argument)


class Recording:
    """Nodes as they are made: in a tenth of the time that those of torch.fx take."""

    def __init__(self) -> None:
        self.nodes: list[RecordedNode] = []
        self.names: Counter[str] = Counter()

    def node(
        self, op: str, word: str, target: Any = None, args: Any = (), kwargs: Any = None
    ) -> RecordedNode:
        """One more node, with a name of its own."""
        number = self.names[word]
        self.names[word] += 1
        made = RecordedNode(op, f"{word}_{number}" if number else word, target, args, kwargs or {})
        self.nodes.append(made)
        return made


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
