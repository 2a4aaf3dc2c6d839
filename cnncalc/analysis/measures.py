"""What a layer's kind says of it, and what remains of that where parameters are shared."""

from __future__ import annotations

from ..arithmetic import Impossible, Shape
from ..errors import UsageError
from ..fields.row import RowStep
from ..fields.window import IDENTITY, WHOLE
from ..layers.base import Layer, Reading, Windows, product
from ..network.network import Network
from ..record import Record
from ..report.layer import LayerReport, Measures
from ..wording import quote, shape_text


def own_measures(measures: Measures, owner: LayerReport) -> Measures:
    """What a layer has of its own: its measures, with the parameters and buffers left to the owner.

    Raises Impossible where the owner's parameters do not fit the layer.
    """
    weight, own = owner.weight_shape, measures.weight_shape
    if _differ(weight, own):
        found = f"its weight {_text(own)} is not the {_text(weight)} of {quote(owner.layer)}"
    elif _differ((owner.params, owner.buffers), (measures.params, measures.buffers)):
        found = f"it has other parameters (a bias, say) than {quote(owner.layer)}"
    else:
        return measures.but(params=0, buffers=0)
    raise Impossible(
        f"{found}, whose parameters it shares",
        "share between layers of equal channels and attributes, or leave shares out",
    )


def _differ(one: Shape | None, other: Shape | None) -> bool:
    """Whether two shapes are known to be unlike."""
    if one is None or other is None:
        return one is not other
    known = [pair for pair in zip(one, other) if None not in pair]
    return len(one) != len(other) or any(first != second for first, second in known)


def _text(weight: Shape | None) -> str:
    return "(none)" if weight is None else shape_text(weight)


def check_origin(name: str, shape: Shape, network: Network) -> None:
    """Refuse fields relative to a layer or input that does not lie on the first input's axes."""
    if len(shape) == len(network.first_input):
        return
    gives = f"{'a vector' if len(shape) == 1 else 'tokens'}, not a map"
    if len(shape) > 1 and len(shape) in map(len, network.inputs.values()):
        gives = "a map on other axes than the first input"
    raise UsageError(f"fields cannot be relative to {quote(name)}: it gives {gives}")


class Measurement(Record):
    """What a kind says of a layer: its measures, and how it reaches into each input.

    `windows` are per axis of the network's input, `row_step` a step between a map and tokens.
    """

    measures: Measures
    windows: tuple[Windows, ...]
    row_step: RowStep | None


def measurement_of(kind: Layer, reading: Reading, axes: int) -> Measurement:
    """All that the kind answers for what the layer reads; raises Impossible where it refuses.

    `axes` are those of the network's input.
    """
    out_shape, step = kind.output_shape(reading), kind.row_step(reading)
    return Measurement(
        Measures(
            out_shape,
            kind.geometry(reading),
            kind.convolution_groups(reading),
            kind.weight_shape(reading),
            kind.parameters(reading),
            kind.buffers(reading),
            kind.macs(reading),
            kind.product_macs(reading),
            product(out_shape),
        ),
        tuple([_on_axes(windows, axes, step) for windows in kind.windows(reading)]),
        step,
    )


def _on_axes(windows: Windows, axes: int, step: RowStep | None) -> Windows:
    """Windows per axis of the input; of those along a row only what keeps units or reads all."""
    if len(windows) == axes:
        return windows
    window, *others = windows
    keeps = window == IDENTITY and step is None
    if any(other != window for other in others):
        return (None,) * axes
    return (IDENTITY if keeps else WHOLE if window is WHOLE else None,) * axes
