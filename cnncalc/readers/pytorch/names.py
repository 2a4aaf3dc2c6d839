"""What layers of a PyTorch module are called: as the module is, or by type within its scope."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..tensors.call import Call
from ..tensors.naming import Names
from .call import TorchCall, place

LIBRARY = "torch.nn.modules."
PARAMETRIZATIONS = "parametrizations"


class ModuleNames(Names):
    """Names of layers by the call that makes them.

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
        self.given: list[tuple[str, int]] = []

    def count(self, node: Any) -> None:
        """Take note of an operator in its module's call."""
        self.operators[place(node)[0]] += 1

    def own(self, node: Any) -> str:
        """The name of the module that a node is the only operator of; empty where there is none."""
        call, path, _ = place(node)
        return path if path in self.leaves and self.operators[call] < 2 else ""

    def of_weighted(self, call: Call, parameter: str) -> str:
        assert isinstance(call, TorchCall)
        if call.scope in self.leaves and call.module.startswith(LIBRARY):
            return call.scope
        parametrized = _parametrized_module(parameter)
        owner, _, own = parameter.rpartition(".")
        if parametrized or own != "weight":
            return parametrized or parameter
        return owner or str(call.node.name)

    def of_gain(self, call: Call, parameter: str) -> str:
        parametrized = _parametrized_module(parameter)
        return f"{parametrized}.scale" if parametrized else parameter

    def within(self, scope: str, word: str) -> str:
        """The next name of a word in a module's scope, one that no module has."""
        name = f"{scope}.{word}" if scope else word
        self.given.append((name, self.used[name]))
        self.used[name] += 1
        while f"{name}{self.used[name]}" in self.paths:
            self.used[name] += 1
        return f"{name}{self.used[name]}"

    def take_back(self, count: int) -> None:
        """Let names be given again, but for the first so many that were given."""
        while len(self.given) > count:
            name, before = self.given.pop()
            self.used[name] = before


def _parametrized_module(parameter: str) -> str:
    """The module whose weight a parametrization makes of the parameter; empty for others."""
    module, found, _ = parameter.partition(f".{PARAMETRIZATIONS}.")
    return module if found else ""
