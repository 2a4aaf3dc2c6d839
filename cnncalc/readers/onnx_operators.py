"""What the operators of ONNX stand for, by name."""

from __future__ import annotations

from .onnx_arithmetic import ARITHMETIC
from .onnx_resizing import RESIZING
from .onnx_views import VIEWS
from .onnx_weights import WEIGHTS, Handler
from .onnx_windows import WINDOWS

OPERATORS: dict[str, Handler] = {**ARITHMETIC, **RESIZING, **VIEWS, **WEIGHTS, **WINDOWS}
