/* Measuring on the map: metres by great circle on WGS84, which are no walking distance. */

const EARTH_RADIUS_M = 6371008.8; // mean radius of WGS84
const ruler = L.layerGroup();
const rulerNote = el("div", { class: "ruler-note", role: "group" });
let rulerPoints = [];

function greatCircle(a, b) {
  const radians = Math.PI / 180;
  const half = (degrees) => Math.sin((degrees * radians) / 2) ** 2;
  const h = half(b.lat - a.lat)
    + Math.cos(a.lat * radians) * Math.cos(b.lat * radians) * half(b.lng - a.lng);
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(Math.min(1, h)));
}

const rulerLength = () => rulerPoints.slice(1).reduce((sum, point, i) =>
  sum + greatCircle(rulerPoints[i], point), 0);

function drawRuler() {
  ruler.clearLayers();
  const style = { pane: "ruler", interactive: false };
  const line = { ...style, renderer: rulerRenderer(), color: "#fff", weight: 5 };
  ruler.addLayer(L.polyline(rulerPoints, line));
  ruler.addLayer(L.polyline(rulerPoints, { ...line, color: INK, weight: 2, dashArray: "6 4" }));
  rulerPoints.forEach((point, i) => {
    const last = i > 0 && i === rulerPoints.length - 1;
    const text = last ? word("measure_total", metres(rulerLength())) : "";
    const part = i > 0 && !last ? metres(greatCircle(rulerPoints[i - 1], point)) : text;
    const icon = L.divIcon({ className: "ruler-point", iconSize: [9, 9],
      html: el("span", {}, part && el("b", {}, part)) });
    ruler.addLayer(L.marker(point, { icon, ...style, keyboard: false }));
  });
  showRulerNote();
}

let rulerPane = null;
function rulerRenderer() {
  if (!rulerPane) {
    const pane = map.createPane("ruler");
    pane.style.zIndex = 640;
    pane.style.pointerEvents = "none";
    rulerPane = L.svg({ pane: "ruler", padding: 0.5 });
  }
  return rulerPane;
}

function showRulerNote() {
  rulerNote.hidden = !state.measuring;
  rulerNote.setAttribute("aria-label", word("measure"));
  if (!state.measuring) return;
  const total = rulerPoints.length > 1 && word("measure_total", metres(rulerLength()));
  rulerNote.replaceChildren(el("b", {}, total || word("measure")),
    el("p", {}, total ? word("measured_line") : word("measure_hint")));
}

function addRulerPoint(latlng) {
  rulerPoints.push(latlng);
  drawRuler();
  tell(rulerPoints.length > 1 ? word("measure_total", metres(rulerLength())) : "");
}

function toggleMeasure() {
  if (state.measuring) endMeasure();
  else startMeasure();
  document.getElementById("measure").setAttribute("aria-pressed", String(state.measuring));
}

function startMeasure() {
  state.measuring = true;
  rulerPoints = [];
  map.closePopup();
  map.doubleClickZoom.disable();
  map.getContainer().classList.add("measuring");
  ruler.addTo(map);
  drawRuler();
  tell(word("measure_hint"));
  map.getContainer().focus({ preventScroll: true });
}

// What was measured stays on the map until the next measurement, or the tool is put away.
function endMeasure() {
  state.measuring = false;
  map.doubleClickZoom.enable();
  map.getContainer().classList.remove("measuring");
  if (rulerPoints.length < 2) ruler.remove();
  showRulerNote();
  tell(rulerPoints.length > 1 ? word("measure_total", metres(rulerLength())) : "");
  document.getElementById("measure").setAttribute("aria-pressed", "false");
}

function measureByKey(event) {
  if (!state.measuring) return;
  if (event.key === "Enter" && event.target === map.getContainer()) addRulerPoint(map.getCenter());
  else if (event.key === "Backspace") { rulerPoints.pop(); drawRuler(); }
  else if (event.key === "Escape") endMeasure();
  else return;
  event.preventDefault();
}

function startRuler() {
  frame.append(rulerNote);
  showRulerNote();
  map.on("click", (event) => {
    if (!state.measuring) return;
    const last = rulerPoints.at(-1);
    if (last && map.latLngToContainerPoint(last).distanceTo(event.containerPoint) < 3) return;
    addRulerPoint(event.latlng); // the second click of a double one is the same point
  });
  map.on("dblclick", () => { if (state.measuring) endMeasure(); });
  document.addEventListener("keydown", measureByKey);
}
