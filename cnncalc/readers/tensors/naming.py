"""What a layer in the making is called: the questions that a format answers."""

from __future__ import annotations

from .call import Call


class Names:
    """Names as calls have them; a format that knows its modules knows better ones."""

    def of(self, call: Call, word: str) -> str:
        """The name of the layer that a call makes, its own or by a word in its scope."""
        return call.name or self.within(call.scope, word)

    def of_weighted(self, call: Call, parameter: str) -> str:
        """The name of the layer that applies a parameter, `conv1.weight` say."""
        return call.name

    def of_gain(self, call: Call, parameter: str) -> str:
        """The name of the layer that applies a gain beside a weight."""
        return call.name

    def within(self, scope: str, word: str) -> str:
        """The name of a layer that no call makes by itself, as of the views in a scope."""
        return scope or word
