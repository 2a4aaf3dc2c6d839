"""Models that packages other than torchvision and timm ship, from their settings alone.

A library has names, and for each of them a module of random weights with the shapes that it reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Shapes = tuple[int, ...] | dict[str, tuple[int, ...]]
Model = tuple[Any, Shapes]
FLAT, SOLID = (1, 96, 96), (1, 64, 64, 64)


class Library(NamedTuple):
    """All names of a package's models, and the model of a name; `meta` says that it is built there.

    Where it cannot, its constructor computes with numbers.
    """

    package: str
    names: Callable[[], list[str]]
    model: Callable[[str], Model]
    meta: bool = True


DECODERS = {
    **dict.fromkeys(
        ("Unet", "UnetPlusPlus", "MAnet", "Linknet", "FPN", "PSPNet", "PAN", "Segformer"),
        ("resnet18", "efficientnet-b0", "mobilenet_v2", "mobileone_s0"),
    ),
    **dict.fromkeys(
        ("DeepLabV3", "DeepLabV3Plus", "UPerNet"), ("resnet18", "efficientnet-b0", "mobilenet_v2")
    ),
    "DPT": ("tu-vit_tiny_patch16_224.augreg_in21k", "tu-deit_tiny_patch16_224"),
}
ENCODERS = (
    *("resnext50_32x4d", "dpn68", "vgg11_bn", "senet154", "se_resnet50", "densenet121"),
    *("inceptionresnetv2", "inceptionv4", "xception", "timm-efficientnet-b0"),
    *("timm-tf_efficientnet_lite0", "timm-skresnet18", "mit_b0", "tu-convnext_atto"),
    *("tu-mobilenetv3_small_050", "tu-swin_tiny_patch4_window7_224", "tu-hrnet_w18_small"),
)


def segmentation_names() -> list[str]:
    """Every decoder with a few encoders, and a decoder with every family of encoders."""
    pairs = [(decoder, one) for decoder, encoders in DECODERS.items() for one in encoders]
    pairs += [(decoder, "mit_b1") for decoder in ("FPN", "Segformer", "UPerNet")]
    pairs += [("Unet", encoder) for encoder in ENCODERS]
    return ["/".join(pair) for pair in pairs]


def segmentation_model(name: str) -> Model:
    """A decoder on an encoder."""
    import segmentation_models_pytorch as smp

    decoder, encoder = name.split("/")
    options = {"dynamic_img_size": True} if decoder == "DPT" else {}
    if "swin" in encoder:
        options = {"img_size": 224}
    made = getattr(smp, decoder)(encoder, encoder_weights=None, classes=21, **options)
    return made, (3, 224, 224)


YOLO = (
    *("yolov3", "yolov3-spp", "yolov3-tiny", "yolov5n", "yolov5n-p6", "yolov6n", "yolov8n"),
    *("yolov8n-p2", "yolov8n-p6", "yolov8n-ghost", "yolov8n-cls", "yolov8n-seg", "yolov8n-pose"),
    *("yolov8n-obb", "yolov8-cls-resnet50", "yolov9t", "yolov9s", "yolov9c", "yolov9c-seg"),
    *("yolov10n", "yolov10s", "yolo11n", "yolo11n-cls", "yolo11n-seg", "yolo11n-pose"),
    *("yolo11n-obb", "yolo12n", "yolo12n-cls", "yolo12n-seg", "yolo26n", "yolo26n-seg"),
    *("yolo26n-pose", "yolo26n-cls", "rtdetr-resnet50", "rtdetr-l", "yolov8n-rtdetr"),
)


def yolo_model(name: str) -> Model:
    """A detector, or what else there is of it, by its yaml."""
    from ultralytics.nn import tasks

    kinds = {"cls": "Classification", "seg": "Segmentation", "pose": "Pose", "obb": "OBB"}
    kind = next((kinds[word] for word in kinds if word in name.split("-")), "Detection")
    kind = "RTDETRDetection" if "rtdetr" in name else kind
    side = 224 if kind == "Classification" else 640
    return getattr(tasks, f"{kind}Model")(f"{name}.yaml", verbose=False), (3, side, side)


LEVELS: dict[str, Any] = {"channels": (16, 32, 64, 128), "strides": (2, 2, 2)}
DYNAMIC = {"kernel_size": [3] * 4, "strides": [1, 2, 2, 2], "upsample_kernel_size": [2] * 3}
AXES: dict[str, dict[str, Any]] = {
    "UNet": {"in_channels": 1, "out_channels": 2, "num_res_units": 2, **LEVELS},
    "AttentionUnet": {"in_channels": 1, "out_channels": 2, **LEVELS},
    "BasicUNet": {},
    "BasicUNetPlusPlus": {},
    "DynUNet": {"in_channels": 1, "out_channels": 2, **DYNAMIC},
    "SegResNet": {},
    "SegResNetDS": {},
    "VNet": {"dropout_dim": 1},
    "HighResNet": {},
    "AHNet": {"psp_block_num": 3},
    "AutoEncoder": {"in_channels": 1, "out_channels": 2, **LEVELS | {"strides": (2,) * 4}},
    "AutoencoderKL": {},
    "VQVAE": {"in_channels": 1, "out_channels": 1},
    "DenseNet121": {"in_channels": 1, "out_channels": 10},
    "SEResNet50": {"in_channels": 1, "num_classes": 10},
    "SEResNext50": {"in_channels": 1, "num_classes": 10},
    "resnet18": {"n_input_channels": 1, "num_classes": 10},
    "resnet50": {"n_input_channels": 1, "num_classes": 10},
    "MedNeXtSmall": {"in_channels": 1, "out_channels": 2},
    "PatchDiscriminator": {"channels": 16, "in_channels": 1},
    "RegUNet": {"in_channels": 1, "num_channel_initial": 8, "depth": 3},
    "LocalNet": {"in_channels": 1, "num_channel_initial": 8, "extract_levels": (0, 1, 2)},
    "UNETR": {"in_channels": 1, "out_channels": 2},
    "SwinUNETR": {"in_channels": 1, "out_channels": 2},
    "ViT": {"in_channels": 1, "patch_size": 16, "classification": True},
    "ViTAutoEnc": {"in_channels": 1, "patch_size": 16},
}
ONE_SIZE: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "EfficientNetBN": ({"model_name": "efficientnet-b0", "pretrained": False}, (3, 224, 224)),
    "FlexibleUNet": (
        {"in_channels": 3, "out_channels": 2, "backbone": "efficientnet-b0"},
        (3, 96, 96),
    ),
    "HoVerNet": ({}, (3, 256, 256)),
    "Quicknat": ({}, (1, 64, 64)),
    "DAF3D": ({"in_channels": 1, "out_channels": 1}, SOLID),
    "Classifier": ({"in_shape": (1, 64, 64), "classes": 10, **LEVELS}, (1, 64, 64)),
    "Regressor": ({"in_shape": (1, 64, 64), "out_shape": (4,), **LEVELS}, (1, 64, 64)),
    "Critic": ({"in_shape": (1, 64, 64), **LEVELS}, (1, 64, 64)),
    "Discriminator": ({"in_shape": (1, 64, 64), **LEVELS}, (1, 64, 64)),
    "Generator": ({"latent_shape": (64,), "start_shape": (64, 8, 8), **LEVELS}, (64,)),
    "SegResNetVAE": ({"input_image_size": (64, 64, 64)}, SOLID),
    "FullyConnectedNet": ({"in_channels": 64, "out_channels": 10, "hidden_channels": [32]}, (64,)),
}
SIZED = ("UNETR", "ViT", "ViTAutoEnc")
FLAT_SHAPES = {"VNet": (1, 96, 96), "AHNet": (1, 128, 128), "SwinUNETR": (1, 64, 64)}


def medical_names() -> list[str]:
    """All of them, most on two axes and on three."""
    return [f"{name}/{axes}d" for name in AXES for axes in (2, 3)] + list(ONE_SIZE)


def medical_model(name: str) -> Model:
    """A network for images or for volumes."""
    from monai.networks import nets

    if name in ONE_SIZE:
        options, shape = ONE_SIZE[name]
        return getattr(nets, name)(**options), shape
    name, _, axes = name.partition("/")
    flat = axes == "2d"
    shape = FLAT_SHAPES.get(name, FLAT) if flat else SOLID
    options = AXES[name] | {"spatial_dims": 2 if flat else 3}
    if name in SIZED:
        options["img_size"] = shape[1:]
    return getattr(nets, name)(**options), shape


TASKS = (
    *("IMAGE_CLASSIFICATION", "SEMANTIC_SEGMENTATION", "DEPTH_ESTIMATION", "OBJECT_DETECTION"),
    *("BACKBONE", "VIDEO_CLASSIFICATION", "UNIVERSAL_SEGMENTATION", "KEYPOINT_DETECTION"),
    *("IMAGE_TO_IMAGE", "MASKED_IMAGE_MODELING"),
)
# What is loaded from a hub, is no network for pictures alone, or needs packages of its own.
LEFT_OUT = ("timm_wrapper", "timm_backbone", "shieldgemma2", "siglip2", "dinat", "oneformer")
ENCODERS_ALONE = {
    "CLIPVisionModel": "clip_vision_model",
    "SiglipVisionModel": "siglip_vision_model",
    "SamVisionModel": "sam_vision_model",
    "BlipVisionModel": "blip_vision_model",
    "Dinov2Model": "dinov2",
    "ViTModel": "vit",
    "ResNetModel": "resnet",
}
# Configurations without a picture's size: what the models are made for.
SIDES = {"zoedepth": 384, "yolos": 512, "convnextv2": 224, "perceiver": 224, "depth_pro": 1536}
WIDTHS = {"hidden_sizes": [96, 192, 384, 768]}
SETTINGS: dict[str, dict[str, Any]] = {
    "beit": {"out_indices": [3, 5, 7, 11]},
    "convnext": WIDTHS,
    "convnextv2": WIDTHS,
    "focalnet": WIDTHS,
}


def transformer_classes() -> dict[str, str]:
    """The classes of all models for pictures, each with the type of its configuration."""
    from transformers.models.auto import modeling_auto

    found = dict(ENCODERS_ALONE)
    for task in TASKS:
        table = getattr(modeling_auto, f"MODEL_FOR_{task}_MAPPING_NAMES")
        for kind, classes in table.items():
            names = [classes] if isinstance(classes, str) else classes
            found |= {name: kind for name in names if kind not in LEFT_OUT}
    return found


def transformer_model(name: str) -> Model:
    """A model as its configuration is of itself."""
    import transformers

    kind = transformer_classes()[name]
    config = transformers.AutoConfig.for_model(kind, **SETTINGS.get(kind, {}))
    model = getattr(transformers, name)(config)
    vision = getattr(config, "vision_config", config)
    vision = getattr(vision, "backbone_config", None) or vision
    side = getattr(vision, "image_size", None) or SIDES.get(kind, 224)
    frames = getattr(config, "num_frames", None) or getattr(config, "frames_per_clip", None)
    sides = side if isinstance(side, (list, tuple)) else (side, side)
    picture = (getattr(vision, "num_channels", 3), *map(int, sides))
    return model, (frames, *picture) if frames else picture


PER_MODULE = 2
GRAY = ("pfpcnet", "superpointnet")
PAIRS = ("jasper", "quartznet", "raft", "propainter", "nvpatt", "voca", "visemenet")


def vision_names() -> list[str]:
    """The first models of each of its modules, but those for sound and of several inputs."""
    from pytorchcv import model_provider

    modules: dict[str, list[str]] = {}
    for name, factory in model_provider._models.items():
        modules.setdefault(factory.__module__, []).append(name)
    names = [name for found in modules.values() for name in found[:PER_MODULE]]
    return [name for name in names if not name.startswith(PAIRS)]


def vision_model(name: str) -> Model:
    """A model on the size of pictures that it is made for."""
    from pytorchcv.model_provider import get_model

    model = get_model(name, pretrained=False)
    return model, (1 if name in GRAY else 3, *getattr(model, "in_size", (224, 224)))


SMALL = {
    "image_size": 256,
    "patch_size": 16,
    "image_patch_size": 16,
    "freq_patch_size": 8,
    "num_classes": 10,
    "depth": 2,
    "heads": 4,
    "mlp_dim": 128,
    "mlp_mult": 2,
    "frames": 8,
    "frame_patch_size": 2,
    "dim": 64,
    "cls_depth": 1,
    "spatial_depth": 2,
    "temporal_depth": 2,
    "max_tokens_per_depth": (256, 128),
    "sm_dim": 64,
    "lg_dim": 128,
    "num_hierarchies": 3,
    "block_repeats": (2, 2, 2),
    "num_residual_streams": 2,
    "num_slots": 4,
}
# What some modules want else than these.
OWN: dict[str, dict[str, Any]] = {
    "cross_vit": {"image_size": 240},
    "crossformer": {"image_size": 224},
    "look_vit": {"image_size": 240},
    "t2t": {"image_size": 224},
    "regionvit": {"image_size": 224},
    "scalable_vit": {"reduction_factor": (8, 4, 2, 1)},
    **{key: {"ndim": 2, "input_shape": 256} for key in ("vit_nd", "vit_nd_pope", "vit_nd_rotary")},
}
STAGES = ("max_vit", "max_vit_with_registers", "scalable_vit", "sep_vit", "pit")
STAGED: dict[str, Any] = {"depth": (2, 2, 2, 2), "heads": (2, 4, 4, 4), "image_size": 224}
# On several sizes at once, around another network, or of parts that are given.
GIVEN_PARTS = ("dino", "es_vit", "lejepa", "levjepa", "efficient", "na_vit", "looped", "mobile")


def transformer_recipes() -> dict[str, Any]:
    """The network of every module of vit_pytorch that reads pictures or videos."""
    from importlib import import_module
    from inspect import isclass, signature
    from pkgutil import iter_modules

    import vit_pytorch

    found: dict[str, Any] = {}
    for module in iter_modules(vit_pytorch.__path__):
        if module.name.startswith(GIVEN_PARTS) or module.name == "vaat":
            continue
        for one in vars(import_module(f"vit_pytorch.{module.name}")).values():
            if isclass(one) and one.__module__.endswith(f".{module.name}"):
                names = signature(one).parameters
                if {"num_classes", "channels"} <= set(names) and "seq_len" not in names:
                    found.setdefault(module.name, one)
    return found


def recipe_model(name: str) -> Model:
    """A small network of a module."""
    from inspect import signature

    made = transformer_recipes()[name]
    asked = signature(made).parameters
    settings = SMALL | (STAGED if name in STAGES else {}) | OWN.get(name, {})
    given = [one.name for one in asked.values() if one.default in (one.empty, None)]
    options = {key: settings[key] for key in {*given, "num_classes"} if key in settings}
    side = settings["image_size"]
    shape = (3, 8, side, side) if "frames" in asked else (3, side, side)
    return made(**options), shape


def _at_a_step(module: Any, *others: tuple[int, ...]) -> Any:
    """A denoising network at one step, with constants for what else it reads."""
    import torch

    class Step(torch.nn.Module):  # type: ignore[misc,unused-ignore]
        """The network at step 1."""

        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, sample: Any) -> Any:
            constants = [torch.zeros(1, *shape) for shape in others]
            return self.module(sample, torch.ones(1), *constants, return_dict=False)[0]

    return Step()


DIFFUSION: dict[str, tuple[dict[str, Any], tuple[int, ...], tuple[tuple[int, ...], ...] | None]] = {
    "AutoencoderKL": ({}, (3, 64, 64), None),
    "AutoencoderTiny": ({}, (3, 64, 64), None),
    "AsymmetricAutoencoderKL": ({}, (3, 64, 64), None),
    "VQModel": ({}, (3, 64, 64), None),
    "UNet2DModel": ({"sample_size": 64}, (3, 64, 64), ()),
    "UNet2DConditionModel": ({"cross_attention_dim": 768}, (4, 32, 32), ((77, 768),)),
}


def diffusion_model(name: str) -> Model:
    """An autoencoder, or a denoising network at one step."""
    import diffusers

    options, shape, others = DIFFUSION[name]
    module = getattr(diffusers, name)(**options)
    return module if others is None else _at_a_step(module, *others), shape


LIBRARIES = {
    "smp": Library("segmentation_models_pytorch", segmentation_names, segmentation_model),
    "ultralytics": Library("ultralytics.nn.tasks", lambda: list(YOLO), yolo_model, meta=False),
    "monai": Library("monai.networks.nets", medical_names, medical_model),
    "transformers": Library("transformers", lambda: list(transformer_classes()), transformer_model),
    "pytorchcv": Library("pytorchcv.model_provider", vision_names, vision_model),
    "vit_pytorch": Library("vit_pytorch", lambda: list(transformer_recipes()), recipe_model),
    "diffusers": Library("diffusers", lambda: list(DIFFUSION), diffusion_model),
}
