"""Every padding of one axis with which a window gives the output that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice

from ...arithmetic import (
    Impossible,
    ceil_output_size,
    dilated_kernel,
    output_size,
    same_output_size,
    same_padding,
    split_padding,
    transposed_output_size,
)
from ...definition.arguments import flag, whole_number
from ...errors import UsageError
from ...fields.window import dropped_units, sliding
from ...record import Record
from ...report.display import Displayed

MOST_PADDINGS = 10_000
MOST_TRIED = 200_000
LARGEST = 10**9


class PaddingQuestion(Record):
    """One axis of a window: sizes in units of its input, and the output that is wanted."""

    size: int
    kernel_size: int
    output: int
    stride: int = 1
    dilation: int = 1
    transposed: bool = False

    @property
    def reach(self) -> int:
        """Extent of the dilated kernel, in units."""
        return dilated_kernel(self.kernel_size, self.dilation)

    @property
    def same_total(self) -> int | None:
        """Total padding of `same`, in units; None where the output is not that of `same`."""
        if self.transposed:
            total, output = max(self.reach - self.stride, 0), self.size * self.stride
        else:
            total = same_padding(self.size, self.kernel_size, self.stride, self.dilation)
            output = same_output_size(self.size, self.stride)
        return total if self.output == output else None


class Fit(Record):
    """A padding that gives the output.

    `conv`, `pool`, `pool_ceil` and `pool_caffe` say with which layers: a convolution, or a pooling
    of ceil_mode false, true and `caffe` (Caffe's depends on every axis; here the others are taken
    as not padded). `dropped` is how many units behind the last window the next ones would read. Of
    a transposed convolution there is the `output_padding` instead. `same_as` is the word for it.
    """

    before: int
    after: int
    conv: bool = False
    pool: bool = False
    pool_ceil: bool = False
    pool_caffe: bool = False
    dropped: int | None = None
    output_padding: int | None = None
    same_as: str | None = None


class Paddings(Displayed, Record):
    """All fits of a question, balanced ones first.

    `possible` are the least and the most outputs that any padding asked for gives, of any layer;
    all between them are given too, `step` after `step`.
    """

    question: PaddingQuestion
    fits: tuple[Fit, ...]
    possible: tuple[int, int]
    step: int


def paddings(
    size: int,
    kernel_size: int,
    output: int,
    *,
    stride: int = 1,
    dilation: int = 1,
    transposed: bool = False,
    symmetric: bool = False,
) -> Paddings:
    """Every (before, after) padding, in units, that makes an output of `output` units of `size`.

    Complete within d·(k − 1) on each side, since with more the first or last window would read
    nothing but padding (of a transposed convolution: no part of the first or last unit would be
    left), and for poolings within half the kernel, as they refuse more. `symmetric` keeps those
    that are equal on both sides.

    Raises UsageError for numbers that no layer has, or more than 10,000 answers.
    """
    question = PaddingQuestion(
        whole_number(size, "size"),
        whole_number(kernel_size, "kernel_size"),
        whole_number(output, "output"),
        whole_number(stride, "stride"),
        whole_number(dilation, "dilation"),
        flag(transposed, "transposed"),
    )
    symmetric, stride, dilation = flag(symmetric, "symmetric"), question.stride, question.dilation
    fits = (_transposed_fits if question.transposed else _sliding_fits)(question, symmetric)
    first = list(islice(fits, MOST_PADDINGS + 1))
    if len(first) > MOST_PADDINGS:
        hint = "no list helps there" if symmetric else "ask for symmetric ones only"
        raise UsageError(f"more than {MOST_PADDINGS:,} paddings give {output}; {hint}")
    # Equal sides change the total by two: only a stride, or an output padding, makes up for it.
    step = 2 if symmetric and max(stride, dilation if question.transposed else 1) == 1 else 1
    ordered = tuple(sorted(first, key=_balance))
    return Paddings(question, ordered, _possible(question, symmetric, step), step)


def _balance(fit: Fit) -> tuple[int, ...]:
    extra = fit.output_padding or 0
    apart = abs(fit.before - fit.after)
    return apart, extra, not fit.conv, fit.before + fit.after, fit.before


def _splits(totals: range, widest: int, symmetric: bool) -> Iterator[tuple[int, int]]:
    """Every (before, after) of a total within the range, neither side over the widest."""
    for total in range(max(totals.start, 0), min(totals.stop, 2 * widest + 1)):
        if symmetric:
            if total % 2 == 0:
                yield total // 2, total // 2
            continue
        for before in range(max(0, total - widest), min(total, widest) + 1):
            yield before, total - before


def _sliding_fits(question: PaddingQuestion, symmetric: bool) -> Iterator[Fit]:
    stride = question.stride
    widest, half = question.reach - 1, question.kernel_size // 2
    # Floored, `stride` totals give the output. Rounded up, the first of them and those of the
    # stride before do, and all of them where the last window is dropped.
    exact = (question.output - 1) * stride + question.reach - question.size
    candidates = chain(
        _splits(range(exact, exact + stride), widest, symmetric),
        _splits(range(exact - stride + 1, exact), half, symmetric),
    )
    for tried, (before, after) in enumerate(candidates):
        if tried >= MOST_TRIED:
            raise UsageError(f"there are more than {MOST_TRIED:,} paddings to try; none is told")
        fit = _sliding_fit(question, before, after)
        if fit.conv or fit.pool_ceil or fit.pool_caffe:
            yield fit


def _sliding_fit(question: PaddingQuestion, before: int, after: int) -> Fit:
    size, kernel, output, stride, dilation, _ = question
    window = (size, kernel, stride, before, after, dilation)
    conv = _gives(output, output_size, *window)
    pooled = max(before, after) <= kernel // 2
    return Fit(
        before,
        after,
        conv,
        pooled and conv,
        pooled and _gives(output, ceil_output_size, *window, True),
        pooled and _gives(output, ceil_output_size, *window, before + after > 0),
        dropped_units(sliding(kernel, stride, before, dilation), size, output),
        None,
        _word(question, before, after),
    )


def _gives(output: int, formula: Callable[..., int], *window: int) -> bool:
    try:
        return formula(*window) == output
    except Impossible:
        return False


def _word(question: PaddingQuestion, before: int, after: int, extra: int = 0) -> str | None:
    """`same`, `same_lower` or `valid`, where that word is this padding and this output."""
    total = question.same_total
    if total is not None:
        for word, odd_before in (("same", False), ("same_lower", True)):
            if (before, after) == split_padding(total, odd_before):
                return word
    return "valid" if before == after == extra == 0 else None


def _transposed_fits(question: PaddingQuestion, symmetric: bool) -> Iterator[Fit]:
    size, kernel, output, stride, dilation, _ = question
    whole = transposed_output_size(size, kernel, stride, 0, 0, dilation)
    widest = question.reach - 1
    least = max(output - whole, 0)
    most = min(2 * widest + output - whole, max(stride, dilation) - 1)
    for extra in range(least, most + 1):
        total = whole + extra - output
        for before, after in _splits(range(total, total + 1), widest, symmetric):
            word = _word(question, before, after, extra)
            yield Fit(before, after, output_padding=extra, same_as=word)


def _possible(question: PaddingQuestion, symmetric: bool, step: int) -> tuple[int, int]:
    """The least and the most outputs that any padding within the bounds gives."""
    size, kernel, _, stride, dilation, transposed = question
    widest = question.reach - 1
    if transposed:
        whole = transposed_output_size(size, kernel, stride, 0, 0, dilation)
        least = whole - 2 * widest
        if least < 1:
            least = 2 if step == 2 and whole % 2 == 0 else 1
        return least, whole + max(stride, dilation) - 1
    outputs = list(_extreme_outputs(question, symmetric))
    return min(outputs), max(outputs)


def _extreme_outputs(question: PaddingQuestion, symmetric: bool) -> Iterator[int]:
    """Outputs of the least and the most paddings, floored and rounded up."""
    size, kernel, _, stride, dilation, _ = question
    widest, half = question.reach - 1, kernel // 2

    def least(total: int) -> int:
        total = max(total, 0)
        return total + total % 2 if symmetric else total

    for total in (least(question.reach - size), 2 * widest):
        yield output_size(size, kernel, stride, total // 2, total - total // 2, dilation)
    for total in (0, least(question.reach - size - stride + 1), 2 * half):
        for drop_outside in (True, total > 0):
            if total <= 2 * half and size + total > question.reach - stride:
                before = total // 2
                window = (size, kernel, stride, before, total - before, dilation)
                yield ceil_output_size(*window, drop_outside)
