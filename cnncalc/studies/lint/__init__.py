"""Design faults that the exact fields of a network reveal."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike

from ...analysis.analysis import trace_of
from ...arithmetic import Input
from ...definition.arguments import checked_text, items
from ...definition.inputs import AskedInput
from ...errors import UsageError
from ...network.network import Network
from ...report.display import DisplayedTuple
from ...wording import did_you_mean, quote
from .alignment import misaligned_merge, shifted_centre
from .comments import Ignored
from .gaps import gridding
from .peak import memory_peak
from .proportion import field_beyond_input, hollow_kernel
from .rule import INFO, WARNING, Finding, Rule
from .sampling import checkerboard, dropped_edge, skipped_pixels
from .waste import bias_before_batch_norm, unused_layer

RULES: tuple[Rule, ...] = (
    checkerboard,
    gridding,
    skipped_pixels,
    dropped_edge,
    misaligned_merge,
    shifted_centre,
    field_beyond_input,
    hollow_kernel,
    bias_before_batch_norm,
    unused_layer,
    memory_peak,
)


def chosen_rules(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> list[Rule]:
    """The rules that are selected, all where none is, without the ignored ones.

    Both take codes (CNN101), beginnings of codes (CNN1) and names (checkerboard). Raises
    UsageError for what is none of them.

    >>> [rule.name for rule in chosen_rules(["CNN1"], ["gridding", "CNN103"])]
    ['checkerboard', 'dropped-edge']
    """
    selected = {rule.code for word in items(select, "select") for rule in _rules_of(word)}
    ignored = {rule.code for word in items(ignore, "ignore") for rule in _rules_of(word)}
    codes = (selected or {rule.code for rule in RULES}) - ignored
    return [rule for rule in RULES if rule.code in codes]


def _codes(words: Iterable[str]) -> set[str]:
    return {rule.code for rule in chosen_rules(words)}


def _rules_of(word: str) -> list[Rule]:
    stripped = checked_text(word, "a rule").strip()
    code, name = stripped.upper(), stripped.lower().replace("_", "-")
    rules = [rule for rule in RULES if name == rule.name or (code and rule.code.startswith(code))]
    if not rules:
        names = [text for rule in RULES for text in (rule.name, rule.code)]
        known = f"they are {', '.join(names[::2])}"
        near = did_you_mean(name, names, "", spelling=str)
        hint = near or did_you_mean(code, names, known, spelling=str)
        raise UsageError(f"no rule has the code or name {quote(word)}; {hint}")
    return rules


__all__ = ["INFO", "RULES", "WARNING", "Finding", "Findings", "Rule", "chosen_rules", "lint"]


class Findings(DisplayedTuple[Finding]):
    """What so many rules find in a network on an input."""

    network: str
    input: Input
    rules: int


def lint(
    network: Network | str | PathLike[str],
    input: AskedInput | None = None,
    *,
    from_layer: str | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> Findings:
    """The design faults of a network, each once per cause, by the rules' codes.

    `input` and `from_layer` are those of `analyze`; fields leave out paths through layers that
    read a whole map, so that squeeze-and-excitation gates hide nothing. `select` and `ignore` take
    codes, beginnings of codes and names of rules; what a comment at a layer's line asks to ignore,
    `# cnncalc: ignore CNN103`, is left out. Raises what `analyze` raises, and UsageError for
    a rule that there is not.

    >>> import cnncalc
    >>> network = cnncalc.loads('''
    ... name: upper
    ... input: [8, 16, 16]
    ... layers:
    ...   - {name: up, type: conv_transpose, out_channels: 4, kernel_size: 3, stride: 2}
    ... ''')
    >>> for finding in lint(network):
    ...     print(finding.code, finding.rule, finding.evidence["together"])
    CNN101 checkerboard [1, 2, 4]
    """
    rules = chosen_rules(select, ignore)
    trace = trace_of(network, input, from_layer=from_layer)
    report = trace.report
    ignored = Ignored(trace.network.definition, _codes)
    return Findings(
        [finding for rule in rules for finding in rule.findings(trace, ignored)],
        network=report.network,
        input=report.input,
        rules=len(rules),
    )
