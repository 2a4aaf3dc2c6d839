"""Names that stand for one thing each."""

from __future__ import annotations

from collections.abc import Iterable


class UniqueNames:
    """Gives every wanted name once, with a number behind it where it is taken.

    >>> names = UniqueNames(["input"])
    >>> names.of("conv"), names.of("conv"), names.of("input", "")
    ('conv', 'conv_2', 'input2')
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)

    def of(self, wanted: str, joint: str = "_") -> str:
        """The wanted name, or one like it."""
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}{joint}{number}"
        self.taken.add(name)
        return name
