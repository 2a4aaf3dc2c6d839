"""Rules about parameters and layers that do nothing for the output."""

from __future__ import annotations

from collections.abc import Iterator

from ...analysis.trace import Trace
from ...arithmetic import total
from .rule import INFO, MOST_NAMED, WARNING, Case, layer_names, rule


@rule(
    "CNN401",
    "bias-before-batch-norm",
    WARNING,
    "a bias that only batch_norm (or instance_norm) reads, directly or behind layers that pass it "
    "on as it is (concat, add, pools, dropout as it is when not training): the mean takes it off",
    "bias: false; what shift the normalization needs is its own",
    "Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.2",
)
def bias_before_batch_norm(trace: Trace) -> Iterator[Case]:
    """One case: biases are mostly left on everywhere or nowhere."""
    norms = _norms_behind(trace)
    kept = {layer.node.shares for layer in trace.layers if not norms[layer.index]}
    layers = [
        layer
        for layer in trace.layers
        if layer.node.kind.adds_bias
        and layer.node.shares is None
        and layer.index not in kept
        and norms[layer.index]
    ]
    if not layers:
        return
    first, others = layers[0], [layer.index for layer in layers[1:]]
    counts = [layer.out_shape[0] for layer in layers]
    biases = total(counts)
    ends = sorted(norms[first.index])
    norm, takes = layer_names(trace, ends), "takes" if len(ends) == 1 else "take"
    many = "its" if counts[0] is None else f"its {counts[0]:,}"
    text = f"{norm} {takes} off with the mean what {many} biases add"
    if not set(ends) <= set(trace.readers[first.index]):
        text = f"{text}, which the layers between pass on"
    if others:
        wasted = "" if biases is None else f", {biases:,} parameters together"
        more = "1 more layer" if len(others) == 1 else f"{len(others):,} more layers"
        text = f"{text}; so it is with {more}{wasted}"
    evidence = {"params": counts[0], "total": biases, "layers": len(layers)}
    yield Case(first.index, None, text, evidence, None, others)


def _norms_behind(trace: Trace) -> list[frozenset[int]]:
    """Per layer, the normalizations that take off what is added to its channels.

    Empty where not all of it is: where a layer that is read otherwise, or by none, comes first.
    """
    norms: list[frozenset[int]] = [frozenset()] * (len(trace.layers) + 1)
    for layer in reversed(trace.layers):
        behind: set[int] = set()
        for reader in trace.readers[layer.index]:
            kind = trace.node(reader).kind
            there = frozenset((reader,)) if kind.subtracts_mean else norms[reader]
            if not there or not (kind.subtracts_mean or kind.passes_shift):
                behind.clear()
                break
            # To name a few is enough: a chain of additions leads to all norms behind it.
            behind.update(sorted(there)[: MOST_NAMED + 1])
        norms[layer.index] = frozenset(sorted(behind)[: MOST_NAMED + 1])
    return norms


@rule(
    "CNN402",
    "unused-layer",
    INFO,
    "a layer before the last whose output nothing reads: one more output, or forgotten",
    "name it in the `from` of the layer that should read it, or leave it out",
    "",
)
def unused_layer(trace: Trace) -> Iterator[Case]:
    """Layers before the last that nothing reads.

    Networks with several heads end in several places, so an end alone is no fault: information.
    """
    referred = {node.referred for node in trace.network.nodes}
    ends = [
        layer.index
        for layer in trace.layers[:-1]
        if not trace.readers[layer.index] and layer.index not in referred
    ]
    members: dict[int, list[int]] = {end: [] for end in ends}
    for index, end in _only_ends(trace).items():
        if end in members:
            members[end].append(index)
    for end, leading in members.items():
        yield _end(trace, end, leading)


def _only_ends(trace: Trace) -> dict[int, int]:
    """Per layer, the one end that all that reads it leads to; 0 where there are several."""
    leads_to: dict[int, int] = {}
    users: list[set[int]] = [set() for _ in trace.fields]
    for layer in reversed(trace.layers):
        index, node = layer.index, layer.node
        ends = {leads_to[user] for user in users[index]} or {index}
        leads_to[index] = ends.pop() if len(ends) == 1 else 0
        for source in (*node.sources, *filter(None, (node.referred,))):
            users[source].add(index)
    return leads_to


def _end(trace: Trace, end: int, members: list[int]) -> Case:
    layers = [trace.layer(index) for index in members]
    evidence = {
        "layers": len(layers),
        "params": total(layer.params for layer in layers),
        "macs": total(layer.macs for layer in layers),
    }
    text = "nothing reads it and it is not the last layer: an output of its own, or unused"
    known = [f"{evidence[name]:,} {word}" for name, word in COSTS if evidence[name]]
    if len(members) > 1 or known:
        only = f"{len(members):,} layers with" if len(members) > 1 else "it has"
        none = ["no parameters"] if not known else []
        text = f"{text}; {only} {' and '.join(known or none)}"
        text += " lead only here" if len(members) > 1 else ""
    return Case(end, trace.layer(end).type, text, evidence)


COSTS = (("params", "parameters"), ("macs", "MACs"))
