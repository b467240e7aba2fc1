/* The map: what is there already, and the venues as markers that can be moved. */

const map = L.map("siteplan_map", { zoomControl: false, attributionControl: false, zoomSnap: 0.25,
  maxZoom: 20, keyboardPanDelta: 60 });
const frame = document.getElementById("siteplan-frame");
const backdrop = L.layerGroup().addTo(map);
const markers = L.layerGroup().addTo(map);
const ROAD_STYLES = { // width at each class, and from which zoom it is drawn
  motorway: { from: 0, width: 3.8, color: "#f4d9a8", casing: "#b09a6c" },
  major: { from: 0, width: 3.4, color: "#fff", casing: "#b9b09c" },
  minor: { from: 13, width: 1.7, color: "#fff", casing: "#cfc8b8" },
  path: { from: 15, width: 1, color: "#b7a27f", dashArray: "3 3" },
};
const [GREEN_COLOUR, RAIL_COLOUR] = ["#d3dfc3", "#8b8b86"];
const FACILITY_ZOOM = 14; // below it symbols would hide the map
const STEP_PIXELS = 2; // of an arrow key; ten times as many with Shift
const roadLines = [];

function makePane(name, zIndex) {
  const pane = map.createPane(name);
  pane.style.zIndex = zIndex;
  pane.style.pointerEvents = "none";
  return { pane: name, renderer: L.svg({ pane: name, padding: 0.3 }), interactive: false };
}
const PANES = Object.fromEntries(["land", "green", "water", "roads", "rail", "edges", "parcels"]
  .map((name, i) => [name, makePane(name, 400 + 10 * i)]));

// ---- the backdrop

function drawGround() {
  const { land, green, water, rail, edges } = PANES;
  const add = (layer) => backdrop.addLayer(layer);
  add(L.polygon(toLatLngs(data.near), { ...land, stroke: false, fillColor: "#e9e5da",
    fillOpacity: 1 }));
  for (const one of data.subdistricts) {
    const latlngs = toLatLngs(one.polygons);
    one.bounds = L.latLngBounds(latlngs.flat(2));
    one.ground = L.polygon(latlngs, { ...land, stroke: false, fillColor: "#f8f5ec" });
    one.edge = L.polygon(latlngs, { ...edges, fill: false });
    add(one.ground);
    add(one.edge);
  }
  add(L.polyline(data.others.flatMap((one) => one.lines.map(pairs)), { ...edges, color: "#8f8878",
    weight: 1, opacity: 0.8, dashArray: "6 3 1 3" }));
  if (data.green.length) {
    add(L.polygon(toLatLngs(data.green), { ...green, stroke: false, fillColor: GREEN_COLOUR,
      fillOpacity: 1 }));
  }
  if (data.rail.length) {
    const tracks = { ...rail, fill: false, smoothFactor: 1.2 };
    add(L.polyline(data.rail.map(pairs), { ...tracks, color: RAIL_COLOUR, weight: 2.6 }));
    add(L.polyline(data.rail.map(pairs), { ...tracks, color: "#fff", weight: 1.4,
      dashArray: "6 6" }));
  }
  if (data.water.length) {
    add(L.polygon(toLatLngs(data.water), { ...water, stroke: false, fillColor: WATER_COLOUR,
      fillOpacity: 1 }));
  }
}

function drawRoads() {
  const drawn = (["path", "minor", "major", "motorway"]).flatMap((kind) => data.roads
    .filter((one) => one.class === kind)
    .map((one) => ({ kind, lines: one.lines.map(pairs) })));
  for (const { kind, lines } of drawn) {
    const { color, casing, width, dashArray } = ROAD_STYLES[kind];
    const style = { ...PANES.roads, fill: false, lineCap: "round", smoothFactor: 1.2 };
    if (casing) {
      roadLines.push([kind, width, 1.2, L.polyline(lines, { ...style, color: casing })]);
    }
    roadLines.push([kind, width, 0, L.polyline(lines, { ...style, color, dashArray })]);
  }
  for (const [, , , line] of roadLines) backdrop.addLayer(line);
}

// Names of places and of facilities are hints of the map, which the keyboard passes over.
function drawNames() {
  map.createPane("names").style.zIndex = 500;
  const anchor = (html) => L.divIcon({ className: "name-anchor", iconSize: [0, 0], html });
  const put = (latlng, html) => backdrop.addLayer(L.marker(latlng,
    { icon: anchor(html), pane: "names", interactive: false, keyboard: false }));
  for (const one of data.others) {
    put([one.at[1], one.at[0]], el("div", { class: "name other" }, bdi(one.name)));
  }
  for (const one of data.subdistricts) {
    one.name_node = el("div", { class: "name" }, bdi(one.name));
    put(labelPoint(one.polygons), one.name_node);
  }
}

