"""Rules about parameters and layers that do nothing for the output."""

from __future__ import annotations

from collections.abc import Iterator

from ...analysis.trace import Trace
from ...arithmetic import total
from ...report.layer import LayerReport
from .rule import INFO, WARNING, Case, layer_names, rule


@rule(
    "CNN401",
    "bias-before-batch-norm",
    WARNING,
    "a bias that only batch_norm (or instance_norm) reads, which subtracts it with the mean",
    "bias: false; what shift the normalization needs is its own",
    "Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.2",
)
def bias_before_batch_norm(trace: Trace) -> Iterator[Case]:
    """One case: biases are mostly left on everywhere or nowhere."""
    layers = [layer for layer in trace.layers if _bias_is_undone(trace, layer)]
    if not layers:
        return
    first, others = layers[0], [layer.index for layer in layers[1:]]
    counts = [layer.out_shape[0] for layer in layers]
    biases = total(counts)
    norm = layer_names(trace, trace.readers[first.index])
    many = "its" if counts[0] is None else f"its {counts[0]:,}"
    text = f"{norm} takes off with the mean what {many} biases add"
    if others:
        wasted = "" if biases is None else f", {biases:,} parameters together"
        more = "1 more layer" if len(others) == 1 else f"{len(others):,} more layers"
        text = f"{text}; so it is with {more}{wasted}"
    evidence = {"params": counts[0], "total": biases, "layers": len(layers)}
    yield Case(first.index, None, text, evidence, None, others)


def _bias_is_undone(trace: Trace, layer: LayerReport) -> bool:
    """Whether only normalizations that subtract each channel's mean read what a bias adds."""
    if not layer.node.kind.adds_bias or layer.node.shares is not None:
        return False
    readers = [trace.node(index).kind for index in trace.readers[layer.index]]
    return bool(readers) and all(reader.subtracts_mean for reader in readers)


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
    users: list[set[int]] = [set() for _ in range(len(trace.layers) + 1)]
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
