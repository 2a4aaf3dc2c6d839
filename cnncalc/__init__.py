"""cnncalc: exact figures of convolutional networks.

>>> import cnncalc
>>> report = cnncalc.analyze(cnncalc.load("vgg16"), input=(3, 320, 320))
>>> report["conv5_3"].rf
(196, 196)
"""

from __future__ import annotations

from .analysis import analyze
from .errors import CnncalcError, DefinitionError, NetworkError, ShapeError, UsageError
from .loading import load, loads
from .network import Network
from .report import LayerReport, Report, Totals

__version__ = "0.1.0"

__all__ = [
    "CnncalcError",
    "DefinitionError",
    "LayerReport",
    "Network",
    "NetworkError",
    "Report",
    "ShapeError",
    "Totals",
    "UsageError",
    "__version__",
    "analyze",
    "load",
    "loads",
]
