/* The sites on the map: a marker for each, or, where there are thousands, one drawing of them all. */

const layerOf = (site) => (site.status === "candidate" ? "candidates" : "sites");
const SITE_SIZES = { headquarters: 28, single: 24, branch: 23, candidate: 20,
  candidate_headquarters: 26, candidate_branch: 22 };
const SITE_LIFTS = { headquarters: 3000, single: 2000, branch: 1000, candidate: 0 };
const MOST_MARKERS = 120; // beyond it markers make the page slow, and too many stops for a keyboard
const placedSites = data.sites.filter((one) => !isMissing(one.lon) && !isMissing(one.lat));
const isCrowded = placedSites.length > MOST_MARKERS;

function symbolMarker(one, symbol, size, options = {}) {
  const icon = L.divIcon({ className: options.className || "site", iconSize: [size, size],
    html: symbol });
  return L.marker([one.lat, one.lon], { icon, ...options });
}

function siteMarker(one) {
  const size = SITE_SIZES[siteShape(one)];
  const marker = symbolMarker(one, siteSymbol(siteShape(one), one.status, size), size,
    { title: nameOf(one), alt: nameOf(one), zIndexOffset: SITE_LIFTS[siteKind(one)] });
  marker.on("click", () => openCard(one));
  return marker;
}

function traceShape([tag, place]) {
  if (tag === "path") return new Path2D(place.d);
  const traced = new Path2D();
  if (tag === "circle") traced.arc(place.cx, place.cy, place.r, 0, 2 * Math.PI);
  else traced.rect(place.x, place.y, place.width, place.height);
  return traced;
}

// The same shapes and colours as the markers, without what cannot be seen at their size.
const Crowd = L.Path.extend({
  initialize(sitesOfLayer, options) {
    L.setOptions(this, options);
    this._sites = [...sitesOfLayer].sort((a, b) => SITE_LIFTS[siteKind(a)] - SITE_LIFTS[siteKind(b)]);
  },
  _project() {
    this._pixels = this._sites.map((one) => this._map.latLngToLayerPoint(one.at));
    this._pxBounds = L.bounds(this._pixels);
  },
  _update() { if (this._map) this._updatePath(); },
  _updatePath() {
    if (!this._renderer._drawing) return;
    const context = this._renderer._ctx;
    const seen = this._renderer._bounds;
    this._sites.forEach((one, i) => {
      const at = this._pixels[i];
      if (!seen.contains(at)) return;
      const scale = (SITE_SIZES[siteShape(one)] * state.symbol) / 24;
      const colour = STATUS_COLOURS[one.status] || VERDICT_COLOURS.unknown;
      context.save();
      context.translate(at.x - 12 * scale, at.y - 12 * scale);
      context.scale(scale, scale);
      context.fillStyle = one.status === "existing" ? colour : "#fff";
      context.strokeStyle = one.status === "existing" ? "#fff" : colour;
      context.lineWidth = one.status === "existing" ? 1.5 : 4;
      const shape = traceShape(SHAPES[siteShape(one)]);
      context.fill(shape);
      context.stroke(shape);
      context.restore();
    });
  },
});

function drawSites() {
  for (const one of placedSites) one.at = L.latLng(one.lat, one.lon);
  if (isCrowded) drawCrowd();
  else for (const one of placedSites) layers[layerOf(one)].addLayer(siteMarker(one));
  for (const one of data.around) {
    const marker = symbolMarker(one, siteSymbol(siteShape(one), one.status, 18), 18,
      { title: one.name ? say(one.name) : "", keyboard: false, className: "site faint",
        zIndexOffset: -4000 });
    layers.around.addLayer(marker);
  }
}

function drawCrowd() {
  const pane = makePane("crowd", 600);
  for (const name of ["sites", "candidates"]) {
    const own = placedSites.filter((one) => layerOf(one) === name);
    if (own.length) layers[name].addLayer(new Crowd(own, pane));
  }
  map.on("click", (event) => {
    const one = siteUnder(event);
    if (one) openCard(one);
  });
  map.on("moveend", fitCrowd);
}

// Once few sites are in sight, each becomes a marker that a pointer and a keyboard can find.
function fitCrowd() {
  const view = map.getBounds().pad(0.1);
  const seen = placedSites.filter((one) => view.contains(one.at));
  const isNear = seen.length <= MOST_MARKERS;
  for (const name of ["sites", "candidates"]) {
    layers[name].eachLayer((layer) => {
      if (!(layer instanceof Crowd)) layers[name].removeLayer(layer);
    });
    if (!isNear) continue;
    for (const one of seen.filter((site) => layerOf(site) === name)) {
      layers[name].addLayer(siteMarker(one));
    }
  }
  map.getPane("crowd").style.display = isNear ? "none" : "";
}

const REACH_PIXELS = 9;

function siteUnder({ containerPoint }) {
  if (!isCrowded || map.getPane("crowd").style.display === "none") return null;
  const away = (one) => map.latLngToContainerPoint(one.at).distanceTo(containerPoint);
  const near = placedSites.filter((one) => map.hasLayer(layers[layerOf(one)])
    && away(one) <= REACH_PIXELS);
  return near.sort((a, b) => away(a) - away(b))[0] || null;
}
