/* The map of differences: who is better covered now and who worse, and which sites are otherwise. */

const map = L.map("siteplan_map", { zoomControl: false, attributionControl: false, zoomSnap: 0.25,
  maxZoom: 19, keyboardPanDelta: 60 });
const LAYERS = ["coverage", "labels", "altered", "gap_opened", "gap_closed", "others"];
const LAYER_WORDS = { altered: "sites_changed" };
const layers = Object.fromEntries([...LAYERS, "edges"].map((name) => [name, L.layerGroup()]));
const MOST_UNCHANGED = 1500; // sites that are drawn without being asked for
const OFF_AT_FIRST = ["gap_closed", "gap_opened",
  ...(data.sites.filter((one) => !one.altered).length > MOST_UNCHANGED ? ["others"] : [])];

// Orange to blue is told apart by readers who cannot see red or green; both ends are dark, and the
// sign stands on the map as well: tests/test_compare_page.py measures it.
const BREAKS = [-0.1, -0.02, 0, 0.02, 0.1];
const DIVERGING = ["#a5480f", "#d98c4f", "#f3d6b5", "#f4f1e8", "#c5dfe3", "#6aa6b5", "#1f6478"];
const BETTER_COLOUR = "#1f6478";
const WORSE_COLOUR = "#a5480f";
const OTHER_COLOUR = "#5d4a8a";
const NO_CHANGE = 3;

function classOf(change) {
  if (change === 0) return NO_CHANGE;
  const below = BREAKS.filter((limit) => (limit > 0 ? change > limit : change >= limit)).length;
  return change < 0 ? below : below + 1;
}

function classLabels() {
  const [low, mid] = [number(10), number(2)];
  return [`< −${low}`, `−${low} … −${mid}`, `−${mid} … 0`, word("no_change"), `0 … +${mid}`,
    `+${mid} … +${low}`, `> +${low}`];
}

function makePane(name, zIndex, takesPointer) {
  const pane = map.createPane(name);
  pane.style.zIndex = zIndex;
  if (!takesPointer) pane.style.pointerEvents = "none";
  return { pane: name, renderer: L.svg({ pane: name, padding: 0.4 }), interactive: takesPointer };
}

// Where there is nothing to compare the ground is hatched.
function defineHatch() {
  const pattern = svg("pattern", { id: "siteplan-hatch", width: 8, height: 8,
    patternUnits: "userSpaceOnUse" },
  svg("rect", { width: 8, height: 8, fill: LAND }),
  svg("path", { d: "M-2 2 2 -2M0 8 8 0M6 10 10 6", stroke: "#a9a598" }));
  document.body.append(svg("svg", { width: 0, height: 0, "aria-hidden": "true",
    style: "position:absolute" }, svg("defs", {}, pattern)));
}

function drawLand() {
  defineHatch();
  const land = makePane("land", 400, true);
  const edge = makePane("edges", 430, false);
  for (const one of data.subdistricts) {
    if (!one.polygons) continue;
    const change = changeOf(one);
    const latlngs = toLatLngs(one.polygons);
    const fill = isMissing(change) ? "url(#siteplan-hatch)" : DIVERGING[classOf(change)];
    const polygon = L.polygon(latlngs, { ...land, stroke: false, fillColor: fill, fillOpacity: 1 });
    polygon.bindTooltip(() => tip(one), { sticky: true, direction: "top", offset: [0, -6] });
    polygon.on("click", () => openSubdistrict(one.code));
    layers.coverage.addLayer(polygon);
    layers.edges.addLayer(L.polygon(latlngs, { ...edge, color: "#6f6a5f", weight: 1.1, fill: false,
      dashArray: one.fate === "kept" ? null : "4 4" }));
    one.outline = L.polygon(latlngs, { ...edge, color: INK, weight: 3, fill: false });
    one.at = L.latLng(labelPoint(one.polygons));
  }
}

const tip = (one) => el("span", {}, el("b", {}, bdi(nameOf(one))), " ", changeText(one));
const changeText = (one) => (one.fate === "kept"
  ? [figure(one.figures.coverage_ratio.before, "ratio"), " → ",
    figure(one.figures.coverage_ratio.after, "ratio")] : fateName(one.fate));

// ---- sites

const FATE_BADGES = {
  added: [BETTER_COLOUR, "M12 6v12M6 12h12"],
  removed: [WORSE_COLOUR, "M7 7l10 10M17 7 7 17"],
  kept: [OTHER_COLOUR, "M6 9.5h12M6 14.5h12M15 5 9 19"],
};

function badge(fate, size) {
  const [colour, path] = FATE_BADGES[fate];
  return drawing(size, fateName(fate === "kept" ? "changed" : fate),
    svg("circle", { cx: 12, cy: 12, r: 11, fill: colour, stroke: "#fff", "stroke-width": 2 }),
    svg("path", { d: path, fill: "none", stroke: "#fff", "stroke-width": 3,
      "stroke-linecap": "round" }));
}

