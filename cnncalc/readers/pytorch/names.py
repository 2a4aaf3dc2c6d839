"""What layers of a PyTorch module are called: as the module is, or by type within its scope."""

from __future__ import annotations

from collections import Counter
from typing import Any

ROOT = ("", "", "")
LIBRARY = "torch.nn.modules."
PARAMETRIZATIONS = "parametrizations"


class Names:
    """Names of layers by the node that makes them.

    A module that is one operator gives its own name. What is computed beside modules is named
    like an unnamed layer of a definition: `layer1.0.add1`.
    """

    def __init__(self, module: Any) -> None:
        modules = dict(module.named_modules(remove_duplicate=False))
        self.paths = set(modules)
        self.leaves = {
            path
            for path, part in modules.items()
            if path and all(name == PARAMETRIZATIONS for name, _ in part.named_children())
        }
        self.operators: Counter[str] = Counter()
        self.used: Counter[str] = Counter()

    def count(self, node: Any) -> None:
        """Take note of an operator in its module's call."""
        self.operators[place(node)[0]] += 1

    def of(self, node: Any, word: str) -> str:
        """The name of the layer that a node makes, by its module or by a word."""
        call, path, _ = place(node)
        if path in self.leaves and self.operators[call] < 2:
            return path
        return self.within(path, word)

    def of_weighted(self, node: Any, parameter: str) -> str:
        """The name of the layer that applies a parameter, `conv1.weight` say."""
        _, path, module_class = place(node)
        if path in self.leaves and module_class.startswith(LIBRARY):
            return path
        parametrized = _parametrized(parameter)
        owner, _, own = parameter.rpartition(".")
        if parametrized or own != "weight":
            return parametrized or parameter
        return owner or str(node.name)

    def of_gain(self, parameter: str) -> str:
        """The name of the layer that applies a gain beside a weight."""
        parametrized = _parametrized(parameter)
        return f"{parametrized}.scale" if parametrized else parameter

    def within(self, path: str, word: str) -> str:
        """The next name of a word in a module's scope, one that no module has."""
        name = f"{path}.{word}" if path else word
        self.used[name] += 1
        while f"{name}{self.used[name]}" in self.paths:
            self.used[name] += 1
        return f"{name}{self.used[name]}"


def _parametrized(parameter: str) -> str:
    """The module whose weight a parametrization makes of the parameter; empty for others."""
    module, found, _ = parameter.partition(f".{PARAMETRIZATIONS}.")
    return module if found else ""


def place(node: Any) -> tuple[str, str, str]:
    """The innermost module call that a node belongs to, that module's path and its class."""
    stack = node.meta.get("nn_module_stack")
    if not stack:
        return ROOT
    call, (path, module_class) = list(stack.items())[-1]
    if isinstance(module_class, type):
        module_class = f"{module_class.__module__}.{module_class.__qualname__}"
    return call, path, module_class
