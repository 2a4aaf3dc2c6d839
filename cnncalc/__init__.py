"""cnncalc: exact figures of convolutional networks.

>>> import cnncalc
>>> report = cnncalc.analyze(cnncalc.load("vgg16"), input=(3, 320, 320))
>>> report["conv5_3"].rf
(196, 196)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .analysis import analyze
from .errors import CnncalcError, DefinitionError, NetworkError, ShapeError, UsageError
from .loading import load, loads
from .network import Network
from .report import LayerReport, Report, Totals

if TYPE_CHECKING:
    from .box import unit_box, units_reading
    from .budgets import Verdict, check
    from .comparison import compare
    from .explanations import explain
    from .explanations.records import Explanation
    from .linter import Finding, lint
    from .modules import from_keras, from_torch
    from .single_layer import layer
    from .solve.field import field_changes
    from .solve.input import input_sizes
    from .solve.padding import paddings
    from .solve.tile import tiling
    from .spec import from_spec

__version__ = "0.1.0"

__all__ = [
    "CnncalcError",
    "DefinitionError",
    "Explanation",
    "Finding",
    "LayerReport",
    "Network",
    "NetworkError",
    "Report",
    "ShapeError",
    "Totals",
    "UsageError",
    "Verdict",
    "__version__",
    "analyze",
    "check",
    "compare",
    "explain",
    "field_changes",
    "from_keras",
    "from_spec",
    "from_torch",
    "input_sizes",
    "layer",
    "lint",
    "load",
    "loads",
    "paddings",
    "tiling",
    "unit_box",
    "units_reading",
]

# Imported when first asked for, so that the import of cnncalc stays as light as its figures need.
_LATER = {
    "Explanation": "explanations.records",
    "Finding": "linter",
    "Verdict": "budgets",
    "check": "budgets",
    "compare": "comparison",
    "explain": "explanations",
    "field_changes": "solve.field",
    "from_keras": "modules",
    "from_spec": "spec",
    "from_torch": "modules",
    "input_sizes": "solve.input",
    "layer": "single_layer",
    "lint": "linter",
    "paddings": "solve.padding",
    "tiling": "solve.tile",
    "unit_box": "box",
    "units_reading": "box",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = value
    return value
