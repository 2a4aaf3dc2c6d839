"""The frozen result of an analysis: one record a layer, totals, and the forms they leave in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..arithmetic import AXES, Number, Shape, total
from ..errors import CnncalcError, UsageError
from ..record import Record
from ..wording import did_you_mean, quote
from .columns import flat_records
from .display import html
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


class Report(Record):
    """The analysis of a network: `layers` in order, `totals`, `warnings` as sentences."""

    network: str
    input: Shape
    layers: tuple[LayerReport, ...]
    names: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    batch: int = 1
    complete: bool = True
    origin: str | None = None

    def __iter__(self) -> Iterator[LayerReport]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, name: str | int) -> LayerReport:
        """The layer of a name, or of a place from 0; a block's name gives its output."""
        if isinstance(name, int):
            if not -len(self) <= name < len(self):
                raise UsageError(f"{self.network} has {len(self)} layers, none at place {name}")
            return self.layers[name]
        index = self.names.get(name, 0)
        if not 0 < index <= len(self.layers):
            hint = did_you_mean(name, self.names, "", most=3)
            raise UsageError(f"{self.network} has no layer {quote(name)}{hint and '; '}{hint}")
        return self.layers[index - 1]

    def __repr__(self) -> str:
        return f"<report of {self.network}: {len(self.layers)} layers, {self.totals}>"

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the spatial axes: l, or h and w, or d, h and w."""
        return AXES[len(self.input) - 1]

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

    def records(self) -> list[dict[str, Any]]:
        """One flat dict a layer: every column, with per-axis columns as `rf_h`, `rf_w`.

        Fractions are the nearest doubles, unknown figures None, as in CSV.
        """
        return flat_records(self.layers, self.axes)

    def to_dict(self, error: str | None = None) -> dict[str, Any]:
        """The report in JSON's form; with an error, totals are null and it is told."""
        totals = self.totals.as_dict() if self.complete else None
        told = {} if error is None else {"error": error}
        return {
            "schema": SCHEMA,
            "network": self.network,
            "input": list(self.input),
            "convention": self.convention,
            "totals": totals,
            "layers": [layer.to_dict() for layer in self.layers],
            **told,
        }

    def _repr_html_(self) -> str:
        return html(self)


class ShapeError(CnncalcError):
    """A layer cannot read what it is given.

    `report` holds the layers before it, or None where the error came up outside an analysis.
    """

    report: Report | None = None
