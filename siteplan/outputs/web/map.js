/* The last of the scripts: it starts the page. */

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
  showTrialNote();
  nameGaps();
  if (card.isOpen()) card.setContent(cardOf(state.subject));
  keepAddress();
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

// Green would be taken for a class of coverage; tiles have roads and water of their own.
const OFF_AT_FIRST = [...(isOverview ? ["green"] : []),
  ...(isOverview && isCrowded ? ["areas", "links"] : []),
  ...(data.basemap ? [...OWN_GROUND, "green"] : [])];

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
  map.setMaxBounds(L.latLngBounds(data.bounds).pad(2)); // room for a card above any site
  fitSymbols();
  layers.edges.addTo(map); // borders are always on
  for (const name of LAYERS) if (!OFF_AT_FIRST.includes(name)) layers[name].addTo(map);
  showLegend(); // which follows what is on the map now
  placeLabels();
  map.on("zoomend", fitSymbols).on("moveend resize", placeLabels);
  map.on("popupopen", ({ popup }) => popup.getElement()
    .querySelector(".leaflet-popup-close-button").setAttribute("aria-label", word("close")));
  map.on("popupclose", () => {
    select(null);
    state.subject = null;
    keepAddress();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") map.closePopup();
  });
  // The keyboard comes to the few tools before the many sites.
  map.getContainer().prepend(map.getContainer().querySelector(".leaflet-control-container"));
  goTo(subjects.get(asked.get("at")));
}

function draw() {
  drawTiles();
  drawLand();
  drawBackdrop();
  startTrial();
  drawServices();
  drawGaps();
  drawNearby();
  drawSites();
  drawLabels();
  drawPlaceNames();
}

draw();
start();
