"""The formulas as people write them, with the numbers put in; `arithmetic` computes them.

A module is loaded when first asked for: who asks for figures alone does not wait for it.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import channels, costs, regions, sizes, weights

__all__ = ["channels", "costs", "regions", "sizes", "weights"]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f".{name}", __name__)