function hint(latlng, symbol, size, text, options = {}) {
  const icon = L.divIcon({ className: "hint", iconSize: [size, size], html: symbol });
  const marker = L.marker(latlng, { icon, keyboard: false, bubblingMouseEvents: true, ...options });
  marker.bindTooltip(() => el("span", {}, text()), { direction: "top", offset: [0, -size / 2] });
  return marker;
}

const facilities = L.layerGroup();
const existing = L.layerGroup().addTo(map);

function drawFacilities() {
  for (const one of data.facilities) {
    const text = () => (one.name ? [bdi(one.name), ` · ${kindName(one.kind)}`]
      : kindName(one.kind));
    facilities.addLayer(hint([one.lat, one.lon], facilitySymbol(groupOf(one.kind), 17), 17, text));
  }
}

// A site that the draft holds too would stand there twice.
function showExisting() {
  existing.clearLayers();
  const ids = new Set(state.code ? listIds() : []);
  for (const one of data.sites.filter(({ id }) => !ids.has(id))) {
    const symbol = siteSymbol(siteKind({ status: "existing", role: one.role }), "existing", 20);
    const text = () => [bdi(one.name || one.id), ` · ${word("existing_site")}`];
    existing.addLayer(hint([one.lat, one.lon], symbol, 20, text));
  }
}

function fitBackdrop() {
  const zoom = map.getZoom();
  const growth = 2 ** Math.max(-1, Math.min(2, (zoom - 15) / 1.6));
  for (const [kind, width, casing, line] of roadLines) {
    line.setStyle({ stroke: zoom >= ROAD_STYLES[kind].from, weight: width * growth + casing });
  }
  if (zoom >= FACILITY_ZOOM) facilities.addTo(map);
  else facilities.remove();
}

function showSubdistrict() {
  for (const one of data.subdistricts) {
    const chosen = one.code === state.code;
    one.ground.setStyle({ fillOpacity: chosen || !state.code ? 1 : 0.35 });
    one.edge.setStyle({ color: chosen ? "#b3401f" : "#8f8878", weight: chosen ? 2.4 : 1.2,
      dashArray: chosen ? null : "6 3 1 3" });
    one.name_node.classList.toggle("other", !chosen);
    if (chosen) one.edge.bringToFront();
  }
}

function showAll() {
  const bounds = place() ? place().bounds
    : L.latLngBounds(data.subdistricts.flatMap((one) => [one.bounds]));
  map.fitBounds(bounds, { padding: [14, 14], animate: false });
}

// ---- venues

const SIZES = { headquarters: 34, single: 30, branch: 30, candidate: 26 };

function venueIcon(venue) {
  const kind = kindOf(venue);
  const size = SIZES[kind];
  const chosen = venue === selected();
  const symbol = siteSymbol(kind, valueOf(venue, "status") || "proposed", size);
  return L.divIcon({ className: chosen ? "site chosen" : "site", iconSize: [size, size],
    html: symbol });
}

function markVenue(venue) {
  const marker = L.marker(at(venue), { icon: venueIcon(venue), draggable: !venue.parcel,
    autoPan: true, zIndexOffset: venue === selected() ? 2000 : 1000 });
  marker.venue = venue;
  marker.bindTooltip(() => bdi(nameOf(venue)), { permanent: true, direction: "right",
    offset: [SIZES[kindOf(venue)] / 2, 0], className: "venue-name" });
  marker.on("click", () => selectVenue(venue));
  marker.on("dragstart", () => { if (venue !== selected()) selectVenue(venue, { quiet: true }); });
  marker.on("dragend", () => placeVenue(venue, marker.getLatLng()));
  markers.addLayer(marker);
  const node = marker.getElement();
  node.setAttribute("role", "button");
  node.setAttribute("aria-label", word("marker", nameOf(venue)));
  node.addEventListener("keydown", (event) => nudge(event, marker));
}

function nudge(event, marker) {
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1],
    ArrowDown: [0, 1] }[event.key];
  if (!direction || marker.venue.parcel) return;
  event.preventDefault();
  event.stopPropagation(); // the map would move along
  const pixels = STEP_PIXELS * (event.shiftKey ? 10 : 1);
  const point = map.latLngToContainerPoint(marker.getLatLng())
    .add(L.point(direction).multiplyBy(pixels));
  marker.setLatLng(map.containerPointToLatLng(point));
  placeVenue(marker.venue, marker.getLatLng(), { quiet: true });
}

