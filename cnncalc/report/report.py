"""The frozen result of an analysis: one record a layer, totals, and the forms they leave in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..arithmetic import AXES, Input, Number, Shape, total
from ..definition.arguments import argument_text, checked_text, plain
from ..definition.inputs import input_of
from ..errors import CnncalcError, UsageError
from ..network.network import Network
from ..record import Record
from ..wording import did_you_mean, is_whole, plain_input, quote
from .bulk import flat_records, plain_layers
from .display import Displayed, page
from .layer import LayerReport

SCHEMA = 1


def convention(multiplies: bool) -> str:
    """What counts as a MAC, in words; `multiplies` where any layer multiplies activations."""
    counted = (
        "convolutions, linear layers and products of activations"
        if multiplies
        else "convolutions and linear layers only"
    )
    return f"1 MAC = 2 FLOPs; {counted}"


class Totals(Record):
    """Sums over all layers; None where a layer's figure is unknown."""

    params: Number
    buffers: Number
    macs: Number
    flops: Number
    activations: Number


class Report(Displayed, Record):
    """The analysis of a network: `layers` in order, `totals`, `warnings` as sentences.

    `analysed` is the network, on the input that it was analysed on.
    """

    network: str
    inputs: Mapping[str, Shape]
    layers: tuple[LayerReport, ...]
    names: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    batch: int = 1
    complete: bool = True
    origin: str | None = None
    with_global: bool = False
    analysed: Network | None = None

    def __iter__(self) -> Iterator[LayerReport]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, name: str | int) -> LayerReport:
        """The layer of a name, or of a place from 0; a block's name gives its output."""
        place = plain(name)
        if is_whole(place):
            if not -len(self) <= place < len(self):
                have = f"{self.network} has {len(self)} layers"
                raise UsageError(f"{have}, none at place {argument_text(place)}")
            return self.layers[place]
        name = checked_text(name, "a layer's name")
        index = self.names.get(name, 0)
        if not 0 < index <= len(self.layers):
            hint = did_you_mean(name, self.names, "", most=3)
            raise UsageError(f"{self.network} has no layer {quote(name)}{hint and '; '}{hint}")
        return self.layers[index - 1]

    def __repr__(self) -> str:
        return f"<report of {self.network}: {len(self.layers)} layers, {self.totals}>"

    @property
    def input(self) -> Input:
        """Shape of the input; of inputs that have names, their shapes by name."""
        return input_of(self.inputs)

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the spatial axes: l, or h and w, or d, h and w."""
        return AXES[len(next(iter(self.inputs.values()))) - 1]

    @property
    def convention(self) -> str:
        """What counts as a MAC, in words."""
        return convention(any(layer.node.kind.multiplies for layer in self.layers))

    @property
    def totals(self) -> Totals:
        """Sums over all layers."""
        return Totals(
            *(total([getattr(layer, name) for layer in self.layers]) for name in Totals._fields)
        )

    def shape_of(self, index: int) -> Shape:
        """Shape of the output of a layer by its index, or of an input: 0, −1 and so on."""
        return self.layers[index - 1].out_shape if index > 0 else [*self.inputs.values()][-index]

    def records(self) -> list[dict[str, Any]]:
        """One flat dict a layer: every column, with per-axis columns as `rf_h`, `rf_w`.

        Fractions are the nearest doubles, unknown figures None, as in CSV.
        """
        return flat_records(self.layers, self.axes)

    def to_dict(self, error: str | None = None) -> dict[str, Any]:
        """The report in JSON's form; with an error, totals are null and it is told."""
        return {**self.head(error), "layers": plain_layers(self.layers)}

    def page(self) -> Any:
        """The network as a page to point into, which a notebook shows in a frame."""
        return page(self)

    def head(self, error: str | None = None) -> dict[str, Any]:
        """The report in JSON's form, without its layers."""
        totals = self.totals.as_dict() if self.complete else None
        told = {} if error is None else {"error": error}
        return {
            "schema": SCHEMA,
            "network": self.network,
            "input": plain_input(self.input),
            "convention": self.convention,
            "totals": totals,
            "layers": [],
            **told,
        }


class ShapeError(CnncalcError):
    """A layer cannot read what it is given.

    `report` holds the layers before it, or None where the error came up outside an analysis.
    """

    report: Report | None = None
