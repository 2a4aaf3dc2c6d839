"""Who makes and who reads every block of memory that a network needs to run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from ...arithmetic import Number
from ...definition.arguments import checked_text
from ...errors import UsageError
from ...layers.base import product
from ...network.network import Network
from ...network.paths import inputs_of
from ...record import Record
from ...report.report import Report
from ...wording import did_you_mean, quote

INDEX_BYTES = 8  # PyTorch's indices are of type int64
IDEAL, PYTORCH = "ideal", "pytorch"
RUNTIMES = (IDEAL, PYTORCH)


def chosen_word(word: object, what: str, choices: Sequence[str]) -> str:
    """One of a few words; raises UsageError with the nearest for another."""
    name = checked_text(word, what)
    if name not in choices:
        raise UsageError(f"no {what} is named {quote(name)}; {did_you_mean(name, choices)}")
    return name


class Storages(Record):
    """Blocks of memory by keys: of layers and of inputs their indices; further ones below them.

    `sizes` are their bytes, `inputs` the keys of the inputs. By indices: `homes`, whose storage
    each one's output lies in; `makes`, the blocks that are new with it; `reads`, those that it
    reads; `waits`, the layers that it has to come after. `readers` are those of a block; `outputs`
    blocks that are wanted at the end. `movable` are layers that may take the block of their first
    input, which stands beside them, where nobody reads that later.
    """

    sizes: dict[int, Number]
    inputs: Sequence[int]
    homes: list[int]
    makes: list[tuple[int, ...]]
    reads: list[tuple[int, ...]]
    readers: dict[int, list[int]]
    outputs: frozenset[int]
    movable: dict[int, int]
    waits: list[set[int]]

    @property
    def layers(self) -> range:
        """All layers, in the network's order."""
        return range(1, len(self.makes))


def storages_of(
    network: Network, report: Report, width: int, in_place: bool, runtime: str
) -> Storages:
    """The blocks of a network whose numbers are of so many bytes."""
    inputs = input_indices(network)
    sizes = {key: input_bytes(report, key, width) for key in inputs}
    homes = own_places(network)
    makes: list[tuple[int, ...]] = [()]
    reads: list[tuple[int, ...]] = [()]
    waits: list[set[int]] = [set()]
    readers: dict[int, list[int]] = {key: [] for key in inputs}
    unread: set[int] = set()
    movable: dict[int, int] = {}
    writers: dict[int, int] = {}  # of a block, the last layer that wrote over it
    for node, layer in zip(network.nodes, report.layers):
        own = None if layer.activations is None else layer.activations * width
        source = homes[node.sources[0]]
        overwrites = node.kind.is_in_place and layer.in_shapes[0] == layer.out_shape
        shares = node.kind.computes_nothing or overwrites
        made: tuple[int, ...] = () if shares else (node.index,)
        read = {homes[each] for each in node.sources if node.kind.reads_input}
        waiting = {*inputs_of(node), *(writers[key] for key in read if key in writers)}
        waiting.difference_update(inputs)
        if overwrites:
            before = writers.get(source, 0)
            waiting.update(takewhile(lambda each: each > before, reversed(readers[source])))  # noqa: B023
            writers[source] = node.index
        if runtime == PYTORCH and node.kind.seeks:
            key = indices_key(network, node.index)
            made = (*made, key)
            sizes[key] = None if layer.activations is None else layer.activations * INDEX_BYTES
            readers[key] = []
        if node.kind.reference == "pool" and node.referred is not None:
            key = indices_key(network, node.referred)
            if key in readers:
                read.add(key)
        if not shares:
            sizes[node.index], readers[node.index] = own, []
            if in_place and node.kind.may_be_in_place and source > 0:
                movable[node.index] = source
        for key in read:
            readers[key].append(node.index)
        homes[node.index] = source if shares else node.index
        makes.append(made)
        reads.append(tuple(sorted(read)))
        waits.append(waiting)
        unread.difference_update(node.sources)
        unread.add(node.index)
    outputs = frozenset(homes[index] for index in unread)
    return Storages(sizes, inputs, homes, makes, reads, readers, outputs, movable, waits)


def input_indices(network: Network) -> range:
    """Indices of the network's inputs, the first one's first."""
    return range(0, -len(network.inputs), -1)


def own_places(network: Network) -> list[int]:
    """Every layer's and input's index, by itself: those below 0 count from the end."""
    return [*range(len(network.nodes) + 1), *range(1 - len(network.inputs), 0)]


def input_bytes(report: Report, index: int, width: int) -> Number:
    """Bytes of an input, of numbers of so many."""
    values = product(report.shape_of(index))
    return None if values is None else values * width * report.batch


def indices_key(network: Network, pool: int) -> int:
    """The key of the indices of a pooling; its own inverse."""
    return 1 - len(network.inputs) - pool
