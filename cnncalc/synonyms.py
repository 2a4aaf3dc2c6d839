"""The field's other words for layer types, keys and networks: what is meant, or why there is none.

Spelling alone misleads: `deconv` looks like `conv` and is its opposite. Each table goes from what
is meant to the words for it, as `plain` leaves them; names first, then what must be said in words.
"""

from __future__ import annotations

import re

TYPE, KEY, TOP_KEY, NETWORK = "type", "key", "top key", "network"

NAMES: dict[str, dict[str, str]] = {
    TYPE: {
        "conv": "convolution convolutional cnn convolve crosscorrelation convnet",
        "conv_transpose": "deconv deconvolution deconvolutional transposeconv transposedconv "
        "transposeconvolution transposedconvolution convtransposed upconv upconvolution "
        "fractionalconv fractionallystridedconv tconv convt",
        "depthwise_conv": "dwconv depthwise convdw depthwiseconvolution convdepthwise",
        "linear": "dense fc fullyconnected fullconnected innerproduct ip mlp perceptron connected",
        "max_pool": "maxpooling poolmax mp",
        "avg_pool": "averagepool averagepooling avgpooling meanpool meanpooling poolavg ap",
        "max_pool avg_pool": "pool pooling subsampling subsample downsample downsampling",
        "global_avg_pool": "gap globalpool globalpooling globalaveragepool globalaveragepooling "
        "globalavgpooling averagepoolglobal avgpoolglobal",
        "global_max_pool": "gmp globalmaxpooling",
        "adaptive_avg_pool": "adaptiveaveragepool adaptivepool adaptiveaveragepooling "
        "adaptiveavgpooling",
        "adaptive_max_pool": "adaptivemaxpooling",
        "max_unpool": "unpool unpooling maxunpooling",
        "roi_pool": "roi roipooling regionpool",
        "upsample": "upsampling interpolate interpolation interp resize resizing unsample "
        "upscale nearest bilinear bicubic upsamplenearest upsamplebilinear",
        "pad": "padding zeropad zeropadding reflectionpad replicationpad constantpad",
        "crop": "cropping centercrop",
        "batch_norm": "bn bnorm batchnormalization batchnormalisation syncbatchnorm spatialbn",
        "group_norm": "gn groupnormalization",
        "layer_norm": "ln layernormalization",
        "instance_norm": "instancenormalization",
        "lrn": "localresponsenorm localresponsenormalization normalization responsenorm",
        "batch_norm layer_norm group_norm": "norm normalize normalise",
        "dropout": "drop spatialdropout alphadropout droppath featuredropout",
        "identity": "noop linearactivation passthrough",
        "relu": "rectifier rectifiedlinear rectlin rectifiedlinearunit",
        "leaky_relu": "leaky lrelu",
        "prelu": "parametricrelu",
        "silu": "swish",
        "hard_swish": "hswish",
        "hard_sigmoid": "hsigmoid",
        "sigmoid": "logistic",
        "add": "sum plus addition elementwisesum eltwiseadd eltwisesum",
        "mul": "multiply multiplication prod product times eltwisemul hadamard",
        "add mul maximum": "eltwise elementwise",
        "max_pool maximum": "max",
        "concat": "cat concatenate concatenation merge join route stack depthconcat",
        "slice": "split chunk narrow channelslice",
        "pixel_shuffle": "depthtospace subpixel subpixelconv",
        "space_to_depth": "reorg pixelunshuffle focus",
        "channel_shuffle pixel_shuffle": "shuffle",
        "reshape": "view",
        "attention": "multiheadattention selfattention mha mhsa msa windowattention",
        "matmul": "bmm dot einsum batchmatmul",
        "tokens": "patchembed patches flattenpatches sequence",
        "prepend": "classtoken clstoken cls registertoken",
        "position": "positionembedding positionalembedding posembed positionalencoding",
    },
    KEY: {
        "kernel_size": "fsize filtersize ksize kernel k size poolsize window windowsize "
        "kernels filtershape kernelshape",
        "output_size": "size outsize outputshape",
        "size": "outsize outputsize outputshape",
        "out_channels out_features": "filters nfilters numfilters filter channels outchannel "
        "outchan cout numoutput noutput planes outplanes nout outdim outputchannels maps "
        "featuremaps features width depth units neurons hidden hiddensize outputs outfeature "
        "outfeatures outchannels numclasses classes",
        "p": "rate prob probability dropoutrate dropprob dropoutratio ratio",
        "dilation": "rate dilationrate dilations dilate atrousrate atrous holes",
        "stride": "strides step steps subsample subsampling",
        "padding": "pad pads border bordermode padsize paddings",
        "bias": "usebias hasbias biasterm nobias withbias",
        "affine": "bias usebias scale learnable",
        "groups": "group numgroups numgroup cardinality ngroups",
        "num_groups": "groups group numgroup ngroups",
        "multiplier": "depthmultiplier channelmultiplier channelsmultiplier expansion",
        "scale_factor": "scale factor scales upscale upscalefactor rate size",
        "factor": "scale upscalefactor downscalefactor blocksize block r scalefactor",
        "mode": "interpolation method resample",
        "ceil_mode": "ceil ceiling rounding roundmode",
        "negative_slope": "slope alpha leak",
        "eps": "epsilon",
        "from": "input inputs bottom bottoms prev previous parent parents src sources reads",
        "repeat": "repeats times count copies number n",
        "name": "id label title",
        "shares": "share sharedwith shareswith tied",
        "when": "if condition",
    },
    TOP_KEY: {
        "input": "inputs inputshape inputsize shape size imagesize inputdim",
        "layers": "layer network net architecture model backbone head nodes modules",
        "args": "arg arguments parameters params variables vars hyperparameters",
        "blocks": "block submodules",
        "include": "includes import imports",
        "budgets": "budget limits constraints",
        "output": "outputs out return returns result",
        "inputs": "input from",
        "name": "title id",
        "source": "reference paper url cite",
        "description": "comment doc notes",
    },
    NETWORK: {
        "rcnn_alexnet fast_rcnn_vgg16 faster_rcnn_vgg16": "rcnn",
        "fast_rcnn_vgg16": "fastrcnn",
        "faster_rcnn_vgg16": "fasterrcnn",
        "mask_rcnn_resnet50_fpn": "maskrcnn",
        "vit_b_16 deit_s swin_t": "visiontransformer transformer",
        "dcgan_generator": "gan",
        "dqn": "deepqnetwork deepq",
        "vgg16 vgg19 vgg11": "vggnet vgg vggd oxfordnet",
        "googlenet": "inceptionv1 inception1",
        "resnet50 resnet18 resnet101": "residualnetwork residualnet resnets",
        "zf5": "zfnet zf zeilerfergus",
        "nin": "networkinnetwork",
        "lenet5": "lenet mnist",
        "wide_resnet50_2 wrn_28_10": "wideresnet wrn wideresnet50",
        "preresnet50": "resnetv2 resnet50v2 preactresnet",
        "deeplab_v3plus deeplab_v3_resnet50 deeplab_v2": "deeplab",
        "ssd300_vgg16": "singleshotdetector",
        "yolo_v3 yolo_v2 yolo_v1": "yolo darknet darknet53",
        "se_resnet50 senet154": "squeezeandexcitation squeezeexcitation senet",
    },
}

