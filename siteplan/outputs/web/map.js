/* The map with its layers, legend and controls; the last of the scripts, it starts the page. */

const map = window.siteplan_map;
const frame = document.getElementById("siteplan-frame");
const LAYERS = ["coverage", "labels", "sites", "candidates", "areas", "links", "dots", "roads",
  "water"];
const ROAD_STYLES = { // from which zoom each class is drawn, and its width there
  major: { from: 0, width: 1.3 },
  minor: { from: 12.5, width: 0.6 },
  path: { from: 14.5, width: 0.5 },
};
const layers = Object.fromEntries(LAYERS.map((name) => [name, L.layerGroup()]));

// ---- layers

// Each pane has a canvas of its own, so that what is switched on again keeps its place; only the
// land takes the pointer, because a canvas hides those below it.
function makePane(name, zIndex) {
  const pane = map.createPane(name);
  pane.style.zIndex = zIndex;
  const interactive = name === "land";
  if (!interactive) pane.style.pointerEvents = "none";
  return { pane: name, renderer: L.canvas({ pane: name, padding: 0.4 }), interactive };
}

function hatch() {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const context = tile.getContext("2d");
  context.fillStyle = LAND;
  context.fillRect(0, 0, 8, 8);
  context.strokeStyle = "#a9a598";
  context.stroke(new Path2D("M-2 2 2 -2M0 8 8 0M6 10 10 6"));
  return context.createPattern(tile, "repeat");
}

const classOf = (ratio) => CLASSES[Math.min(4, Math.floor(ratio * 5))];

// Thousands of residents as one path: a Leaflet layer for each would take seconds.
const Dots = L.Path.extend({
  initialize(places, options) { L.setOptions(this, options); this._places = places; },
  _project() {
    this._pixels = this._places.map((place) => this._map.latLngToLayerPoint(place.latlng));
    this._pxBounds = L.bounds(this._pixels);
  },
  // On the overview all dots together cover a twentieth of the case, however many there are.
  _inkScale() {
    const [from, to] = data.bounds.map((corner) => this._map.project(corner, state.overview));
    const size = to.subtract(from);
    const people = this._places.reduce((sum, place) => sum + place.size ** 2, 0);
    return Math.sqrt((0.05 * Math.abs(size.x * size.y)) / (Math.PI * people));
  },
  _update() { if (this._map) this._updatePath(); },
  _updatePath() {
    if (!this._renderer._drawing) return;
    const context = this._renderer._ctx;
    const scale = this._inkScale() * 2 ** ((this._map.getZoom() - state.overview) * 0.45);
    const seen = this._renderer._bounds;
    context.beginPath();
    this._pixels.forEach((at, i) => {
      if (!seen.contains(at)) return;
      const radius = Math.max(0.5, Math.min(7, scale * this._places[i].size));
      context.moveTo(at.x + radius, at.y);
      context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
    });
    context.fillStyle = this.options.fillColor;
    context.globalAlpha = this.options.fillOpacity;
    context.fill();
    context.globalAlpha = 1;
  },
});

function drawLand() {
  const land = makePane("land", 400);
  const edge = makePane("edges", 430);
  const hatched = hatch();
  for (const one of data.subdistricts) {
    const latlngs = toLatLngs(one.polygons);
    const fillColor = isMissing(one.coverage_ratio) ? hatched : classOf(one.coverage_ratio);
    const polygon = L.polygon(latlngs, { ...land, stroke: false, fillColor, fillOpacity: 1 });
    polygon.bindTooltip(() => tooltip(one), { sticky: true, direction: "top", offset: [0, -6] });
    polygon.on("click", (event) => openCard(one.code, event.latlng));
    layers.coverage.addLayer(polygon);
    L.polygon(latlngs, { ...edge, color: "#6f6a5f", weight: 1.1, fill: false }).addTo(map);
    one.outline = L.polygon(latlngs, { ...edge, color: INK, weight: 3, fill: false });
    one.at = L.latLng(labelPoint(one.polygons));
  }
}

