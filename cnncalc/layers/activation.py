"""Activations, dropout and the identity: no figure changes but PReLU's parameters."""

from __future__ import annotations

from ..arithmetic import Number, Shape
from . import attributes as attribute
from . import formulas
from .base import Costless, Elementwise, Reading, Simple, product
from .storage import FUNCTIONS, INPUT, NOTHING, OUTPUT, MayBeInPlace, Saved


def _of_all(reading: Reading, rule: Saved) -> Saved | None:
    """A rule that keeps as many numbers besides as there are in the input."""
    count = product(reading.shapes[0])
    return None if count is None else rule.but(numbers=count)


class Activation(MayBeInPlace, Costless, Elementwise):
    """A function of each number by itself, whose derivative is one of what it reads."""

    keeps: Saved | None = INPUT

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """Of an input that is overwritten, a clone."""
        clones = self.is_in_place and self.keeps == INPUT
        return _of_all(reading, NOTHING) if clones else self.keeps


def _without_attributes(
    name: str, type_name: str, formula: str, keeps: Saved = INPUT
) -> type[Activation]:
    """The kind of a function that has no attributes of its own."""
    return type(name, (Activation,), {"type": type_name, "__doc__": formula, "keeps": keeps})


class Identity(Activation):
    """Gives what it reads."""

    type = "identity"
    passes_shift = True
    computes_nothing = True
    keeps = NOTHING


ReLU = _without_attributes("ReLU", "relu", "max(x, 0).", OUTPUT)
ReLU6 = _without_attributes("ReLU6", "relu6", "min(max(x, 0), 6).")
SiLU = _without_attributes("SiLU", "silu", "x·sigmoid(x), also named swish.")
Mish = _without_attributes("Mish", "mish", "x·tanh(softplus x).")
Sigmoid = _without_attributes("Sigmoid", "sigmoid", "1/(1 + exp(−x)).", OUTPUT)
HardSigmoid = _without_attributes("HardSigmoid", "hard_sigmoid", "relu6(x + 3)/6.")
HardSwish = _without_attributes("HardSwish", "hard_swish", "x·relu6(x + 3)/6.")
Tanh = _without_attributes("Tanh", "tanh", "The hyperbolic tangent.", OUTPUT)


class Dropout(Activation):
    """Drops numbers in training, or `per_channel` whole maps; gives what it reads otherwise."""

    type = "dropout"
    passes_shift = True
    computes_nothing = True

    p = attribute.Kept(0.5)
    per_channel = attribute.Flag(False)

    @property
    def shares_input_in_training(self) -> bool:
        return self.is_in_place or self.p == 0

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """The mask, in numbers of the input's type as on the CPU; a single 0 where all drop."""
        if self.p == 0:
            return NOTHING
        if self.p == 1:
            return Saved(statistics=1)
        if not self.per_channel:
            return _of_all(reading, NOTHING)
        return None if reading.channels is None else Saved(numbers=reading.channels)


class KnownByOutput(Activation):
    """Functions whose derivative is one of their output too, where that takes the input's place."""

    def autograd_rule(self, reading: Reading) -> Saved | None:
        return OUTPUT if self.is_in_place else INPUT


class LeakyReLU(KnownByOutput):
    """x, or a slope times x below 0."""

    type = "leaky_relu"

    negative_slope = attribute.Kept(0.01)


class ELU(KnownByOutput):
    """x, or alpha·(exp x − 1) below 0."""

    type = "elu"

    alpha = attribute.Kept(1)


class GELU(Activation):
    """x·Φ(x)."""

    type = "gelu"

    approximate = attribute.Kept("none")


class Softmax(Activation):
    """Softmax; its sum along an axis does not count as reading."""

    type = "softmax"
    keeps = OUTPUT

    dim = attribute.Kept(None)
    axis = attribute.Kept(None)

    def beyond_window(self) -> str | None:
        channels = (None, 1, -self.axes - 1)
        along_map = self.dim not in channels or self.axis not in channels
        return "may sum along an axis of the map" if along_map else None


class LogSoftmax(Softmax):
    """Logarithm of the softmax."""

    type = "log_softmax"


class Function(Activation):
    """Any other function of each number by itself; `operator` says which."""

    type = "function"

    operator = attribute.Kept(None)

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """By its name; unknown of one that overwrites what it needs."""
        rule = FUNCTIONS.get(str(self.operator))
        return None if self.is_in_place and rule and rule.inputs else rule


class PReLU(MayBeInPlace, Elementwise, Simple):
    """x, or a learned slope times x below 0: one slope, or one per channel."""

    type = "prelu"
    keeps = INPUT

    per_channel = attribute.Flag(False)
    init = attribute.Kept(0.25)

    def parameters(self, reading: Reading) -> Number:
        return reading.channels if self.per_channel else 1

    def weight_shape(self, reading: Reading) -> Shape | None:
        return (self.parameters(reading),)

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        if self.per_channel:
            slopes = self.parameters(reading)
            return formulas.costs.per_channel(reading.channels, 1, slopes, "a slope per channel")
        return formulas.costs.for_all_channels(1, "one slope for all channels")
