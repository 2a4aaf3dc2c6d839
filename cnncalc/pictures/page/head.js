/* What is told of networks above everything else, and where to begin. */

function factsOf({ report, inputs, memory, findings, start, batch, rows, channelsLast, withGlobal }) {
  const { totals } = report;
  const facts = [
    inputsText(inputs, channelsLast),
    `${rows.length} layers`,
    totals && `${shortNumber(totals.params)} params`,
    totals && `${shortNumber(totals.macs)} MACs`,
    memory && `${sizeText(memory.peak)} peak`,
    batch > 1 && `batch ${batch}`,
    (start.index || inputs.length > 1) && `fields from ${start.layer}`,
    withGlobal && "paths through whole maps counted",
    findings.length > 0 && `${findings.length} finding${findings.length > 1 ? "s" : ""}`,
  ];
  return facts.filter(Boolean);
}

function inputsText(inputs, channelsLast) {
  const texts = inputs.map(([name, shape]) => {
    const size = shapeText(shape, channelsLast);
    return inputs.length > 1 ? `${name} ${size}` : size;
  });
  return `input ${texts.join(", ")}`;
}

/* A network's name and figures; marked are those that another one does not have alike. */
function aboutOf(model, other) {
  const alike = other && factsOf(other);
  const mark = (fact) => (alike && !alike.includes(fact) ? "differs" : null);
  const facts = factsOf(model).map((fact) => element("span", { class: mark(fact) }, fact));
  return element("p", {}, element("span", { class: "network" }, model.name), facts);
}

function messagesOf({ name, report, warnings }) {
  const stops = element("b", {}, `${name} stops here. `);
  const error = report.error ? [element("p", { class: "error", role: "alert" }, stops, report.error)] : [];
  return [...error, ...warnings.map((warning) => element("p", { class: "warning" }, warning))];
}

function legendOfMarks() {
  return element(
    "p",
    { class: "legend" },
    element("span", { class: "differs" }, "marked"),
    " differs from the layer that corresponds in the other network, ",
    element("span", { class: "alone" }, "marked"),
    " has none there.",
  );
}

/* A layer that sees a good part of the input, if there is one. */
function startOf({ rows, pixels, layers }) {
  const sees = ({ rf }) => rf.every((pixelsSeen, axis) => 3 * Number(pixelsSeen) >= Number(pixels[axis]));
  const depends = ({ rf }) => !rf.includes(null);
  return rows.find((layer) => layer.kernel && sees(layer)) || rows.find(depends) || rows[0] || layers[0];
}