function showMarkers() {
  const focused = document.activeElement?.closest?.(".leaflet-marker-icon");
  let wanted = null;
  markers.eachLayer((layer) => {
    if (layer.venue && layer.getElement() === focused) wanted = layer.venue.n;
  });
  markers.clearLayers();
  for (const venue of venues().filter((one) => isPlaced(one) && inRange(one))) {
    if (venue.parcel) {
      markers.addLayer(L.polygon(toLatLngs(flatParcel(venue.parcel)), { ...PANES.parcels,
        color: STATUS_COLOURS[valueOf(venue, "status")] || STATUS_COLOURS.proposed, weight: 2,
        fillOpacity: 0.18 }));
    }
    markVenue(venue);
  }
  markers.eachLayer((layer) => {
    if (layer.venue && layer.venue.n === wanted) layer.getElement().focus();
  });
  map.getContainer().classList.toggle("placing", Boolean(selected() && !selected().parcel));
}

// Brings a venue into view without moving the map needlessly.
function lookAt(venue) {
  if (!isPlaced(venue) || !inRange(venue)) return;
  if (!map.getBounds().pad(-0.08).contains(at(venue))) {
    map.setView(at(venue), map.getZoom(), { animate: false });
  }
}

// ---- legend and controls

function legend() {
  const groups = [...new Set(data.facilities.map((one) => groupOf(one.kind)))];
  const item = (symbol, text) => el("li", {}, symbol, el("span", {}, text));
  const line = (attributes) => swatch(svg("path", { d: "M1 6h22", ...attributes }));
  const statuses = FIELDS.get("status").choices.map((one) =>
    item(siteSymbol(one.value === "candidate" ? "candidate" : "single", one.value, 16),
      titled(say(one.label))));
  return [el("summary", {}, word("legend")), el("ul", {},
    item(line({ stroke: "#b3401f", "stroke-width": 2.4 }), word("area_mark")),
    item(siteSymbol("headquarters", "proposed", 18), word("headquarters")),
    item(siteSymbol("branch", "proposed", 18), word("branch")),
    statuses,
    data.roads.length > 0 && item(box({ fill: "#fff", stroke: "#b9b09c", y: 4, height: 4 }),
      word("roads")),
    data.rail.length > 0 && item(line({ stroke: RAIL_COLOUR, "stroke-width": 2.4,
      "stroke-dasharray": "5 2" }), word("rail")),
    data.water.length > 0 && item(box({ fill: WATER_COLOUR }), word("water")),
    data.green.length > 0 && item(box({ fill: GREEN_COLOUR }), word("green")),
    Object.keys(GROUPS).filter((group) => groups.includes(group)).map((group) =>
      item(facilitySymbol(group, 15), inLanguage(GROUPS[group].label)))),
  data.licences.length > 0 && el("p", {}, data.licences.map((one) => bdi(one)))];
}

const legendNode = el("details", { class: "legend" });
const buttons = el("div", { class: "buttons leaflet-bar" });
const CORNERS = "M3 9V3h6M15 3h6v6M21 15v6h-6M9 21H3v-6";

function showControls() {
  const act = (key, text, onclick) =>
    button({ title: word(key), "aria-label": word(key), onclick }, text);
  const corners = drawing(14, null, svg("path", { d: CORNERS, fill: "none",
    stroke: "currentColor", "stroke-width": 2.6 }));
  legendNode.replaceChildren(...legend().filter(Boolean));
  buttons.replaceChildren(act("zoom_in", "+", () => map.zoomIn(1)),
    act("zoom_out", "−", () => map.zoomOut(1)), act("fit", corners, showAll));
  map.getContainer().setAttribute("aria-label", word("map"));
  map.getContainer().setAttribute("role", "application");
}

function startMap() {
  drawGround();
  showAll(); // Leaflet draws nothing before it knows where to look
  drawRoads();
  drawNames();
  drawFacilities();
  control("topleft", legendNode);
  control("topright", buttons);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  map.on("click", ({ latlng }) => clickMap(latlng));
  map.getContainer().addEventListener("keydown", ({ key, target }) => {
    if (key === "Enter" && target === map.getContainer()) clickMap(map.getCenter());
  });
  map.on("zoomend", fitBackdrop);
  fitBackdrop();
  map.setMinZoom(Math.min(map.getZoom(), map.getBoundsZoom(
    L.latLngBounds(toLatLngs(data.near).flat(2)))) - 1);
}

function clickMap(latlng) {
  if (state.code) {
    if (selected() && !selected().parcel) placeVenue(selected(), latlng);
    return;
  }
  const lonLat = { lon: latlng.lng, lat: latlng.lat };
  const hit = data.subdistricts.find((one) => isInside(lonLat, one.polygons));
  if (hit) chooseSubdistrict(hit.code);
}
