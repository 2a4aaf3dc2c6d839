"""Classes that an exported file defines where Keras has no layer of the kind."""

from __future__ import annotations

LAYER_SCALE = '''\
class LayerScale(layers.Layer):
    """A learned factor per channel, and a bias where `use_bias`."""

    def __init__(self, use_bias=False, **named):
        super().__init__(**named)
        self.use_bias = use_bias

    def build(self, input_shape):
        self.gamma = self.add_weight(name="gamma", shape=(input_shape[-1],), initializer="ones")
        if self.use_bias:
            self.beta = self.add_weight(name="beta", shape=(input_shape[-1],), initializer="zeros")

    def call(self, x):
        return x * self.gamma + self.beta if self.use_bias else x * self.gamma

    def get_config(self):
        return {**super().get_config(), "use_bias": self.use_bias}
'''
LOCAL_RESPONSE_NORM = '''\
class LocalResponseNormalization(layers.Layer):
    """x / (k + alpha · mean of the squares of `size` neighbouring channels) ** beta."""

    def __init__(self, size=5, alpha=0.0001, beta=0.75, k=1.0, **named):
        super().__init__(**named)
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def call(self, x):
        before = self.size // 2
        around = [(0, 0)] * (len(x.shape) - 1) + [(before, self.size - 1 - before)]
        squares = keras.ops.pad(keras.ops.square(x), around)
        channels = x.shape[-1]
        total = sum(squares[..., place : place + channels] for place in range(self.size))
        return x / (self.k + self.alpha * total / self.size) ** self.beta

    def get_config(self):
        own = {"size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}
        return {**super().get_config(), **own}
'''
ALIGNED_RESIZING = '''\
class AlignedResizing(layers.Layer):
    """Linear resizing that maps the first and last units of every axis onto each other."""

    def __init__(self, size, **named):
        super().__init__(**named)
        self.size = tuple(size)

    def call(self, x):
        for axis, new in enumerate(self.size, 1):
            old = x.shape[axis]
            places = [unit * (old - 1) / max(new - 1, 1) for unit in range(new)]
            first = [int(place) for place in places]
            after = [min(unit + 1, old - 1) for unit in first]
            share = [1] * len(x.shape)
            share[axis] = new
            rest = [place - unit for place, unit in zip(places, first)]
            rest = keras.ops.reshape(keras.ops.convert_to_tensor(rest, x.dtype), share)
            near, far = (keras.ops.take(x, units, axis=axis) for units in (first, after))
            x = near * (1 - rest) + far * rest
        return x

    def get_config(self):
        return {**super().get_config(), "size": self.size}
'''
CLASSES = {
    "LayerScale": LAYER_SCALE,
    "LocalResponseNormalization": LOCAL_RESPONSE_NORM,
    "AlignedResizing": ALIGNED_RESIZING,
}
