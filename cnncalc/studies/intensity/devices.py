"""Devices' peak speeds by type of numbers, and their bandwidth."""

from __future__ import annotations

from ...record import Record

TERA, GIGA = 10**12, 10**9


class Device(Record):
    """A device's peak operations/s, without sparsity, by type of numbers, and bytes/s of memory.

    `speeds` and `bandwidth` are those of the document `source`, which stands at `url`; `basis`
    says which of its figures are meant, with the arithmetic where one follows from others, or why
    there is no speed.
    """

    speeds: dict[str, int]
    bandwidth: int
    source: str
    url: str
    basis: str


DEVICES = {
    "a100": Device(
        {
            "float64": 97 * TERA // 10,
            "float32": 195 * TERA // 10,
            "float16": 312 * TERA,
            "bfloat16": 312 * TERA,
            "int8": 624 * TERA,
        },
        2039 * GIGA,
        "NVIDIA A100 Tensor Core GPU, data sheet, June 2021",
        "www.nvidia.com/content/dam/en-zz/Solutions/Data-Center/a100/pdf/"
        "nvidia-a100-datasheet-us-nvidia-1758950-r4-web.pdf",
        "80 GB SXM; of tensor cores for 16 and 8 bits",
    ),
    "h100": Device(
        {
            "float64": 34 * TERA,
            "float32": 67 * TERA,
            "float16": 1979 * TERA // 2,
            "bfloat16": 1979 * TERA // 2,
            "int8": 3958 * TERA // 2,
        },
        3350 * GIGA,
        "NVIDIA H100 Tensor Core GPU, data sheet",
        "resources.nvidia.com/en-us-tensor-core/nvidia-tensor-core-gpu-datasheet",
        "SXM, not PCIe; of tensor cores for 16 and 8 bits, half of the figures with sparsity",
    ),
    "rtx4090": Device(
        {
            "float64": 128 * 2 * 2 * 2_520_000_000,
            "float32": 826 * TERA // 10,
            "float16": 3303 * TERA // 10,
            "bfloat16": 1652 * TERA // 10,
            "int32": 413 * TERA // 10,
            "int8": 6606 * TERA // 10,
        },
        1008 * GIGA,
        "NVIDIA Ada GPU Architecture, white paper, V2.01, appendix A: GeForce RTX 4090",
        "images.nvidia.com/aem-dam/Solutions/geforce/ada/nvidia-ada-gpu-architecture.pdf",
        "of tensor cores for 16 and 8 bits, float16 summed in float16 (in float32 it is 165.2 T); "
        "float64: 128 SMs × 2 cores × 2 FLOPs × 2.52 GHz",
    ),
    "jetson-orin-nano": Device(
        {
            "float32": 208 * TERA // 100,
            "float16": 17 * TERA,
            "int8": 33 * TERA,
        },
        102 * GIGA,
        "NVIDIA Jetson Orin Nano Super Developer Kit, announcement, December 2024; float32: "
        "Jetson Orin Nano Series, data sheet, v1.5",
        "developer.nvidia.com/blog/nvidia-jetson-orin-nano-developer-kit-gets-a-super-boost",
        "8 GB, MAXN SUPER mode; float32 of CUDA cores, which the sheet rounds to 2.08 T",
    ),
    "m4": Device(
        {},
        120 * GIGA,
        "Apple introduces M4 chip, press release, 7 May 2024",
        "www.apple.com/newsroom/2024/05/apple-introduces-m4-chip",
        "it states no type of numbers: 38 trillion operations/s of the Neural Engine, which "
        "--roofline 38T,120G takes as those of any type",
    ),
    "cortex-m7@480": Device(
        {
            "int32": 2 * 480_000_000,
            "int16": 2 * 2 * 480_000_000,
        },
        2 * 4 * 480_000_000,
        "Arm Cortex-M7 Processor, data sheet; STM32H743, data sheet DS12110, at 480 MHz",
        "www.st.com/resource/en/datasheet/stm32h743vi.pdf",
        "single-cycle 32-bit and dual 16-bit MACs, × 2 operations × 480 MHz; no cycles are stated "
        "of floats, nor a MAC of 8 bits; memory: DTCM, 2 × 4 bytes × 480 MHz",
    ),
}
