"""Tensors of an ONNX graph that do not depend on the input: weights, and numbers about shapes."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

from ...wording import quote
from ..tensors.values import Constant, Draft, Unreadable

if TYPE_CHECKING:
    from onnx import TensorProto

MOST_NUMBERS = 4096
MOST_DIMENSIONS = 10
KEPT_BYTES = 65_536
FINEST = 12
EXTERNAL = 1
# Operators that give the numbers that they read, and as many.
VIEWS = ("Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose")
FLOAT, DOUBLE = 1, 11
FLOATS = (FLOAT, 10, DOUBLE, 16)
WHOLE = (2, 3, 4, 5, 6, 7, 9, 12, 13)
INT64, BOOLEAN = 7, 9


class Array(Constant):
    """A constant tensor; `numbers` are an object array of exact ones, None where they are not read.

    An unknown number among them is None. `names` are the weights that it is made of; `uniform` says
    that all its numbers are one, `computed` that what is made of it is no weight.
    """

    numbers: Any = None
    dtype: int = FLOAT
    uniform: bool = False
    computed: bool = False

    @property
    def flat(self) -> list[Any]:
        """Its numbers in order; raises Unreadable where they are not known."""
        numbers = None if self.numbers is None else list(self.numbers.flat)
        if numbers is None or None in numbers:
            raise Unreadable("it takes numbers that depend on the input or are not in the file")
        return numbers

    @property
    def integers(self) -> list[int]:
        """Its numbers in order, as integers."""
        if any(number != int(number) for number in self.flat):
            raise Unreadable("it takes integers, but is given others")
        return [int(number) for number in self.flat]

    @property
    def is_learned_number(self) -> bool:
        """Whether it is one number that a module learned: one that is stored by a path of names."""
        (name,) = self.names if self.count == 1 == len(self.names) else ("",)
        return "." in name and "/" not in name and ":" not in name

    @property
    def single(self) -> Any:
        """Its one number; None where it has several, or it is not known."""
        if self.numbers is None or self.count != 1:
            return None
        return self.numbers.flat[0]


def origin(operator: str, arrays: Iterable[Array]) -> dict[str, Any]:
    """The weights that an array is made of which an operator makes of others."""
    arrays = list(arrays)
    computed = any(one.computed for one in arrays)
    names = frozenset[str]().union(*(one.names for one in arrays))
    same = not computed or operator in VIEWS
    return {"names": names if same else frozenset[str](), "computed": computed}


class Extent(Fraction):
    """A size of the graph that is `factor` times the one of a layer's output on an axis."""

    __slots__ = ("axis", "draft", "factor")

    draft: Draft
    axis: int
    factor: Fraction

    def __new__(cls, size: Any, draft: Draft, axis: int, factor: Any = 1) -> Extent:
        made = super().__new__(cls, size)
        made.draft, made.axis, made.factor = draft, axis, Fraction(factor)
        return made


def exact(number: float, single: bool = True) -> int | Fraction | None:
    """The simplest number that a float stands for: 0.1 is a tenth; None where it is not finite.

    >>> exact(0.10000000149011612), exact(1.3333333730697632), exact(2.0)
    (Fraction(1, 10), Fraction(4, 3), 2)
    """
    if not isfinite(number):
        return None
    written = Fraction(number)
    for digits in range(FINEST + 1):
        simple = written.limit_denominator(10**digits)
        if _to_single(float(simple), single) == number:
            written = simple
            break
    return written.numerator if written.denominator == 1 else written


def _to_single(number: float, single: bool) -> float:
    """The nearest number of single precision."""
    if not single:
        return number
    from struct import error, pack, unpack

    try:
        return float(unpack("<f", pack("<f", number))[0])
    except (error, OverflowError):
        return number


