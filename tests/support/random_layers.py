"""Random attributes for one layer of each type, drawn to fit the layer it reads.

Every function takes a random.Random, the source's shape (channels, *axes) and `portable`, which
leaves out what PyTorch has no module for; it returns a layer type with attributes. What is drawn
may still not fit (a window larger than its input): the caller tries the layer and may drop it.
"""

from fractions import Fraction

ACTIVATIONS = (
    *("relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "mish", "sigmoid", "hard_sigmoid"),
    *("hard_swish", "tanh", "softmax", "log_softmax"),
)


def per_axis(rng, axes, draw):
    """One number for all axes, or now and then a list with one per axis."""
    return [draw() for _ in range(axes)] if rng.random() < 0.35 else draw()


def optional(rng, attributes, name, share, value):
    """Set an attribute in a share of the cases, else leave it to its default."""
    if rng.random() < share:
        attributes[name] = value


def divisors(number):
    """All divisors of a positive number."""
    return [each for each in range(1, number + 1) if number % each == 0]


def random_padding(rng, axes, limit, rules=("same", "same_lower", "valid")):
    """A padding in one of the definition file's forms, up to `limit` units a side."""
    form = rng.random()
    if form < 0.3 and rules:
        return rng.choice(rules)
    if form < 0.5:
        return [[rng.randint(0, limit), rng.randint(0, limit)] for _ in range(axes)]
    return per_axis(rng, axes, lambda: rng.randint(0, limit))


def common_divisors(first, second):
    """Numbers that divide both."""
    return [each for each in divisors(first) if second % each == 0]


def convolution(rng, shape, portable):
    """A convolution with odd or even kernels, strides, dilation, groups and any padding."""
    axes, out = len(shape) - 1, rng.choice((1, 2, 4, 6, 8))
    attributes = {"out_channels": out}
    attributes["kernel_size"] = per_axis(rng, axes, lambda: rng.choice((1, 2, 3, 3, 4, 5)))
    optional(rng, attributes, "stride", 0.35, per_axis(rng, axes, lambda: rng.randint(1, 3)))
    optional(rng, attributes, "dilation", 0.25, per_axis(rng, axes, lambda: rng.randint(1, 3)))
    optional(rng, attributes, "padding", 0.7, random_padding(rng, axes, 3))
    optional(rng, attributes, "groups", 0.3, rng.choice(common_divisors(shape[0], out)))
    optional(rng, attributes, "bias", 0.4, rng.random() < 0.3)
    return "conv", attributes


def depthwise(rng, shape, portable):
    """A depthwise convolution, at times with a channel multiplier."""
    _, attributes = convolution(rng, shape, portable)
    attributes = {k: v for k, v in attributes.items() if k not in ("out_channels", "groups")}
    optional(rng, attributes, "multiplier", 0.3, rng.randint(1, 2))
    return "depthwise_conv", attributes


def transposed(rng, shape, portable):
    """A transposed convolution; kernels under the stride leave units that read nothing."""
    axes, out = len(shape) - 1, rng.choice((1, 2, 4, 6))
    stride = rng.randint(1, 3)
    attributes = {"out_channels": out, "stride": stride}
    attributes["kernel_size"] = per_axis(rng, axes, lambda: rng.randint(1, 5))
    if rng.random() < 0.2:
        attributes["stride"] = [rng.randint(1, 3) for _ in range(axes)]
        stride = min(attributes["stride"])
    dilation = per_axis(rng, axes, lambda: rng.randint(1, 3))
    optional(rng, attributes, "dilation", 0.25, dilation)
    optional(rng, attributes, "padding", 0.6, random_padding(rng, axes, 2))
    ruled = attributes.get("padding") in ("same", "same_lower")
    if stride > 1 and not ruled:
        extra = per_axis(rng, axes, lambda: rng.randint(0, stride - 1))
        optional(rng, attributes, "output_padding", 0.35, extra)
    optional(rng, attributes, "groups", 0.3, rng.choice(common_divisors(shape[0], out)))
    optional(rng, attributes, "bias", 0.3, False)
    return "conv_transpose", attributes


def pool(rng, shape, portable):
    """A max or average pool under any rounding rule."""
    axes, kind = len(shape) - 1, rng.choice(("max_pool", "avg_pool"))
    attributes = {"kernel_size": per_axis(rng, axes, lambda: rng.choice((1, 2, 2, 3, 3, 4, 5)))}
    optional(rng, attributes, "stride", 0.6, per_axis(rng, axes, lambda: rng.randint(1, 4)))
    if kind == "max_pool":
        optional(rng, attributes, "dilation", 0.2, rng.randint(1, 2))
    kernels = attributes["kernel_size"]
    limit = (min(kernels) if isinstance(kernels, list) else kernels) // 2
    modes = (True,) if portable else (True, "caffe")
    optional(rng, attributes, "ceil_mode", 0.5, rng.choice(modes))
    plain = "ceil_mode" not in attributes and "dilation" not in attributes
    rules = ("same", "same_lower", "valid") if plain else ()
    padding = random_padding(rng, axes, limit, rules)
    if portable and "ceil_mode" in attributes:  # PyTorch has no asymmetric padding to compare
        padding = per_axis(rng, axes, lambda: rng.randint(0, limit))
    optional(rng, attributes, "padding", 0.6, padding)
    return kind, attributes


def adaptive(rng, shape, portable):
    """An adaptive pool to any number of units up to the input's, at times more."""
    kind = rng.choice(("adaptive_avg_pool", "adaptive_max_pool"))
    units = per_axis(rng, len(shape) - 1, lambda: rng.randint(2, min(7, max(shape[1:]) + 1)))
    return kind, {"output_size": units}


def upsample(rng, shape, portable):
    """Resizing by an integer or fractional factor or to a size, in any mode."""
    axes, attributes = len(shape) - 1, {}
    if rng.random() < 0.65:
        factors = (2, 2, 3, 4, Fraction(3, 2), Fraction(5, 2), Fraction(1, 2), Fraction(5, 4))
        attributes["scale_factor"] = per_axis(rng, axes, lambda: rng.choice(factors))
    else:
        attributes["size"] = per_axis(rng, axes, lambda: rng.randint(2, 2 * max(shape[1:]) + 1))
    linear = {1: "linear", 3: "trilinear"}.get(axes, "bilinear")
    modes = ["nearest", linear, "bilinear"] + ["bicubic"] * (axes == 2)
    optional(rng, attributes, "mode", 0.7, rng.choice(modes))
    if attributes.get("mode", "nearest") != "nearest" and min(shape[1:]) > 1:
        optional(rng, attributes, "align_corners", 0.35, True)
    return "upsample", attributes


def pad(rng, shape, portable):
    """Explicit padding of up to three units a side."""
    return "pad", {"padding": random_padding(rng, len(shape) - 1, 3, ())}


def crop(rng, shape, portable):
    """A crop of a few units a side."""
    return "crop", {"amount": [[rng.randint(0, 3), rng.randint(0, 3)] for _ in shape[1:]]}


def shuffle(rng, shape, portable):
    """Pixel shuffle or its inverse."""
    return rng.choice(("pixel_shuffle", "space_to_depth")), {"factor": rng.randint(2, 3)}


def norm(rng, shape, portable):
    """A normalization, affine or not."""
    kinds = ("batch_norm", "group_norm", "layer_norm", "instance_norm", "scale", "lrn")
    kind, attributes = rng.choice(kinds), {}
    if kind == "group_norm":
        attributes["num_groups"] = rng.choice(divisors(shape[0]))
    if kind not in ("lrn", "scale"):
        optional(rng, attributes, "affine", 0.4, rng.random() < 0.5)
    if kind == "scale":
        optional(rng, attributes, "bias", 0.5, False)
    return kind, attributes


def activation(rng, shape, portable):
    """An elementwise kind, prelu and dropout included."""
    kind = rng.choice((*ACTIVATIONS, "prelu", "prelu", "dropout", "identity"))
    return kind, {"per_channel": True} if kind == "prelu" and rng.random() < 0.5 else {}


def channels(rng, shape, portable):
    """A kind that only rearranges or selects channels."""
    if rng.random() < 0.5:
        return "channel_shuffle", {"groups": rng.choice(divisors(shape[0]))}
    start = rng.randrange(shape[0])
    return "slice", {"channels": [start, rng.randint(start + 1, shape[0])]}


def readout(rng, shape, portable):
    """A kind that reads the whole map."""
    kind = rng.choice(("global_avg_pool", "global_max_pool", "linear", "flatten", "adaptive"))
    if kind == "linear":
        return kind, {"out_features": rng.randint(1, 9), "bias": rng.random() < 0.5}
    if kind == "adaptive":
        return "adaptive_avg_pool", {"output_size": 1}
    return kind, {}


WEIGHTS = {
    convolution: 10,
    depthwise: 3,
    transposed: 4,
    pool: 5,
    adaptive: 1,
    upsample: 4,
    pad: 1,
    crop: 1,
    shuffle: 2,
    norm: 2,
    activation: 2,
    channels: 1,
    readout: 0.5,
}


def attention(rng, shape):
    """Self-attention in windows, shifted or not, now and then over the whole map."""
    attributes = {"heads": rng.choice(divisors(shape[0]))}
    if rng.random() < 0.9:
        attributes["window"] = window = rng.randint(1, 4)
        optional(rng, attributes, "shift", 0.5, rng.randrange(window))
    return "attention", attributes


def random_layer(rng, shape, portable=False, attending=False):
    """A random type with attributes for a layer that reads a map of this shape."""
    if attending and rng.random() < 0.3:
        return attention(rng, shape)
    draw = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    return draw(rng, shape, portable)


def random_vector_layer(rng, length):
    """A random layer on a vector of this length."""
    if rng.random() < 0.6:
        return "linear", {"out_features": rng.randint(1, 9)}
    return rng.choice(("relu", "dropout", "batch_norm", "tanh")), {}
