"""What layers are called: as their nodes are, or as the PyTorch modules that these come from."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..tensors.naming import Names
from ..tensors.values import Draft

if TYPE_CHECKING:
    from onnx import NodeProto

SCOPES = "pkg.torch.onnx.name_scopes"
WEIGHT = ".weight"


class NodeNames(Names):
    """Names while layers are made: the node's, also for the layer that its view stands for."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[str, str, bool]] = {}

    def note(self, name: str, proto: NodeProto) -> None:
        """Take note of the module that a node comes from, if it tells it."""
        scopes = next((one.value for one in proto.metadata_props if one.key == SCOPES), "")
        if scopes:
            parts = scopes.strip("[]").replace("'", "").split(", ")
            self.places[name] = ".".join(parts[-2:-1]), parts[-1], True
        elif name.startswith("/"):
            self.places[name] = *_path(name), False

    def settle(self, drafts: list[Draft]) -> None:
        """Call layers by their modules: by the path alone where they are all of a module."""
        modules = [self._module(draft) for draft in drafts]
        types: dict[str, set[str]] = defaultdict(set)
        for draft, (path, _) in zip(drafts, modules):
            types[path].add(draft.type)
        within = {path[:place] for path in types for place, sign in enumerate(path) if sign == "."}
        for draft, (path, word) in zip(drafts, modules):
            if path and path not in within and len(types[path]) == 1:
                draft.name = path
            elif word:
                draft.name = ".".join(filter(None, (path, snake(_without_number(word)))))

    def _module(self, draft: Draft) -> tuple[str, str]:
        """The path of a layer's module, and what the layer is in it; both empty without one.

        A convolution that took in the norm behind it stands in the norm's place, but its weight
        has its own.
        """
        if draft.name not in self.places:
            # What a node does beside its own, `conv1.pad` say, is in the node's module.
            stem, _, own = draft.name.rpartition(".")
            return (self.places[stem][0], own) if stem in self.places else ("", "")
        path, word, by_weight = self.places[draft.name]
        weights = [name for name in draft.names if name.endswith(WEIGHT)]
        if by_weight and len(weights) == 1:
            return weights[0].removesuffix(WEIGHT), word
        return path, word


def _path(name: str) -> tuple[str, str]:
    """A module's path and an operator, of what exporters by tracing call a node.

    >>> _path("/layer1/layer1.0/conv1/Conv"), _path("/Flatten")
    (('layer1.0.conv1', 'Conv'), ('', 'Flatten'))
    """
    *scopes, word = name[1:].split("/")
    parts: list[str] = []
    for scope in scopes:
        if parts and scope.startswith(f"{parts[-1]}."):
            parts.pop()
        parts.append(scope)
    return ".".join(parts), word


def _without_number(word: str) -> str:
    """An operator without its number: layers are numbered anew where they need to be."""
    stem, _, number = word.rpartition("_")
    return stem if stem and number.isdecimal() else word


def snake(operator: str) -> str:
    """An operator's name as definitions have it.

    >>> snake("GlobalAveragePool"), snake("com.microsoft.Gelu"), snake("add_1")
    ('global_average_pool', 'gelu', 'add_1')
    """
    own = operator.rpartition(".")[2]
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in own).lstrip("_")
