"""What layers ask of memory: whose storage their output has, and what is kept of them."""

from __future__ import annotations

from ..record import Record
from . import attributes as attribute

# Bytes of a number.
DTYPES = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
}


class Saved(Record):
    """What PyTorch's autograd keeps of a layer for its gradient, beside its parameters.

    `inputs` are the places of the inputs that it keeps, each only if another one needs a gradient
    where `crosswise`; `output` says whether it keeps what it gives. `numbers` are others of the
    network's type, `indices` whole numbers of 8 bytes (those of the pool that an unpooling undoes
    are one with the pool's), both for each image; `statistics` are numbers of at least 4 bytes
    whatever the batch.
    """

    inputs: tuple[int, ...] = ()
    output: bool = False
    crosswise: bool = False
    numbers: int = 0
    indices: int = 0
    statistics: int = 0


NOTHING = Saved()
INPUT = Saved(inputs=(0,))
OUTPUT = Saved(output=True)

# What autograd keeps of functions of each number by itself, by PyTorch's names for them. What they
# take besides is a constant, which is left out as parameters are.
FUNCTIONS = {
    **dict.fromkeys(("add", "sub", "reverse sub", "rsub", "mul", "div", "neg"), NOTHING),
    **dict.fromkeys(
        ("negative", "sign", "floor", "ceil", "round", "trunc", "frac", "fmod"), NOTHING
    ),
    **dict.fromkeys(("exp", "expm1", "sqrt", "rsqrt", "reciprocal", "tan"), OUTPUT),
    **dict.fromkeys(("abs", "square", "pow", "log", "log2", "log10", "log1p", "logit"), INPUT),
    **dict.fromkeys(("sin", "cos", "sinh", "cosh", "asin", "acos", "atan", "erf", "erfc"), INPUT),
    **dict.fromkeys(("clamp", "clamp_min", "clamp_max", "clip", "hardtanh", "nan_to_num"), INPUT),
    **dict.fromkeys(("softplus", "hardshrink", "softshrink", "threshold", "celu", "selu"), INPUT),
    "reverse div": INPUT,
    "reverse pow": Saved(inputs=(0,), output=True),
}

# Of operators that no kind stands for, by PyTorch's names too; a product of them keeps what the
# other's gradient needs.
CROSSWISE = Saved(inputs=(0, 1), crosswise=True)
REDUCED = Saved(inputs=(0,), output=True)
OPERATORS = {
    **dict.fromkeys(("add", "sub", "cat", "stack", "mean", "sum", "roll"), NOTHING),
    **dict.fromkeys(("rearrange", "repeat"), NOTHING),
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", "var"), INPUT),
    **dict.fromkeys(("linalg_vector_norm", "amax", "amin"), REDUCED),
}


class Stored:
    """Whose storage a layer's output has.

    `reads_input` says that what it gives depends on its input, `computes_nothing` that its output
    is its input, or a part of it, where that is. `seeks` says that it finds out where numbers are,
    in whole numbers of 8 bytes. `keeps` is what autograd keeps of it; None where that is not known.
    """

    reads_input = True
    computes_nothing = False
    may_be_in_place = False
    is_in_place = False
    seeks = False
    keeps: Saved | None

    @property
    def shares_input_in_training(self) -> bool:
        """Whether its output has its first input's storage while it learns."""
        return self.computes_nothing or self.is_in_place


class MayBeInPlace(Stored):
    """Kinds that can put their output where their first input was.

    `inplace` is what PyTorch calls `in_place`.
    """

    may_be_in_place = True

    in_place = attribute.Flag(False)
    inplace = attribute.Kept(False)

    @property
    def is_in_place(self) -> bool:  # type: ignore[override]
        """Whether its output has the storage of its first input."""
        return self.in_place or self.inplace is True