LEAVE_OUT = "it changes no figure; leave it out"
ADVICE: dict[str, dict[str, str]] = {
    TYPE: {
        "write conv with dilation, as in dilation: 2": "atrousconv atrous dilatedconv "
        "dilatedconvolution atrousconvolution dilationconv aspp holeconv",
        "write conv with groups, as in groups: 32": "groupconv groupedconv groupconvolution "
        "groupedconvolution convgroup",
        "write conv with kernel_size: 1": "pointwiseconv pointwise convpointwise networkinnetwork",
        "write depthwise_conv and a conv with kernel_size: 1": "separableconv "
        "depthwiseseparableconv sepconv separableconvolution dwsepconv",
        "write add with both branches in from, as in from: [conv2, input]": "residual shortcut "
        "skip skipconnection residualconnection skipadd residualadd",
        "recurrent layers have no type; unknown stands for one, with figures unknown": "lstm gru "
        "rnn convlstm bilstm recurrent simplernn lstmcell grucell bidirectional",
        "write a block of layer_norm, attention and conv with kernel_size: 1": "transformer "
        "transformerencoder transformerblock",
        "embeddings have no type; unknown stands for one, with figures unknown": "embedding embed",
        "name the function itself, as in relu": "activation act nonlinearity activationfunction",
        "write function with its name as operator, as in operator: softplus": "softplus softsign "
        "selu celu exp sqrt abs log square power clip threshold hardtanh sin cos sign rrelu glu",
        "write it under blocks, then use its name as a type": "block bottleneck basicblock "
        "residualblock resblock inception inceptionmodule fire firemodule denseblock mbconv "
        "invertedresidual sequential modulelist module squeezeexcitation seblock se sppf spp",
        "the input is the key input at the top, as in input: [3, 224, 224]": "input data "
        "placeholder image",
        "losses have no figures here; leave it out": "loss softmaxloss softmaxwithloss "
        "crossentropy crossentropyloss mseloss accuracy",
    },
    KEY: {
        "it follows from what the layer reads; leave it out": "inchannels infeatures cin inplanes "
        "inputchannels inputshape inputsize inputdim indim nin numfeatures numchannels inchan "
        "normalizedshape inputfeatures ninput",
        "write it as a layer of its own behind this one, as in - relu": "activation act "
        "nonlinearity activationfunction relu",
        "write it as a layer of its own behind this one, as in - batch_norm": "batchnorm bn norm "
        "batchnormalize normalization usebn",
        "write dropout as a layer of its own behind this one": "dropout drop",
        "write type: global_avg_pool or global_max_pool instead": "globalpooling global globalpool",
        LEAVE_OUT: "trainable dtype dataformat device weights kernelinitializer biasinitializer "
        "weightfiller biasfiller lrmult init initializer regularizer kernelregularizer "
        "paddingmode requiresgrad freeze",
    },
    TOP_KEY: {},
    NETWORK: {},
}
# What holds for one type alone, before the rest.
OF_TYPE = {
    ("depthwise_conv", "out_channels"): "its channels are those it reads times multiplier; "
    "leave it out, or write multiplier",
    ("depthwise_conv", "groups"): "every channel is a group of its own; leave it out",
    ("concat", "dim"): "concat joins channels; leave it out, or write axis: h (l, w, d)",
    ("max_pool", "count_include_pad"): "it is avg_pool's",
}
AXES = re.compile(r"(?<=[a-z])[123]d")


