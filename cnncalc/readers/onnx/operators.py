"""What the operators of ONNX stand for, by name."""

from __future__ import annotations

from .arithmetic import ARITHMETIC
from .resizing import RESIZING
from .views import VIEWS
from .weights import WEIGHTS, Handler
from .windows import WINDOWS

OPERATORS: dict[str, Handler] = {**ARITHMETIC, **RESIZING, **VIEWS, **WEIGHTS, **WINDOWS}