function drawBackdrop() {
  const water = makePane("water", 405);
  const roads = makePane("roads", 410);
  if (data.water.length) {
    layers.water.addLayer(L.polygon(toLatLngs(data.water), { ...water, stroke: false,
      fillColor: WATER_COLOUR, fillOpacity: 1 }));
  }
  for (const kind of ["path", "minor", "major"]) { // the major ones on top
    const roadsOfKind = data.roads.filter((one) => one.class === kind);
    if (!roadsOfKind.length) continue;
    const lines = roadsOfKind.flatMap((one) => one.lines.map(pairs));
    const style = { ...roads, kind, smoothFactor: 1.5, fill: false };
    if (kind === "major") {
      layers.roads.addLayer(L.polyline(lines, { ...style, color: "#8f8878", casing: 1.4 }));
    }
    layers.roads.addLayer(L.polyline(lines, { ...style, color: "#fffdf8", casing: 0 }));
  }
}

// On the overview symbols and roads are small, so that they do not hide the plan.
function fitSymbols() {
  const zoom = map.getZoom();
  const scale = Math.max(0.66, Math.min(1, 1 - (state.overview + 2 - zoom) * 0.17));
  map.getContainer().style.setProperty("--symbol", scale.toFixed(2));
  layers.roads.eachLayer((line) => {
    const { kind, casing } = line.options;
    const { from, width } = ROAD_STYLES[kind];
    const growth = 2 ** Math.max(0, (zoom - Math.max(12, from)) / 2.5);
    const weight = Math.min(7, width * growth) + casing;
    line.setStyle({ stroke: zoom >= from, weight, opacity: kind === "major" ? 0.9 : 0.55 });
  });
}

function drawServices() {
  const areas = makePane("areas", 420);
  const dots = makePane("dots", 440);
  const links = makePane("links", 450);
  for (const one of data.service_areas) {
    const color = STATUS_COLOURS[(sites.get(one.site) || {}).status] || LINK_COLOUR;
    const latlngs = toLatLngs(one.polygons);
    const outer = latlngs.map((rings) => rings[0]); // the blocks inside would be a tangle of lines
    layers.areas.addLayer(L.polygon(latlngs, { ...areas, stroke: false, fillColor: color,
      fillOpacity: 0.09 }));
    layers.areas.addLayer(L.polyline(outer, { ...areas, color, weight: 1.2, opacity: 0.6 }));
  }
  for (const one of data.links) {
    const lines = one.lines.map(pairs);
    layers.links.addLayer(L.polyline(lines, { ...links, color: "#fff", weight: 5, opacity: 0.85 }));
    layers.links.addLayer(L.polyline(lines, { ...links, color: LINK_COLOUR, weight: 2.2 }));
  }
  const { lon, lat, population } = data.uncovered;
  const places = lon.map((lng, i) =>
    ({ latlng: L.latLng(lat[i], lng), size: Math.sqrt(population[i]) }));
  if (places.length) {
    layers.dots.addLayer(new Dots(places, { ...dots, fillColor: DOT_COLOUR, fillOpacity: 0.6 }));
  }
}

const layerOf = (site) => (site.status === "candidate" ? "candidates" : "sites");

function drawSites() {
  for (const one of data.sites) {
    if (isMissing(one.lon) || isMissing(one.lat)) continue;
    const size = { headquarters: 28, single: 24, branch: 23, candidate: 20 }[siteKind(one)];
    const icon = L.divIcon({ className: "site", iconSize: [size, size],
      html: siteSymbol(siteKind(one), one.status, size) });
    const lift = { headquarters: 3000, single: 2000, branch: 1000, candidate: 0 }[siteKind(one)];
    const marker = L.marker([one.lat, one.lon], { icon, title: one.name, zIndexOffset: lift });
    marker.on("click", () => openCard(one.id));
    one.at = marker.getLatLng();
    layers[layerOf(one)].addLayer(marker);
  }
}

function drawLabels() {
  map.createPane("names").style.zIndex = 610; // above the sites, whose clicks pass through
  for (const one of data.subdistricts) {
    const text = el("div", { class: "name" }, bdi(one.name),
      el("span", {}, verdictSymbol(one.verdict, 13), percent(one.coverage_ratio)));
    const icon = L.divIcon({ className: "name-anchor", iconSize: [0, 0], html: text });
    one.label = text;
    const options = { icon, pane: "names", interactive: false, keyboard: false };
    layers.labels.addLayer(L.marker(one.at, options));
  }
}

