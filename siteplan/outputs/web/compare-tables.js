/* The lists beside the map of differences. */

const MOST_ROWS = 300; // of one list at first: thousands would make the page slow
const whole = {};

// ---- what changed of one figure

const arrow = (before, after) => [before, el("span", { class: "to", "aria-hidden": "true" }, " → "),
  after];

function changeCell(key, change, unit) {
  return el("td", { class: `number delta ${toneOf(goodness(key, change))}` }, signed(change, unit));
}

function figureRows(figures) {
  return Object.entries(figures)
    .filter(([, one]) => !isMissing(one.before) || !isMissing(one.after))
    .map(([key, one]) => {
      const unit = unitOf(key);
      return el("tr", { class: one.before === one.after ? "same" : null },
        el("th", { scope: "row" }, bdi(figureName(key))),
        el("td", { class: "number" }, figure(one.before, unit)),
        el("td", { class: "number" }, figure(one.after, unit)),
        changeCell(key, one.difference, unit));
    });
}

function figureTable(figures) {
  const heads = ["", "A", "B", word("difference")].map((text) => el("th", { scope: "col" }, text));
  return el("table", { class: "plain" }, el("thead", {}, el("tr", {}, heads)),
    el("tbody", {}, figureRows(figures)));
}

function verdictPair({ before, after }) {
  if (before === after) return before ? verdictSymbol(before, 16) : false;
  return arrow(before ? verdictSymbol(before, 16) : "—", after ? verdictSymbol(after, 16) : "—");
}

// ---- subdistricts

const SORTS = {
  name: (one) => one.code,
  verdict: (one) => verdictStep(one.turns),
  before: (one) => one.figures.coverage_ratio.before,
  after: (one) => one.figures.coverage_ratio.after,
  change: (one) => changeOf(one),
  mean: (one) => one.figures.mean_distance_m.difference,
  findings: (one) => findingsOf(one).length,
};

const subjectsOf = new Map();
for (const one of data.sites) {
  for (const code of new Set([one.turns.subdistrict.before, one.turns.subdistrict.after])) {
    if (code) subjectsOf.set(code, [...(subjectsOf.get(code) || []), one.id]);
  }
}
const findingsBy = new Map();
for (const one of data.findings) {
  findingsBy.set(one.subject, [...(findingsBy.get(one.subject) || []), one]);
}
const findingsOf = (one) => [one.code, ...(subjectsOf.get(one.code) || [])].flatMap((subject) =>
  findingsBy.get(subject) || []);

// What has no figure comes last, whichever way it is sorted, and by change what has none; of equals
// those that changed come first.
function sorted() {
  const read = SORTS[state.sort];
  const sign = state.isUp ? 1 : -1;
  const compare = (a, b) => {
    const [x, y] = [read(a), read(b)];
    if (isMissing(x) || isMissing(y)) return Number(isMissing(x)) - Number(isMissing(y));
    return x < y ? -sign : Number(x > y) * sign;
  };
  const altered = (a, b) => Number(b.changed) - Number(a.changed);
  const [first, then] = state.sort === "change" ? [altered, compare] : [compare, altered];
  return [...data.subdistricts].sort((a, b) => first(a, b) || then(a, b)
    || (a.code < b.code ? -1 : 1));
}

function sortHead(key, name, title) {
  const id = `sort-${key}`;
  const isOn = state.sort === key;
  const sort = () => {
    Object.assign(state, { sort: key, isUp: isOn ? !state.isUp : key === "name" });
    showPanel(id);
  };
  const direction = state.isUp ? "ascending" : "descending";
  return el("th", { scope: "col", "aria-sort": isOn ? direction : "none", title },
    button({ id, onclick: sort }, name));
}

function subdistrictRow(one) {
  const { coverage_ratio: coverage, mean_distance_m: mean } = one.figures;
  const isOpen = state.open === one.code;
  const found = findingsOf(one);
  const count = (fate) => found.filter((each) => each.fate === fate).length;
  const toggle = () => openSubdistrict(isOpen ? null : one.code);
  const under = one.fate === "kept" ? one.turns.district.after || one.code : fateName(one.fate);
  const row = el("tr", { "data-code": one.code, class: [isOpen && "selected",
    !one.changed && "same"].filter(Boolean).join(" ") || null, onclick: toggle },
  el("td", { class: "symbol" }, verdictPair(one.turns.verdict)),
  el("th", { scope: "row" }, button({ class: "row", "aria-expanded": String(isOpen) },
    bdi(nameOf(one))), el("small", {}, bdi(under))),
  el("td", { class: "number" }, figure(coverage.before, "ratio")),
  el("td", { class: "number" }, figure(coverage.after, "ratio")),
  changeCell("coverage_ratio", coverage.difference, "ratio"),
  changeCell("mean_distance_m", mean.difference, "m"),
  el("td", { class: "number" }, [count("gone") && `−${count("gone")}`, count("new")
    && `+${count("new")}`].filter(Boolean).join(" ")));
  return isOpen ? [row, detailRow(one)] : row;
}

