/* Geometry as the data hold it, and what stands on a map beside its layers. */

const pairs = (flat) => Array.from({ length: flat.length / 2 },
  (_, i) => [flat[2 * i + 1], flat[2 * i]]);
const toLatLngs = (polygons) => polygons.map((rings) => rings.map(pairs));

// Names are written from left to right, so the middle of the longest level chord suits them.
function labelPoint(polygons) {
  let best = { length: -1, lat: 0, lng: 0 };
  for (const rings of polygons) {
    const lats = rings[0].filter((_, i) => i % 2 === 1);
    const south = lats.reduce((a, b) => Math.min(a, b));
    const north = lats.reduce((a, b) => Math.max(a, b));
    for (let step = 6; step <= 14; step += 1) {
      const lat = south + ((north - south) * step) / 20;
      const xs = rings.flatMap((ring) => crossings(ring, lat)).sort((a, b) => a - b);
      for (let i = 0; i + 1 < xs.length; i += 2) {
        const length = xs[i + 1] - xs[i];
        if (length > best.length) best = { length, lat, lng: (xs[i] + xs[i + 1]) / 2 };
      }
    }
  }
  return [best.lat, best.lng];
}

function crossings(ring, lat) {
  const found = [];
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const [x0, y0, x1, y1] = ring.slice(i, i + 4);
    if (y0 > lat !== y1 > lat) found.push(x0 + ((lat - y0) / (y1 - y0)) * (x1 - x0));
  }
  return found;
}

const swatch = (...shapes) => svg("svg", { viewBox: "0 0 24 12", width: 24, height: 12,
  "aria-hidden": "true" }, ...shapes);
const box = (attributes) => swatch(svg("rect", { x: 1, y: 1, width: 22, height: 10, rx: 2,
  ...attributes }));

function control(position, node) {
  const made = L.control({ position });
  made.onAdd = () => {
    L.DomEvent.disableClickPropagation(node);
    L.DomEvent.disableScrollPropagation(node);
    return node;
  };
  return made.addTo(map);
}
