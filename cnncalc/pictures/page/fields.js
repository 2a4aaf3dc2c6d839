/* What units read, exactly. Numbers of one network are all Numbers, or all BigInts where it is big:
   the same arithmetic serves both, as long as they are not mixed. */

const MOST_READERS = 1000000;
const remainder = (value, by) => ((value % by) + by) % by;
const quotient = (value, by) => (value - remainder(value, by)) / by;
const leastOf = (values) => values.reduce((one, other) => (other < one ? other : one));
const mostOf = (values) => values.reduce((one, other) => (other > one ? other : one));

/* An extent is {first, last, runs}: runs are the lengths of what is read and left out in turn,
   undefined where nothing is left out, null where that was not counted. */
const moved = (extent, by) => extent && { ...extent, first: extent.first + by, last: extent.last + by };

function coverageOf({ first, last, runs }) {
  if (runs === undefined) return 1;
  if (runs === null) return null;
  return (
    runs.reduce((sum, length, place) => (place % 2 ? sum : sum + length), 0) / (Number(last - first) + 1)
  );
}

/* Whether a pixel within an extent is read; null where the extent is too wide to say. */
function readsPixel({ first, runs }, pixel) {
  if (runs === undefined || runs === null) return runs === undefined ? true : null;
  let left = Number(pixel - first),
    place = 0;
  while (left >= runs[place]) left -= runs[place++];
  return place % 2 === 0;
}

/* The field of one axis, from its data. */
function axisField(data, of) {
  if (data.unknown !== undefined) return data;
  if (data.kind === "row") return { ...data, field: axisField(data.field, of) };
  let first = of(0);
  const extents = data.first.map((step, phase) => {
    first += of(step);
    const pixels = of(data.pixels[phase]);
    if (pixels == 0) return null;
    return { first, last: first + pixels - of(1), runs: data.gaps && data.gaps[phase] };
  });
  const field = { kind: data.kind, extents };
  return data.kind === "periodic" ? { ...field, period: of(data.period), shift: of(data.shift) } : field;
}

/* What a unit reads on an axis, null for nothing. Units of a row go by their place in it. */
function extentOf(field, unit, of) {
  if (field.kind === "whole") return field.extents[0];
  if (field.kind === "units") return field.extents[Number(unit)];
  if (field.kind === "periodic") {
    const turns = quotient(unit, field.period);
    return moved(field.extents[Number(unit - turns * field.period)], turns * field.shift);
  }
  if (unit < field.learned) return null;
  const place = unit - of(field.learned) + of(field.start);
  return extentOf(field.field, remainder(quotient(place, of(field.step)), of(field.size)), of);
}

/* The units of an axis that read a pixel, in rising order; null where that is not known. */
function unitsReading(field, pixel, size, of) {
  const near = [];
  const within = (extent) => extent && extent.first <= pixel && pixel <= extent.last;
  if (field.kind === "whole") {
    if (size > MOST_READERS) return null;
    if (within(field.extents[0]))
      for (let unit = of(0); unit < size; unit++) near.push([unit, field.extents[0]]);
  } else if (field.kind === "units") {
    field.extents.forEach((extent, unit) => {
      if (within(extent)) near.push([of(unit), extent]);
    });
  } else {
    const { period, shift, extents } = field;
    for (let phase = 0; phase < extents.length; phase++) {
      const extent = extents[phase];
      if (!extent) continue;
      const start = mostOf([-quotient(extent.last - pixel, shift), of(0)]);
      const end = leastOf([
        quotient(pixel - extent.first, shift),
        quotient(size - of(1) - of(phase), period),
      ]);
      if (end - start >= MOST_READERS) return null;
      for (let turn = start; turn <= end; turn++)
        near.push([of(phase) + turn * period, moved(extent, turn * shift)]);
    }
  }
  const reads = near
    .map(([unit, extent]) => [unit, readsPixel(extent, pixel)])
    .filter(([, read]) => read !== false);
  if (reads.some(([, read]) => read === null)) return null;
  return reads.map(([unit]) => unit).sort((one, other) => (one < other ? -1 : 1));
}

/* First and last pixel that any unit of an axis reads: what a picture of them has to show. */
function spanOf(field, size, of) {
  if (field.unknown !== undefined) return null;
  let extents = field.extents;
  if (field.kind === "row") return spanOf(field.field, of(field.size), of);
  if (field.kind === "periodic") {
    const lasts = field.extents.map((extent, phase) => {
      const turns = quotient(size - of(1) - of(phase), field.period);
      return turns < 0 ? null : moved(extent, turns * field.shift);
    });
    extents = [...field.extents.slice(0, size < field.extents.length ? Number(size) : undefined), ...lasts];
  }
  const known = extents.filter(Boolean);
  if (!known.length) return null;
  return [leastOf(known.map((extent) => extent.first)), mostOf(known.map((extent) => extent.last))];
}