def array_of(numbers: list[Any], shape: tuple[int, ...], dtype: int = INT64) -> Array:
    """A constant of numbers that are known."""
    import numpy

    made = numpy.empty(len(numbers), dtype=object)
    made[:] = numbers
    return Array(shape, numbers=made.reshape(shape), dtype=dtype)


def from_tensor(
    tensor: TensorProto, name: str, written: bool = False, folder: str | None = None
) -> Array:
    """A tensor of the file: a weight by its name, unless it holds integers.

    What is `written` into the graph as a node of its own is a weight only where its numbers differ.
    A few numbers in another file of the folder are read, if it is there. Raises Unreadable where
    the tensor is damaged.
    """
    shape = checked_shape(tensor.dims, name)
    numbers, uniform = _numbers(tensor, shape, name, folder)
    dtype = tensor.data_type
    weight = dtype in FLOATS or dtype not in WHOLE
    # A vector whose numbers lie in another file may be such a number, too.
    if uniform is None:
        uniform = tensor.data_location == EXTERNAL and max(shape, default=1) == prod(shape)
    # One number with several dimensions is a channel's, not one that somebody wrote.
    literal = written and uniform and not (prod(shape) == 1 < len(shape))
    names = [name] if weight and not literal else []
    return Array(shape, frozenset(names), numbers, dtype, uniform)


def checked_shape(sizes: Iterable[int], name: str) -> tuple[int, ...]:
    """A shape; raises Unreadable where it has a negative size, or far more of them than any."""
    shape = tuple(sizes)
    if min(shape, default=1) < 0 or len(shape) > MOST_DIMENSIONS:
        told = ", ".join(map(str, shape[:MOST_DIMENSIONS]))
        raise Unreadable(f"the tensor {quote(name)} cannot have the shape ({told})")
    return shape


def _numbers(
    tensor: TensorProto, shape: tuple[int, ...], name: str, folder: str | None
) -> tuple[Any, bool | None]:
    """The exact numbers of a small tensor, and whether all are one; None for what is not read."""
    import numpy

    if not prod(shape):
        return numpy.empty(shape, dtype=object), False
    if tensor.data_location == EXTERNAL:
        read = _from_beside(tensor, folder)
    else:
        read = _from_within(tensor, shape, name) if _has_data(tensor) else None
    if read is None:
        return None, None
    uniform = bool((read == read.flat[0]).all())
    if read.size > MOST_NUMBERS or (tensor.data_type in FLOATS and read.size > 64):
        return None, uniform
    return _exact_numbers(read, tensor.data_type), uniform


def _from_within(tensor: TensorProto, shape: tuple[int, ...], name: str) -> Any:
    from onnx import numpy_helper

    try:
        return numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, AttributeError):
        told = f"the data of tensor {quote(name)} do not fit its type and shape {shape}"
        raise Unreadable(told) from None


def _from_beside(tensor: TensorProto, folder: str | None) -> Any:
    """The numbers of a small tensor in another file; None where there is none to read."""
    from onnx import numpy_helper
    from onnx.checker import ValidationError

    given = {entry.key: entry.value for entry in tensor.external_data}
    length = given.get("length", "")
    if folder is None or not length.isdecimal() or int(length) > KEPT_BYTES:
        return None
    try:
        return numpy_helper.to_array(tensor, folder)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ValidationError):
        return None


def _has_data(tensor: TensorProto) -> bool:
    return bool(
        tensor.raw_data
        or tensor.float_data
        or tensor.int32_data
        or tensor.int64_data
        or tensor.double_data
        or tensor.uint64_data
        or tensor.string_data
    )


def _exact_numbers(read: Any, dtype: int) -> Any:
    """Python's exact numbers for those of an array; None where they are texts or complex."""
    if dtype not in FLOATS and dtype not in WHOLE:
        return None
    if dtype in FLOATS:
        numbers = [exact(float(number), dtype != DOUBLE) for number in read.flat]
    else:
        numbers = read.ravel().tolist()
    return array_of(numbers, read.shape).numbers
