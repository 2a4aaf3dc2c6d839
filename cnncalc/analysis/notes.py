"""What a report says once of all layers that no kind stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..network.network import Node
from ..report.layer import LayerReport
from ..wording import quote

MOST_NAMED = 5


def notes(nodes: Sequence[Node], layers: Sequence[LayerReport]) -> Iterator[str]:
    """Parameters that take no part, and operators whose field is not known."""
    for layer in layers:
        if layer.node.kind.is_unused:
            count = "an unknown number of" if layer.params is None else f"{layer.params:,}"
            yield f"layer {quote(layer.layer)}: {count} parameters take no part in what is computed"
    lost = Counter(node.kind.lost_field for node in nodes)
    del lost[""]
    if lost:
        named = [f"{name} ({count}×)" for name, count in lost.most_common(MOST_NAMED)]
        rest = len(lost) - len(named)
        more = f" and {rest} more" if rest else ""
        without = sum(not layer.is_global and None in layer.rf for layer in layers)
        yield (
            f"the field of {', '.join(named)}{more} is not known: "
            f"{without} of {len(layers)} layers are without one"
        )