// Where a name may stand, in pixels from the middle of its subdistrict, the best place first.
const SHIFTS = [0, -14, 14, -26, 26].flatMap((dy) => [0, -22, 22].map((dx) => [dx, dy]));

const meets = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

function symbolBoxes() {
  const shown = data.sites.filter((one) => one.at && map.hasLayer(layers[layerOf(one)]));
  return shown.map((one) => map.latLngToContainerPoint(one.at))
    .map(({ x, y }) => [x - 9, y - 9, x + 9, y + 9]);
}

// The places of one name that cover no other name; the first covers few symbols and is near.
function freePlaces(one, taken, symbols) {
  const { x, y } = map.latLngToContainerPoint(one.at);
  const width = map.getSize().x;
  const [halfWidth, halfHeight] = [one.size[0] / 2 + 2, one.size[1] / 2];
  const reach = [x - halfWidth - 22, y - halfHeight - 26, x + halfWidth + 22, y + halfHeight + 26];
  const [names, marks] = [taken, symbols].map((boxes) => boxes.filter((box) => meets(box, reach)));
  return SHIFTS.map(([dx, dy]) => {
    const [cx, cy] = [x + dx, y + dy];
    const box = [cx - halfWidth, cy - halfHeight, cx + halfWidth, cy + halfHeight];
    const covered = marks.filter((other) => meets(box, other)).length;
    return { box, dx, dy, cost: covered + Math.hypot(dx, dy) / 30 };
  }).filter(({ box }) => box[0] >= 0 && box[2] <= width
    && !names.some((other) => meets(box, other)))
    .sort((a, b) => a.cost - b.cost);
}

// The worst verdicts are named first; a name that would cover another one waits for a closer look.
function placeLabels() {
  const view = L.bounds([0, 0], map.getSize());
  const symbols = symbolBoxes();
  const taken = [];
  for (const one of data.subdistricts) { // all measured before any is moved
    one.size ??= [one.label.offsetWidth, one.label.offsetHeight];
  }
  const inView = (one) => view.contains(map.latLngToContainerPoint(one.at));
  const ranked = data.subdistricts.filter(inView).sort((a, b) =>
    SORTS.verdict(a, b) || b.population - a.population);
  for (const one of ranked) {
    const [place] = freePlaces(one, taken, symbols);
    one.label.style.visibility = place ? "visible" : "hidden";
    if (!place) continue;
    taken.push(place.box);
    one.label.style.transform = `translate(-50%, -50%) translate(${place.dx}px, ${place.dy}px)`;
  }
}

// ---- legend and controls

const KEYS = {
  coverage: () => null,
  labels: () => null,
  sites: () => null,
  candidates: () => siteSymbol("candidate", "candidate", 18),
  areas: () => box({ fill: LINK_COLOUR, "fill-opacity": 0.12, stroke: LINK_COLOUR }),
  links: () => swatch(svg("path", { d: "M1 6h22", stroke: LINK_COLOUR, "stroke-width": 2.4 })),
  dots: () => swatch([[4, 1.6], [11, 2.6], [19, 3.8]].map(([cx, r]) =>
    svg("circle", { cx, cy: 6, r, fill: DOT_COLOUR, "fill-opacity": 0.7 }))),
  roads: () => box({ fill: "#fffdf8", stroke: "#8f8878", y: 4, height: 4 }),
  water: () => box({ fill: WATER_COLOUR }),
};

function ramp() {
  const step = (label, attributes) => el("li", {}, el("i", attributes), label);
  return el("ul", { class: "ramp" }, CLASSES.map((colour, i) =>
    step(`${20 * i}–${20 * (i + 1)}%`, { style: `background:${colour}` })),
  step(word("no_figure"), { class: "hatched" }));
}

function siteKey() {
  const statuses = ["existing", "proposed"];
  const heads = statuses.map((status) => el("th", { scope: "col" }, word(status)));
  const row = (kind) => el("tr", {}, el("th", { scope: "row" }, word(kind)),
    statuses.map((status) => el("td", {}, siteSymbol(kind, status, 20))));
  return el("table", { class: "site-key" }, el("thead", {}, el("tr", {}, el("td"), heads)),
    el("tbody", {}, ["headquarters", "branch", "single"].map(row)));
}