def plain(word: str) -> str:
    """A word without case, signs, the package before it, and `1d`, `2d` or `3d` in it."""
    own = word.lower().rpartition(".")[2]
    kept = "".join(letter for letter in own if letter.isalnum())
    return AXES.sub("", kept).removesuffix("layer") or kept


def _words(table: dict[str, str], word: str) -> list[str]:
    return [meant for meant, words in table.items() if word in words.split()]


def names_meant(topic: str, word: str, choices: list[str]) -> list[str] | None:
    """The choices that a word means, None where it is no word of the field.

    A word of the field may mean none of the choices.
    """
    asked = plain(word)
    same = [choice for choice in choices if plain(choice) == asked]
    if same:
        return same[:1]
    found = _words(NAMES[topic], asked)
    for names in found:
        here = [name for name in names.split() if name in choices]
        if here:
            return here
    return [] if found else None


def advice(topic: str, word: str, of: str = "") -> str | None:
    """What to do in words, where the word has no other name here; `of` is the type of a key."""
    asked = plain(word)
    for type_name, key in OF_TYPE:
        if of == type_name and (asked == plain(key) or asked in _alike(key)):
            return OF_TYPE[type_name, key]
    return next(iter(_words(ADVICE[topic], asked)), None)


def _alike(key: str) -> list[str]:
    """The words for a key."""
    tables = (words for names, words in NAMES[KEY].items() if key in names.split())
    return " ".join(tables).split()
