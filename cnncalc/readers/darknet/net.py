"""A Darknet network as its sections are read: the layers so far, by section."""

from __future__ import annotations

from typing import Any

from ...arithmetic import Shape
from ...layers import kind
from ...wording import did_you_mean, quote
from ..builder import INPUT, Builder, exact_number
from .section import DarknetSection

ACTIVATIONS = {
    "linear": "",
    "leaky": "leaky_relu",
    "logistic": "sigmoid",
    "swish": "silu",
    **{name: name for name in ("relu", "relu6", "tanh", "elu", "gelu", "mish")},
    **dict.fromkeys(
        (
            *("selu", "hard_mish", "ramp", "hardtan", "lhtan", "plse", "stair", "relie", "loggy"),
            *("revleaky", "normalize_channels", "normalize_channels_softmax"),
            "normalize_channels_softmax_maxval",
        ),
        "function",
    ),
}
MOST_READS = 1_000_000
NAMES = {"convolutional": "conv", "deconvolutional": "deconv"}


class DarknetNet:
    """The layers read so far, and the last one of every section."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.outputs: list[str] = []
        self.reads = 0
        # Vectors that Darknet gives no sizes, not even of one unit.
        self.flat: set[str] = set()
        self.weighted: dict[int, list[str]] = {}

    @property
    def before(self) -> str:
        """The layer before the section that is read."""
        return self.outputs[-1] if self.outputs else INPUT

    def shape(self, name: str) -> Shape:
        """The shape of a layer, as far as it is known."""
        return self.builder.shapes[name]

    def layers_named(self, section: DarknetSection, key: str) -> list[str]:
        """The layers that a section names by number."""
        if key not in section.options:
            raise section.refuse(f"it needs {key}, the sections that it reads")
        layers = []
        numbers = section.wholes(key)
        self.reads += len(numbers)
        if self.reads > MOST_READS:
            raise section.refuse(f"sections name others more than {MOST_READS:,} times", key)
        for number in numbers:
            index = number + section.index if number < 0 else number
            if not 0 <= index < section.index:
                before = f"{section.index} sections, from 0 on, stand before it"
                raise section.refuse(f"{key}={number} names section {index}; {before}", key)
            layers.append(self.outputs[index])
        return layers

    def add(
        self,
        section: DarknetSection,
        type_name: str,
        sources: list[str] | None = None,
        part: str = "",
        shares: str | None = None,
        **attributes: Any,
    ) -> str:
        """Add a layer named after its section, or a part of it; it reads the one before."""
        name = f"{part or NAMES.get(section.name, section.name)}_{section.index}"
        read = [self.before] if sources is None else sources
        if kind(type_name).windowed or len({len(self.shape(source)) for source in read}) > 1:
            read = [self._as_map(section, source) for source in read]
        return self.builder.add(type_name, name, read, section.line, shares, **attributes)

    def _as_map(self, section: DarknetSection, source: str) -> str:
        """A layer as a map: Darknet's vectors are maps of one unit."""
        if len(self.shape(source)) > 1:
            return source
        if source in self.flat:
            raise section.refuse(f"it needs a map, but {quote(source)} is a vector")
        shape = [-1, *[1] * self.builder.axes]
        name = f"map_{section.index}"
        return self.builder.add("reshape", name, [source], section.line, shape=shape)

    def end(self, name: str) -> None:
        """End a section with a layer."""
        self.outputs.append(name)

    def end_with_activation(self, section: DarknetSection, name: str, default: str) -> None:
        """End a section with a layer and the activation that it asks for behind it."""
        asked = section.text("activation", default)
        if asked not in ACTIVATIONS:
            hint = did_you_mean(asked, ACTIVATIONS)
            raise section.refuse(f"no activation is named {quote(asked)}; {hint}", "activation")
        type_name = ACTIVATIONS[asked]
        attributes: dict[str, Any] = {}
        if type_name == "function":
            attributes["operator"] = asked
        elif type_name == "leaky_relu":
            attributes["negative_slope"] = exact_number("0.1")
        if type_name:
            name = self.add(section, type_name, [name], type_name, **attributes)
        self.end(name)

    def add_stated(
        self,
        section: DarknetSection,
        shape: Shape,
        sources: list[str] | None = None,
        what: str = "",
        part: str = "",
        **figures: Any,
    ) -> str:
        """Add a layer without a kind, of which the output's shape and the figures are known."""
        read = [self.before] if sources is None else sources
        name = f"{part or section.name}_{section.index}"
        operator = f"[{section.name}]{what}"
        return self.builder.add_stated(operator, name, read, shape, section.line, **figures)

    def known_map(self) -> tuple[int, ...]:
        """Shape of the map before the section that is read; a vector is a map of one unit.

        Raises Unreadable where it is not known.
        """
        shape = self.builder.known_shape(self.before)
        return shape if len(shape) > 1 else (*shape, *[1] * self.builder.axes)

    def end_unknown(self, section: DarknetSection, reason: str = "") -> None:
        """Refuse a section of which nothing is known here, or let it be unknown."""
        operator, name = f"[{section.name}]", f"{section.name}_{section.index}"
        place = f"section {section.index},"
        self.end(
            self.builder.add_unknown(operator, name, [self.before], section.line, place, reason)
        )
