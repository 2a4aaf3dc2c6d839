"""Functions that PyTorch traces into several operators, read as the one layer that they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..tensors.graph import Graph
from ..tensors.maps import as_read
from ..tensors.values import Value, exact

FUNCTION = "torch_fn"


class Composite:
    """One call of such a function: its nodes, the last of which gives its result."""

    def __init__(self, nodes: list[Any], source: Any, kind: tuple[str, str]) -> None:
        self.nodes = nodes
        self.source = source
        self.type, self.word = kind

    def read(self, graph: Graph, node: Any) -> Any:
        """The layer that it is, or constants where it reads only such."""
        value = graph.values[self.source]
        if not isinstance(value, Value):
            return value
        value = as_read(graph, value)
        name = graph.names.of(node, self.word)
        attributes = ATTRIBUTES[self.type](self.nodes)
        return value.but(layer=graph.emit(self.type, name, [value], **attributes))


def _response_norm(nodes: Sequence[Any]) -> dict[str, Any]:
    """Attributes of a local response normalization, from the operators that it is made of."""
    by_name = {str(node.target): node for node in nodes}
    pool = next(node for name, node in by_name.items() if "avg_pool" in name)
    products = [node for node in nodes if "mul" in str(node.target)]
    power = next(node for name, node in by_name.items() if "pow" in name)
    total = next(node for name, node in by_name.items() if "add" in name)
    return {
        "size": max(pool.args[1]),
        "alpha": exact(products[-1].args[1]),
        "beta": exact(power.args[1]),
        "k": exact(total.args[1]),
    }


KINDS = {
    "function.local_response_norm": ("lrn", "lrn"),
    "function.normalize": ("function", "normalize"),
}
ATTRIBUTES: dict[str, Callable[[Sequence[Any]], dict[str, Any]]] = {
    "lrn": _response_norm,
    "function": lambda nodes: {"operator": "normalize"},
}


class Composites:
    """All calls of such functions: `last` by the node of their result, `inner` the others."""

    def __init__(self, nodes: Sequence[Any]) -> None:
        self.last: dict[Any, Composite] = {}
        self.inner: set[Any] = set()
        groups: dict[str, list[Any]] = {}
        for node in nodes:
            call, function = node.meta.get(FUNCTION) or ("", "")
            if function in KINDS:
                groups.setdefault(call, []).append(node)
        for group in groups.values():
            self._add(group)

    def _add(self, group: list[Any]) -> None:
        """Take note of a call; one of which more than the result is used is none."""
        inside, last = set(group), group[-1]
        if any(user not in inside for node in group[:-1] for user in node.users):
            return
        function = last.meta[FUNCTION][1]
        outside = [node for node in group[0].all_input_nodes if node not in inside]
        if len(outside) == 1:
            self.last[last] = Composite(group, outside[0], KINDS[function])
            self.inner |= inside - {last}
