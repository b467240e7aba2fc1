/* What opens on the map: the card of whatever was chosen. */

const card = L.popup();

const CARDS = { subdistrict: subdistrictCard, site: siteCard, gap: gapCard, service: serviceCard,
  stop: stopCard, neighbour: neighbourCard };
const cardOf = (one) => CARDS[one.what](one);

function openCard(one, latlng) {
  if (state.measuring) return;
  select(one.what === "subdistrict" ? one.code : one.subdistrict);
  state.subject = one;
  const { x, y } = map.getSize();
  const isNarrow = x < 620; // the controls stay beside the card
  const width = isNarrow ? Math.min(330, x - 66) : 330;
  Object.assign(card.options, { maxWidth: width, minWidth: Math.min(290, width),
    maxHeight: Math.max(180, Math.min(430, y - (isNarrow ? 130 : 90))),
    autoPanPaddingTopLeft: isNarrow ? [8, 48] : besideLegend(),
    autoPanPaddingBottomRight: isNarrow ? [50, 14] : [14, 14] });
  card.setLatLng(latlng || one.at).setContent(cardOf(one)).openOn(map);
  keepAddress();
}

// On its own page the summary says of a subdistrict what elsewhere its card does.
function goTo(one) {
  if (!one || !one.at) return;
  if (!state.measuring) frame.scrollIntoView({ block: "nearest" });
  if (one.what === "subdistrict" && !isOverview) {
    map.closePopup();
    showAll();
    return;
  }
  if (one.outline) show(one.outline.getBounds());
  else if (one.polygons) show(L.latLngBounds(toLatLngs(one.polygons).flat(2)).pad(0.4));
  else map.setView(one.at, Math.max(map.getZoom(), isOverview ? 14.5 : 15.5), { animate: false });
  openCard(one);
}

function select(code) {
  if (isOverview) {
    for (const one of data.subdistricts) {
      if (one.code === code) one.outline.addTo(map);
      else one.outline.remove();
    }
  }
  state.selected = code;
  for (const row of document.querySelectorAll("tr[data-code]")) {
    row.classList.toggle("selected", row.dataset.code === code);
  }
}

const tooltip = (one) => el("span", {}, el("b", {}, bdi(one.name)),
  one.verdict && [` ${percent(one.coverage_ratio)} `, verdictSymbol(one.verdict, 12)]);

const link = (one) => button({ class: "jump", onclick: () => goTo(one) }, bdi(nameOf(one)));
const siteLink = (id) => (sites.has(id) ? link(sites.get(id)) : bdi(id || "—"));
const figureOf = (text) => el("span", { class: "number" }, text);

// Each row is a name followed by what stands against it.
const facts = (rows) => el("dl", { class: "facts" }, rows.filter(Boolean).map(([name, ...values]) =>
  [el("dt", {}, name), el("dd", {}, values)]));

const cardHead = (symbol, name, under) => el("header", {}, symbol, el("div", {},
  el("h3", {}, bdi(name)), el("p", {}, bdi(under.filter(Boolean).join(" · ")))));

const pageButton = (one) => pageLink(one, { class: "page-link" }, `${word("open_page")} →`);

function subdistrictCard(one) {
  return el("article", { class: "card" },
    cardHead(verdictSymbol(one.verdict, 26), one.name,
      [word(one.verdict), one.district, one.code, word(one.layout)]),
    pageButton(one),
    el("div", { class: "bar-line" }, coverageBar(one)),
    findingList([one.code, ...one.sites], one.code), // why, before how much
    coverageFacts(one),
    one.sites.length > 0 && networkFacts(one),
    ruleList(one.rules));
}

// A missing key is not shown: the overview has fewer figures than the page of a subdistrict.
const siteFact = (one, key, say_) => (one[key] !== undefined && say_(one[key]));

