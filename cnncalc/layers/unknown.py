"""Operators that have no kind of their own: what their reader tells of them, the rest unknown."""

from __future__ import annotations

from typing import Any

from ..arithmetic import LIMIT, Number, Shape
from ..fields.window import IDENTITY, WHOLE, sliding
from ..wording import is_whole
from . import attributes as attribute
from . import formulas
from .attributes import Count, Listed, Wrong
from .base import UNUSED, Geometry, OwnChannels, Reading, Windows
from .pooling import regions_of_map
from .storage import CROSSWISE, INPUT, NOTHING, OPERATORS, Saved

UNIT, ALL, NONE = "unit", "all", "none"


class Figure(Count):
    """A figure of a layer, which may be larger than what a definition's numbers are for."""

    def within_bound(self, value: int) -> int:
        if value > LIMIT:
            raise Wrong(f"{self.name} is over 10^18; nothing that large is computed", self.name)
        return value


class OneShape(Listed[tuple[int, ...]]):
    """A shape: channels and sizes, or a vector's length."""

    expects = "a list of channels and a size per axis, or of a vector's length"

    def value(self, given: Any, axes: int) -> tuple[int, ...]:
        fits = isinstance(given, (list, tuple)) and 0 < len(given) < 5
        if not fits or not all(is_whole(number) and number >= 1 for number in given):
            raise self.refuse(given, axes)
        return tuple(map(self.within_bound, given))


class ShapePerInput(Listed[tuple[tuple[int, ...], ...]]):
    """The shape of each input; a list of numbers where there is one."""

    expects = "a list of channels and a size per axis, or a list of such lists, one per input"

    def value(self, given: Any, axes: int) -> tuple[tuple[int, ...], ...]:
        if not isinstance(given, (list, tuple)) or not given:
            raise self.refuse(given, axes)
        one = OneShape()
        one.name, one.expects = self.name, self.expects
        shapes = given if isinstance(given[0], (list, tuple)) else [given]
        return tuple(one.value(shape, axes) for shape in shapes)

    def plain(self, value: tuple[tuple[int, ...], ...]) -> Any:
        shapes = list(map(list, value))
        return shapes if len(shapes) > 1 else shapes[0]


class Unknown(OwnChannels):
    """An operator without a meaning here.

    On inputs of `in_shape` it gives `out_shape` and takes `num_macs` multiply–accumulates,
    `num_products` of them between activations; on others neither is known. What of the map a unit
    reads is told by `reads`, the `unit` at its own place, `all`, or `none` of it where constants
    alone make what it gives, or by a window of `kernel_size`, as of a convolution whose weights are
    constants. With `regions` it pools these: what follows is computed once per region.
    """

    type = "unknown"
    most_inputs = None
    merges = True
    divides_gradient = False
    keeps = None

    operator = attribute.Kept(None)
    in_shape = ShapePerInput(None)
    out_shape = OneShape(None)
    num_params = Figure(None, least=0)
    num_buffers = Figure(0, least=0)
    num_macs = Figure(None, least=0)
    num_products = Figure(0, least=0)
    reads = attribute.Choice(None, UNIT, ALL, NONE)
    kernel_size = attribute.PerAxis(None)
    stride = attribute.PerAxis(1)
    padding: attribute.Padding[attribute.Pairs] = attribute.Padding(0)
    dilation = attribute.PerAxis(1)
    regions = attribute.Count(None)

    def check(self) -> None:
        if self.kernel_size is not None and self.reads is not None:
            raise Wrong("kernel_size says what a unit reads, and so does reads; give one", "reads")
        for part in ("stride", "padding", "dilation"):
            if self.kernel_size is None and not self.is_default(part):
                raise Wrong(f"{part} goes with kernel_size; give both, or leave it out", part)
        for needed, also in (("out_shape", "in_shape"), ("num_macs", "out_shape")):
            if getattr(self, needed) is not None and getattr(self, also) is None:
                raise Wrong(f"{needed} goes with {also}; give both, or leave it out", needed)
        if self.num_products > (self.num_macs or 0):
            raise Wrong(
                f"num_products {self.num_products} are among num_macs, which must be as many",
                "num_products",
            )

    @property
    def multiplies(self) -> bool:  # type: ignore[override]
        return self.num_products > 0

    @property
    def is_unused(self) -> bool:  # type: ignore[override]
        return bool(self.operator == UNUSED)

    @property
    def lost_field(self) -> str:  # type: ignore[override]
        if (
            self.is_unused
            or self.reads in (UNIT, ALL)
            or self.kernel_size is not None
            or self.out_shape is None
        ):
            return ""
        return str(self.operator or self.type)

    def _is_told(self, reading: Reading) -> bool:
        """Whether its inputs are those of which the figures were told."""
        return self.in_shape is not None and reading.shapes == self.in_shape

    def output_axes(self, network: int, referred: int) -> int:
        if self.out_shape is None:
            return self.axes
        return len(self.out_shape) - 1 or network

    def output_shape(self, reading: Reading) -> Shape:
        if self.out_shape is None:
            return (None,) * (self.axes + 1)
        return self.out_shape if self._is_told(reading) else (None,) * len(self.out_shape)

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        if self.kernel_size is not None:
            before = [before for before, _ in self.padding]
            window = tuple(map(sliding, self.kernel_size, self.stride, before, self.dilation))
        else:
            window = ({UNIT: IDENTITY, ALL: WHOLE}.get(self.reads),) * self.axes
        return (window,) * len(reading.shapes)

    def regions_of(self, inherited: int | None) -> int | None:
        return inherited if self.regions is None else regions_of_map(self.regions, inherited)

    def gradient_shares(self, reading: Reading) -> tuple[Number, ...] | None:
        return (1,) if self.reads == UNIT and len(reading.shapes) == 1 else None

    def parameters(self, reading: Reading) -> Number:
        return self.num_params

    def buffers(self, reading: Reading) -> Number:
        return None if self.num_params is None else self.num_buffers

    def macs(self, reading: Reading) -> Number:
        return self.num_macs if self._is_told(reading) else None

    def product_macs(self, reading: Reading) -> Number:
        return None if self.macs(reading) is None else self.num_products

    def geometry(self, reading: Reading) -> Geometry | None:
        if self.kernel_size is None:
            return None
        return Geometry(self.kernel_size, self.stride, self.padding, self.dilation)

    def weight_shape(self, reading: Reading) -> Shape | None:
        return None

    @property
    def reads_input(self) -> bool:  # type: ignore[override]
        return bool(self.reads != NONE)

    @property
    def computes_nothing(self) -> bool:  # type: ignore[override]
        return bool(self.operator == "rearrange")

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """By its operator's name, as far as that alone tells it; constants are left out."""
        if not self.reads_input:
            return NOTHING
        learns, inputs = self.num_params != 0, len(reading.shapes)
        if self.operator == "mul" and inputs < 3:
            return CROSSWISE if inputs == 2 else INPUT if learns else NOTHING
        rule = OPERATORS.get(str(self.operator))
        return Saved(inputs=(0, 1)) if rule == INPUT and inputs == 2 else rule

    def _reason(self, reading: Reading) -> str:
        if self.in_shape is None or self._is_told(reading):
            return "what the operator does is not known"
        return "its figures are known for inputs of other shapes, as it was read"

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        sizes, reason = self.output_shape(reading)[1:], self._reason(reading)
        return [formulas.sizes.own(n, reason if n is None else "as it was read") for n in sizes]

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        figures = (self.num_params, self.macs(reading))
        products = self.product_macs(reading) if self.multiplies else None
        return formulas.costs.stated_costs(*figures, products, self._reason(reading))
