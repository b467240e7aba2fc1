/* The lists beside the map: all that it shows, as tables. */

const MOST_ROWS = 200; // of one list at first: thousands would make the page slow

// A long list shows its beginning, and the rest when asked; on paper it is whole.
function rowsOf(name, list, makeRow) {
  const shown = state.printing || state.whole === name ? list : list.slice(0, MOST_ROWS);
  return shown.map(makeRow);
}

function moreButton(name, list) {
  const left = list.length - MOST_ROWS;
  if (left <= 0 || state.printing || state.whole === name) return false;
  const showRest = () => { state.whole = name; showPanel(`tab-${name}`); };
  return button({ class: "more", onclick: showRest }, word("more", number(left)));
}

const table = (kind, heads, rows) => el("table", { class: kind },
  el("thead", {}, el("tr", {}, heads)), el("tbody", {}, rows));
const head = (text, title) => (text === null ? el("td") : el("th", { scope: "col", title }, text));
const empty = (key) => [el("p", { class: "empty" }, word(key))];

function nameCell(name, under, more) {
  return el("th", { scope: "row" }, button({ class: "row" }, bdi(name)), more,
    under && el("small", {}, bdi(under)));
}

// A click anywhere in a row opens what it names, unless it went to a link of its own.
const opens = (one) => (event) => { if (!event.target.closest("a")) goTo(one); };

// ---- subdistricts

function coverageBar(one) {
  const { coverage_ratio: ratio, straight_line_coverage_ratio: straight } = one;
  const share = (value) => `${(100 * Math.min(1, value)).toFixed(1)}%`;
  const mark = (kind, side, value) => !isMissing(value)
    && el("i", { class: kind, style: `${side}:${share(value)}` });
  const kind = isMissing(ratio) ? "bar hatched" : "bar";
  return el("span", { class: kind, "aria-hidden": "true" }, mark("fill", "width", ratio),
    onFoot && mark("straight", "left", straight), mark("target", "left", data.standard.coverage_target));
}

function barKey() {
  const items = [["fill", "walking"], onFoot && ["straight", "straight"], ["target", "target"]];
  return el("p", { class: "bar-key" }, items.filter(Boolean).map(
    ([kind, key]) => el("span", {}, el("i", { class: kind }), word(key))));
}

const missed = (one) => (isMissing(one.covered_population) ? null
  : one.population - one.covered_population);
const SORTS = {
  code: (a, b) => (a.code < b.code ? -1 : 1),
  verdict: (a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict),
  population: (a, b) => b.population - a.population,
  uncovered: (a, b) => (missed(b) ?? -1) - (missed(a) ?? -1), // no figure comes last
  coverage: (a, b) => (a.coverage_ratio ?? 2) - (b.coverage_ratio ?? 2),
};

function sortHead(key, name) {
  const id = `sort-${key}`;
  const sort = () => { state.sort = key; showPanel(id); };
  return el("th", { scope: "col", "aria-sort": state.sort === key ? "other" : "none" },
    button({ id, onclick: sort }, word(name)));
}

function subdistrictRow(one, i) {
  const chosen = one.code === state.selected ? "selected" : null;
  const label = `${word("open_page")}: ${nameOf(one)}`;
  const arrow = pageLink(one, { class: "arrow", title: label, "aria-label": label }, "→");
  return el("tr", { "data-code": one.code, class: chosen, onclick: opens(one),
    ondblclick: () => openPage(one) },
    el("td", { class: "symbol" }, state.sort !== "code" && el("span", { class: "rank" }, i + 1),
      verdictSymbol(one.verdict)),
    nameCell(nameOf(one), one.district),
    el("td", { class: "number" }, number(one.population)),
    el("td", { class: "number" }, number(missed(one))),
    el("td", { class: "coverage" }, figureOf(percent(one.coverage_ratio)), coverageBar(one)),
    el("td", { class: "go" }, arrow));
}

function subdistrictTable() {
  const heads = [["verdict", "verdict"], ["code", "subdistrict"], ["population", "population"],
    ["uncovered", "uncovered"], ["coverage", "coverage"]].map(([key, name]) => sortHead(key, name));
  const rows = [...data.subdistricts].sort(SORTS[state.sort]).map(subdistrictRow);
  return [barKey(), table("ranking", [...heads, el("td")], rows)];
}

// ---- sites

