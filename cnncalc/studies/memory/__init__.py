"""What it takes to run a network and to train it, in bytes."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

from ...analysis.analysis import analyze
from ...arithmetic import Input, Number, total
from ...definition.arguments import flag
from ...definition.inputs import AskedInput
from ...errors import UsageError
from ...layers.storage import DTYPES
from ...loading import network_of
from ...network.network import Network
from ...record import Record
from ...report.display import Displayed
from ...report.folding import BLOCK
from ...report.report import SCHEMA, Report
from ...wording import plain_input
from .arena import Placed, arena_size, offsets
from .liveness import Run, run
from .order import Ordering, best_order
from .saved import saved_bytes
from .storages import IDEAL, RUNTIMES, chosen_word, indices_key, input_indices, storages_of

GIVEN, BEST = "given", "best"
ORDERS = (GIVEN, BEST)
# Numbers of its own that an optimizer keeps for each parameter.
OPTIMIZERS = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
INDICES = "indices"


class LayerMemory(Record):
    """A layer's bytes: its `output`, what is `live` while it runs, what is `saved` of it.

    `storage_of` is the layer in whose storage its output lies, None for its own; `repeat` how many
    equal blocks it stands for.
    """

    layer: str
    type: str
    index: int
    output: Number
    storage_of: str | None
    live: Number
    saved: Number
    repeat: int = 1


class Memory(Displayed, Record):
    """Bytes that a network takes to run and to train; None where a size is not known.

    `layers` are in the order that runs, `plan` the offsets of all storages in an arena of `arena`
    bytes. `order` says what is proven of it, None for the network's own. `saved`, `gradients` and
    `optimizer` with weights and buffers add up to `training`, which is held between the forward
    and the backward pass. `given_peak` is the peak of the network's own order.
    """

    network: str
    input_shape: Input
    dtype: str
    batch: int
    weights: Number
    buffers: Number
    input: Number
    peak: Number
    peak_input_held: Number
    peak_layer: str | None
    arena: Number
    saved: Number
    gradients: Number
    optimizer: Number
    training: Number
    order: Ordering | None
    layers: tuple[LayerMemory, ...]
    plan: tuple[Placed, ...]
    given_peak: Number
    report: Report
    runtime: str = IDEAL
    train: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The memory in JSON's form."""
        names = (name for name in self._fields if name not in BESIDE_JSON)
        return {"schema": SCHEMA, **{name: _plain(name, getattr(self, name)) for name in names}}


BESIDE_JSON = ("given_peak", "report", "runtime", "train")
LAYER_KEYS = ("layer", "output", "storage_of", "live", "saved")


def _plain(name: str, value: Any) -> Any:
    if name == "layers":
        return [_plain_layer(layer) for layer in value]
    if name == "plan":
        return [placed.as_dict() for placed in value]
    if name == "input_shape":
        return plain_input(value)
    if isinstance(value, Record):
        return value.as_dict()
    return list(value) if isinstance(value, tuple) else value


def _plain_layer(layer: LayerMemory) -> dict[str, Any]:
    """A layer in JSON's form, of a block how many copies it stands for."""
    repeat = {} if layer.type != BLOCK else {"repeat": layer.repeat}
    return {**{key: getattr(layer, key) for key in LAYER_KEYS}, **repeat}


