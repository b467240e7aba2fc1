/* The last of the scripts: it starts the page. */

const trial = isOverview ? null : decodeTrial(data.trial);
let cells = null;
const said = document.getElementById("siteplan-said");
function tell(text) { said.textContent = text; }

function speak(lang) {
  const focused = document.activeElement?.lang;
  state.lang = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  showHead();
  showSearch();
  showPanel();
  showControls();
  showRulerNote();
  nameGaps();
  if (card.isOpen()) card.setContent(cardOf(state.subject));
  if (focused) document.querySelector(`.languages [lang=${lang}]`)?.focus();
}

function startControls() {
  control("topleft", legendNode);
  control("topright", buttons);
  control("topright", papers);
  control("topright", north);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  control("bottomright", attribution);
}

// The residents of a subdistrict, each point of them, as the scheme judged covers them.
function startCells() {
  if (isOverview) return;
  const { covered } = tryToday(trial);
  cells = drawCells({ ...trial, covered });
}

// Green would be taken for a class of coverage; tiles have roads and water of their own.
// A scheme that is tried out recolours the residents it would cover or lose.
const trialSheet = () => [trialPanel(trial, (tried) => cells?.cover(tried.covered))];

const OFF_AT_FIRST = [...(isOverview ? ["green"] : []),
  ...(isOverview && isCrowded ? ["areas", "links"] : []),
  ...(data.basemap ? ["roads", "rail", "green", "water", "places"] : [])];

// The view comes before the layers: each of them is drawn once.
function start() {
  startControls();
  startSearch();
  startRuler();
  startPaper();
  speak(state.lang);
  map.invalidateSize({ animate: false });
  showAll();
  state.overview = map.getZoom();
  map.setMinZoom(state.overview - 1).setMaxZoom(19);
  map.setMaxBounds(L.latLngBounds(data.bounds).pad(1));
  fitSymbols();
  layers.edges.addTo(map); // borders are always on
  for (const name of LAYERS) if (!OFF_AT_FIRST.includes(name)) layers[name].addTo(map);
  showLegend(); // which follows what is on the map now
  placeLabels();
  map.on("zoomend", fitSymbols).on("moveend resize", placeLabels);
  map.on("popupopen", ({ popup }) => popup.getElement()
    .querySelector(".leaflet-popup-close-button").setAttribute("aria-label", word("close")));
  map.on("popupclose", () => select(null));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") map.closePopup();
  });
  goTo(subjects.get(asked.get("at")));
}

function draw() {
  drawTiles();
  drawLand();
  drawBackdrop();
  startCells();
  drawServices();
  drawGaps();
  drawNearby();
  drawSites();
  drawLabels();
  drawPlaceNames();
}

draw();
start();
