/* Elements and how values are spelled. Texts of networks only ever become text nodes. */

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  return filled(made, attributes, children);
}

function drawing(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  return filled(made, attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false)
      made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

const byId = (id) => document.getElementById(id);
const sameValues = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/* Whole numbers with thousands separators, in the typography of the tables; unknown is `?`. */
function numberText(value) {
  if (value === null || value === undefined) return "?";
  const [whole, decimals] = String(value).replace("-", "−").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === undefined ? grouped : `${grouped}.${decimals.slice(0, 3)}`;
}

/* A count in few digits and a unit; the whole of it below 10,000. */
function shortNumber(value) {
  if (value === null || value === undefined || Number(value) < 10000) return numberText(value);
  const units = ["", "k", "M", "G", "T", "P", "E"];
  let rest = Number(value);
  while (units.length > 1 && rest.toFixed(2) >= 1000) {
    rest /= 1000;
    units.shift();
  }
  return `${rest.toFixed(2)} ${units[0]}`;
}

function sizeText(bytes) {
  if (bytes === null || bytes === undefined) return "?";
  for (const [power, unit] of [
    [3, "GiB"],
    [2, "MiB"],
    [1, "KiB"],
  ]) {
    if (Number(bytes) >= 1024 ** power) return `${(Number(bytes) / 1024 ** power).toFixed(2)} ${unit}`;
  }
  return `${numberText(bytes)} B`;
}

function percentText(share) {
  return share === null || share === undefined ? "?" : `${(100 * share).toFixed(1)} %`;
}

/* Values per axis, once where they are equal. */
function axesText(values, spell = numberText) {
  if (!values || !values.length) return "";
  const texts = values.map(spell);
  return texts.every((text) => text === texts[0]) ? texts[0] : texts.join("×");
}

function shapeText(shape, channelsLast) {
  const ordered = channelsLast ? [...shape.slice(1), shape[0]] : shape;
  return ordered.map((size) => (size === null ? "?" : String(size))).join("×");
}

const placeText = (place) => `(${place.join(", ")})`;

/* Keys that walk through a list; null for any other. */
function nextPlace(key, place, count) {
  const steps = {
    ArrowDown: place + 1,
    ArrowUp: place - 1,
    Home: 0,
    End: count - 1,
    PageDown: place + 10,
    PageUp: place - 10,
  };
  return key in steps ? Math.min(Math.max(steps[key], 0), count - 1) : null;
}
