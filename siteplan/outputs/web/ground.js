/* The map and what lies beneath the figures: land, water, roads, neighbours, tiles. */

const map = window.siteplan_map;
const frame = document.getElementById("siteplan-frame");
const LAYERS = ["basemap", "coverage", "labels", "gaps", "cells", "sites", "candidates", "areas",
  "links", "services", "stops", "around", "others", "places", "roads", "rail", "green", "water"];
const ROAD_STYLES = { // from which zoom each class is drawn, and its width there
  motorway: { from: 0, width: 1.9 },
  major: { from: 0, width: 1.3 },
  minor: { from: isOverview ? 12.5 : 0, width: 0.6 },
  path: { from: 14.5, width: 0.5 },
};
const layers = Object.fromEntries([...LAYERS, "edges"].map((name) => [name, L.layerGroup()]));

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

const OWN_GROUND = ["roads", "rail", "water", "places"]; // off where tiles have the same
const landOpacity = () => (data.basemap && !state.tilesFailed ? 0.5 : 1);
const classOf = (ratio) => CLASSES[Math.min(4, Math.floor(ratio * 5))];

function paintOf(one, hatched) {
  if (!isOverview) return "#f8f5ec"; // its residents show how it is covered
  return isMissing(one.coverage_ratio) ? hatched : classOf(one.coverage_ratio);
}

function drawLand() {
  const land = makePane("land", 400);
  const edge = makePane("edges", 430);
  const hatched = hatch();
  const fillOpacity = landOpacity();
  drawNeighbours(land, edge);
  for (const one of data.subdistricts) {
    const latlngs = toLatLngs(one.polygons);
    const polygon = L.polygon(latlngs, { ...land, stroke: false, fillColor: paintOf(one, hatched),
      fillOpacity });
    if (isOverview) listen(polygon, one);
    layers.coverage.addLayer(polygon);
    layers.edges.addLayer(L.polygon(latlngs, { ...edge, color: "#6f6a5f", weight: isOverview ? 1.1 : 2.6,
      fill: false }));
    one.outline = L.polygon(latlngs, { ...edge, color: INK, weight: 3, fill: false });
    one.at = L.latLng(labelPoint(one.polygons));
  }
}

const SECOND_CLICK_MS = 250;
let waitingClick = 0;

// One click opens the card, two the page: the card waits, for it would cover what is clicked again.
function listen(polygon, one) {
  polygon.bindTooltip(() => tooltip(one), { sticky: true, direction: "top", offset: [0, -6] });
  polygon.on("click", (event) => {
    clearTimeout(waitingClick);
    if (siteUnder(event)) return;
    waitingClick = setTimeout(() => openCard(one, event.latlng), SECOND_CLICK_MS);
  });
  polygon.on("dblclick", (event) => {
    if (state.measuring) return;
    clearTimeout(waitingClick);
    L.DomEvent.stop(event);
    openPage(one);
  });
}

function drawNeighbours(land, edge) {
  for (const one of data.neighbours) {
    const polygon = L.polygon(toLatLngs(one.polygons), { ...land, stroke: false,
      fillColor: "#e9e4d8", fillOpacity: data.basemap ? 0.35 : 0.75 });
    listen(polygon, one);
    layers.others.addLayer(polygon);
    layers.others.addLayer(L.polyline(one.lines.map(pairs), { ...edge, color: "#8f8878", weight: 1,
      opacity: 0.8, dashArray: "6 3 1 3" }));
    one.at = L.latLng(labelPoint(one.polygons));
  }
}