function sideOf(one, side) {
  const read = (turn) => one.turns[turn][side];
  return { status: read("status"), role: read("role") };
}

function symbolOf(one, size) {
  const shown = sideOf(one, one.place.after ? "after" : "before");
  return siteSymbol(siteShape(shown), shown.status, size);
}

function siteTip(one) {
  return el("span", {}, el("b", {}, bdi(nameOf(one))), el("br"), bdi(siteSays(one).join(" · ")));
}

// What is otherwise with a site, in a few words.
function siteSays(one) {
  if (one.fate !== "kept") {
    const { status } = sideOf(one, one.place.after ? "after" : "before");
    return [fateName(one.fate), turnValue("status", status)];
  }
  const turns = Object.entries(one.turns).filter(([, { before, after }]) => before !== after)
    .map(([turn, { before, after }]) =>
      `${turnName(turn)} ${turnValue(turn, before)} → ${turnValue(turn, after)}`);
  const area = one.figures.floor_area_m2;
  return [one.moved_m > 0 && word("moved_by", metres(one.moved_m)), ...turns,
    area.difference && `${figureName("floor_area_m2")} ${figure(area.before, "m2")} → ${
      figure(area.after, "m2")} m²`].filter(Boolean);
}

function mark(one, latlng, size, isAltered) {
  const html = el("div", { class: isAltered ? `altered ${one.fate}` : "unaltered" },
    symbolOf(one, size), isAltered && el("span", { class: "badge" }, badge(one.fate, 15)));
  const icon = L.divIcon({ className: "site", iconSize: [size, size], html });
  const marker = L.marker(latlng, { icon, title: nameOf(one), keyboard: isAltered,
    riseOnHover: isAltered, zIndexOffset: isAltered ? 500 : 0 });
  marker.bindTooltip(() => siteTip(one), { direction: "top", offset: [0, -size / 2] });
  marker.on("click", () => openSite(one.id));
  return marker;
}

function drawSites() {
  const ways = makePane("ways", 590, false);
  for (const one of data.sites) {
    const [lon, lat] = one.place.after || one.place.before;
    one.at = L.latLng(lat, lon);
    const layer = layers[one.altered ? "altered" : "others"];
    layer.addLayer(mark(one, one.at, one.altered ? 26 : 15, one.altered));
    if (one.moved_m > 0) {
      const from = [one.place.before[1], one.place.before[0]];
      const was = { ...ways, color: OTHER_COLOUR, weight: 2.4, fill: false };
      const halo = { ...ways, color: "#fff", weight: 5, opacity: 0.85, fill: false };
      layer.addLayer(L.polyline([from, one.at], halo));
      layer.addLayer(L.circleMarker(from, { ...halo, radius: 6 }));
      layer.addLayer(L.polyline([from, one.at], { ...was, dashArray: "6 3" }));
      layer.addLayer(L.circleMarker(from, { ...was, radius: 6 }));
    }
  }
}

// ---- gaps

function drawGaps() {
  const pane = makePane("gaps", 450, false);
  const kinds = { closed: ["gap_closed", BETTER_COLOUR], opened: ["gap_opened", WORSE_COLOUR] };
  for (const { gaps } of data.subdistricts) {
    for (const { fate, before, after } of gaps) {
      if (!kinds[fate]) continue;
      const [layer, color] = kinds[fate];
      const gap = after || before;
      layers[layer].addLayer(L.circle([gap.lat, gap.lon], { ...pane, radius: Math.max(40,
        gap.radius_m), color, weight: 1.6, dashArray: "5 4", fillColor: color,
      fillOpacity: 0.12 }));
    }
  }
}

// ---- names: those that find no room beside more important ones are left out

const labels = [];

function drawLabels() {
  map.createPane("names").style.zIndex = 580;
  const ranked = data.subdistricts.filter((one) => one.at)
    .sort((a, b) => Math.abs(changeOf(b) || 0) - Math.abs(changeOf(a) || 0));
  for (const one of ranked) {
    const node = el("div", { class: "name" });
    labels.push({ one, node });
    const icon = L.divIcon({ className: "name-anchor", iconSize: [0, 0], html: node });
    layers.labels.addLayer(L.marker(one.at, { icon, pane: "names", interactive: false,
      keyboard: false }));
  }
}

function sayLabels() {
  for (const { one, node } of labels) {
    const change = changeOf(one);
    const said = one.fate === "kept" ? change !== 0 && signed(change, "ratio")
      : fateName(one.fate);
    node.className = said ? "name" : "name still";
    node.replaceChildren(bdi(nameOf(one)), said ? el("span", { class: "points" }, said) : "");
  }
}

const SHIFTS = [0, -20, 20, -36, 36].flatMap((dy) => [0, -26, 26].map((dx) => [dx, dy]));

