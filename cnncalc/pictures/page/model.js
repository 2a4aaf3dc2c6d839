/* One network: its layers, the first input being 0, with what their units read. */

class Model {
  constructor(data, place, channelsLast) {
    const { fields, ...rest } = data;
    Object.assign(this, rest, { table: fields });
    this.place = place;
    this.channelsLast = channelsLast;
    this.name = data.report.network;
    this.of = data.big ? BigInt : Number;
    const live = new Map((data.memory ? data.memory.layers : []).map((layer) => [layer.layer, layer]));
    const [input, ...others] = data.inputs.map(([layer, out_shape], place) => ({
      index: -place,
      layer,
      type: "input",
      family: "input",
      from: [],
      out_shape,
    }));
    const layers = data.report.layers.map((layer, i) => ({
      ...layer,
      family: data.families[i],
      live: (live.get(layer.layer) || {}).live,
      findings: data.findings.filter((finding) => finding.layers.includes(layer.layer)),
    }));
    /* Inputs beside the first go by indices below 0. */
    this.layers = [input, ...layers, ...others.reverse()];
    this.indices = new Map([
      ...Object.entries(data.blocks),
      ...this.layers.map((layer) => [layer.layer, layer.index]),
    ]);
    this.decoded = new Map();
  }

  get rows() {
    return this.layers.slice(1, this.families.length + 1);
  }

  /* The layer in whose units fields are. */
  get start() {
    return this.origin === null ? this.layers[0] : this.layerOf(this.origin);
  }

  layerOf(name) {
    if (!this.indices.has(name)) throw new RangeError(`${this.name} has no layer ${JSON.stringify(name)}`);
    return this.layers.at(this.indices.get(name));
  }

  shape(layer) {
    return shapeText(layer.out_shape, this.channelsLast);
  }

  /* Sizes of a layer's map; a vector has no axes, and one unit on each of the input's. */
  sizes(layer) {
    return layer.out_shape.slice(1).map((size) => (size === null ? null : this.of(size)));
  }

  /* Per axis the tones of the effective field of a unit that reads so much; null where not known. */
  heat(layer, box) {
    const places = this.heatsOf[layer.index];
    const tones = places && places.map((place) => this.heats[place]);
    const fits = tones && box.every(({ first, last }, axis) => Number(last - first) + 1 === tones[axis].length);
    return fits ? tones : null;
  }

  get pixelSizes() {
    return this.pixels.map((size) => (size === null ? null : this.of(size)));
  }

  fields(layer) {
    return this.fieldsOf.at(layer.index).map((place) => {
      if (!this.decoded.has(place)) this.decoded.set(place, axisField(this.table[place], this.of));
      return this.decoded.get(place);
    });
  }

  /* Why it is not known what the layer's units read; null where it is. */
  unknown(layer) {
    const reasons = this.fields(layer).filter((field) => field.unknown !== undefined);
    return reasons.length ? reasons[0].unknown : null;
  }

  /* The unit's place as numbers of this network, refused where there is none. */
  checkedPlace(place, sizes, what) {
    if (!Array.isArray(place) || place.length !== sizes.length)
      throw new RangeError(`a ${what} has ${sizes.length} numbers`);
    return place.map((at, axis) => {
      const number = this.of(at);
      if (number < 0 || (sizes[axis] !== null && number >= sizes[axis]))
        throw new RangeError(`there is no ${what} ${at} on axis ${axis + 1}`);
      return number;
    });
  }

  /* Per axis what a unit reads: null where it reads nothing on some axis, or where that is unknown. */
  box(layer, unit) {
    const fields = this.fields(layer),
      sizes = this.sizes(layer);
    if (this.unknown(layer) !== null) return null;
    const inRow = unit.reduce(
      (sum, at, axis) => sum * (sizes[axis] === null ? this.of(1) : sizes[axis]) + at,
      this.of(0),
    );
    const sides = fields.map((field, axis) =>
      extentOf(field, field.kind === "row" ? inRow : axis < unit.length ? unit[axis] : this.of(0), this.of),
    );
    return sides.includes(null) ? null : sides;
  }

  /* Per axis the units that read a pixel; null where that is not known. */
  reading(layer, pixel) {
    const fields = this.fields(layer),
      sizes = this.sizes(layer);
    const apart = this.unknown(layer) === null && fields.every((field) => field.kind !== "row");
    if (!apart || (sizes.length && sizes.length < fields.length)) return null;
    return fields.map((field, axis) => {
      const size = sizes.length ? sizes[axis] : this.of(1);
      return unitsReading(field, pixel[axis], size === null ? this.of(MOST_READERS) : size, this.of);
    });
  }

  middle(layer) {
    return this.sizes(layer).map((size) => (size === null ? this.of(0) : quotient(size, this.of(2))));
  }
}