function detailRow(one) {
  return el("tr", { class: "detail" }, el("td", { colspan: 7 }, el("div", {}, why(one),
    ruleChanges(one), turnChanges(one), gapChanges(one), siteLinks(one),
    section("figures", figureTable(one.figures)), bySite("links", one.links, "m"),
    bySite("losses", one.losses, "ratio"))));
}

const section = (key, ...children) => el("section", {}, el("h3", {}, word(key)), children);

function why(one) {
  if (one.fate !== "kept") return section("why", el("p", {}, word("why_none")));
  if (!one.changed) return el("p", { class: "note" }, word("no_change"));
  return section("why", causeList(one.causes));
}

function causeList(causes) {
  return el("ul", { class: "causes" }, causes.map((cause) => el("li", {},
    cause.what !== "unexplained" && el("span", { class: `kind ${cause.kind}` },
      named(data.kinds, cause.kind)), bdi(cause.sentence))));
}

function ruleChanges(one) {
  const rules = Object.entries(one.rules);
  return rules.length > 0 && section("rules", el("ul", { class: "turns" }, rules.map(([code, turn]) =>
    el("li", {}, el("b", {}, code), " ", arrow(turnValue("verdict", turn.before),
      turnValue("verdict", turn.after))))));
}

function turnChanges(one) {
  const turns = Object.entries(one.turns).filter(([, { before, after }]) => before !== after);
  return one.fate === "kept" && turns.length > 0 && el("ul", { class: "turns" },
    turns.map(([key, { before, after }]) => el("li", {}, el("b", {}, turnName(key)), " ",
      arrow(bdi(turnValue(key, before)), bdi(turnValue(key, after))))));
}

const MOST_GAPS = 8; // of one subdistrict; the largest

function gapChanges(one) {
  const size = ({ before, after }) => Math.max(before?.population || 0, after?.population || 0);
  const altered = [...one.gaps].sort((a, b) => size(b) - size(a));
  const residents = ({ before, after }) => (before && after
    ? arrow(number(before.population), number(after.population))
    : number((after || before).population));
  return altered.length > 0 && section("gaps", el("ul", { class: "turns" },
    altered.slice(0, MOST_GAPS).map((gap) => el("li", {}, el("b", {}, fateName(gap.fate)), " ",
      bdi((gap.after || gap.before).name || ""), " ", residents(gap), ` ${word("people")}`))),
  altered.length > MOST_GAPS && el("p", { class: "note" },
    word("more_gaps", altered.length - MOST_GAPS)));
}

function siteLinks(one) {
  const altered = (subjectsOf.get(one.code) || []).map((id) => sites.get(id))
    .filter((site) => site.altered);
  return altered.length > 0 && section("sites", el("ul", { class: "turns" }, altered.map((site) =>
    el("li", {}, badge(site.fate, 14), " ", button({ class: "jump", onclick: () =>
      openSite(site.id) }, bdi(nameOf(site))), " ", bdi(siteSays(site).join(" · "))))));
}

function bySite(key, list, unit) {
  const name = (id) => (sites.has(id) ? nameOf(sites.get(id)) : id);
  return list.length > 0 && section(key, el("table", { class: "plain" }, el("tbody", {},
    list.map((one) => el("tr", {}, el("th", { scope: "row" }, bdi(name(one.site))),
      el("td", { class: "number" }, figure(one.before, unit)),
      el("td", { class: "number" }, figure(one.after, unit)),
      changeCell("", one.difference, unit))))));
}

function subdistrictTable() {
  const heads = [sortHead("verdict", word("verdict")), sortHead("name", word("subdistrict")),
    sortHead("before", ["A"], `A ${word("coverage_short")}`),
    sortHead("after", ["B"], `B ${word("coverage_short")}`),
    sortHead("change", word("point"), word("coverage")),
    sortHead("mean", `${word("mean")} (${word("unit_m")})`), sortHead("findings", word("findings"))];
  return [table("ranking", heads, cut("subdistricts", sorted()).flatMap(subdistrictRow)),
    moreButton("subdistricts", data.subdistricts)];
}

const table = (kind, heads, rows) => el("table", { class: kind },
  el("thead", {}, el("tr", {}, heads)), el("tbody", {}, rows));
const head = (text) => el("th", { scope: "col" }, text);
const cut = (name, list) => (whole[name] ? list : list.slice(0, MOST_ROWS));

function moreButton(name, list) {
  if (whole[name] || list.length <= MOST_ROWS) return false;
  const showRest = () => { whole[name] = true; showPanel(`tab-${name}`); };
  return button({ class: "more", onclick: showRest }, `${word("all")} ${number(list.length)}`);
}

// ---- sites

const SITE_FIGURES = ["alone_population", "lost_population", "catchment_population"];

