"""Definition → Network: names resolved, blocks expanded, a directed acyclic graph in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..arithmetic import Input, Shape
from ..definition.arguments import checked_text
from ..definition.definition import INPUT, Definition, Located
from ..definition.inputs import asked_notes, changed_inputs, input_of, input_title
from ..definition.shape import shape_note
from ..errors import UsageError
from ..layers.base import Layer
from ..record import Record
from ..report.display import Displayed
from ..wording import did_you_mean, input_text, name_list, quote


class Node(Record):
    """A layer of the network. `sources` and `referred` are indices.

    Of the network's inputs the first has index 0, the second −1, and so on.

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


class Network(Displayed, Record):
    """Layers in order, each reading only earlier ones and the inputs.

    `inputs` are shapes by name; an only one without a name is called `input`. `names` gives the
    index of every layer, and of the output of every block and repeated layer.
    """

    name: str
    inputs: Mapping[str, Shape]
    nodes: tuple[Node, ...]
    names: Mapping[str, int]
    definition: Definition

    def __repr__(self) -> str:
        name = quote(self.name)[1:-1]
        return f"<network {name}: {len(self.nodes)} layers, input {input_text(self.input)}>"

    @property
    def input(self) -> Input:
        """Shape of the input; of inputs that have names, their shapes by name."""
        return input_of(self.inputs)

    @property
    def first_input(self) -> Shape:
        """Shape of the first input, which fields are relative to."""
        return next(iter(self.inputs.values()))

    @property
    def axes(self) -> int:
        """How many spatial axes the first input has."""
        return len(self.first_input) - 1

    def check_one_input(self, question: str, otherwise: str) -> None:
        """Refuse a question that is only answered for networks of one input; tell the way out."""
        if len(self.inputs) > 1:
            names = name_list(self.inputs)
            told = f"{question} is for networks of one input; {self.name} has {names}"
            raise UsageError(f"{told}: {otherwise}")

    @property
    def multiplies(self) -> bool:
        """Whether any layer multiplies activations with each other."""
        return any(node.kind.multiplies for node in self.nodes)

    def with_input(self, asked: object) -> Network:
        """The network on another input: (channels, *axes), the axes alone, or one size for all.

        Of several inputs, a dict of them by name, or axes for every one. Raises UsageError where
        it does not fit.
        """
        return self.but(inputs=changed_inputs(self.inputs, asked))

    def input_notes(self, asked: object = None) -> Iterator[str]:
        """What to tell of inputs probably meant otherwise: the definition's, or those asked for."""
        if asked is not None:
            yield from asked_notes(asked, self.inputs)
            return
        located, path = self.definition.input, self.definition.file.path
        for name, shape in self.inputs.items():
            at: Located = located.value[name] if isinstance(located.value, dict) else located
            if at.line is not None and (note := shape_note(shape)):
                yield f"{path}:{at.line}: {input_title(name)} {list(shape)} is {note}"

    def up_to(self, index: int) -> Network:
        """The network without the layers behind the one of an index."""
        names = {name: place for name, place in self.names.items() if place <= index}
        return self.but(nodes=self.nodes[:index], names=names)

    def index(self, name: str) -> int:
        """The index of a layer or input; raises UsageError with the nearest names."""
        if checked_text(name, "a layer's name") in self.inputs:
            return -list(self.inputs).index(name)
        if name not in self.names:
            known = self.names if INPUT in self.inputs else [*self.inputs, *self.names]
            hint = did_you_mean(name, known, f"it has {name_list(known)}", most=3)
            raise UsageError(f"{self.name} has no layer {quote(name)}; {hint}")
        return self.names[name]

    def name_of(self, index: int) -> str:
        """The name of the layer or input of an index."""
        return self.nodes[index - 1].name if index > 0 else list(self.inputs)[-index]
