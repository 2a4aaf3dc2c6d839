"""cnncalc: exact figures of convolutional networks.

>>> import cnncalc
>>> report = cnncalc.analyze(cnncalc.load("vgg16"), input=(3, 320, 320))
>>> report["conv5_3"].rf
(196, 196)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .analysis.analysis import analyze
    from .errors import CnncalcError, DefinitionError, NetworkError, UsageError
    from .loading import from_keras, from_spec, from_torch, load, loads
    from .network.network import Network
    from .network.single_layer import layer
    from .pictures.drawings.layer import draw
    from .pictures.drawings.networks import NetworkDrawing, draw_cone, draw_field
    from .pictures.page import page
    from .report.layer import LayerReport
    from .report.report import Report, ShapeError, Totals
    from .studies.box import unit_box, units_reading
    from .studies.check import Verdict, check
    from .studies.compare import compare
    from .studies.diff import diff
    from .studies.erf import EffectiveFields, erf
    from .studies.explain import explain
    from .studies.explain.records import Explanation
    from .studies.lint import Finding, lint
    from .studies.memory import Memory, memory
    from .studies.solve.field import field_changes
    from .studies.solve.input import input_sizes
    from .studies.solve.padding import paddings
    from .studies.solve.tile import tiling


__all__ = [
    "CnncalcError",
    "DefinitionError",
    "EffectiveFields",
    "Explanation",
    "Finding",
    "LayerReport",
    "Memory",
    "Network",
    "NetworkDrawing",
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
    "diff",
    "draw",
    "draw_cone",
    "draw_field",
    "erf",
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
    "memory",
    "paddings",
    "page",
    "tiling",
    "unit_box",
    "units_reading",
]

# Imported when first asked for, so that the import of cnncalc stays as light as its figures need.
_LATER = {
    "CnncalcError": "errors",
    "DefinitionError": "errors",
    "EffectiveFields": "studies.erf",
    "Explanation": "studies.explain.records",
    "Finding": "studies.lint",
    "LayerReport": "report.layer",
    "Memory": "studies.memory",
    "Network": "network.network",
    "NetworkDrawing": "pictures.drawings.networks",
    "NetworkError": "errors",
    "Report": "report.report",
    "ShapeError": "report.report",
    "Totals": "report.report",
    "UsageError": "errors",
    "Verdict": "studies.check",
    "analyze": "analysis.analysis",
    "check": "studies.check",
    "compare": "studies.compare",
    "diff": "studies.diff",
    "draw": "pictures.drawings.layer",
    "draw_cone": "pictures.drawings.networks",
    "draw_field": "pictures.drawings.networks",
    "erf": "studies.erf",
    "explain": "studies.explain",
    "field_changes": "studies.solve.field",
    "from_keras": "loading",
    "from_spec": "loading",
    "from_torch": "loading",
    "input_sizes": "studies.solve.input",
    "layer": "network.single_layer",
    "lint": "studies.lint",
    "load": "loading",
    "loads": "loading",
    "memory": "studies.memory",
    "page": "pictures.page",
    "paddings": "studies.solve.padding",
    "tiling": "studies.solve.tile",
    "unit_box": "studies.box",
    "units_reading": "studies.box",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = value
    return value