function drawBackdrop() {
  const areas = [["green", "#d5dfc0", 403], ["water", WATER_COLOUR, 405]];
  for (const [name, fillColor, zIndex] of areas) {
    const pane = makePane(name, zIndex);
    if (data[name].length) {
      layers[name].addLayer(L.polygon(toLatLngs(data[name]), { ...pane, stroke: false, fillColor,
        fillOpacity: 1 }));
    }
  }
  drawRoads();
  const rail = { ...makePane("rail", 412), smoothFactor: 1.5, fill: false };
  if (data.rail.length) {
    const lines = data.rail.map(pairs);
    layers.rail.addLayer(L.polyline(lines, { ...rail, color: "#6f6a5f", weight: 2.2 }));
    layers.rail.addLayer(L.polyline(lines, { ...rail, color: "#fff", weight: 1,
      dashArray: "6 6" }));
  }
}

function drawRoads() {
  const roads = makePane("roads", 410);
  for (const kind of ["path", "minor", "major", "motorway"]) { // the major ones on top
    const roadsOfKind = data.roads.filter((one) => one.class === kind);
    if (!roadsOfKind.length) continue;
    const lines = roadsOfKind.flatMap((one) => one.lines.map(pairs));
    const style = { ...roads, kind, smoothFactor: 1.5, fill: false };
    const isLarge = kind === "major" || kind === "motorway";
    if (isLarge || !isOverview) {
      layers.roads.addLayer(L.polyline(lines, { ...style, color: isLarge ? "#8f8878" : "#cfc8b8",
        casing: 1.2 }));
    }
    layers.roads.addLayer(L.polyline(lines, { ...style, casing: 0,
      color: kind === "motorway" ? "#f3d9a4" : "#fffdf8" }));
  }
}

// Tiles are asked for only where the page was made with an address for them.
function drawTiles() {
  if (!data.basemap) return;
  const pane = map.createPane("basemap");
  pane.style.zIndex = 200;
  for (const tiles of data.basemap.tiles) {
    const layer = L.tileLayer(tiles, { pane: "basemap", maxZoom: 20,
      maxNativeZoom: data.basemap.max_zoom });
    layer.on("tileload", () => { state.tilesSeen = true; }).on("tileerror", replaceTiles);
    layers.basemap.addLayer(layer);
  }
}

// Where no tile comes, as behind many a bureau's firewall, the page shows the ground it brought.
function replaceTiles() {
  if (state.tilesSeen || state.tilesFailed) return;
  state.tilesFailed = true;
  layers.basemap.remove();
  layers.coverage.eachLayer((land) => land.setStyle({ fillOpacity: landOpacity() }));
  for (const name of OWN_GROUND) layers[name].addTo(map);
  fitSymbols();
  showLegend();
  showNotices();
  placeLabels();
}

// On the overview symbols and roads are small, so that they do not hide the plan: the smaller, the
// more of them there are.
function fitSymbols() {
  const zoom = map.getZoom();
  const { x, y } = map.getSize();
  const room = Math.sqrt((x * y) / (2 * Math.max(1, data.sites.length))) / 36;
  const least = Math.max(0.26, Math.min(0.66, room));
  const scale = Math.max(least, Math.min(1, least + 0.34 + (zoom - state.overview - 2) * 0.17));
  state.symbol = scale;
  map.getContainer().style.setProperty("--symbol", scale.toFixed(2));
  map.getContainer().classList.toggle("far", zoom < state.overview + (isOverview ? 1.5 : -0.5));
  map.getContainer().classList.toggle("crowded", isCrowded);
  for (const one of labels) one.size = null; // from afar names stand without figures
  layers.roads.eachLayer((line) => {
    const { kind, casing } = line.options;
    const { from, width } = ROAD_STYLES[kind];
    const growth = 2 ** Math.max(-2, (zoom - Math.max(12, from)) / 2.5);
    const weight = Math.min(7, width * growth) + casing * Math.min(1, growth);
    line.setStyle({ stroke: zoom >= from, weight, opacity: kind === "minor" || kind === "path"
      ? 0.55 : 0.9 });
  });
}

function show(bounds) {
  const options = { paddingTopLeft: besideLegend(), paddingBottomRight: [10, 24], maxZoom: 16,
    animate: false };
  map.fitBounds(bounds, options);
}

const showAll = () => show(data.bounds);
