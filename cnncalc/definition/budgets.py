"""Budgets: bounds on a network's figures, as a definition or an option gives them."""

from __future__ import annotations

import re
from typing import Any

from ..errors import DefinitionError
from ..record import Record
from ..wording import did_you_mean, is_whole, quote, value_text
from .arguments import plain
from .definition import File, Located

TOTALS = ("params", "macs", "flops", "activations", "buffers")
MEMORY, WEIGHT_MEMORY = "max_memory", "max_weight_memory"
BUDGETS = (*(f"max_{figure}" for figure in TOTALS), MEMORY, WEIGHT_MEMORY, "min_rf", "max_rf")
MEMORY_BUDGETS = (MEMORY, WEIGHT_MEMORY)
RF_OF = "rf_of"
KEYS = (*BUDGETS, RF_OF)
FACTORS = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
BYTE_FACTORS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, **FACTORS}
LONGEST = 100
RELATIVE = re.compile(r"([+-])([0-9]{1,9})(?:\.([0-9]{1,9}))?%")
NUMBER = "a whole number, or one with k, M, G or T behind it, as in 1.5M"
BYTES = "bytes: a whole number, or one with k, M, G, T, KiB, MiB, GiB or TiB behind it"


class RelativeBound(Record):
    """A bound that follows a baseline's figure: `text` as written, `percent` exactly."""

    text: str
    percent: tuple[int, int]

    def number(self, figure: int, is_least: bool) -> int:
        """The whole number that bounds a figure, where the baseline's is this one.

        >>> RelativeBound("+5%", (5, 1)).number(30, is_least=False)
        31
        """
        numerator, denominator = self.percent
        exact = figure * (100 * denominator + numerator)
        return -(-exact // (100 * denominator)) if is_least else exact // (100 * denominator)


def bound_of(value: Any, budget: str) -> int | RelativeBound:
    """The bound that a budget gives: a whole number, or a change of a baseline's figure.

    Raises ValueError where it is neither.
    """
    match = RELATIVE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return whole_bound(value, budget)
    sign, whole, rest = match[1], match[2], match[3] or ""
    percent = int(f"{sign}{whole}{rest}")
    return RelativeBound(value, (percent, 10 ** len(rest)))


def whole_bound(value: Any, budget: str = "") -> int:
    """The whole number that a budget gives; ValueError where it is none.

    >>> whole_bound("1.5M"), whole_bound(224), whole_bound("64MiB", "max_memory")
    (1500000, 224, 67108864)
    """
    factors, expected = (BYTE_FACTORS, BYTES) if budget in MEMORY_BUDGETS else (FACTORS, NUMBER)
    value = plain(value)
    if is_whole(value) and 0 <= value < 10**LONGEST:
        return int(value)
    text = value if isinstance(value, str) and len(value) <= LONGEST else ""
    unit = next((unit for unit in factors if text.endswith(unit)), "")
    digits = text.removesuffix(unit)
    whole, point, rest = digits.partition(".")
    if not (digits.isascii() and whole.isdecimal() and (rest.isdecimal() or not point)):
        raise ValueError(f"must be {expected}, not {value_text(value)}")
    scale: int = 10 ** len(rest)
    exact, remainder = divmod(int(whole + rest) * factors.get(unit, 1), scale)
    if remainder:
        raise ValueError(f"must be {expected}, but {text} is no whole number")
    return exact


def check_budgets(file: File, budgets: dict[str, Located]) -> None:
    """Refuse budgets that no check could hold a network to, whoever asks for one."""
    for name, (value, line) in budgets.items():
        if name not in KEYS:
            message = f"unknown key {quote(name)} of budgets; {did_you_mean(name, KEYS)}"
            raise DefinitionError(message, path=file.path, line=line)
        if name == RF_OF:
            if not isinstance(value, (str, int)) or isinstance(value, bool):
                message = f"rf_of must be a layer's name, not {value_text(value)}"
                raise DefinitionError(message, path=file.path, line=line)
            continue
        try:
            bound_of(value, name)
        except ValueError as wrong:
            raise DefinitionError(f"{name} {wrong}", path=file.path, line=line) from None
