"""Parameters, multiply–accumulates and matrix products as steps."""

from __future__ import annotations

from collections.abc import Sequence

from ...record import Record
from .step import Dims, Number, Step, Values, fixed, unknown
from .weights import Factor, Weight, product, times

PARAMETERS = "parameters"
MACS = "MACs"
STATISTICS = "running statistics"
WEIGHT = "weight"
WEIGHT_LAST = "weight, channels last"


class Figures(Record):
    """What the layer's kind says of its weight."""

    weight: tuple[Number, ...]
    weight_last: tuple[Number, ...]
    parameters: Number
    macs: Number


def weighted(weight: Weight, bias: bool, figures: Figures) -> list[Step]:
    """All steps of a layer with a weight."""
    values = weight.values
    branch = "with a bias per output channel" if bias else "without bias"
    parameters = times(weight.shape) + (f" + {times(weight.outputs)}" if bias else "")
    macs = times((*weight.units, *weight.shape))
    return [
        _shape(WEIGHT, weight.shape, values, figures.weight),
        _shape(WEIGHT_LAST, weight.last, values, figures.weight_last),
        Step(PARAMETERS, "", parameters, values, figures.parameters, branch),
        Step(MACS, "", macs, values, figures.macs),
        _matrix(weight.operands[0], weight.rows, weight.inner, values, ""),
        _matrix(weight.operands[1], weight.inner, weight.columns, values, weight.product),
    ]


def _shape(
    quantity: str, factors: Sequence[Factor], values: Values, numbers: tuple[Number, ...]
) -> Step:
    text = " × ".join(factor.text for factor in factors)
    return Step(quantity, "", text, values, Dims(numbers))


def _matrix(
    quantity: str, down: Sequence[Factor], across: Sequence[Factor], values: Values, branch: str
) -> Step:
    text = f"{times(down)} × {times(across)}"
    return Step(quantity, "", text, values, Dims((product(down), product(across))), branch)


def nothing() -> list[Step]:
    """Costs of a layer without weights."""
    return [fixed(PARAMETERS, "", 0), fixed(MACS, "", 0)]


def unknown_weights(reason: str) -> list[Step]:
    """Costs of a layer whose weights are not known, and why."""
    return [unknown(PARAMETERS, "", reason), unknown(MACS, "", reason)]


def shared(count: int, branch: str) -> list[Step]:
    """Costs of a layer with so many parameters for all channels."""
    return [fixed(PARAMETERS, "", count, branch), fixed(MACS, "", 0)]


def per_channel(channels: Number, each: int, result: Number, branch: str) -> list[Step]:
    """Costs of a layer with so many parameters per channel."""
    text = "C" if each == 1 else f"{each}·C"
    step = Step(PARAMETERS, "", text, {"C": channels}, result, branch)
    return [step, fixed(MACS, "", 0)]


def statistics(channels: Number, result: Number) -> Step:
    """Running mean and variance of a batch normalization."""
    branch = "buffers: a mean and a variance per channel, not trained"
    return Step(STATISTICS, "", "2·C", {"C": channels}, result, branch)
