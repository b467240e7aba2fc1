/* Names on the map, placed so that none covers another. */

const labels = []; // {at, node, layer, shifts}; the most important first

const FREE = [0, -14, 14, -26, 26].flatMap((dy) => [0, -22, 22].map((dx) => [dx, dy]));
const BESIDE = [[0, 22], [0, -22], [58, 0], [-58, 0], [48, 18], [-48, 18], [48, -18], [-48, -18]];

function addLabel(at, node, layer, shifts) {
  const icon = L.divIcon({ className: "name-anchor", iconSize: [0, 0], html: node });
  labels.push({ at, node, layer, shifts });
  layers[layer === "sites" || layer === "candidates" ? "labels" : layer]
    .addLayer(L.marker(at, { icon, pane: "names", interactive: false, keyboard: false }));
}

function subdistrictLabel(one) {
  return el("div", { class: "name" }, bdi(one.name),
    el("span", {}, verdictSymbol(one.verdict, 13), percent(one.coverage_ratio)));
}

const MOST_GAP_LABELS = 8;

// The worst verdicts are named first, then the largest; on its own page a subdistrict is known, and
// its gaps and sites are named.
function drawLabels() {
  map.createPane("names").style.zIndex = 610; // above the sites, whose clicks pass through
  if (isOverview) {
    const ranked = [...data.subdistricts].sort((a, b) =>
      SORTS.verdict(a, b) || b.population - a.population);
    for (const one of ranked) addLabel(one.at, subdistrictLabel(one), "labels", FREE);
    return;
  }
  for (const one of data.gaps.slice(0, MOST_GAP_LABELS)) {
    one.label = el("div", { class: "name gap-name" });
    addLabel(one.at, one.label, "gaps", FREE);
  }
  for (const one of data.sites.filter((site) => site.at)) {
    addLabel(one.at, el("div", { class: "name site-name" }, bdi(nameOf(one))), layerOf(one), BESIDE);
  }
  for (const one of data.neighbours) {
    addLabel(one.at, el("div", { class: "name other" }, bdi(one.name)), "others", FREE);
  }
}

// Names of places and roads come last, where there is room; those of roads lie along them.
const MOST_PLACE_LABELS = 60;

function drawPlaceNames() {
  for (const one of data.places.slice(0, MOST_PLACE_LABELS)) {
    const node = el("div", { class: "name place" }, bdi(one.name));
    node.said = one.name;
    addLabel(L.latLng(one.lat, one.lon), node, "places", [[0, 0]]);
  }
  for (const one of isOverview ? [] : data.road_names.slice(0, MOST_PLACE_LABELS)) {
    const line = pairs(one.line);
    const middle = Math.max(1, Math.floor(line.length / 2));
    const [[south, west], [north, east]] = [line[middle - 1], line[middle]];
    const turn = (Math.atan2(south - north, (east - west) * Math.cos((south * Math.PI) / 180))
      * 180) / Math.PI;
    const level = Math.abs(turn) > 90 ? turn - 180 * Math.sign(turn) : turn;
    const node = el("div", { class: "name road" }, bdi(one.name));
    node.said = one.name;
    addLabel(L.latLng((south + north) / 2, (west + east) / 2), node, "places", [[0, 0]]);
    labels.at(-1).turn = level;
  }
}

// Gaps are named in words, so their labels speak the reader's language.
function nameGaps() {
  for (const one of data.gaps.filter(({ label }) => label)) {
    one.label.replaceChildren(bdi(people(one.population)),
      one.name ? el("span", {}, bdi(nameOf(one))) : "");
  }
  for (const one of labels) {
    if (one.node.said) one.node.replaceChildren(bdi(one.node.said));
    one.size = null;
  }
}

const meets = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

function symbolBoxes() {
  const reach = isOverview ? 9 : 12;
  const shown = data.sites.filter((one) => one.at && map.hasLayer(layers[layerOf(one)]));
  return shown.map((one) => map.latLngToContainerPoint(one.at))
    .map(({ x, y }) => [x - reach, y - reach, x + reach, y + reach]);
}

// The legend and the tools, which lie above the names.
function controlBoxes() {
  const origin = map.getContainer().getBoundingClientRect();
  return [...map.getContainer().querySelectorAll(".leaflet-control")]
    .map((one) => one.getBoundingClientRect()).map(({ left, top, right, bottom }) =>
      [left - origin.left, top - origin.top, right - origin.left, bottom - origin.top]);
}

// The places of one name that cover no other name; the first covers few symbols and is near.
function freePlaces(one, taken, symbols) {
  const { x, y } = map.latLngToContainerPoint(one.at);
  const { x: width, y: height } = map.getSize();
  const [halfWidth, halfHeight] = [one.size[0] / 2 + 2, one.size[1] / 2];
  const reach = [x - halfWidth - 60, y - halfHeight - 26, x + halfWidth + 60, y + halfHeight + 26];
  const [names, marks] = [taken, symbols].map((boxes) => boxes.filter((box) => meets(box, reach)));
  return one.shifts.map(([dx, dy]) => {
    const beside = one.shifts === BESIDE && dx !== 0; // as far as the name is wide
    const [cx, cy] = [x + (beside ? Math.sign(dx) * (halfWidth + 14) : dx), y + dy];
    const box = [cx - halfWidth, cy - halfHeight, cx + halfWidth, cy + halfHeight];
    const covered = marks.filter((other) => meets(box, other)).length;
    return { box, dx: cx - x, dy, cost: covered + Math.hypot(dx, dy) / 30 };
  }).filter(({ box }) => box[0] >= 0 && box[2] <= width
    && box[1] >= 0 && box[3] <= height && !names.some((other) => meets(box, other)))
    .sort((a, b) => a.cost - b.cost);
}

function sizeOf({ node, turn = 0 }) {
  const [width, height] = [node.offsetWidth, node.offsetHeight];
  const [sine, cosine] = [Math.sin, Math.cos].map((f) => Math.abs(f((turn * Math.PI) / 180)));
  return [width * cosine + height * sine, width * sine + height * cosine];
}

// A name that would cover another one waits for a closer look.
function placeLabels() {
  const view = L.bounds([0, 0], map.getSize());
  const symbols = symbolBoxes();
  const taken = controlBoxes();
  const shown = labels.filter(({ at, layer }) => map.hasLayer(layers[layer])
    && view.contains(map.latLngToContainerPoint(at)));
  for (const one of shown) { // all measured before any is moved
    one.size ??= sizeOf(one);
  }
  for (const one of labels) if (!shown.includes(one)) one.node.style.visibility = "hidden";
  for (const one of shown) {
    const [place] = freePlaces(one, taken, symbols);
    one.node.style.visibility = place ? "visible" : "hidden";
    if (!place) continue;
    taken.push(place.box);
    const turned = one.turn === undefined ? "" : ` rotate(${one.turn.toFixed(1)}deg)`;
    one.node.style.transform = `translate(-50%, -50%) translate(${place.dx}px, ${place.dy}px)`
      + turned;
  }
}