function siteRow(one) {
  const place = subdistricts.get(one.subdistrict);
  const under = isOverview ? (place ? nameOf(place) : word("unplaced"))
    : siteTraits(one).join(" · ");
  return el("tr", { "data-site": one.id, onclick: opens(one) },
    el("td", { class: "symbol" }, siteSymbol(siteShape(one), one.status, 18)),
    nameCell(nameOf(one), under, standingMarks(one.id)),
    ["alone", "added", "lost"].map((key) =>
      el("td", { class: "number" }, number(one[`${key}_population`]))));
}

function siteTable() {
  if (!data.sites.length) return empty("no_site");
  const heads = [head(null), head(word("sites")),
    ...["alone", "added", "lost"].map((key) => head(word(key), word(`help_${key}`)))];
  return [!isOverview && el("p", { class: "empty" }, word("scope")),
    table("sites", heads, rowsOf("sites", data.sites, siteRow)),
    moreButton("sites", data.sites)];
}

// ---- gaps

function gapRow(one) {
  const place = subdistricts.get(one.subdistrict);
  const near = sites.get(one.nearest);
  const under = [isOverview && place && nameOf(place), near && nameOf(near)].filter(Boolean);
  return el("tr", { "data-gap": one.key, onclick: opens(one) },
    el("td", { class: "symbol" }, gapSymbol(17)),
    nameCell(nameOf(one), under.join(" · ")),
    el("td", { class: "number" }, number(one.population)),
    el("td", { class: "number" }, metres(one.mean_distance_m)),
    el("td", { class: "number" }, metres(one.farthest_distance_m)));
}

function gapTable() {
  if (!data.gaps.length) return empty("no_gap");
  const ranked = [...data.gaps].sort((a, b) => b.population - a.population);
  const heads = [head(null), head(word("gaps"), word("help_gaps")), head(word("population")),
    head(word("mean")), head(word("farthest"))];
  return [table("gaps", heads, rowsOf("gaps", ranked, gapRow)), moreButton("gaps", ranked)];
}

// ---- services and stops

function serviceRow(one) {
  const under = [kindName(one.kind), one.department && say(one.department)].filter(Boolean);
  return el("tr", { "data-service": one.key, onclick: opens(one) },
    el("td", { class: "symbol" }, serviceSymbol(one, 19)),
    nameCell(nameOf(one), under.join(" · ")),
    el("td", {}, bdi(relationName(one.relation))),
    el("td", { class: "number" }, metres(one.distance_m)));
}

function stopRow(walk) {
  const one = sites.get(walk.site);
  return el("tr", { onclick: opens(one) },
    el("td", { class: "symbol" }, stopSymbol(walk.kind, 17)),
    nameCell(one ? nameOf(one) : walk.site,
      [walk.name, walk.kind && stopKind(walk.kind)].filter(Boolean).join(" · ")),
    el("td", { class: "number" }, metres(walk.distance_m)));
}

function nearSheet() {
  const walks = data.subdistricts.flatMap(({ stops }) => stops || []);
  if (!data.services.length && !walks.length) return empty("no_near");
  return [
    data.services.length > 0 && table("near", [head(null), head(word("services")),
      head(word("relation")), head(word("distance_m"))],
    rowsOf("near", data.services, serviceRow)), moreButton("near", data.services),
    walks.length > 0 && table("near", [head(null), head(word("sites")), head(word("nearest_stop"))],
      walks.map(stopRow))];
}

// ---- findings

function severityButtons() {
  const count = (severity) => data.findings.filter((one) => one.severity === severity).length;
  const choice = (severity, text) => {
    const id = `show-${severity}`;
    const choose = () => { state.severity = severity; showPanel(id); };
    return button({ id, "aria-pressed": String(state.severity === severity), onclick: choose },
      text);
  };
  return el("div", { class: "choices", role: "group", "aria-label": word("findings") },
    choice(null, `${word("all")} ${data.findings.length}`),
    SEVERITIES.map((key) => choice(key, `${word(`${key}s`)} ${count(key)}`)));
}

function findingPanel() {
  const item = (one) => el("li", {}, button({ class: "finding", "data-subject": one.subject,
    onclick: () => goTo(siteOrSubdistrict(one.subject)) }, findingBody(one, subjectName(one))));
  const chosen = data.findings.filter((one) => !state.severity || one.severity === state.severity)
    .sort(byRank);
  return [severityButtons(), chosen.length > 0
    ? el("ul", { class: "findings" }, rowsOf("findings", chosen, item))
    : el("p", { class: "empty" }, word("nothing")), moreButton("findings", chosen)];
}
