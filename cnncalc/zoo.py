"""Where the built-in networks are, and by what names people may ask for them."""

from __future__ import annotations

import os

from .errors import UsageError
from .wording import nearest, quote

SUFFIX = ".yaml"


def folder() -> str:
    """The folder of the built-in networks: inside the installed package, or beside it."""
    package = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(package, "nets")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "nets")


def names() -> list[str]:
    """The built-in networks' names, sorted."""
    return sorted(entry[: -len(SUFFIX)] for entry in os.listdir(folder()) if entry.endswith(SUFFIX))


def plain(name: str) -> str:
    """A name without what does not matter in it: case, `-`, `_`, `.` and spaces; `+` is `plus`."""
    kept = name.lower().replace("+", "plus")
    return kept.translate({ord(sign): None for sign in "-_. "})


def path(name: str) -> str | None:
    """The file of a built-in network, None where there is none of that name."""
    wanted = plain(name)
    if not wanted.isalnum():
        return None
    for known in names():
        if plain(known) == wanted:
            return os.path.join(folder(), known + SUFFIX)
    return None


def short(path: str) -> str:
    """The path of a built-in network's file below their folder; any other as it is."""
    return path.removeprefix(os.path.join(folder(), ""))


def unknown(name: str) -> UsageError:
    """The error for a name that is neither a built-in network nor a file."""
    if os.path.isfile(name + SUFFIX):
        hint = f"the file is {name}{SUFFIX}"
    elif ":" in name:
        hint = "a PyTorch module package.module:factory is read with --reader torch"
    else:
        alike = _files_beside(name)[:1] or _nearest_three(plain(name))
        hint = f"did you mean {' or '.join(alike)}?"
    return UsageError(f"no network or file is named {quote(name)}; {hint}")


def _files_beside(name: str) -> list[str]:
    """The files that look like the one asked for, where a file was asked for."""
    folder, base = os.path.split(name)
    if not os.path.splitext(base)[1] or not os.path.isdir(folder or "."):
        return []
    return [os.path.join(folder, one) for one in nearest(base, os.listdir(folder or "."))]


def _nearest_three(wanted: str) -> list[str]:
    """The built-in networks that the field's word means; else those that begin so or look alike."""
    import difflib

    from .synonyms import NETWORK, names_meant

    by_plain = {plain(one): one for one in names()}
    meant = names_meant(NETWORK, wanted, list(by_plain.values())) if wanted else None
    if meant:
        return meant
    begin = sorted((one for one in by_plain if wanted and one.startswith(wanted)), key=len)
    alike = difflib.get_close_matches(wanted[:100], list(by_plain), n=len(by_plain), cutoff=0)
    return [by_plain[one] for one in dict.fromkeys([*begin, *alike])][:3]


FAMILIES = {
    "classification": (
        "lenet5 alexnet zf5 nin vgg11 vgg13 vgg16 vgg19 googlenet inception_v2 inception_v3 "
        "inception_v4 inception_resnet_v2 xception resnet18 resnet34 resnet50 resnet101 resnet152 "
        "preresnet50 resnext50_32x4d resnext101_32x8d wide_resnet50_2 wrn_28_10 densenet121 "
        "densenet169 densenet201 se_resnet50 senet154 mobilenet_v1 mobilenet_v2 "
        "mobilenet_v3_large squeezenet1_0 squeezenet1_1 shufflenet_v2_x1_0 efficientnet_b0 "
        "efficientnet_v2_s regnet_y_8gf convnext_tiny convnext_base "
        "vit_b_16 vit_l_16 deit_s swin_t swin_b"
    ),
    "segmentation": (
        "fcn32s fcn16s fcn8s unet segnet refinenet101 pspnet101 gcn deeplab_v1 deeplab_v2 "
        "deeplab_v3_resnet50 deeplab_v3_resnet101 deeplab_v3plus deeplab_v3plus_xception "
        "fcn_resnet50"
    ),
    "detection": (
        "rcnn_alexnet fast_rcnn_vgg16 faster_rcnn_vgg16 mask_rcnn_resnet50_fpn "
        "retinanet_resnet50_fpn ssd300_vgg16 yolo_v1 yolo_v2 yolo_v3"
    ),
    "generation": "dcgan_generator",
    "control": "dqn",
}


def by_family() -> list[tuple[str, str]]:
    """(network, family) of every built-in network, in the order in which they are listed."""
    here = names()
    listed = [
        (name, family)
        for family, members in FAMILIES.items()
        for name in members.split()
        if name in here
    ]
    known = {name for name, _ in listed}
    return listed + [(name, "other") for name in here if name not in known]
