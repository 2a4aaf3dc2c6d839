"""Definition → Network: names resolved, blocks expanded, a directed acyclic graph in order."""

from __future__ import annotations

from collections.abc import Mapping

from ..arithmetic import Shape
from ..definition.definition import Definition
from ..definition.shape import changed_shape, shape_note
from ..errors import UsageError
from ..layers.base import Layer
from ..record import Record
from ..wording import did_you_mean, flat_shape, name_list, quote, shape_text
from .scope import INPUT


class Node(Record):
    """A layer of the network. `sources` and `referred` are indices; 0 is the network's input.

    `shares` is the index of the layer whose parameters it uses; that one has parameters of its own.
    """

    index: int
    name: str
    type: str
    kind: Layer
    sources: tuple[int, ...]
    referred: int | None
    line: int | None
    path: str
    shares: int | None = None


class Network(Record):
    """Layers in order, each reading only earlier ones.

    `names` gives the index of every layer, and of the output of every block and repeated layer.
    """

    name: str
    input: Shape
    nodes: tuple[Node, ...]
    names: Mapping[str, int]
    definition: Definition

    def __repr__(self) -> str:
        return f"<network {self.name}: {len(self.nodes)} layers, input {shape_text(self.input)}>"

    @property
    def axes(self) -> int:
        """How many spatial axes the input has."""
        return len(self.input) - 1

    @property
    def multiplies(self) -> bool:
        """Whether any layer multiplies activations with each other."""
        return any(node.kind.multiplies for node in self.nodes)

    def with_input(self, asked: object) -> Network:
        """The network on another input: (channels, *axes), the axes alone, or one size for all.

        Raises UsageError where it does not fit.
        """
        return self.but(input=changed_shape(self.input, asked))

    def input_note(self, asked: object = None) -> str | None:
        """What to tell of an input that is probably meant otherwise: the definition's, or asked."""
        located, path = self.definition.input, self.definition.file.path
        if asked is not None:
            try:
                note = shape_note(changed_shape((None,) * len(self.input), asked))
            except UsageError:
                return None
            return note and f"input {flat_shape(changed_shape(self.input, asked))} is {note}"
        note = shape_note(self.input) if located.line is not None else None
        return note and f"{path}:{located.line}: input {list(self.input)} is {note}"

    def up_to(self, index: int) -> Network:
        """The network without the layers behind the one of an index."""
        names = {name: place for name, place in self.names.items() if place <= index}
        return Network(self.name, self.input, self.nodes[:index], names, self.definition)

    def index(self, name: str) -> int:
        """The index of a layer, 0 for the input; raises UsageError with the nearest names."""
        if name == INPUT:
            return 0
        if name not in self.names:
            hint = did_you_mean(name, self.names, f"it has {name_list(self.names)}", most=3)
            raise UsageError(f"{self.name} has no layer {quote(name)}; {hint}")
        return self.names[name]

    def name_of(self, index: int) -> str:
        """The name of the layer of an index, `input` for 0."""
        return self.nodes[index - 1].name if index else INPUT
