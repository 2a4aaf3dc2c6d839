"""Rules about parameters and layers that do nothing for the output."""

from __future__ import annotations

from collections.abc import Iterator

from ...layers.normalization import BatchNorm, Scale
from ...layers.weighted import Weighted
from ...report.layer import LayerReport
from .rule import INFO, WARNING, Case, Rule, Subject


def _biases_before_norm(subject: Subject) -> Iterator[Case]:
    """One case: biases are mostly left on everywhere or nowhere."""
    found = [layer for layer in subject.layers if _bias_is_undone(subject, layer)]
    if not found:
        return
    first, others = found[0], [layer.index for layer in found[1:]]
    counts = [layer.out_shape[0] for layer in found]
    total = None if None in counts else sum(count or 0 for count in counts)
    norm = subject.named(subject.readers[first.index])
    many = "its" if counts[0] is None else f"its {counts[0]:,}"
    text = f"{norm} takes off with the mean what {many} biases add"
    if others:
        wasted = "" if total is None else f", {total:,} parameters together"
        layers = "layer" if len(others) == 1 else "layers"
        text = f"{text}; so it is with {len(others):,} more {layers}{wasted}"
    evidence = {"params": counts[0], "total": total, "layers": len(found)}
    yield Case(first.index, None, text, evidence, None, others)


def _bias_is_undone(subject: Subject, layer: LayerReport) -> bool:
    """Whether only normalizations that subtract each channel's mean read what a bias adds."""
    node, kind = layer.node, layer.node.kind
    if not isinstance(kind, (Weighted, Scale)) or not kind.bias or node.shares is not None:
        return False
    readers = [subject.layer(index).node.kind for index in subject.readers[layer.index]]
    return bool(readers) and all(isinstance(reader, BatchNorm) for reader in readers)


BIAS_BEFORE_BATCH_NORM = Rule(
    "CNN401",
    "bias-before-batch-norm",
    WARNING,
    "a bias that only batch_norm (or instance_norm) reads, which subtracts it with the mean",
    "bias: false; what shift the normalization needs is its own",
    "Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.2",
    _biases_before_norm,
)


def _unused_layers(subject: Subject) -> Iterator[Case]:
    """Layers before the last that nothing reads.

    Networks with several heads end in several places, so an end alone is no fault: information.
    """
    ends = [
        layer.index
        for layer in subject.layers[:-1]
        if not subject.readers[layer.index] and layer.index not in subject.referred
    ]
    members: dict[int, list[int]] = {end: [] for end in ends}
    for index, end in _only_ends(subject).items():
        if end in members:
            members[end].append(index)
    for end, leading in members.items():
        yield _end(subject, end, leading)


def _only_ends(subject: Subject) -> dict[int, int]:
    """Per layer, the one end that all that reads it leads to; 0 where there are several."""
    leads_to: dict[int, int] = {}
    users: list[set[int]] = [set() for _ in range(len(subject.layers) + 1)]
    for layer in reversed(subject.layers):
        index, node = layer.index, layer.node
        ends = {leads_to[user] for user in users[index]} or {index}
        leads_to[index] = ends.pop() if len(ends) == 1 else 0
        for source in (*node.sources, *filter(None, (node.referred,))):
            users[source].add(index)
    return leads_to


def _end(subject: Subject, end: int, members: list[int]) -> Case:
    params = [subject.layer(index).params for index in members]
    macs = [subject.layer(index).macs for index in members]
    evidence = {
        "layers": len(members),
        "params": None if None in params else sum(p or 0 for p in params),
        "macs": None if None in macs else sum(m or 0 for m in macs),
    }
    text = "nothing reads it and it is not the last layer: an output of its own, or unused"
    known = [f"{evidence[name]:,} {word}" for name, word in COSTS if evidence[name]]
    if len(members) > 1 or known:
        only = f"{len(members):,} layers with" if len(members) > 1 else "it has"
        none = ["no parameters"] if not known else []
        text = f"{text}; {only} {' and '.join(known or none)}"
        text += " lead only here" if len(members) > 1 else ""
    return Case(end, subject.layer(end).type, text, evidence)


COSTS = (("params", "parameters"), ("macs", "MACs"))

UNUSED_LAYER = Rule(
    "CNN402",
    "unused-layer",
    INFO,
    "a layer before the last whose output nothing reads: one more output, or forgotten",
    "name it in the `from` of the layer that should read it, or leave it out",
    "",
    _unused_layers,
)
