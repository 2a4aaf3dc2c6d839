"""Windows that slide, as ONNX writes them: strides, dilations, pads and auto_pad."""

from __future__ import annotations

from typing import Any

from ...arithmetic import dilated_kernel, split_padding
from .node import Contradiction, OnnxNode

WORDS = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower"}


def per_axis(node: OnnxNode, name: str, axes: int, default: int) -> list[int]:
    """A number for every axis."""
    given = node.integers(name)
    if given is None:
        return [default] * axes
    if len(given) != axes:
        raise Contradiction(f"its {name} {given} are not one per axis")
    return given


def sliding(node: OnnxNode, axes: int) -> dict[str, Any]:
    """Stride, dilation and padding of a window."""
    return {
        "stride": per_axis(node, "strides", axes, 1),
        "padding": _padding(node, axes),
        "dilation": per_axis(node, "dilations", axes, 1),
    }


def _padding(node: OnnxNode, axes: int) -> Any:
    rule = node.text("auto_pad", "NOTSET")
    if rule in WORDS:
        return WORDS[rule]
    if rule not in ("NOTSET", "VALID", ""):
        raise Contradiction(f"its auto_pad {rule!r} is no rule of padding")
    pads = node.integers("pads")
    if pads is None or rule == "VALID":
        return 0
    if len(pads) != 2 * axes:
        raise Contradiction(f"its pads {pads} are not two per axis")
    befores, afters = pads[:axes], pads[axes:]
    if befores == afters:
        return befores
    return [list(pair) for pair in zip(befores, afters)]


def explicit_padding(
    node: OnnxNode, sizes: tuple[int, ...], window: dict[str, Any]
) -> dict[str, Any]:
    """Padding of a transposed convolution where `output_shape` or what `same` leaves over sets it.

    ONNX divides (n − 1)·s + e + output_padding − output between both sides, the odd one before,
    or after under SAME_UPPER; SAME asks for an output of n·s and takes nothing from less.
    """
    asked = node.integers("output_shape")
    word = window["padding"] if isinstance(window["padding"], str) else ""
    reaches = [dilated_kernel(k, d) for k, d in zip(window["kernel_size"], window["dilation"])]
    columns = list(zip(sizes, window["stride"], reaches, window["output_padding"]))
    if asked is None:
        if not word or not any(extra or reach < stride for _, stride, reach, extra in columns):
            return {}
        totals = [max(reach + extra - stride, 0) for _, stride, reach, extra in columns]
    else:
        outputs = asked[-len(sizes) :]
        if len(outputs) != len(sizes):
            raise Contradiction(f"its output_shape {asked} is not one size per axis")
        totals = [
            (size - 1) * stride + reach + extra - output
            for (size, stride, reach, extra), output in zip(columns, outputs)
        ]
    paddings = [split_padding(max(total, 0), word != "same") for total in totals]
    extras = [extra + max(-total, 0) for (*_, extra), total in zip(columns, totals)]
    return {"padding": [list(pair) for pair in paddings], "output_padding": extras}
