"""The input sizes that a network takes, and those that lose nothing."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from ...analysis.analysis import analyze
from ...arithmetic import AXES, Shape
from ...definition.arguments import argument_text, checked_text, plain, whole_number
from ...definition.inputs import AskedInput
from ...errors import NetworkError, UsageError
from ...loading import network_of
from ...network.network import Network
from ...record import Record
from ...report.display import Displayed
from ...wording import is_whole, quote
from .input_outcomes import Fault, Outcomes, outcomes

MOST_SIZES = 20_000
LARGEST_SMALLEST = 4096
DEFAULT_RANGE = (1, 1024)
LARGEST = 10**9


class Pattern(Record):
    """From the least on, the sizes are those in `first` and every `step` after each of them."""

    step: int
    first: tuple[int, ...]


class SizeVerdict(Record):
    """What becomes of an input size.

    `works` where no layer refuses; `exact` where no window drops pixels either. `finding` is the
    layer that refuses or drops first, and how.
    """

    size: int
    works: bool
    exact: bool
    finding: Fault | None


class InputSizes(Displayed, Record):
    """The answer for one network, in pixels.

    `axis` is the one whose size is asked for, `shape` the input that the others keep; without it
    every axis has the size. `smallest` is the least size that works, `below` what refuses the one
    below it. `verdicts` are of the range, or of those in it at which the `layer` gives `output`.
    `spoiled` counts those that would, were they not refused later. `resized` are the layers whose
    parameters depend on the size.
    """

    network: str
    shape: Shape
    axis: str | None
    between: tuple[int, int]
    smallest: int
    below: Fault | None
    verdicts: tuple[SizeVerdict, ...]
    resized: tuple[str, ...]
    layer: str | None = None
    output: int | None = None
    spoiled: int = 0

    @property
    def working(self) -> list[int]:
        """Sizes that no layer refuses."""
        return [verdict.size for verdict in self.verdicts if verdict.works]

    @property
    def exact(self) -> list[int]:
        """Sizes that no layer refuses and at which no window drops pixels."""
        return [verdict.size for verdict in self.verdicts if verdict.exact]


def input_sizes(
    network: Network | str | PathLike[str],
    between: Sequence[int] = DEFAULT_RANGE,
    *,
    input: AskedInput | None = None,
    axis: str | None = None,
    layer: str | None = None,
    output: int | None = None,
) -> InputSizes:
    """The sizes of a range, both ends counted, that the network takes.

    Every axis has the same size, or only the named `axis` has it and the others keep the input's.
    A linear layer takes every size, as its weight adapts; `resized` tells of that. With `layer`
    and `output`, only sizes at which that layer's output is so large (on the axis, or on every).

    Raises UsageError where the request does not fit the network, NetworkError where no size does.
    """
    network, between = network_of(network), _checked_range(between)
    name = next(iter(network.inputs))
    network.check_one_input("solve input", f"try sizes with shape --input {name}=SHAPE")
    if input is not None:
        network = network.with_input(input)
    question = _Question(network, axis, layer, output)
    verdicts, spoiled = question.verdicts(*between)
    smallest, below = question.smallest()
    return InputSizes(
        network.name,
        network.first_input,
        axis,
        between,
        smallest,
        below,
        tuple(verdicts),
        question.dependent_layers([smallest, *(v.size for v in verdicts if v.works)]),
        layer,
        question.output,
        spoiled,
    )


def _checked_range(between: Sequence[int]) -> tuple[int, int]:
    bounds = plain(between)
    two = isinstance(bounds, list) and len(bounds) == 2 and all(map(is_whole, bounds))
    first, last = bounds if two else (0, 0)
    if not 1 <= first <= last <= LARGEST:
        given = quote(f"{first}:{last}") if two else argument_text(between)
        raise UsageError(
            f"range {given} must be two whole numbers from 1 to 10^9, "
            "the least first, as in 64:1024"
        )
    if last - first >= MOST_SIZES:
        raise UsageError(f"range {first}:{last} is of more than {MOST_SIZES:,} sizes")
    return first, last


class _Question:
    """One network with the axes whose size is asked for."""

    def __init__(
        self, network: Network, axis: str | None, layer: str | None, output: int | None
    ) -> None:
        names = AXES[network.axes]
        if axis is not None and checked_text(axis, "axis") not in names:
            raise UsageError(f"{network.name} has no axis {quote(axis)}; use {', '.join(names)}")
        if (layer is None) != (output is None):
            raise UsageError("a layer goes with the output that it is to give, and the other way")
        if output is not None:
            output = whole_number(output, "output")
        self.network = network
        self.channels, *self.sizes = network.first_input
        self.alike = axis is None and network.axes > 1
        self.varies = [axis in (None, name) for name in names]
        self.target = 0 if layer is None else network.index(layer)
        self.layer = layer
        self.output = output

    def input_of(self, size: int) -> Shape:
        """The input's shape with the size in."""
        sizes = [size if varies else old for varies, old in zip(self.varies, self.sizes)]
        return (self.channels, *sizes)

    def outcomes(self, sizes: Sequence[int]) -> Outcomes:
        """What becomes of each of the sizes."""
        return outcomes(self.network, [self.input_of(size) for size in sizes], self.target)

    def verdicts(self, first: int, last: int) -> tuple[list[SizeVerdict], int]:
        """What becomes of the sizes that are asked for, and how many of them are spoiled."""
        sizes = range(first, last + 1)
        outcome = self.outcomes(sizes)
        verdicts = [
            SizeVerdict(size, not refused, not (refused or dropping), refused or dropping)
            for size, refused, dropping in zip(sizes, outcome.refused, outcome.dropping)
        ]
        if self.output is None:
            return verdicts, 0
        fitting = [v for v, shape in zip(verdicts, outcome.shapes) if self.fits(shape)]
        working = [verdict for verdict in fitting if verdict.works]
        return working, len(fitting) - len(working)

    def fits(self, shape: Shape | None) -> bool:
        """Whether the asked layer's output is as large as is wanted."""
        if shape is None:
            return False
        if len(shape) == 1:
            raise UsageError(f"layer {quote(self.layer)} gives a vector, which has no sizes")
        return all(size == self.output for size, varies in zip(shape[1:], self.varies) if varies)

    def smallest(self) -> tuple[int, Fault | None]:
        """The least size that works, and what refuses the one below it."""
        first, below = 1, None
        while first <= LARGEST_SMALLEST:
            last = min(4 * first + 59, LARGEST_SMALLEST)
            refusals = self.outcomes(range(first, last + 1)).refused
            for size, refused in enumerate(refusals, start=first):
                if refused is None:
                    # What does not depend on the size, the whole analysis refuses.
                    analyze(self.network, self.input_of(size))
                    return size, below
                below = refused
            first = last + 1
        assert below is not None
        way = "; an axis may be tried alone, with the others as they are" if self.alike else ""
        raise NetworkError(
            f"{self.network.name}: no input size up to {LARGEST_SMALLEST:,} works; "
            f"at the last, layer {quote(below.layer)}: {below.reason}{way}"
        )

    def dependent_layers(self, sizes: list[int]) -> tuple[str, ...]:
        """Layers whose parameters differ between the least and the largest of the sizes."""
        reports = [analyze(self.network, self.input_of(size)) for size in (min(sizes), max(sizes))]
        pairs = zip(*reports)
        return tuple(one.layer for one, other in pairs if one.params != other.params)


def pattern(sizes: Sequence[int], last: int) -> Pattern | None:
    """The step at which sizes repeat up to the end of their range; None where they do not.

    >>> pattern([7, 12, 16, 20, 24, 28], 30)
    Pattern(step=4, first=(12,))
    """
    if not sizes:
        return None
    least, length = sizes[0], last - sizes[0] + 1
    members = sum(1 << (size - least) for size in sizes)
    for step in range(1, length // 2 + 1):
        differing = (members ^ (members >> step)) & ((1 << (length - step)) - 1)
        start = differing.bit_length()
        # A repetition shows in half of the range at least, and in two whole turns.
        if length - start >= max(2 * step, length // 2):
            repeated = [size for size in sizes if size - least >= start]
            first = [size for size in repeated if size < repeated[0] + step]
            return Pattern(step, tuple(first)) if first else None
    return None