function layerItem(name) {
  const toggle = (event) => {
    if (event.target.checked) layers[name].addTo(map);
    else layers[name].remove();
    placeLabels();
  };
  const checked = map.hasLayer(layers[name]) && "";
  return el("label", {}, el("input", { type: "checkbox", "data-layer": name, checked,
    onchange: toggle }), el("span", {}, word(name)), KEYS[name]());
}

function legend() {
  const details = { coverage: ramp, sites: siteKey };
  const present = LAYERS.filter((name) => layers[name].getLayers().length > 0);
  const verdicts = ["pass", "warn", "fail", "unknown"].map((verdict) =>
    el("li", {}, verdictSymbol(verdict, 14), word(verdict)));
  return [el("summary", {}, word("layers")), el("ul", { class: "verdicts" }, verdicts),
    el("ul", {}, present.map((name) => el("li", {}, layerItem(name), details[name]?.())))];
}

const legendNode = el("details", { class: "legend", open: window.innerWidth > 760 && "" });
const buttons = el("div", { class: "buttons leaflet-bar" });

const CORNERS = "M3 9V3h6M15 3h6v6M21 15v6h-6M9 21H3v-6";

function showControls() {
  const act = (key, text, onclick) =>
    button({ title: word(key), "aria-label": word(key), onclick }, text);
  const corners = drawing(14, null, svg("path", { d: CORNERS, fill: "none",
    stroke: "currentColor", "stroke-width": 2.6 }));
  legendNode.replaceChildren(...legend());
  buttons.replaceChildren(act("zoom_in", "+", () => map.zoomIn(1)),
    act("zoom_out", "−", () => map.zoomOut(1)), act("fit", corners, showAll));
  map.getContainer().setAttribute("aria-label", word("map"));
}

const besideLegend = () =>
  [legendNode.open && frame.clientWidth > 620 ? legendNode.offsetWidth + 14 : 10, 10];

function show(bounds) {
  const paddingTopLeft = besideLegend();
  const options = { paddingTopLeft, paddingBottomRight: [10, 10], maxZoom: 15, animate: false };
  map.fitBounds(bounds, options);
}

const showAll = () => show(data.bounds);

// ---- start

function speak(lang) {
  const focused = document.activeElement?.lang;
  state.lang = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  showHead();
  showPanel();
  showControls();
  if (card.isOpen()) card.setContent(cardOf(state.subject));
  if (focused) document.querySelector(`.languages [lang=${lang}]`)?.focus();
}

// Paper has a size of its own: the map is laid out for it before the browser prints, twice as fine.
// Chromium prints a canvas that was ever cleared as opaque white, so copies stand in for them.
function print(on) {
  for (const { canvas, copy } of state.copies.splice(0)) copy.replaceWith(canvas);
  L.Browser.retina = on || window.devicePixelRatio > 1;
  document.body.classList.toggle("printing", on);
  map.invalidateSize({ animate: false });
  showAll();
  if (!on) return;
  for (const canvas of document.querySelectorAll(".leaflet-map-pane canvas")) {
    const copy = canvas.cloneNode();
    copy.getContext("2d").drawImage(canvas, 0, 0);
    canvas.replaceWith(copy);
    state.copies.push({ canvas, copy });
  }
}

function start() {
  drawLand();
  drawBackdrop();
  drawServices();
  drawSites();
  drawLabels();
  Object.values(layers).forEach((layer) => layer.addTo(map));
  control("topleft", legendNode);
  control("topright", buttons);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  speak(state.lang);
  map.invalidateSize({ animate: false });
  showAll();
  state.overview = map.getZoom();
  map.setMinZoom(state.overview - 1).setMaxZoom(19);
  map.setMaxBounds(L.latLngBounds(data.bounds).pad(1));
  fitSymbols();
  placeLabels();
  map.on("zoomend", fitSymbols).on("moveend resize", placeLabels);
  map.on("popupopen", ({ popup }) => popup.getElement()
    .querySelector(".leaflet-popup-close-button").setAttribute("aria-label", word("close")));
  map.on("popupclose", () => select(null));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") map.closePopup();
  });
  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));
}

start();
