"""What the linter can put right in a definition for certain: `bias: false` before a batch_norm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...definition.definition import Definition, Entry
from ...network.network import Network
from ...readers.yaml_places import Edit, switch_offs
from ...record import Record
from .comments import COMMENT
from .rule import Finding
from .waste import bias_before_batch_norm

# Their `bias` is one per output channel and no more; that of attention is also its queries'.
FIXED_TYPES = ("conv", "depthwise_conv", "conv_transpose", "linear")


class Fixed(Record):
    """A definition's text as it is put right: in so many layers' entries, so many left alone."""

    text: str
    fixed: int
    left: int


def fixed_text(network: Network, findings: Iterable[Finding], text: str) -> Fixed:
    """The text of the network's own file with what is found in it put right.

    An entry is left alone where it makes a layer that nothing was found at, where what reads it
    hangs on a condition, where another layer shares its parameters or a comment lets findings pass.
    Entries of other files are left too.
    """
    found = {
        name
        for finding in findings
        if finding.code == bias_before_batch_norm.code
        for name in finding.layers
    }
    if not found:
        return Fixed(text, 0, 0)
    path = network.definition.file.path
    flagged = {(n.path, n.line) for n in network.nodes if network.name_of(n.index) in found}
    places, kept = switch_offs(text, FIXED_TYPES, "bias"), _kept_lines(network, found)
    lines = [line for at, line in flagged if at == path and line is not None and line not in kept]
    edits = [edit for line in lines if (edit := places.get(line)) is not None]
    return Fixed(_text_with(text, edits), len(edits), len(flagged) - len(edits))


def _text_with(text: str, edits: Iterable[Edit]) -> str:
    for edit in sorted(edits, key=lambda each: each.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _kept_lines(network: Network, found: set[str]) -> set[int | None]:
    """The lines of the network's own file whose layers are left as they are."""
    definition = network.definition
    own = [node for node in network.nodes if node.path == definition.file.path]
    sharing = {node.shares for node in network.nodes}
    kept: set[int | None] = {
        node.line
        for node in own
        if node.type in FIXED_TYPES
        and (network.name_of(node.index) not in found or node.index in sharing)
    }
    lines = enumerate((definition.text or "").split("\n"), start=1)
    kept.update(number for number, line in lines if COMMENT.search(line))
    norms = {node.type for node in own if node.kind.subtracts_mean}
    asked = {node.line for node in own if network.name_of(node.index) in found} - kept
    for entries in _lists(definition):
        kept.update(_doubtful(entries, asked, norms))
    return kept


def _lists(definition: Definition) -> Iterator[Sequence[Entry]]:
    """The lists of layers of the definition's own file."""
    yield definition.layers
    for block in definition.blocks.values():
        if block.file.path == definition.file.path:
            yield block.layers


def _doubtful(
    entries: Sequence[Entry], lines: set[int | None], norms: set[str]
) -> Iterator[int | None]:
    """Of lines, those of entries whose readers, up to a normalization, hang on arguments."""
    conditional = [_is_conditional(entry) for entry in entries]
    if not any(conditional):
        return
    named = {
        str(source.value)
        for entry, hangs in zip(entries, conditional)
        if hangs
        for source in entry.sources or ()
    }
    for start, entry in enumerate(entries):
        if entry.line not in lines:
            continue
        end = start + 1
        while end < len(entries) and entries[end - 1].type.value not in norms:
            end += 1
        names = {str(each.name.value) for each in entries[start:end] if each.name is not None}
        reads_named = any(name.partition(".")[0] in names for name in named)
        if reads_named or any(conditional[start + 1 : end]) or "$" in str(entry.type.value):
            yield entry.line


def _is_conditional(entry: Entry) -> bool:
    return entry.when is not None or str(entry.type.value).startswith("$")
