/* What a unit reads, in numbers and words. */

function sidesTable(model, box) {
  const sizes = model.pixelSizes;
  const rows = box.map((side, axis) => {
    const { first, last } = side,
      size = sizes[axis],
      one = model.of(1);
    const start = first < 0 ? model.of(0) : first,
      end = size !== null && last >= size ? size - one : last;
    const within = size === null ? "?" : start <= end ? `${start}…${end}` : "none";
    const share = coverageOf(side);
    const cells = [
      `${String(first).replace("-", "−")}…${last}`,
      numberText(last - first + one),
      within,
      numberText(Number(first + last) / 2),
      share === 1 ? "none" : share === null ? "?" : percentText(1 - share),
    ];
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, model.axes[axis]),
      cells.map((cell) => element("td", {}, cell)),
    );
  });
  const heads = ["", "reads", "pixels", "within", "centre", "gaps"].map((head) =>
    element("th", { scope: "col" }, head),
  );
  return element("table", {}, element("thead", {}, element("tr", {}, heads)), element("tbody", {}, rows));
}

function outsideNote(model, box) {
  const sizes = model.pixelSizes;
  if (sizes.includes(null)) return null;
  const inside = box.map(({ first, last }, axis) => {
    const length = Math.min(Number(last), Number(sizes[axis]) - 1) - Math.max(Number(first), 0) + 1;
    return Math.max(length, 0) / (Number(last - first) + 1);
  });
  const share = 1 - inside.reduce((product, part) => product * part, 1);
  return share
    ? element("p", {}, `${percentText(share)} of the rectangle lies outside the image: padding.`)
    : null;
}

function readersText(model, asked, readers) {
  const pixel = `pixel ${placeText(asked)}`;
  if (!readers) return `Which units read ${pixel} is not known per axis.`;
  const texts = readers.map(
    (units, axis) =>
      `${model.axes[axis]} ${
        units === null
          ? "?"
          : unitRuns(units)
              .map(([first, last]) => (first === last ? first : `${first}…${last}`))
              .slice(0, 6)
              .join(", ") || "none"
      }`,
  );
  return `${pixel} is read by units ${texts.join(" · ")}`;
}
