"""Output sizes as formulas, one axis at a time: paddings first where a rule gives them."""

from __future__ import annotations

from collections.abc import Sequence

from ...arithmetic import Exact, Number, Pair, dilated_kernel
from ...record import Record
from .step import Step, Values, constant, hundredths, operand

SIZE = "output size"
NO_SIZE = "its input's size is not known"


class Slide(Record):
    """A sliding window on one axis, and by which rules it is padded and rounded.

    `rule` is the word given for padding, empty for numbers; `rounding` is false, true or `caffe`;
    `padded` says whether any axis is.
    """

    size: Number
    kernel: int
    stride: int
    padding: Pair
    dilation: int
    rule: str = ""
    rounding: bool | str = False
    padded: bool = False

    @property
    def values(self) -> dict[str, Exact | None]:
        """Its numbers by their symbols."""
        before, after = self.padding
        return {
            "n": self.size,
            "k": self.kernel,
            "s": self.stride,
            "p": before,
            "p_b": before,
            "p_e": after,
            "d": self.dilation,
        }

    @property
    def reach(self) -> str:
        """The dilated kernel: `k` where nothing lies between its taps."""
        return "k" if self.dilation == 1 else "(d·(k − 1) + 1)"

    @property
    def both(self) -> str:
        """Both paddings together."""
        return "2·p" if self.padding[0] == self.padding[1] else "p_b + p_e"


def sliding(slide: Slide, result: Number) -> list[Step]:
    """Output size of a convolution or a pooling."""
    if slide.rule.startswith("same"):
        return [*_same_padding(slide), _same_size(slide, result)]
    quotient = f"(n + {slide.both} − {slide.reach})/s"
    if slide.rounding is False:
        text, branch = f"⌊{quotient}⌋ + 1", _floor_branch(slide)
    else:
        text, branch = _ceil(slide, quotient, result)
    return [Step(SIZE, "N", text, slide.values, result, branch)]


def _free(slide: Slide) -> int | None:
    """How far the window can move on the padded input; None without a size."""
    before, after = slide.padding
    if slide.size is None or before is None or after is None:
        return None
    return slide.size + before + after - dilated_kernel(slide.kernel, slide.dilation)


def _floor_branch(slide: Slide) -> str:
    free = _free(slide)
    if free is None:
        return NO_SIZE
    valid = "valid (no padding), " if slide.rule == "valid" else ""
    return f"{valid}floor: {_rounding(free, slide.stride, free // slide.stride)}"


def _rounding(top: int, bottom: int, whole: int) -> str:
    if bottom == 1:
        return "at stride 1 nothing is rounded"
    quotient = f"{operand(top)}/{bottom} = {hundredths(top, bottom)}"
    if top % bottom == 0:
        return f"{quotient}, whole"
    return f"{quotient} → {hundredths(whole, 1)}"