def memory(
    network: Network | str | PathLike[str],
    *,
    dtype: str = "float32",
    batch: int = 1,
    in_place: bool = False,
    runtime: str = IDEAL,
    order: str = GIVEN,
    train: str | None = None,
    input: AskedInput | None = None,
) -> Memory:
    """Bytes that a network takes to run, and what autograd keeps of it, with numbers of a type.

    With `in_place`, activations, batch norms, dropouts and additions write over their first input
    where nobody reads it later. The `runtime` `pytorch` counts the indices that max pooling
    computes, too. The `order` is the network's own, or the `best`: that of the least peak. `train`
    names an optimizer (sgd, momentum, adam, adamw), whose state, gradients and sum are then given.
    Raises what `analyze` raises, and UsageError for an argument that there is not.

    >>> import cnncalc
    >>> found = memory("alexnet", dtype="float16")
    >>> found.peak, found.peak_layer, found.weights
    (1161600, 'relu1', 121930448)
    """
    width = _width(dtype, train)
    chosen_word(runtime, "runtime", RUNTIMES)
    chosen_word(order, "order", ORDERS)
    network = network_of(network)
    report = analyze(network, input, batch=batch)
    storages = storages_of(network, report, width, flag(in_place, "in_place"), runtime)
    given = found = run(storages, storages.layers)
    ordering = None
    if order == BEST:
        best, ordering = best_order(storages)
        found = run(storages, best)
    plan = _plan(network, found)
    rows = _rows(network, report, found, width)
    return Memory(
        network=network.name,
        input_shape=report.input,
        dtype=dtype,
        batch=report.batch,
        **_training_sums(report, rows, width, train),
        input=found.input,
        peak=found.peak,
        peak_input_held=found.peak_input_held,
        peak_layer=next((row.layer for row in rows if row.live == found.peak is not None), None),
        arena=None if plan is None else arena_size(plan),
        order=ordering,
        layers=rows,
        plan=tuple(plan or ()),
        given_peak=given.peak,
        report=report,
        runtime=runtime,
        train=train,
    )


def _width(dtype: str, train: str | None) -> int:
    """Bytes of a number of a type, which gradients have to be of where a network is trained."""
    chosen_word(dtype, "type of numbers", tuple(DTYPES))
    if train is not None:
        chosen_word(train, "optimizer", tuple(OPTIMIZERS))
        if "float" not in dtype:
            floats = ", ".join(name for name in DTYPES if "float" in name)
            raise UsageError(f"a network of {dtype} is not trained; use one of {floats}")
    return DTYPES[dtype]


def _training_sums(
    report: Report, rows: Sequence[LayerMemory], width: int, train: str | None
) -> dict[str, Number]:
    """What is held between forward and backward pass, with its sum for an optimizer."""
    totals = report.totals
    held = {
        "weights": _times(totals.params, width),
        "buffers": _times(totals.buffers, width),
        "saved": total(row.saved for row in rows),
    }
    if train is None:
        return {**held, **dict.fromkeys(("gradients", "optimizer", "training"))}
    held["gradients"] = held["weights"]
    held["optimizer"] = _times(held["weights"], OPTIMIZERS[train])
    return {**held, "training": total(held.values())}


def peak_bytes(report: Report, network: Network, width: int = DTYPES["float32"]) -> Number:
    """The largest sum of live bytes of a network that was analysed, in its own order."""
    storages = storages_of(network, report, width, False, IDEAL)
    return run(storages, storages.layers).peak


def _times(number: Number, factor: int) -> Number:
    return None if number is None else number * factor


def _plan(network: Network, found: Run) -> list[Placed] | None:
    places = offsets(found.lifetimes)
    if places is None:
        return None
    return [
        Placed(_tensor_name(network, each.key), offset, each.size, each.first, each.last)
        for each, offset in zip(found.lifetimes, places)
        if each.size is not None
    ]


def _tensor_name(network: Network, key: int) -> str:
    if key in input_indices(network) or key > 0:
        return network.name_of(key)
    return f"{network.name_of(indices_key(network, key))} {INDICES}"


def _rows(network: Network, report: Report, found: Run, width: int) -> tuple[LayerMemory, ...]:
    saved = saved_bytes(network, report, width)
    rows = []
    for index, live in zip(found.order, found.live):
        layer, home = report.layers[index - 1], found.homes[index]
        owner = None if home == index else network.name_of(home)
        output = _times(layer.activations, width)
        rows.append(
            LayerMemory(layer.layer, layer.type, index, output, owner, live, saved[index - 1])
        )
    return tuple(rows)
