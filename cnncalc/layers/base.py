"""What every layer kind answers, and the families that answer some of it alike.

A kind is one immutable class: it declares its attributes, and its methods answer every question
about the layer from a `Reading`, the shapes that it is given. Shapes are (channels, *axes), a
vector is (length,); None stands for an unknown number. Refusals are `Impossible`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import gcd, prod
from typing import Any

from ..arithmetic import AXES, Impossible, Number, Pair, Shape
from ..fields.row import RowStep
from ..fields.window import IDENTITY, WHOLE, Window
from ..record import Record
from ..wording import shape_text
from . import attributes as attribute
from . import formulas
from .attributes import Attribute, Wrong
from .storage import Saved, Stored

WINDOW_ATTRIBUTES = (
    "out_channels multiplier kernel_size stride padding output_padding dilation groups bias"
)
ORDER = {name: place for place, name in enumerate(WINDOW_ATTRIBUTES.split())}

UNUSED = "unused parameters"  # the operator of a layer that counts them

Windows = tuple[Window | None, ...]


class Reading(Record):
    """What a layer reads: its inputs' shapes and names, and the layer that it refers to.

    An explanation of costs is for so many `copies` of it at once: images × regions.
    """

    shapes: tuple[Shape, ...]
    names: tuple[str, ...] = ()
    referred: Referred | None = None
    copies: int = 1

    @property
    def channels(self) -> Number:
        """Channels of the first input; the length of a vector."""
        return self.shapes[0][0]

    @property
    def sizes(self) -> Shape:
        """Sizes of the first input; empty for a vector."""
        return self.shapes[0][1:]


class Referred(Record):
    """A layer named by an attribute (`like`, `pool`): its kind, what it reads and its shape."""

    kind: Layer | None
    reading: Reading
    shape: Shape


class Geometry(Record):
    """A window as people write it, per axis; padding as (before, after), unknown as None."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[Pair, ...]
    dilation: tuple[int, ...]


def product(numbers: Sequence[Number]) -> Number:
    """The product, None where any factor is unknown."""
    return None if None in numbers else prod(numbers)  # type: ignore[arg-type]


def per_axis(function: Callable[..., Any], *columns: Sequence[Any]) -> tuple[Any, ...]:
    """The function applied axis by axis, once for axes like the first; its refusals name theirs."""
    results: list[Any] = []
    first = None
    for axis, arguments in enumerate(zip(*columns)):
        if arguments == first:
            results.append(results[0])
            continue
        try:
            results.append(function(*arguments))
        except Impossible as refusal:
            raise refusal.on(AXES[len(columns[0])][axis]) from None
        first = first or arguments
    return tuple(results)


def divides(divisor: int, number: Number, what: str, named: str, other: Number = None) -> None:
    """Refuse a divisor that leaves a remainder, with those that would not, of `other` neither."""
    if number is None or number % divisor == 0:
        return
    common = gcd(number, other or 0)
    fitting = [d for d in range(1, min(common, 1000) + 1) if common % d == 0]
    choices = ", ".join(map(str, fitting[:8])) + (", …" if len(fitting) > 8 else "")
    raise Impossible(f"{named}={divisor} does not divide its {number} {what}", f"use {choices}")


