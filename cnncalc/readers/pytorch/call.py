"""A node of a module's program, as a call."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from ..tensors.call import Call
from ..tensors.values import Value

ROOT = ("", "", "")
# In a node's meta: which function that PyTorch traces into several operators it belongs to, the
# calls of modules around it, and the tensors that it gives.
FUNCTION, MODULES, VALUE = "torch_fn", "nn_module_stack", "val"


class TorchCall(Call):
    """An operator with its arguments by the names of its schema; what it works on is `input`.

    `name` is the module's whose only operator it is, `module` the class of the module around it.
    """

    def __init__(
        self, node: Any, operator: str, arguments: dict[str, Any], name: str, sole: bool
    ) -> None:
        _, scope, self.module = place(node)
        super().__init__(operator, arguments, name, scope)
        self.node = node
        self.sole = sole
        self.in_place = str(getattr(node.target, "_schema", node).name).endswith("_")

    @cached_property
    def shapes(self) -> list[tuple[int, ...]]:
        made = self.node.meta.get(VALUE)
        return [_shape(one) for one in (made if isinstance(made, (list, tuple)) else [made])]

    def with_values(self, function: Callable[[Value], Value]) -> TorchCall:
        """The call with other tensors in the place of those that depend on the input."""
        arguments = {name: _with_values(one, function) for name, one in self.arguments.items()}
        return TorchCall(self.node, self.operator, arguments, self.name, self.sole)

    def continues(self) -> bool:
        """Whether it goes on where the call before it, that it reads alone, left off."""
        before = self.node.all_input_nodes[0]
        return before.meta.get(FUNCTION) == self.node.meta.get(FUNCTION) and len(before.users) == 1

    def only_reader(self) -> Any:
        """The node that alone reads what it gives, None where there are several or none."""
        users = list(self.node.users)
        return users[0] if len(users) == 1 else None


def _with_values(argument: Any, function: Callable[[Value], Value]) -> Any:
    if isinstance(argument, Value):
        return function(argument)
    if isinstance(argument, (list, tuple)):
        return [_with_values(one, function) for one in argument]
    return argument


def place(node: Any) -> tuple[str, str, str]:
    """The innermost module call that a node belongs to, that module's path and its class."""
    stack = node.meta.get(MODULES)
    if not stack:
        return ROOT
    call, (path, module_class) = list(stack.items())[-1]
    if isinstance(module_class, type):
        module_class = f"{module_class.__module__}.{module_class.__qualname__}"
    return call, path, module_class


def operator_name(node: Any) -> str:
    """The operator's name without its overload, and without the sign that it works in place."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return str(getattr(node.target, "__name__", node.target))
    return str(schema.name).partition("::")[2].rstrip("_")


def node_shape(node: Any) -> tuple[int, ...]:
    """The shape of the tensor that a node gives; empty where it gives several or none."""
    return _shape(node.meta.get(VALUE))


def _shape(tensor: Any) -> tuple[int, ...]:
    return tuple(map(int, getattr(tensor, "shape", ())))
