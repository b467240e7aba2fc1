/* Printing: the first page is the map, laid out in millimetres; what was found follows. */

const PAPERS = { A4: [277, 190], A3: [400, 277] }; // what is printed on, in millimetres
const paperStyle = el("style");

// Paper has a size of its own: the map is laid out for it before the browser prints, twice as fine.
// Chromium prints a canvas that was ever cleared as opaque white, so copies stand in for them.
function print(on) {
  for (const { canvas, copy } of state.copies.splice(0)) copy.replaceWith(canvas);
  L.Browser.retina = on || window.devicePixelRatio > 1;
  state.printing = on;
  document.body.classList.toggle("printing", on);
  showPanel();
  showTried();
  fitFrame();
  if (on) state.seen = { center: map.getCenter(), zoom: map.getZoom() };
  map.invalidateSize({ animate: false });
  if (on) showAll();
  else map.setView(state.seen.center, state.seen.zoom, { animate: false });
  if (!on) return;
  for (const canvas of document.querySelectorAll(".leaflet-map-pane canvas")) {
    const copy = canvas.cloneNode();
    copy.getContext("2d").drawImage(canvas, 0, 0);
    canvas.replaceWith(copy);
    state.copies.push({ canvas, copy });
  }
}

function choosePaper(paper) {
  state.paper = paper;
  paperStyle.textContent = `@page { size: ${paper} landscape; margin: 10mm }
.printing :is(#siteplan-head, #siteplan-notices, #siteplan-frame) { width: ${PAPERS[paper][0]}mm }`;
}

// The map takes what the head and the notices, however long they are, leave of the first page.
function fitFrame() {
  const above = ["siteplan-head", "siteplan-notices"].reduce((sum, id) =>
    sum + document.getElementById(id).offsetHeight, 3);
  frame.style.height = state.printing ? `calc(${PAPERS[state.paper][1]}mm - ${above}px)` : "";
}

function printOn(paper) {
  choosePaper(paper);
  window.print();
}

function startPaper() {
  document.head.append(paperStyle);
  choosePaper("A4");
  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));
}
