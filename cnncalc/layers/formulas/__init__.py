"""The formulas as people write them, with the numbers put in; `arithmetic` computes them.

All here is loaded when first asked for: who asks for figures alone does not wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import attention, channels, costs, regions, sizes, tokens, weights
    from .step import Step
    from .weights import Weight

__all__ = [
    "Step",
    "Weight",
    "attention",
    "channels",
    "costs",
    "regions",
    "sizes",
    "tokens",
    "weights",
]
HOMES = {"Step": "step", "Weight": "weights"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f".{HOMES.get(name, name)}", __name__)
    return getattr(module, name) if name in HOMES else module
