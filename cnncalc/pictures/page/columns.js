/* The columns of the table of layers. */

const windowText = (layer) => {
  if (!layer.kernel) return "";
  const side = (size) => (size === null ? "?" : String(size));
  const pair = ([before, after]) => (before === after ? side(before) : `${side(before)}:${side(after)}`);
  const parts = [
    ["", axesText(layer.kernel), ""],
    ["/", axesText(layer.stride), "1"],
    ["+", axesText(layer.padding, pair), "0"],
    ["d", axesText(layer.dilation), "1"],
  ];
  return parts
    .filter(([, text, usual]) => text !== usual && text)
    .map(([sign, text]) => sign + text)
    .join(" ");
};
const product = (values) =>
  values && values.length && !values.includes(null)
    ? values.map(Number).reduce((one, other) => one * other, 1)
    : null;
const fieldMark = (layer) => (layer.gated ? "+" : "");

/* A column's heading and what it means; of a layer its text (`whole` where that is shortened), its
   place in an order, a number or a word, and what has to be equal in two networks, if anything. */
const COLUMNS = [
  {
    name: "#",
    title: "place in the network",
    text: (layer) => String(layer.index),
    order: (layer) => layer.index,
  },
  {
    name: "layer",
    title: "name",
    text: (layer) => layer.layer,
    order: (layer) => layer.layer,
    left: true,
    alphabetical: true,
  },
  {
    name: "type",
    title: "type",
    text: (layer) => layer.type,
    order: (layer) => layer.type,
    left: true,
    alphabetical: true,
    compared: (layer) => layer.type,
  },
  {
    name: "window",
    title: "kernel /stride +padding d dilation",
    text: windowText,
    order: (layer) => product(layer.kernel),
    left: true,
    compared: (layer) => [layer.kernel, layer.stride, layer.padding, layer.dilation],
  },
  {
    name: "output",
    title: "output shape",
    text: (layer, model) => model.shape(layer),
    order: (layer) => product(layer.out_shape),
    compared: (layer) => layer.out_shape,
  },
  {
    name: "params",
    title: "parameters",
    text: (layer) => numberText(layer.params),
    order: (layer) => layer.params,
    compared: (layer) => layer.params,
  },
  {
    name: "MACs",
    title: "multiply–accumulates",
    text: (layer) => shortNumber(layer.macs),
    whole: (layer) => numberText(layer.macs),
    order: (layer) => layer.macs,
    compared: (layer) => layer.macs,
  },
  {
    name: "rf",
    title: "receptive field, in pixels",
    text: (layer) => axesText(layer.rf) + fieldMark(layer),
    order: (layer) => product(layer.rf),
    compared: (layer) => layer.rf,
  },
  {
    name: "stride",
    title: "effective stride, in pixels",
    text: (layer) => axesText(layer.eff_stride),
    order: (layer) => product(layer.eff_stride),
    compared: (layer) => layer.eff_stride,
  },
  {
    name: "live",
    title: "live memory while it runs",
    text: (layer) => sizeText(layer.live),
    whole: (layer) => numberText(layer.live),
    order: (layer) => (layer.live === undefined ? null : layer.live),
    compared: (layer) => layer.live,
  },
];
