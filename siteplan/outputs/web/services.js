/* What the map shows of people and venues: residents, gaps, service areas, links, services. */

// Thousands of residents as one path: a Leaflet layer for each would take seconds. Those covered
// are drawn first, so that nobody who is not is hidden.
const Cells = L.Path.extend({
  initialize(cells, options) {
    L.setOptions(this, options);
    this._places = Array.from(cells.lon, (lng, i) =>
      ({ latlng: L.latLng(cells.lat[i], lng), size: Math.sqrt(cells.population[i]) }));
    this._covered = cells.covered;
  },
  cover(covered) {
    this._covered = covered;
    this.redraw();
  },
  _project() {
    this._pixels = this._places.map((place) => this._map.latLngToLayerPoint(place.latlng));
    this._pxBounds = L.bounds(this._pixels);
  },
  // As first seen, all dots together cover an eighth of the page, however many there are.
  _inkScale() {
    const [from, to] = data.bounds.map((corner) => this._map.project(corner, state.overview));
    const size = to.subtract(from);
    const all = this._places.reduce((sum, place) => sum + place.size ** 2, 0);
    return Math.sqrt((0.125 * Math.abs(size.x * size.y)) / (Math.PI * Math.max(1, all)));
  },
  _update() { if (this._map) this._updatePath(); },
  _updatePath() {
    if (!this._renderer._drawing) return;
    const context = this._renderer._ctx;
    const scale = this._inkScale() * 2 ** ((this._map.getZoom() - state.overview) * 0.45);
    for (const covered of [true, false]) {
      context.beginPath();
      this._pixels.forEach((at, i) => {
        if (Boolean(this._covered[i]) === covered) this._dot(context, at, i, scale);
      });
      context.fillStyle = covered ? COVERED_COLOUR : DOT_COLOUR;
      context.globalAlpha = covered ? 0.5 : 0.7;
      context.fill();
    }
    context.globalAlpha = 1;
  },
  _dot(context, at, i, scale) {
    if (!this._renderer._bounds.contains(at)) return;
    const radius = Math.max(0.5, Math.min(7, scale * this._places[i].size));
    context.moveTo(at.x + radius, at.y);
    context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  },
});

function drawCells(cells) {
  if (!cells.lon.length) return null;
  const drawn = new Cells(cells, { ...makePane("cells", 440) });
  layers.cells.addLayer(drawn);
  return drawn;
}

function drawServices() {
  const areas = makePane("areas", 420);
  const links = makePane("links", 450);
  for (const one of data.service_areas) {
    const color = STATUS_COLOURS[one.status || (sites.get(one.site) || {}).status] || LINK_COLOUR;
    const candidate = color === STATUS_COLOURS.candidate;
    const latlngs = toLatLngs(one.polygons);
    const outer = latlngs.map((rings) => rings[0]); // the blocks inside would be a tangle of lines
    layers.areas.addLayer(L.polygon(latlngs, { ...areas, stroke: false, fillColor: color,
      fillOpacity: candidate ? 0.03 : 0.09 }));
    layers.areas.addLayer(L.polyline(outer, { ...areas, color, weight: isOverview ? 1 : 1.4,
      opacity: 0.6, dashArray: candidate ? "2 4" : null }));
  }
  const [wide, narrow] = isOverview ? [3.5, 1.6] : [5, 2.4];
  for (const one of data.links) {
    const lines = one.lines.map(pairs);
    layers.links.addLayer(L.polyline(lines, { ...links, color: "#fff", weight: wide,
      opacity: 0.85 }));
    layers.links.addLayer(L.polyline(lines, { ...links, color: LINK_COLOUR, weight: narrow }));
  }
}

const GAP_STYLE = { color: GAP_COLOUR, weight: 1.4, dashArray: "5 4", fillColor: GAP_COLOUR,
  fillOpacity: 0.07 };

const MOST_GAPS = 150; // on the map; the list has all of them

// On the overview a circle as large as its residents are many; else the ground itself.
function drawGaps() {
  const gaps = makePane("gaps", 435);
  const ranked = [...data.gaps].sort((a, b) => b.population - a.population);
  const most = Math.max(1, ...ranked.slice(0, 1).map((one) => one.population));
  for (const one of ranked) one.at = L.latLng(one.lat, one.lon);
  for (const one of ranked.slice(0, MOST_GAPS)) {
    const radius = Math.max(2, 15 * Math.sqrt(one.population / most));
    const shape = one.polygons ? L.polygon(toLatLngs(one.polygons), { ...gaps, ...GAP_STYLE })
      : L.circleMarker(one.at, { ...gaps, ...GAP_STYLE, radius, dashArray: null, weight: 1.2 });
    layers.gaps.addLayer(shape);
  }
}

function drawNearby() {
  const put = (one, symbol, size, layer, lift) => {
    const marker = symbolMarker(one, symbol, size, { title: nameOf(one), keyboard: false,
      className: "site small", zIndexOffset: lift });
    marker.on("click", () => openCard(one));
    one.at = marker.getLatLng();
    layers[layer].addLayer(marker);
  };
  for (const one of data.stops) put(one, stopSymbol(one.kind, 13), 13, "stops", -3000);
  for (const one of data.services) put(one, serviceSymbol(one, 18), 18, "services", -2000);
}
