/* The coverage curve: which share of residents lives within each distance on foot. */

const CURVE = { width: 380, height: 196, left: 38, right: 14, top: 14, bottom: 34, step: 100,
  most: 3000 };
const OLDER_COLOUR = "#8d62c0";

function curveChart(one) {
  const { coverage_curve: all, older_coverage_curve: older, target_radius_m: met } = one.equity;
  const { radius_m: radius, coverage_target: target } = data.standard;
  if (all.every(isMissing)) return null;
  const { x, y } = curveScales();
  const path = (shares) => shares.map((share, i) => (isMissing(share) ? ""
    : `${i && !isMissing(shares[i - 1]) ? "L" : "M"}${x(i * CURVE.step)} ${y(share)}`)).join("");
  const drawn = (shares, colour, dashes) => svg("path", { d: path(shares), fill: "none",
    stroke: colour, "stroke-width": 2, "stroke-dasharray": dashes });
  const within = isMissing(radius) || radius > CURVE.most ? null : radius;
  return svg("svg", { class: "curve", viewBox: `0 0 ${CURVE.width} ${CURVE.height}`, role: "img",
    "aria-label": `${word("curve")}. ${curveSentence(one)}` },
  curveGrid(x, y),
  !isMissing(target) && [
    svg("line", { x1: x(0), x2: x(CURVE.most), y1: y(target), y2: y(target), class: "goal" }),
    curveText(x(CURVE.most) - 3, y(target) - 4, `${word("target")} ${percent(target)}`, "end")],
  within && [
    svg("line", { x1: x(within), x2: x(within), y1: y(0), y2: y(1), class: "goal" }),
    curveText(x(within) + 4, y(0) - 5, `${word("radius")} ${metres(within)}`, "start")],
  drawn(older, OLDER_COLOUR, "5 3"),
  drawn(all, COVERED_COLOUR),
  within && !isMissing(one.coverage_ratio) && svg("circle", { cx: x(within),
    cy: y(one.coverage_ratio), r: 4, fill: COVERED_COLOUR, stroke: "#fff", "stroke-width": 1.5 }),
  !isMissing(met) && met <= CURVE.most && !isMissing(target) && svg("circle", { cx: x(met),
    cy: y(target), r: 4, fill: "#fff", stroke: COVERED_COLOUR, "stroke-width": 2 }));
}

function curveScales() {
  const { width, height, left, right, top, bottom, most } = CURVE;
  const round = (value) => Math.round(value * 10) / 10;
  return {
    x: (m) => round(left + (m / most) * (width - left - right)),
    y: (share) => round(height - bottom - share * (height - top - bottom)),
  };
}

const curveText = (x, y, text, anchor) => svg("text", { x, y, "text-anchor": anchor }, text);

function curveGrid(x, y) {
  const across = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    svg("line", { x1: x(0), x2: x(CURVE.most), y1: y(share), y2: y(share), class: "grid" }),
    curveText(x(0) - 5, y(share) + 4, `${share * 100}%`, "end")]);
  const up = [0, 500, 1000, 1500, 2000, 2500, 3000].flatMap((m) => [
    svg("line", { x1: x(m), x2: x(m), y1: y(0), y2: y(0) + 4, class: "tick" }),
    curveText(x(m), y(0) + 16, number(m), "middle")]);
  return [across, up, curveText(x(CURVE.most / 2), CURVE.height - 3, word("curve_axis"), "middle")];
}

function curveSentence({ coverage_ratio: ratio, equity }) {
  const { radius_m: radius, coverage_target: target } = data.standard;
  return word("curve_says", metres(radius), percent(ratio), percent(target),
    metres(equity.target_radius_m));
}

function curveKey(one) {
  const item = (colour, dashes, text) => el("span", {}, svg("svg", { viewBox: "0 0 24 8", width: 24,
    height: 8, "aria-hidden": "true" }, svg("path", { d: "M1 4h22", stroke: colour,
    "stroke-width": 2.2, "stroke-dasharray": dashes })), text);
  return el("p", { class: "bar-key" }, item(COVERED_COLOUR, null, word("curve_all")),
    item(OLDER_COLOUR, "5 3", word(olderKey("curve_older", one))));
}

// The same figures for those who cannot see the curve.
function curveTable(one) {
  const { coverage_curve: all, older_coverage_curve: older } = one.equity;
  const rows = all.flatMap((share, i) => (i % 5 ? [] : [el("tr", {},
    el("th", { scope: "row" }, metres(i * CURVE.step)),
    el("td", { class: "number" }, percent(share)),
    el("td", { class: "number" }, percent(older[i])))]));
  const heads = ["distance_m", "curve_all", olderKey("curve_older", one)].map((key) =>
    el("th", { scope: "col" }, word(key)));
  return el("details", { class: "plain" }, el("summary", {}, word("curve_table")),
    el("table", { class: "plain" }, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, rows)));
}

function curveSection(one) {
  const chart = curveChart(one);
  return chart && el("section", {}, el("h3", {}, word("curve")), chart, curveKey(one),
    el("p", { class: "note" }, curveSentence(one)), curveTable(one));
}
