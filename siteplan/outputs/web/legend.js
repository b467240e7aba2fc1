/* The legend, which follows what is on the page and switched on, and the controls on the map. */

const KEYS = {
  basemap: () => null,
  coverage: () => (isOverview ? null : box({ fill: "#f8f5ec", stroke: "#6f6a5f",
    "stroke-width": 2 })),
  labels: () => null,
  gaps: () => gapSymbol(17),
  cells: () => null,
  sites: () => null,
  candidates: () => null,
  areas: () => box({ fill: LINK_COLOUR, "fill-opacity": 0.12, stroke: LINK_COLOUR }),
  links: () => swatch(svg("path", { d: "M1 6h22", stroke: LINK_COLOUR, "stroke-width": 2.4 })),
  services: () => serviceSymbol({ kind: "clinic", relation: "linked" }, 18),
  stops: () => stopSymbol("bus_stop", 16),
  around: () => siteSymbol("single", "proposed", 15),
  others: () => swatch(svg("path", { d: "M1 6h22", stroke: "#8f8878", "stroke-width": 1.4,
    "stroke-dasharray": "6 3 1 3" })),
  places: () => null,
  green: () => box({ fill: "#d5dfc0" }),
  rail: () => swatch(svg("path", { d: "M1 6h22", stroke: "#6f6a5f", "stroke-width": 3 }),
    svg("path", { d: "M1 6h22", stroke: "#fff", "stroke-width": 1.4, "stroke-dasharray": "4 4" })),
  roads: () => box({ fill: "#fffdf8", stroke: "#8f8878", y: 4, height: 4 }),
  water: () => box({ fill: WATER_COLOUR }),
};

function ramp() {
  const present = new Set(data.subdistricts.map(({ coverage_ratio: ratio }) =>
    (isMissing(ratio) ? "none" : classOf(ratio))));
  const step = (label, attributes) => el("li", {}, el("i", attributes), label);
  return isOverview && el("ul", { class: "ramp" }, CLASSES.map((colour, i) =>
    step(`${20 * i}–${20 * (i + 1)}%`,
      { style: `background:${colour};opacity:${landOpacity()}` })),
  present.has("none") && step(word("no_figure"), { class: "hatched" }));
}

function cellKey() {
  const dot = (fill) => svg("svg", { viewBox: "0 0 12 12", width: 12, height: 12,
    "aria-hidden": "true" }, svg("circle", { cx: 6, cy: 6, r: 4, fill, "fill-opacity": 0.75 }));
  return el("ul", { class: "verdicts indented" }, [[DOT_COLOUR, "uncovered"], [COVERED_COLOUR, "reached"]]
    .map(([colour, key]) => el("li", {}, dot(colour), word(key))));
}

// Only what is on the page: no row for a role, no column for a status that nobody has.
function siteKey() {
  const statuses = ["existing", "proposed"].filter((status) =>
    data.sites.some((one) => one.status === status));
  const roles = ["headquarters", "branch", "single"].filter((role) =>
    data.sites.some((one) => one.status !== "candidate" && siteKind(one) === role));
  const heads = statuses.map((status) => el("th", { scope: "col" }, word(status)));
  const row = (kind) => el("tr", {}, el("th", { scope: "row" }, word(kind)),
    statuses.map((status) => el("td", {}, siteSymbol(kind, status, 20))));
  return el("table", { class: "site-key" }, el("thead", {}, el("tr", {}, el("td"), heads)),
    el("tbody", {}, roles.map(row)));
}

function candidateKey() {
  const shapes = { candidate_headquarters: "headquarters", candidate_branch: "branch",
    candidate: "single" };
  const present = Object.entries(shapes).filter(([shape]) => data.sites.some((one) =>
    one.status === "candidate" && siteShape(one) === shape));
  return el("ul", { class: "verdicts indented" }, present.map(([shape, role]) =>
    el("li", {}, siteSymbol(shape, "candidate", 18), word(role))));
}

function layerItem(name) {
  const toggle = (event) => {
    if (event.target.checked) layers[name].addTo(map);
    else layers[name].remove();
    showLegend(name);
    placeLabels();
  };
  const checked = map.hasLayer(layers[name]) && "";
  const text = name === "coverage" && !isOverview ? "land" : name;
  return el("label", {}, el("input", { type: "checkbox", "data-layer": name, checked,
    onchange: toggle }), el("span", {}, word(text)), KEYS[name]());
}

function legend() {
  const details = { coverage: ramp, sites: siteKey, candidates: candidateKey, cells: cellKey };
  const present = LAYERS.filter((name) => layers[name].getLayers().length > 0);
  const verdicts = ORDER.filter((verdict) => data.subdistricts.some((one) =>
    one.verdict === verdict)).map((verdict) =>
    el("li", {}, verdictSymbol(verdict, 14), word(verdict)));
  return [el("summary", {}, word("layers")), el("ul", { class: "verdicts" }, verdicts),
    el("ul", {}, present.map((name) => el("li", {}, layerItem(name),
      map.hasLayer(layers[name]) && details[name]?.())))];
}

const legendNode = el("details", { class: "legend", open: window.innerWidth > 760 && "",
  ontoggle: () => placeLabels() });

function showLegend(focused) {
  legendNode.replaceChildren(...legend());
  if (focused) legendNode.querySelector(`[data-layer="${focused}"]`).focus();
}

// ---- controls

const buttons = el("div", { class: "buttons leaflet-bar" });
const papers = el("div", { class: "buttons papers leaflet-bar" });
const north = el("div", { class: "north" });
const attribution = el("div", { class: "attribution" });

const CORNERS = "M3 9V3h6M15 3h6v6M21 15v6h-6M9 21H3v-6";
const RULER = "M3 16 16 3l5 5L8 21zM8 11l2 2M11 8l3 3M14 5l2 2";

function showControls() {
  const act = (key, text, onclick, attributes) => button({ title: word(key),
    "aria-label": word(key), onclick, ...attributes }, text);
  const icon = (d) => drawing(14, null, svg("path", { d, fill: "none", stroke: "currentColor",
    "stroke-width": 2.4 }));
  showLegend();
  buttons.replaceChildren(act("zoom_in", "+", () => map.zoomIn(1)),
    act("zoom_out", "−", () => map.zoomOut(1)), act("fit", icon(CORNERS), showAll),
    act("measure", icon(RULER), toggleMeasure, { id: "measure",
      "aria-pressed": String(state.measuring) }));
  papers.replaceChildren(...["A4", "A3"].map((paper) => button({ title: word("paper", paper),
    "aria-label": word("paper", paper), onclick: () => printOn(paper) }, paper)));
  north.replaceChildren(svg("svg", { viewBox: "0 0 24 30", width: 22, height: 28, role: "img",
    "aria-label": word("north") }, svg("path", { d: "M12 1 18 21 12 17 6 21z", fill: INK }),
  svg("text", { x: 12, y: 30, "text-anchor": "middle" }, word("north"))));
  showAttribution();
  map.getContainer().setAttribute("aria-label", word("map"));
}

// Whose the data are, as far as the files say, and whose the tiles.
function showAttribution() {
  const licences = [...new Set(data.sources.map((one) => one.licence).filter(Boolean))].sort();
  const tiles = data.basemap && el("a", { href: data.basemap.link, target: "_blank",
    rel: "noopener noreferrer" }, say(data.basemap.attribution));
  attribution.replaceChildren(...spans([...licences, tiles]));
}

const besideLegend = () =>
  [legendNode.open && frame.clientWidth > 620 ? legendNode.offsetWidth + 14 : 10, 10];