function siteRow(one) {
  const place = subdistricts.get(one.turns.subdistrict.after ?? one.turns.subdistrict.before);
  const isOpen = state.open === one.id;
  const row = el("tr", { "data-site": one.id, class: [isOpen && "selected",
    !one.changed && "same"].filter(Boolean).join(" ") || null, onclick: () =>
    openSite(isOpen ? null : one.id) },
  el("td", { class: "symbol" }, one.altered && badge(one.fate, 14), symbolOf(one, 18)),
  el("th", { scope: "row" }, button({ class: "row", "aria-expanded": String(isOpen) },
    bdi(nameOf(one))), el("small", {}, bdi(place ? nameOf(place) : word("unplaced")))),
  el("td", { class: "said" }, one.altered || one.fate !== "kept" ? bdi(siteSays(one).join(" · ")) : word("unchanged")),
  SITE_FIGURES.map((key) => changeCell(key, one.figures[key].difference, "person")));
  return isOpen ? [row, el("tr", { class: "detail" }, el("td", { colspan: 6 },
    el("div", {}, section("figures", figureTable(one.figures)))))] : row;
}

function siteTable() {
  if (!data.sites.length) return el("p", { class: "empty" }, word("nothing"));
  const ranked = [...data.sites].sort((a, b) => Number(b.altered) - Number(a.altered)
    || Number(b.changed) - Number(a.changed) || (a.id < b.id ? -1 : 1));
  const heads = [el("td"), head(word("sites")), head(word("changed")),
    ...SITE_FIGURES.map((key) => head(figureName(key)))];
  return [table("sites", heads, cut("sites", ranked).flatMap(siteRow)),
    moreButton("sites", ranked)];
}

// ---- findings

const FATES = ["new", "gone", "changed", ...["only_a", "only_b"].filter((fate) =>
  data.findings.some((one) => one.fate === fate))];

function fateButtons() {
  const count = (fate) => data.findings.filter((one) => one.fate === fate).length;
  const choice = (fate, text) => {
    const id = `show-${fate}`;
    return button({ id, "aria-pressed": String(state.fate === fate), onclick: () => {
      state.fate = fate;
      showPanel(id);
    } }, text);
  };
  return el("div", { class: "choices", role: "group", "aria-label": word("findings") },
    choice(null, `${word("all")} ${data.findings.length}`),
    FATES.map((fate) => choice(fate, `${fateName(fate)} ${count(fate)}`)));
}

function subjectName(id) {
  const one = subdistricts.get(id) || sites.get(id);
  return one ? nameOf(one) : id;
}

function findingItem(one) {
  const { fate, before, after } = one;
  const said = after || before;
  const open = () => {
    if (subdistricts.has(one.subject)) openSubdistrict(one.subject);
    else if (sites.has(one.subject)) openSite(one.subject);
  };
  const tone = { gone: "better", new: "worse" }[fate] || "other";
  return el("li", {}, button({ class: "finding", "data-subject": one.subject, onclick: open },
    verdictSymbol(VERDICT_OF[said.severity], 16), el("div", {},
      el("p", {}, el("span", { class: `fate ${tone}` }, fateName(fate)), " ",
        el("span", { class: "subject" }, bdi(subjectName(one.subject))), " ",
        el("span", { class: "code" }, one.code), " ", bdi(said.title)),
      el("p", { class: fate === "gone" ? "gone" : null }, bdi(said.message)),
      fate === "changed" && before.severity !== after.severity && el("p", { class: "meta" },
        arrow(verdictSymbol(VERDICT_OF[before.severity], 13),
          verdictSymbol(VERDICT_OF[after.severity], 13))),
      fate === "changed" && el("p", { class: "note" }, word("was", ""), bdi(before.message)))));
}

function findingPanel() {
  const order = (one) => FATES.indexOf(one.fate);
  const chosen = data.findings.filter((one) => !state.fate || one.fate === state.fate)
    .sort((a, b) => order(a) - order(b));
  return [fateButtons(), chosen.length ? el("ul", { class: "findings" },
    cut("findings", chosen).map(findingItem)) : el("p", { class: "empty" }, word("nothing")),
  moreButton("findings", chosen)];
}

// ---- what is otherwise in the whole case

function causePanel() {
  const side = (key) => {
    const one = data[key];
    return el("ul", { class: "meta" }, [one.label, one.case, one.date, one.standard,
      `${word("radius")} ${metres(one.service_radius_m)}`, one.crs, word(one.distance),
      `siteplan ${one.siteplan_version}`].filter(Boolean).map((text) => el("li", {}, bdi(text))),
    el("li", {}, el("code", {}, one.sha256)));
  };
  return el("div", { class: "summary" }, data.causes.length ? causeList(data.causes)
    : el("p", { class: "note" }, word("no_change")),
  el("h3", {}, "A"), side("before"), el("h3", {}, "B"), side("after"),
  el("p", { class: "note" }, `${data.generator} · Leaflet 1.9.4`));
}
