"""Parameters, multiply–accumulates and matrix products as steps."""

from __future__ import annotations

from collections.abc import Sequence

from ...arithmetic import Number, Shape
from .step import Dims, Step, Values, constant, unknown
from .weights import Factor, Weight, product, times

PARAMETERS = "parameters"
MACS = "MACs"
PRODUCT_MACS = "MACs between activations"
STATISTICS = "running statistics"
WEIGHT = "weight"
WEIGHT_LAST = "weight, channels last"


def weight_costs(
    weight: Weight, bias: bool, shapes: tuple[Shape, Shape], parameters: Number, macs: Number
) -> list[Step]:
    """All steps of a layer with a weight.

    From the factors and from what the kind answers; `shapes` has channels first, then last.
    """
    values = weight.values
    branch = "with a bias per output channel" if bias else "without bias"
    count = times(weight.shape) + (f" + {times(weight.outputs)}" if bias else "")
    products = times((*weight.units, *weight.shape))
    return [
        _shape(WEIGHT, weight.shape, values, shapes[0]),
        _shape(WEIGHT_LAST, weight.last, values, shapes[1]),
        Step(PARAMETERS, "", count, values, parameters, branch),
        Step(MACS, "", products, values, macs),
        _matrix(weight.operands[0], weight.rows, weight.inner, values, ""),
        _matrix(weight.operands[1], weight.inner, weight.columns, values, weight.product),
    ]


def _shape(quantity: str, factors: Sequence[Factor], values: Values, numbers: Shape) -> Step:
    text = " × ".join(factor.text for factor in factors)
    return Step(quantity, "", text, values, Dims(numbers))


def _matrix(
    quantity: str, down: Sequence[Factor], across: Sequence[Factor], values: Values, branch: str
) -> Step:
    text = f"{times(down)} × {times(across)}"
    return Step(quantity, "", text, values, Dims((product(down), product(across))), branch)


def nothing() -> list[Step]:
    """Costs of a layer without weights."""
    return [constant(PARAMETERS, "", 0), constant(MACS, "", 0)]


def unknown_weights(reason: str) -> list[Step]:
    """Costs of a layer whose weights are not known, and why."""
    return [unknown(PARAMETERS, "", reason), unknown(MACS, "", reason)]


def stated_costs(parameters: Number, macs: Number, products: Number, reason: str) -> list[Step]:
    """Costs that the layer's reader told; the reason where one is not known."""
    figures = [(PARAMETERS, parameters), (MACS, macs)]
    if products is not None:
        figures.append((PRODUCT_MACS, products))
    return [
        unknown(quantity, "", reason) if figure is None else constant(quantity, "", figure)
        for quantity, figure in figures
    ]


def for_all_channels(count: int, branch: str) -> list[Step]:
    """Costs of a layer with so many parameters for all channels."""
    return [constant(PARAMETERS, "", count, branch), constant(MACS, "", 0)]


def per_channel(channels: Number, each: int, result: Number, branch: str) -> list[Step]:
    """Costs of a layer with so many parameters per channel."""
    text = "C" if each == 1 else f"{each}·C"
    step = Step(PARAMETERS, "", text, {"C": channels}, result, branch)
    return [step, constant(MACS, "", 0)]


def statistics(channels: Number, result: Number) -> Step:
    """Running mean and variance of a batch normalization."""
    branch = "buffers: a mean and a variance per channel, not trained"
    return Step(STATISTICS, "", "2·C", {"C": channels}, result, branch)
