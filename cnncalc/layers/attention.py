"""Products of activations: self-attention, and the plain product of two matrices."""

from __future__ import annotations

from ..arithmetic import Impossible, Number, Shape
from ..fields.window import IDENTITY, WHOLE, Window, own_window
from ..wording import quote, shape_text
from . import attributes as attribute
from . import formulas
from .attributes import Wrong
from .base import Costless, Geometry, KeepsChannels, Reading, Windows, divides, product
from .storage import Saved


class Attention(KeepsChannels):
    """Self-attention of a map's units or of tokens, in windows or over all of them."""

    type = "attention"
    keeps = None
    windowed = True
    divides_gradient = False
    multiplies = True
    example = "--heads 4 --window 7 --shift 3"

    heads = attribute.Count()
    key_dim = attribute.Count(None)
    window = attribute.PerAxis(None)
    shift = attribute.PerAxis(0, least=0)
    qkv_bias = attribute.Flag(True)
    bias = attribute.Flag(True)
    position_bias = attribute.Flag(False)

    def check(self) -> None:
        if not any(self.shift):
            return
        if self.window is None:
            raise Wrong("shift goes with a window; give both, or leave it out", "shift")
        for shift, window in zip(self.shift, self.window):
            if shift >= window:
                raise Wrong(
                    f"shift {shift} is not below its window {window}: at most {window - 1}", "shift"
                )

    @property
    def adds_bias(self) -> bool:
        return self.bias

    def output_shape(self, reading: Reading) -> Shape:
        self.map_sizes(reading)
        divides(self.heads, reading.channels, "input channels", "heads")
        return reading.shapes[0]

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        if self.window is None:
            return ((WHOLE,) * self.axes,)
        return (tuple(map(_attention_window, reading.sizes, self.window, self.shift)),)

    def padded_sizes(self, reading: Reading) -> Shape:
        """Sizes of the map with what is padded at its end, to whole windows."""
        if self.window is None:
            return reading.sizes
        return tuple(
            None if size is None else -(-size // window) * window
            for size, window in zip(reading.sizes, self.window)
        )

    def attended_sizes(self, reading: Reading) -> Shape:
        """Sizes of what one unit attends to: a window, or all of the map."""
        return reading.sizes if self.window is None else self.window

    def _key_width(self, reading: Reading) -> Number:
        """Numbers of a unit's keys, or queries, of all heads together."""
        return reading.channels if self.key_dim is None else self.heads * self.key_dim

    def projected_width(self, reading: Reading) -> Number:
        """Numbers of a unit's queries, keys and values, of all heads together."""
        keys, channels = self._key_width(reading), reading.channels
        return None if keys is None or channels is None else 2 * keys + channels

    def offsets(self, reading: Reading) -> Shape:
        """Per axis the offsets from a unit to one that it attends to: 2·M − 1."""
        return tuple(
            None if size is None else 2 * size - 1 for size in self.attended_sizes(reading)
        )

    def parameters(self, reading: Reading) -> Number:
        channels, projected = reading.channels, self.projected_width(reading)
        table = product((self.heads, *self.offsets(reading))) if self.position_bias else 0
        if channels is None or projected is None or table is None:
            return None
        biases = self.qkv_bias * projected + self.bias * channels
        return channels * projected + channels * channels + biases + table

    def weight_shape(self, reading: Reading) -> Shape | None:
        return None

    def buffers(self, reading: Reading) -> Number:
        return 0

    def macs(self, reading: Reading) -> Number:
        channels, projected = reading.channels, self.projected_width(reading)
        units, products = product(self.padded_sizes(reading)), self.product_macs(reading)
        if channels is None or projected is None or units is None or products is None:
            return None
        return units * channels * (projected + channels) + products

    def product_macs(self, reading: Reading) -> Number:
        keys, channels = self._key_width(reading), reading.channels
        units, attended = product(self.padded_sizes(reading)), product(self.attended_sizes(reading))
        if keys is None or channels is None or units is None or attended is None:
            return None
        return units * attended * (keys + channels)

    def geometry(self, reading: Reading) -> Geometry | None:
        return None

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        if self.window is None:
            return [formulas.sizes.of_input(n, "every unit reads all") for n in reading.sizes]
        return list(map(formulas.attention.window_size, reading.sizes, self.window, self.shift))

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        key_dim, channels = self.key_dim, reading.channels
        if key_dim is None and channels is not None:
            key_dim = channels // self.heads
        attending = formulas.attention.Attending(
            channels,
            reading.sizes,
            self.heads,
            key_dim,
            self.window,
            (self.qkv_bias, self.bias, self.position_bias),
        )
        found = formulas.attention.AttentionCosts(
            product(self.padded_sizes(reading)),
            product(self.attended_sizes(reading)),
            self.projected_width(reading),
            self.parameters(reading),
            product((reading.copies, self.product_macs(reading))),
            product((reading.copies, self.macs(reading))),
        )
        return formulas.attention.costs(attending, found, reading.copies)


def _attention_window(size: Number, window: int, shift: int) -> Window | None:
    """On one axis unit i reads all of window ⌊(i − shift)/M⌋; one that covers the map is not moved.

    Where the size is unknown, so is whether it is moved.
    """
    if size is None:
        moved = (window, shift) if shift else None
        return own_window(window, shift).but(floating=moved)
    return own_window(window, shift if size > window else 0)


class MatMul(Costless):
    """Product of two matrices of activations, of units × channels; or of the second's transpose."""

    type = "matmul"
    keeps = Saved(inputs=(0, 1), crosswise=True)
    least_inputs = 2
    most_inputs = 2
    merges = True
    divides_gradient = False
    multiplies = True
    example = "--axes 1 --transpose"
    example_input = "64x196"

    transpose = attribute.Flag(False)

    def _sides(self, reading: Reading) -> tuple[Number, Number, Number]:
        """Rows, inner side and columns; refused where the inner sides differ."""
        if any(len(shape) != 2 for shape in reading.shapes):
            texts = [
                f"{quote(name)} of {shape_text(shape)}"
                for name, shape in zip(reading.names, reading.shapes)
            ]
            raise Impossible(
                f"its inputs {' and '.join(texts)} are not both tokens",
                "put the units of maps in a row first, with a layer of type tokens",
            )
        (inner, rows), second = reading.shapes
        columns, other = second[::-1] if self.transpose else second
        if None not in (inner, other) and inner != other:
            first, last = map(quote, reading.names)
            of = "channels" if self.transpose else "units"
            raise Impossible(
                f"its inner sides differ: {inner} channels of {first}, {other} {of} of {last}",
                "as many are wanted of both; transpose turns the second matrix",
            )
        return rows, other if inner is None else inner, columns

    def output_shape(self, reading: Reading) -> Shape:
        rows, _, columns = self._sides(reading)
        return (columns, rows)

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((IDENTITY,) * self.axes, (WHOLE,) * self.axes)

    def macs(self, reading: Reading) -> Number:
        return product(self._sides(reading))

    def product_macs(self, reading: Reading) -> Number:
        return self.macs(reading)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return [formulas.attention.matrix_rows(self._sides(reading)[0])]

    def explain_channels(self, reading: Reading) -> formulas.Step:
        return formulas.channels.own(self.output_shape(reading))

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        macs = product((reading.copies, self.macs(reading)))
        return formulas.attention.matrix_costs(*self._sides(reading), macs, reading.copies)