class Layer(Stored):
    """A layer's kind with its attributes' values; every question is answered by the subclass.

    `example` shows its attributes as a command line gives them, `example_input` a shape that it
    reads. `subtracts_mean` says that it takes off each channel's mean, and with it what a bias
    before it adds; `passes_shift`, that a number added to all of a channel comes out as a number
    added to all of every channel that it goes into; `multiplies`, that it multiplies activations
    with each other. `divides_gradient` says that there is a rule for how a unit's gradient divides
    over what it reads. `spreads` says that every unit read is spread over a window of the output;
    `undoes` is the type of the layer that it undoes, whose window that is.
    """

    type: str
    attributes: dict[str, Attribute[Any]] = {}
    least_inputs = 1
    most_inputs: int | None = 1
    windowed = False
    merges = False
    subtracts_mean = False
    passes_shift = False
    multiplies = False
    spreads = False
    undoes = ""
    divides_gradient: bool
    reference: str | None = None
    lost_field = ""  # the operator whose field alone is not known
    is_unused = False  # whether it stands for parameters that take no part in what is computed
    example = ""
    example_input = "64x56x56"

    def __init_subclass__(cls) -> None:
        declared: dict[str, Attribute[Any]] = {}
        for owner in cls.__mro__:
            for member in vars(owner).values():
                if isinstance(member, Attribute):
                    declared.setdefault(member.name, member)
        # In the order in which people write a window, then what else the kind has.
        cls.attributes = dict(
            sorted(declared.items(), key=lambda item: ORDER.get(item[0], len(ORDER)))
        )

    def __init__(self, axes: int, given: Mapping[str, Any]) -> None:
        values = self.__dict__
        values["axes"] = axes
        for name, declared in self.attributes.items():
            value = given.get(name, declared.default)
            if value is attribute.REQUIRED:
                raise Wrong(f"type {self.type} needs {name}")
            absent = value is None and declared.default is None
            values[name] = None if absent else declared.value(value, axes)
        self.check()
        hashable = [tuple(v) if isinstance(v, list) else v for v in values.values()]
        values["_hash"] = hash((self.type, *hashable))

    axes: int

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return self.__dict__["_hash"]  # type: ignore[no-any-return]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {self.type} layer cannot be changed")

    def check(self) -> None:
        """Raise `Wrong` where attributes do not go together."""

    def is_default(self, name: str) -> bool:
        """Whether an attribute has the value that it would have if it were left out."""
        declared = self.attributes[name]
        if declared.default is attribute.REQUIRED:
            return False
        value = getattr(self, name)
        if declared.default is None:
            return value is None
        return bool(value == declared.value(declared.default, self.axes))

    def map_sizes(self, reading: Reading) -> Shape:
        """Sizes of the map that the layer reads; a vector is refused."""
        if len(reading.shapes[0]) != self.axes + 1:
            axes = ", ".join(AXES[self.axes])
            raise Impossible(
                f"{self.type} reads a vector of {shape_text(reading.shapes[0])}, "
                f"but works along the axes {axes}",
                "move it before the layer that flattens, or keep the map 1×1 with a 1×1 conv",
            )
        return reading.sizes

    def output_axes(self, network: int, referred: int) -> int:
        """How many axes the output has, of a network of so many: those that it works along.

        `referred` are those of the layer that an attribute names. A vector has the network's.
        """
        return self.axes

    def output_shape(self, reading: Reading) -> Shape:
        """Shape of the output."""
        raise NotImplementedError

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        """How the units reach into each input, per axis."""
        raise NotImplementedError

    def row_step(self, reading: Reading) -> RowStep | None:
        """How it goes between a map and a row of units; None where it does neither."""
        return None

    def parameters(self, reading: Reading) -> Number:
        """Trainable numbers."""
        raise NotImplementedError

    def buffers(self, reading: Reading) -> Number:
        """Running statistics."""
        raise NotImplementedError

    def macs(self, reading: Reading) -> Number:
        """Multiply–accumulates of weights and of products of activations, without bias."""
        raise NotImplementedError

    def product_macs(self, reading: Reading) -> Number:
        """Those of the multiply–accumulates that are products of activations."""
        return 0

    def geometry(self, reading: Reading) -> Geometry | None:
        """Kernel, stride, padding and dilation, where the kind has them."""
        raise NotImplementedError

    def weight_shape(self, reading: Reading) -> Shape | None:
        """Shape of the weight: (out channels, channels per group, *kernel), (out, in) or (n,)."""
        raise NotImplementedError

    def weight_channels_last(self, weight: Shape) -> Shape:
        """A weight's shape as Keras keeps it: (*kernel, in, out), (in, out) or (n,)."""
        return (*weight[2:], *weight[1::-1])

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        """How the output size comes about: steps per axis, none for a vector."""
        raise NotImplementedError

    def explain_channels(self, reading: Reading) -> formulas.Step:
        """How the output's channels, or a vector's length, come about."""
        raise NotImplementedError

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        """How weight, parameters, multiply–accumulates and matrix product come about."""
        raise NotImplementedError

    def convolution_groups(self, reading: Reading) -> Number:
        """Groups of a convolution; None for other kinds."""
        return None

    @property
    def adds_bias(self) -> bool:
        """Whether it adds a parameter to each channel or feature."""
        return False

    def gradient_shares(self, reading: Reading) -> tuple[Number, ...] | None:
        """How a unit's expected squared gradient divides over the inputs, relative to each other.

        Within an input it divides over the units of the window, by the squares of their weights.
        None where there is no rule.
        """
        return (1,) * len(reading.shapes) if self.divides_gradient else None

    def beyond_window(self) -> str | None:
        """What the layer does with units of the map outside of its windows; None where nothing."""
        return None

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """What autograd keeps of it; None where that is not known."""
        return self.keeps

    def regions_of(self, inherited: int | None) -> int | None:
        """How many regions the layer is computed for: those of its input, None without any."""
        return inherited


class Simple(Layer):
    """Kinds without statistics, multiply–accumulates or a sliding window."""

    def buffers(self, reading: Reading) -> Number:
        return 0

    def macs(self, reading: Reading) -> Number:
        return 0

    def geometry(self, reading: Reading) -> Geometry | None:
        return None


class Costless(Simple):
    """Simple kinds without parameters."""

    def parameters(self, reading: Reading) -> Number:
        return 0

    def weight_shape(self, reading: Reading) -> Shape | None:
        return None

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        return formulas.costs.nothing()


class KeepsChannels(Layer):
    """Kinds whose output has the channels of their input, or its length."""

    def explain_channels(self, reading: Reading) -> formulas.Step:
        return formulas.channels.of_input(reading.shapes[0])


class OwnChannels(Layer):
    """Kinds whose attributes give the channels of their output, or its length."""

    def explain_channels(self, reading: Reading) -> formulas.Step:
        return formulas.channels.own(self.output_shape(reading))


class Elementwise(KeepsChannels):
    """Kinds whose units read the unit at their own place; maps and vectors alike."""

    divides_gradient = True

    def output_shape(self, reading: Reading) -> Shape:
        return reading.shapes[0]

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((IDENTITY,) * self.axes,)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return [formulas.sizes.of_input(size, "unit by unit") for size in reading.sizes]


class WholeMap(Layer):
    """Kinds whose every unit reads the whole map."""

    divides_gradient = False

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((WHOLE,) * self.axes,)

    def geometry(self, reading: Reading) -> Geometry | None:
        return None
