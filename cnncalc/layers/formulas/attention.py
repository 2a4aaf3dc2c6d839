"""Products of activations as formulas: attention, and matrices of activations."""

from __future__ import annotations

from ...arithmetic import AXES, Number, Shape
from ...record import Record
from .costs import MACS, PARAMETERS, PRODUCT_MACS
from .sizes import SIZE, of_input
from .step import Dims, Step, Values, constant
from .weights import per_axis, times


class Attending(Record):
    """What an attention reads, its heads, and its window, None for the whole map.

    `biases` tells whether the projections to queries, keys and values, and that of the output have
    one, and whether the offsets between units do.
    """

    channels: Number
    sizes: Shape
    heads: int
    key_dim: Number
    window: tuple[int, ...] | None
    biases: tuple[bool, bool, bool]

    @property
    def units(self) -> str:
        """How many units there are, the padding's counted."""
        if self.window is None:
            return times(per_axis("n", self.sizes))
        return "·".join(f"⌈n_{axis}/M_{axis}⌉·M_{axis}" for axis in AXES[len(self.sizes)])

    @property
    def attended_sizes(self) -> list[str]:
        """Per axis, how many units one attends to."""
        symbol = "n" if self.window is None else "M"
        return [factor.text for factor in per_axis(symbol, self.sizes)]

    @property
    def parameters(self) -> str:
        """What is learned."""
        projections, output, offsets = self.biases
        terms = ["C·(2·h·D + C)", *["2·h·D + C"] * projections, "C·C", *["C"] * output]
        table = [f"(2·{size} − 1)" for size in self.attended_sizes]
        return " + ".join(terms + ["·".join(["h", *table])] * offsets)

    @property
    def values(self) -> dict[str, Number]:
        """The numbers by their symbols."""
        factors = (*per_axis("n", self.sizes), *per_axis("M", self.window or ()))
        numbers = {factor.text: factor.number for factor in factors}
        return {"C": self.channels, "h": self.heads, "D": self.key_dim, **numbers}


class AttentionCosts(Record):
    """What comes out: units and how many each attends to, numbers projected to, and the costs."""

    units: Number
    attended: Number
    projected: Number
    parameters: Number
    product_macs: Number
    macs: Number


def window_size(size: Number, window: int, shift: int) -> list[Step]:
    """Output size of attention in windows, and how the map is divided into them."""
    padded = None if size is None else -(-size // window) * window
    moved = f"moved by {shift}, masked where one wraps" if shift else "side by side"
    if shift and size is not None and size <= window:
        moved = "of which one covers the map: not moved"
    branch = f"whole windows, {moved}"
    whole = Step("padded size", "", "⌈n/M⌉·M", {"n": size, "M": window}, padded, branch)
    return [whole, *of_input(size, "the padding is cut off again")]


def costs(attending: Attending, found: AttentionCosts, copies: int) -> list[Step]:
    """All steps of an attention, its costs those of so many copies of the input."""
    values: Values = {**attending.values, "U": found.units, "T": found.attended, "b": copies}
    batch = "b·" if copies > 1 else ""
    weights = (found.projected, attending.channels), (attending.channels,) * 2
    reach = "all of them" if attending.window is None else "its window"
    attended = "·".join(attending.attended_sizes)
    return [
        Step("units", "U", attending.units, values, found.units),
        Step("units that one attends to", "T", attended, values, found.attended, reach),
        Step("weight of queries, keys, values", "", "(2·h·D + C) × C", values, Dims(weights[0])),
        Step("weight of the output", "", "C × C", values, Dims(weights[1])),
        Step(PARAMETERS, "", attending.parameters, values, found.parameters),
        Step(PRODUCT_MACS, "", f"{batch}U·T·(h·D + C)", values, found.product_macs),
        Step(MACS, "", f"{batch}U·(C·(2·h·D + C) + C·C + T·(h·D + C))", values, found.macs),
    ]


def matrix_costs(
    rows: Number, inner: Number, columns: Number, macs: Number, copies: int
) -> list[Step]:
    """Costs of a product of two matrices of activations, of so many copies of both."""
    values = {"rows": rows, "inner": inner, "columns": columns, "b": copies}
    batch = "b·" if copies > 1 else ""
    step = Step(MACS, "", f"{batch}rows·inner·columns", values, macs, "a product of activations")
    return [constant(PARAMETERS, "", 0), step]


def matrix_rows(rows: Number) -> list[Step]:
    """Output size of a product of two matrices."""
    return [constant(SIZE, "N", rows, "rows of the first matrix", "rows")]
