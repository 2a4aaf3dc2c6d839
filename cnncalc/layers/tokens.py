"""Units in a row, as transformers call them tokens: there, within, and back to a map."""

from __future__ import annotations

from typing import Any

from ..arithmetic import Impossible, Number, Shape, within_limit
from ..definition.scalars import scalar
from ..fields.row import Lining, Prepending, RowStep, Taking, Unlining
from ..fields.window import IDENTITY, sliding
from ..wording import is_whole, shape_text
from . import attributes as attribute
from . import formulas
from .attributes import Listed
from .base import Costless, Elementwise, KeepsChannels, Layer, Reading, Simple, Windows, product
from .storage import NOTHING


class Index(Listed[tuple[int, int]]):
    """A unit's index from 0 on, or a range [from, to) of them; kept as a range."""

    form = "range"
    expects = "the index of a token from 0 on, or a range [from, to), from below to"

    def value(self, given: Any, axes: int) -> tuple[int, int]:
        first, end = (given, None) if is_whole(given) else given if _is_pair(given) else (-1, 0)
        if first < 0 or (end is not None and first >= end):
            raise self.refuse(given, axes)
        return self.within_bound(first), self.within_bound(first + 1 if end is None else end)

    def plain(self, value: tuple[int, int]) -> Any:
        return value[0] if value[1] == value[0] + 1 else list(value)

    def from_text(self, text: str, axes: int) -> Any:
        return super().from_text(text, axes) if set(text) & {":", ","} else scalar(text)


def _is_pair(given: Any) -> bool:
    return isinstance(given, list) and len(given) == 2 and all(map(is_whole, given))


class OfTokens(Layer):
    """Kinds that read tokens: units in a row."""

    example_input = "768x197"
    example = "--axes 1"

    def token_count(self, reading: Reading) -> Number:
        """How many tokens it reads; a map of several axes is refused."""
        if self.axes > 1 and len(reading.shapes[0]) > 1:
            raise Impossible(
                f"{self.type} reads a map of {shape_text(reading.sizes)}, but works on tokens",
                "put its units in a row first, with a layer of type tokens",
            )
        return self.map_sizes(reading)[0]


class Tokens(KeepsChannels, Costless):
    """A map's units in a row, the last axis first: C×n becomes C×∏n."""

    type = "tokens"
    divides_gradient = True
    computes_nothing = True
    keeps = NOTHING
    passes_shift = True

    def output_axes(self, network: int, referred: int) -> int:
        return 1

    def output_shape(self, reading: Reading) -> Shape:
        count = product(self.map_sizes(reading))
        return (reading.channels, None if count is None else within_limit(count, "output size"))

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((IDENTITY,) if self.axes == 1 else (None,) * self.axes,)

    def row_step(self, reading: Reading) -> RowStep | None:
        return None if self.axes == 1 else Lining(reading.sizes)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return [formulas.tokens.in_a_row(reading.sizes, self.output_shape(reading)[1])]


class Learned(KeepsChannels, Simple):
    """Kinds whose parameters are units of their own, a number for every channel of each."""

    keeps = NOTHING

    def learned_units(self, reading: Reading) -> Shape:
        """How many units are learned, per axis."""
        raise NotImplementedError

    def weight_shape(self, reading: Reading) -> Shape | None:
        return (reading.channels, *self.learned_units(reading))

    def weight_channels_last(self, weight: Shape) -> Shape:
        return (*weight[1:], weight[0])

    def parameters(self, reading: Reading) -> Number:
        return product(self.weight_shape(reading) or ())

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        return formulas.tokens.learned_costs(self.weight_shape(reading) or ())


class Prepend(Learned, OfTokens):
    """Learned tokens before those that it reads: the class token of a transformer."""

    type = "prepend"
    divides_gradient = True

    count = attribute.Count(1)

    def output_shape(self, reading: Reading) -> Shape:
        count = self.token_count(reading)
        total = None if count is None else within_limit(count + self.count, "output size")
        return (reading.channels, total)

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((None,),)

    def row_step(self, reading: Reading) -> RowStep | None:
        return Prepending(self.count, self.token_count(reading))

    def learned_units(self, reading: Reading) -> Shape:
        return (self.count,)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return [formulas.tokens.with_learned(self.token_count(reading), self.count)]


class Position(Learned, Elementwise):
    """A learned number added to each: what tells a unit where it is."""

    type = "position"
    passes_shift = True

    def output_shape(self, reading: Reading) -> Shape:
        self.map_sizes(reading)
        return reading.shapes[0]

    def learned_units(self, reading: Reading) -> Shape:
        return reading.sizes


class Take(KeepsChannels, Costless, OfTokens):
    """One of the tokens, or those of a range."""

    type = "take"
    divides_gradient = True
    computes_nothing = True
    keeps = NOTHING
    passes_shift = True
    example = "--axes 1 --index 0"

    index = Index()

    def output_shape(self, reading: Reading) -> Shape:
        count = self.token_count(reading)
        first, end = self.index
        if count is not None and end > count:
            asked = str(first) if end == first + 1 else f"[{first}, {end})"
            raise Impossible(
                f"index {asked} is not among its {count} tokens", f"they are 0 to {count - 1}"
            )
        return (reading.channels, end - first)

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((sliding(1, 1, -self.index[0]),),)

    def row_step(self, reading: Reading) -> RowStep | None:
        return Taking(*self.index)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return [formulas.tokens.part(*self.index)]


class Untokens(KeepsChannels, Costless, OfTokens):
    """Tokens as the units of a map again, of the size of another layer's."""

    type = "untokens"
    divides_gradient = True
    computes_nothing = True
    keeps = NOTHING
    passes_shift = True
    reference = "like"

    like = attribute.LayerName()

    def output_axes(self, network: int, referred: int) -> int:
        return referred

    def _sizes(self, reading: Reading) -> Shape:
        assert reading.referred is not None
        return reading.referred.shape[1:]

    def output_shape(self, reading: Reading) -> Shape:
        count, sizes = self.token_count(reading), self._sizes(reading)
        if not sizes:
            raise Impossible(f"like {self.like!r} is a vector", "name a layer that gives a map")
        units = product(sizes)
        if None not in (count, units) and count != units:
            raise Impossible(
                f"its {count} tokens are not the {shape_text(sizes)} = {units} units of "
                f"{self.like!r}",
                "take those of the map alone first, or name a map of as many units",
            )
        return (reading.channels, *sizes)

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((IDENTITY if len(self._sizes(reading)) == 1 else None,),)

    def row_step(self, reading: Reading) -> RowStep | None:
        return Unlining(self._sizes(reading))

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        branch = f"the size of {self.like}"
        return [formulas.sizes.own(size, branch) for size in self._sizes(reading)]
