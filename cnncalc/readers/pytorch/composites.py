"""Functions that PyTorch traces into several operators, read as the one layer that they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..tensors.elementwise import function
from ..tensors.graph import Handler
from ..tensors.norms import response_norm
from ..tensors.values import exact
from .call import FUNCTION


def _response_norm(nodes: Sequence[Any]) -> dict[str, Any]:
    """Arguments of a local response normalization, from the operators that it is made of."""
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


class Composite(NamedTuple):
    """One call of such a function: what it works on, its name, its arguments and its handler."""

    source: Any
    operator: str
    arguments: dict[str, Any]
    handler: Handler


KINDS: dict[str, tuple[str, Callable[[Sequence[Any]], dict[str, Any]], Handler]] = {
    "function.local_response_norm": ("lrn", _response_norm, response_norm),
    "function.normalize": ("normalize", lambda nodes: {}, function),
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
        outside = [node for node in group[0].all_input_nodes if node not in inside]
        if len(outside) == 1:
            operator, arguments, handler = KINDS[last.meta[FUNCTION][1]]
            self.last[last] = Composite(outside[0], operator, arguments(group), handler)
            self.inner |= inside - {last}