function siteCard(one) {
  const premises = one.premises === "existing" ? "premises_existing" : one.premises;
  const place = subdistricts.get(one.subdistrict);
  const loss = lossOf(one);
  const worth = ["alone", "added", "lost", "shared", "catchment"].map((key) =>
    siteFact(one, `${key}_population`, (value) => [word(key), people(value)]));
  return el("article", { class: "card" },
    cardHead(siteSymbol(siteShape(one), one.status, 28), nameOf(one),
      [...siteTraits(one), one.id]),
    one.sentence && el("p", { class: "sentence" }, bdi(one.sentence)),
    pageButton(one),
    facts([
      [word("subdistrict"), place ? link(place) : bdi(one.subdistrict || word("unplaced"))],
      siteFact(one, "premises", () => [word("premises"), premises ? word(premises) : "—"]),
      siteFact(one, "floor_area_m2", (value) => [word("floor_area"), withUnit(value, "unit_m2")]),
      ...worth,
      siteFact(one, "load_per_m2", (value) => [word("load"), withUnit(value, "unit_load", 2)]),
      siteFact(one, "mean_distance_m", (value) => [word("mean"), metres(value)]),
      siteFact(one, "p90_detour_factor", (value) => [word("detour"), number(value, 2)]),
      siteFact(one, "snap_distance_m", (value) => [word("snap"), metres(value)]),
      loss && [word("loss"), percent(loss.coverage_ratio)],
      ...stopFacts(one),
    ]),
    linkFacts(one),
    findingList([one.id], one.id),
    reviewButtons(one));
}

function lossOf(one) {
  const place = subdistricts.get(one.subdistrict);
  return (place?.network.losses || []).find(({ site }) => site === one.id);
}

function stopFacts(one) {
  const walk = (subdistricts.get(one.subdistrict)?.stops || []).find(({ site }) => site === one.id);
  return walk ? [[word("nearest_stop"), bdi(walk.name || (walk.kind && stopKind(walk.kind)) || ""),
    ` ${metres(walk.distance_m)}`]] : [];
}

// The walk to the headquarters, and the bridges and tunnels without which it would be longer.
function linkFacts(one) {
  const walks = data.links.filter(({ site }) => site === one.id);
  return walks.length > 0 && facts(walks.flatMap(({ headquarters, distance_m: way, crossings }) => [
    [word("headquarters"), siteLink(headquarters), " ", figureOf(metres(way))],
    ...(crossings || []).map((crossing) => [word("crossings"), bdi(crossing.name), " ",
      isMissing(crossing.distance_without_m) ? word("crossing_cut")
        : word("crossing_without", metres(crossing.distance_without_m))]),
  ]));
}

function gapCard(one) {
  return el("article", { class: "card" },
    cardHead(gapSymbol(26), nameOf(one), [word("gap"), people(one.population)]),
    pageButton(one),
    facts([
      [word("uncovered"), people(one.population)],
      one.unreachable_population > 0 && [word("unreachable"), people(one.unreachable_population)],
      [word("nearest"), siteLink(one.nearest)],
      [word("mean"), metres(one.mean_distance_m)],
      [word("farthest"), metres(one.farthest_distance_m)],
      [word("gap_radius"), metres(one.radius_m)],
    ]));
}

const relationName = (relation) => {
  if (!relation) return word("relation_none");
  return WORDS[`relation_${relation}`] ? word(`relation_${relation}`) : relation;
};

function serviceCard(one) {
  return el("article", { class: "card" },
    cardHead(serviceSymbol(one, 26), nameOf(one), [kindName(one.kind)]),
    facts([
      [word("kind"), bdi(kindName(one.kind))],
      [word("department"), bdi(one.department)],
      [word("relation"), bdi(relationName(one.relation))],
      [word("subdistrict"), yesOrNo(one.inside, "inside")],
      [word("nearest"), siteLink(one.nearest)],
      [word("distance_m"), metres(one.distance_m)],
    ]));
}

function stopCard(one) {
  const walks = data.subdistricts.flatMap(({ stops }) => stops || [])
    .filter(({ name, kind }) => name && name === one.name && kind === one.kind);
  return el("article", { class: "card" },
    cardHead(stopSymbol(one.kind, 26), nameOf(one), [stopKind(one.kind)]),
    walks.length > 0 && facts(walks.map((walk) => [siteLink(walk.site),
      metres(walk.distance_m)])));
}

function neighbourCard(one) {
  return el("article", { class: "card" },
    cardHead(outlineSymbol(24), one.name, [word("others"), one.code]), pageButton(one));
}
