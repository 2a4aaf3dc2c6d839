"""Keras' layers and operations: what each becomes, by its class."""

from __future__ import annotations

from ...wording import quote
from ..builder import Unreadable
from . import (
    activations,
    attention,
    norms,
    products,
    recurrent,
    reductions,
    reorder,
    shapes,
    slicing,
    windows,
    wrappers,
)
from .call import KerasCall, KerasValue, Operator

AXES = ("1D", "2D", "3D")
AUGMENTATIONS = (
    *("Flip", "Rotation", "Zoom", "Contrast", "Brightness", "Translation", "Height", "Width"),
    *("Hue", "Saturation", "Sharpness", "Shear", "Invert", "Posterization", "Grayscale"),
    *("ColorJitter", "ColorDegeneration", "GaussianBlur", "Erasing", "Perspective"),
    *("ElasticTransform",),
)

REDUCTIONS = ("Mean", "Sum", "Max", "Min", "Amax", "Amin", "Prod", "Var", "Std", "Logsumexp")
# Functions of each number by itself.
NUMBER_BY_NUMBER = (
    *("Square", "Sqrt", "Rsqrt", "Absolute", "Abs", "Negative", "Exp", "Log", "Log1p", "Expm1"),
    *("Power", "Sin", "Cos", "Tan", "Erf", "Clip", "Round", "Floor", "Ceil", "Sign", "Cast"),
    *("Reciprocal", "Mod", "FloorDivide", "Discretization", "Solarization"),
)


def _along(stem: str, operator: Operator, axes: tuple[str, ...] = AXES) -> dict[str, Operator]:
    """The classes of a layer for one to three axes."""
    return {stem + along: operator for along in axes}


# What Keras 2 keeps of functions that are called on tensors, by the last part of their names.
FUNCTIONS = {
    **{name: name.capitalize() for name in ("add", "multiply", "subtract", "maximum", "minimum")},
    **{name: name.capitalize() for name in ("relu", "relu6", "silu", "gelu", "elu", "sigmoid")},
    "tanh": "Tanh",
    "mul": "Multiply",
    "sub": "Subtract",
    "truediv": "Divide",
    "divide": "Divide",
    "swish": "Silu",
}


def _function(call: KerasCall) -> KerasValue | list[KerasValue]:
    """A function of TensorFlow, as Keras 2 keeps it."""
    name = str(call.config.get("function", "")).rpartition(".")[2]
    if name not in FUNCTIONS:
        raise Unreadable(f"its function {quote(name)} is not known here")
    layer = call.layer.but(operator=FUNCTIONS[name])
    use = call.use.but(named={key: each for key, each in call.use.named.items() if key != "name"})
    return OPERATORS[layer.operator](call.but(layer=layer, use=use))


OPERATORS: dict[str, Operator] = {
    **_along("Conv", windows.conv),
    **{f"Conv{along}Transpose": windows.conv_transpose for along in AXES},
    **_along("DepthwiseConv", windows.depthwise, AXES[:2]),
    **_along("SeparableConv", windows.separable, AXES[:2]),
    **_along("MaxPooling", windows.pool),
    **_along("AveragePooling", windows.pool),
    **_along("GlobalAveragePooling", windows.global_pool),
    **_along("GlobalMaxPooling", windows.global_pool),
    **_along("AdaptiveAveragePooling", windows.adaptive_pool),
    **_along("AdaptiveMaxPooling", windows.adaptive_pool),
    **_along("ZeroPadding", windows.zero_padding),
    **_along("Cropping", windows.cropping),
    **_along("UpSampling", windows.upsampling),
    "Resizing": windows.resizing,
    "Resize": windows.resize,
    **dict.fromkeys(("CenterCrop", "RandomCrop"), windows.center_crop),
    "Embedding": windows.embedding,
    **dict.fromkeys(
        ("LSTM", "GRU", "SimpleRNN", "RNN", *(f"ConvLSTM{along}" for along in AXES)),
        recurrent.recurrent,
    ),
    "Bidirectional": recurrent.bidirectional,
    "TimeDistributed": wrappers.time_distributed,
    "SpectralNormalization": wrappers.spectral_norm,
    "MultiHeadAttention": attention.multi_head,
    **dict.fromkeys(("GroupQueryAttention", "GroupedQueryAttention"), attention.grouped_query),
    **dict.fromkeys(("Attention", "AdditiveAttention"), attention.dot_product),
    "EinsumDense": products.einsum_dense,
    "Dot": products.dot,
    "Matmul": products.matmul,
    "Einsum": products.einsum,
    **dict.fromkeys(REDUCTIONS, reductions.reduction),
    **dict.fromkeys(NUMBER_BY_NUMBER, shapes.operation),
    "UnitNormalization": norms.unit_norm,
    "RepeatVector": shapes.repeat_vector,
    "SpaceToDepth": windows.space_to_depth,
    "DepthToSpace": windows.depth_to_space,
    "BatchNormalization": norms.batch_norm,
    "LayerNormalization": norms.layer_norm,
    "RMSNormalization": norms.rms_norm,
    "GroupNormalization": norms.group_norm,
    "Normalization": norms.normalization,
    "LayerScale": norms.layer_scale,
    "LocalResponseNormalization": norms.local_response_norm,
    "AlignedResizing": windows.aligned_resizing,
    "Dense": shapes.dense,
    "Flatten": shapes.flatten,
    "Reshape": reorder.reshape,
    "Permute": reorder.permute,
    **dict.fromkeys(
        ("Add", "Subtract", "Multiply", "Maximum", "Minimum", "Divide", "TrueDivide"),
        shapes.operation,
    ),
    "TFOpLambda": _function,
    "Average": shapes.merge,
    "CustomScaleLayer": shapes.merge,
    "Concatenate": shapes.concatenate,
    "GetItem": slicing.item,
    "Split": slicing.split,
    "Activation": activations.activation,
    "PReLU": activations.prelu,
    **dict.fromkeys(
        ("ReLU", "LeakyReLU", "ELU", "Softmax", "ThresholdedReLU"), activations.activation_class
    ),
    **dict.fromkeys(
        (
            *("Relu", "Relu6", "Silu", "Gelu", "Elu", "LeakyRelu", "Sigmoid", "HardSigmoid"),
            *("HardSilu", "Tanh", "LogSoftmax", "Selu", "Softplus", "Softsign"),
        ),
        activations.function,
    ),
    **dict.fromkeys(
        ("Dropout", "GaussianDropout", "AlphaDropout", *(f"SpatialDropout{n}" for n in AXES)),
        activations.dropout,
    ),
    **dict.fromkeys(
        (
            *("Identity", "GaussianNoise", "ActivityRegularization", "Masking"),
            *("Rescaling", "StochasticDepth"),
            *(f"Random{name}" for name in AUGMENTATIONS),
        ),
        activations.identity,
    ),
}