def _ceil(slide: Slide, quotient: str, result: Number) -> tuple[str, str]:
    """The formula of a size that is rounded up, and its branch."""
    text, free = f"⌈{quotient}⌉ + 1", _free(slide)
    if free is None or slide.size is None:
        return text, NO_SIZE
    up = -(-free // slide.stride)
    name = "ceil" if slide.rounding is True else "ceil as in Caffe"
    rounded = f"{name}: {_rounding(free, slide.stride, up)}"
    start, end = up * slide.stride, slide.size + (slide.padding[0] or 0)
    if slide.rounding != "caffe" or slide.padded:
        last = f"the last window {{}} at {start}, {{}} n + p_b = {end}"
        if result == up:
            start_of_last = last.format("would start", "at or past")
            return f"{text} − 1", f"{rounded}; less one: {start_of_last}"
        return text, f"{rounded}; {last.format('starts', 'before')}, and stays"
    return text, f"{rounded}; no axis is padded, so the last window stays"


def _same_size(slide: Slide, result: Number) -> Step:
    branch = f"{slide.rule}: rounded up" if slide.size is not None else NO_SIZE
    return Step(SIZE, "N", "⌈n/s⌉", slide.values, result, branch)


def _same_padding(slide: Slide) -> list[Step]:
    if slide.stride == 1:
        # Every size needs the same padding, also one that is not given.
        return _two_paddings(slide, f"{slide.reach} − 1")
    return _two_paddings(slide, f"max((⌈n/s⌉ − 1)·s + {slide.reach} − n, 0)")


def _two_paddings(slide: Slide, total: str) -> list[Step]:
    """Total, before and after; the odd one goes after, or before for `same_lower`."""
    before, after = slide.padding
    lower = slide.rule == "same_lower"
    if before is None or after is None:
        return [Step("padding", "t", total, slide.values, None, NO_SIZE)]
    values = {"t": before + after}
    halves = ("⌈t/2⌉", "⌊t/2⌋") if lower else ("⌊t/2⌋", "⌈t/2⌉")
    odd = "" if before == after else f"the odd one {'before' if lower else 'after'}"
    return [
        Step("padding", "t", total, slide.values, before + after, slide.rule),
        Step("padding before", "p_b", halves[0], values, before, odd if lower else ""),
        Step("padding after", "p_e", halves[1], values, after, "" if lower else odd),
    ]


def transposed_convolution(slide: Slide, output_padding: int, result: Number) -> list[Step]:
    """Output size of a transposed convolution."""
    if slide.rule.startswith("same"):
        steps = _two_paddings(slide, f"max({slide.reach} − s, 0)")
        return [*steps, Step(SIZE, "N", "n·s", slide.values, result, f"transposed, {slide.rule}")]
    extra = " + o" if output_padding else ""
    text = f"(n − 1)·s − {slide.both.replace('+', '−')} + {slide.reach}{extra}"
    branch = "transposed" if slide.size is not None else NO_SIZE
    return [Step(SIZE, "N", text, {**slide.values, "o": output_padding}, result, branch)]


def _step(formula: str, values: Values, result: Number, branch: str = "") -> list[Step]:
    return [Step(SIZE, "N", formula, values, result, branch if values["n"] else NO_SIZE)]


def of_input(size: Number, branch: str) -> list[Step]:
    """Output size of a layer that keeps its input's."""
    return [constant(SIZE, "N", size, branch if size is not None else NO_SIZE, "n")]


def own(size: Number, branch: str) -> list[Step]:
    """Output size that does not come from the input's."""
    return [constant(SIZE, "N", size, branch)]


def adaptive(size: Number, output: Number) -> list[Step]:
    """Output size of an adaptive pooling, and what its units read."""
    if size is None or output is None:
        return own(output, "adaptive: the size asked for")
    spans = f"⌊i·{size}/{output}⌋ … ⌈(i + 1)·{size}/{output}⌉ − 1"
    return own(output, f"adaptive: the size asked for; unit i reads {spans}")


def resizing(size: Number, factor: tuple[int, int], result: Number, mode: str) -> list[Step]:
    """Output size of resizing by a factor."""
    exact: Exact = factor[0] if factor[1] == 1 else factor
    return _step("⌊n·q⌋", {"n": size, "q": exact}, result, f"resizing, {mode}")


def padding(size: Number, pair: Pair, result: Number) -> list[Step]:
    """Output size of a layer that pads."""
    return _step("n + p_b + p_e", {"n": size, "p_b": pair[0], "p_e": pair[1]}, result)


def cropping(size: Number, pair: Pair, result: Number) -> list[Step]:
    """Output size of a layer that crops."""
    return _step("n − a_b − a_e", {"n": size, "a_b": pair[0], "a_e": pair[1]}, result)


def shuffling(size: Number, factor: int, result: Number, grows: bool) -> list[Step]:
    """Output size of moving channels into space, or space into channels."""
    return _step("n·f" if grows else "n/f", {"n": size, "f": factor}, result)


def joining(counts: Sequence[Number], result: Number) -> Step:
    """Output size of maps one after the other."""
    values = {f"n_{number}": count for number, count in enumerate(counts, start=1)}
    branch = NO_SIZE if result is None else "one after the other"
    return Step(SIZE, "N", " + ".join(values), values, result, branch)