function boxAround({ x, y }, width, height) {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

// A name stands where it covers neither another one nor a site that is otherwise, as near to the
// middle as it can.
function placeLabels() {
  const taken = data.sites.filter((one) => one.altered).map((one) =>
    boxAround(map.latLngToContainerPoint(one.at), 30, 30));
  const isFree = (box) => taken.every(([left, top, right, bottom]) =>
    box[2] < left || box[0] > right || box[3] < top || box[1] > bottom);
  for (const { one, node } of labels) {
    node.style.margin = "";
    const { width, height } = node.getBoundingClientRect();
    const at = map.latLngToContainerPoint(one.at);
    const shift = SHIFTS.find(([dx, dy]) => isFree(boxAround(at.add([dx, dy]), width, height)));
    node.style.visibility = shift ? "" : "hidden";
    if (shift) {
      node.style.margin = `${shift[1]}px 0 0 ${shift[0]}px`;
      taken.push(boxAround(at.add(shift), width, height));
    }
  }
}

// ---- legend and controls

const legendNode = el("details", { class: "legend", open: window.innerWidth > 760 && "" });
const buttons = el("div", { class: "buttons leaflet-bar" });
const north = el("div", { class: "north" });

function ramp() {
  const present = new Set(data.subdistricts.map((one) => (isMissing(changeOf(one)) ? "none"
    : classOf(changeOf(one)))));
  const row = (label, colour, key) => el("li", { class: present.has(key) ? null : "absent" },
    el("i", { style: `background:${colour}` }), label);
  return el("ul", { class: "diverging" }, classLabels().map((label, i) =>
    row(label, DIVERGING[i], i)).reverse(),
  present.has("none") && el("li", {}, el("i", { class: "hatched" }), word("no_figure")));
}

function siteKey() {
  const keys = { added: "sites_added", removed: "sites_removed", kept: "sites_changed" };
  const present = Object.keys(keys).filter((fate) => data.sites.some((one) => one.altered
    && one.fate === fate));
  return el("ul", { class: "fates" }, present.map((fate) =>
    el("li", {}, badge(fate, 15), word(keys[fate]))));
}

const ring = (colour) => swatch(svg("circle", { cx: 12, cy: 6, r: 5, fill: colour,
  "fill-opacity": 0.12, stroke: colour, "stroke-dasharray": "3 2" }));
const KEYS = { gap_closed: () => ring(BETTER_COLOUR), gap_opened: () => ring(WORSE_COLOUR) };
const DETAILS = { coverage: ramp, altered: siteKey };

function layerItem(name) {
  const toggle = (event) => {
    if (event.target.checked) layers[name].addTo(map);
    else layers[name].remove();
    placeLabels();
  };
  const text = name === "coverage" ? [word(name), el("small", {}, ` (${word("point")})`)]
    : word(LAYER_WORDS[name] || name);
  return el("li", {}, el("label", {}, el("input", { type: "checkbox", "data-layer": name,
    checked: map.hasLayer(layers[name]) && "", onchange: toggle }), el("span", {}, text),
  KEYS[name]?.()), DETAILS[name]?.());
}

function showControls() {
  const act = (key, text, onclick) => button({ title: word(key), "aria-label": word(key), onclick },
    text);
  const present = LAYERS.filter((name) => layers[name].getLayers().length > 0);
  legendNode.replaceChildren(el("summary", {}, word("layers")), el("ul", {},
    present.map(layerItem)), labels.length ? "" : el("p", { class: "note" },
    word("no_boundaries")));
  buttons.replaceChildren(act("zoom_in", "+", () => map.zoomIn(1)),
    act("zoom_out", "−", () => map.zoomOut(1)), act("fit", "⤢", showAll));
  north.replaceChildren(svg("svg", { viewBox: "0 0 24 30", width: 22, height: 28, role: "img",
    "aria-label": word("north") }, svg("path", { d: "M12 1 18 21 12 17 6 21z", fill: INK }),
  svg("text", { x: 12, y: 30, "text-anchor": "middle" }, word("north"))));
  map.getContainer().setAttribute("aria-label", word("map"));
}

function showAll() {
  const beside = legendNode.open && map.getSize().x > 620 ? legendNode.offsetWidth + 14 : 10;
  map.fitBounds(data.bounds, { paddingTopLeft: [beside, 10], paddingBottomRight: [10, 24],
    maxZoom: 16, animate: false });
}

function startMap() {
  drawLand();
  drawGaps();
  drawSites();
  drawLabels();
  control("topleft", legendNode);
  control("topright", buttons);
  control("topright", north);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
}

function showMap() {
  map.invalidateSize({ animate: false });
  showAll();
  map.setMinZoom(map.getZoom() - 1);
  layers.edges.addTo(map);
  for (const name of LAYERS) if (!OFF_AT_FIRST.includes(name)) layers[name].addTo(map);
  showControls();
  placeLabels();
  map.on("zoomend moveend resize", placeLabels);
}
