"""A Caffe network as its layers are read: what each blob holds, who owns which parameters."""

from __future__ import annotations

from typing import Any

from ...arithmetic import Shape
from ...layers import kind
from ...record import Record
from ...wording import quote
from ..builder import Builder
from .entry import CaffeLayer

REGIONS = "regions"


class Blob(Record):
    """What a blob holds at some place of the file; layers in place give it anew.

    `layer` is the layer that gave it, None where it is aside: data without figures, such as
    labels, regions, losses. `order` is that of its axes, batch included, where a Permute moved
    them; empty for a vector that a Reshape gave axes of its own. `pool` is the pooling whose mask
    it is; `regions` how many regions it lists.
    """

    layer: str | None
    order: tuple[int, ...] | None = None
    pool: str | None = None
    regions: int | None = None


ASIDE_BLOB = Blob(None)


def _in_place(layer: CaffeLayer, type_name: str) -> dict[str, bool]:
    """The attribute of a layer that writes over what it reads first: its top is its bottom."""
    over = layer.tops[:1] == layer.bottoms[:1] and kind(type_name).may_be_in_place
    return {"in_place": True} if over else {}


class CaffeNet:
    """The layers read so far."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.blobs: dict[str, Blob] = {}
        self.owners: dict[str, tuple[str, int]] = {}
        self.batch: int | None = None
        self.start = next(iter(builder.shapes))

    @property
    def axes(self) -> int:
        """How many spatial axes the input has."""
        return self.builder.axes

    def blob(self, layer: CaffeLayer, place: int = 0) -> Blob:
        """What a layer reads at a place."""
        if place >= len(layer.bottoms):
            wanted = f"{place + 1} blobs; name them" if place else "a blob; name it"
            raise layer.refuse(f"{layer.type} reads {wanted} as bottom")
        name = layer.bottoms[place]
        if name not in self.blobs:
            raise layer.refuse(f"it reads {quote(name)}, which no layer before it gives")
        return self.blobs[name]

    def is_aside(self, layer: CaffeLayer) -> bool:
        """Whether all that a layer reads is aside, and so the layer: it may have no parameters."""
        blobs = [self.blob(layer, place) for place in range(len(layer.bottoms))]
        return bool(blobs) and all(blob.layer is None for blob in blobs)

    def source(self, layer: CaffeLayer, place: int = 0, any_order: bool = False) -> str:
        """The name of the layer that a layer reads at a place."""
        blob = self.blob(layer, place)
        name = quote(layer.bottoms[place])
        if blob.layer is None:
            raise layer.refuse(
                f"it reads {name}, which no layer computes from the network's inputs; "
                "labels and regions have no figures"
            )
        if blob.order is not None and not any_order:
            return self._in_order(layer, blob.layer, blob.order)
        return blob.layer

    def _in_order(self, layer: CaffeLayer, source: str, order: tuple[int, ...]) -> str:
        """The blob in the order that a Permute gave its axes, behind a layer that does it."""
        if not order:
            raise layer.refuse(
                "it reads a blob whose axes a Reshape moved; after that, only Flatten, Reshape, "
                "Concat, InnerProduct and activations are read"
            )
        shape = self.builder.known_shape(source)
        moved = tuple(shape[axis - 1] for axis in order[1:])
        name = f"{layer.name}.permuted"
        return self.builder.add_stated("Permute", name, [source], moved, layer.line)

    def only(self, layer: CaffeLayer, any_order: bool = False) -> str:
        """The name of the one layer that a layer reads."""
        if len(layer.bottoms) > 1:
            raise layer.refuse(f"{layer.type} reads one blob, not {len(layer.bottoms)}")
        return self.source(layer, any_order=any_order)

    def sources(self, layer: CaffeLayer) -> list[str]:
        """The names of all layers that a layer reads."""
        self.blob(layer)
        return [self.source(layer, place) for place in range(len(layer.bottoms))]

    def shape(self, name: str) -> Shape:
        """The shape of a layer, as far as it is known."""
        return self.builder.shapes[name]

    def give(self, layer: CaffeLayer, blob: Blob, place: int = 0) -> None:
        """Let a blob hold what a layer gives; without a top it is read by nobody."""
        if place < len(layer.tops):
            self.blobs[layer.tops[place]] = blob

    def add(
        self,
        layer: CaffeLayer,
        type_name: str,
        sources: list[str] | None = None,
        order: tuple[int, ...] | None = None,
        **attributes: Any,
    ) -> str:
        """Add a layer that gives the first top; it reads the only bottom unless told otherwise."""
        read = [self.only(layer)] if sources is None else sources
        attributes.update(_in_place(layer, type_name))
        name = self.builder.add(type_name, layer.name, read, layer.line, **attributes)
        self.give(layer, Blob(name, order))
        return name

    def add_weighted(
        self,
        layer: CaffeLayer,
        type_name: str,
        parameters: int,
        source: str | None = None,
        **attributes: Any,
    ) -> str:
        """Add a layer with so many parameter blobs: its own, or those of a layer before it."""
        owner = self._owner(layer, parameters)
        read = [source or self.only(layer)]
        attributes.update(_in_place(layer, type_name))
        own = self.builder.add(type_name, layer.name, read, layer.line, owner, **attributes)
        self._give_weighted(layer, parameters, own)
        return own

    def _give_weighted(self, layer: CaffeLayer, parameters: int, own: str) -> None:
        for place, name in enumerate(layer.parameter_names(parameters)):
            if name:
                self.owners.setdefault(name, (own, place))
        self.give(layer, Blob(own))

    def _owner(self, layer: CaffeLayer, parameters: int) -> str | None:
        """The layer that has all the named parameters; None where nobody has any yet."""
        names = layer.parameter_names(parameters)
        known = [self.owners.get(name) for name in names]
        owner = next((layer_name for layer_name, _ in filter(None, known)), None)
        if owner is not None and known != [(owner, place) for place in range(len(names))]:
            shared = ", ".join(quote(name) for name in names if name in self.owners)
            raise layer.refuse(
                f"it shares the parameters {shared} of {quote(owner)}, but not all of its own; "
                "layers share all parameters here, or none"
            )
        return owner

    def add_stated(
        self,
        layer: CaffeLayer,
        shape: Shape,
        sources: list[str] | None = None,
        parameters: int = 0,
        **figures: Any,
    ) -> str:
        """Add a layer without a kind that gives its first top, with its shape and figures.

        It has so many parameter blobs: its own, or those of a layer before it.
        """
        read = self.sources(layer) if sources is None else sources
        owner = self._owner(layer, parameters)
        own = self.builder.add_stated(
            layer.type, layer.name, read, shape, layer.line, owner, **figures
        )
        self._give_weighted(layer, parameters, own)
        return own

    def add_unknown(self, layer: CaffeLayer, reason: str = "") -> None:
        """Refuse an operator that is not known, or let all its tops be unknown."""
        blobs = [self.blob(layer, place) for place in range(len(layer.bottoms))]
        read = [blob.layer for blob in blobs if blob.layer is not None] or [self.start]
        name = self.builder.add_unknown(layer.type, layer.name, read, layer.line, "layer", reason)
        for place in range(len(layer.tops)):
            self.give(layer, Blob(name), place)
