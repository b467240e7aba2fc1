/* The header, the notices and the side panel. */

function showHead() {
  document.getElementById("siteplan-head").replaceChildren(titleBlock(), headFigures(),
    languageButtons());
  document.getElementById("siteplan-notices").replaceChildren(...data.notices.map((notice) =>
    el("p", { role: "note" }, verdictSymbol("warn", 15), bdi(notice))));
}

function titleBlock() {
  const { standard, distance } = data;
  return el("div", { class: "title" }, el("h1", {}, bdi(data.case)),
    el("p", {}, spans([data.date, say(standard.title)])),
    el("p", {}, spans([
      [`${word("radius")} ${metres(standard.radius_m)} `, chip(standard.radius_status)],
      [`${word("target")} ${percent(standard.coverage_target)} `, chip(standard.target_status)],
      word(`distance_${distance.method}`),
    ])));
}

function headFigures() {
  const { summary } = data;
  const { population, covered_population: covered, coverage_ratio: ratio } = summary;
  const onFoot = data.distance.method === "roads";
  const straight = `${word("straight")} ${percent(summary.straight_line_coverage_ratio)}`;
  const hit = (severity) => data.subdistricts.filter((one) =>
    findingsOf(one.code, ...one.sites).some((found) => found.severity === severity));
  const share = (severity) => word("share", hit(severity).length, data.subdistricts.length);
  const tile = (name, value, under, symbol) => el("div", { class: "figure" },
    el("dt", {}, word(name)), el("dd", {}, el("b", {}, symbol, value), el("small", {}, under)));
  return el("dl", { class: "figures" },
    tile("population", number(population), word("count", number(summary.subdistricts))),
    onFoot ? tile("covered", percent(ratio), straight)
      : tile("covered_straight", percent(ratio), people(covered)),
    tile("uncovered", number(isMissing(covered) ? null : population - covered),
      `${word("unreachable")} ${number(summary.unreachable_population)}`),
    tile("violations", number(summary.violations), share("violation"), verdictSymbol("fail", 18)),
    tile("warnings", number(summary.warnings), share("warning"), verdictSymbol("warn", 18)));
}

// ---- subdistricts

function coverageBar(one) {
  const { coverage_ratio: ratio, straight_line_coverage_ratio: straight } = one;
  const share = (value) => `${(100 * Math.min(1, value)).toFixed(1)}%`;
  const mark = (kind, side, value) => !isMissing(value)
    && el("i", { class: kind, style: `${side}:${share(value)}` });
  const kind = isMissing(ratio) ? "bar hatched" : "bar";
  return el("span", { class: kind, "aria-hidden": "true" }, mark("fill", "width", ratio),
    mark("straight", "left", straight), mark("target", "left", data.standard.coverage_target));
}

function barKey() {
  const items = [["fill", "walking"], ["straight", "straight"], ["target", "target"]];
  return el("p", { class: "bar-key" }, items.map(([kind, key]) =>
    el("span", {}, el("i", { class: kind }), word(key))));
}

const SORTS = {
  code: (a, b) => (a.code < b.code ? -1 : 1),
  verdict: (a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict),
  population: (a, b) => b.population - a.population,
  coverage: (a, b) => (a.coverage_ratio ?? 2) - (b.coverage_ratio ?? 2), // no figure comes last
};

function sortHead(key, name) {
  const id = `sort-${key}`;
  const sort = () => { state.sort = key; showPanel(id); };
  return el("th", { scope: "col", "aria-sort": state.sort === key ? "other" : "none" },
    button({ id, onclick: sort }, word(name)));
}

function nameCell(name, under) {
  return el("th", { scope: "row" }, button({ class: "row" }, bdi(name)),
    under && el("small", {}, bdi(under)));
}

function subdistrictRow(one) {
  const chosen = one.code === state.selected ? "selected" : null;
  return el("tr", { "data-code": one.code, class: chosen, onclick: () => goTo(one.code) },
    el("td", { class: "symbol" }, verdictSymbol(one.verdict)),
    nameCell(one.name, one.district),
    el("td", { class: "number" }, number(one.population)),
    el("td", { class: "coverage" }, figureOf(percent(one.coverage_ratio)), coverageBar(one)));
}

function subdistrictTable() {
  const heads = [["verdict", "verdict"], ["code", "subdistrict"], ["population", "population"],
    ["coverage", "coverage"]].map(([key, name]) => sortHead(key, name));
  const rows = [...data.subdistricts].sort(SORTS[state.sort]).map(subdistrictRow);
  return [barKey(), el("table", {}, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, rows))];
}

// ---- sites

function siteRow(one) {
  const place = subdistricts.get(one.subdistrict);
  return el("tr", { "data-site": one.id, onclick: () => goTo(one.id) },
    el("td", { class: "symbol" }, siteSymbol(siteKind(one), one.status, 18)),
    nameCell(one.name, place ? place.name : word("unplaced")),
    ["alone", "added", "lost"].map((key) =>
      el("td", { class: "number" }, number(one[`${key}_population`]))));
}

function siteTable() {
  if (!data.sites.length) return [el("p", { class: "empty" }, word("no_site"))];
  const head = (key) => el("th", { scope: "col", title: word(`help_${key}`) }, word(key));
  const heads = [el("td"), el("th", { scope: "col" }, word("sites")),
    ["alone", "added", "lost"].map(head)];
  return [el("table", { class: "sites" }, el("thead", {}, el("tr", {}, heads)),
    el("tbody", {}, data.sites.map(siteRow)))];
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
  const item = (one) => el("li", {}, button(
    { class: "finding", "data-subject": one.subject, onclick: () => goTo(one.subject) },
    findingBody(one, subjectName(one))));
  const chosen = data.findings.filter((one) => !state.severity || one.severity === state.severity);
  return [severityButtons(), chosen.length > 0
    ? el("ul", { class: "findings" }, chosen.sort(byRank).map(item))
    : el("p", { class: "empty" }, word("nothing"))];
}

// ---- sources and method

function methodFacts() {
  const { standard, distance } = data;
  const terms = ["alone", "added", "lost", "shared"].map((key) =>
    [el("dt", {}, word(key)), el("dd", {}, word(`help_${key}`))]);
  return [facts([
    [word("standard"), `${say(standard.title)} (${standard.id})`],
    [word("distance"), word(`distance_${distance.method}`)],
    [word("snap_limit"), metres(distance.snap_limit_m)],
    [word("crs"), data.crs],
  ]), el("dl", { class: "help" }, terms)];
}

function sourceItem(one) {
  const role = `role_${one.role}`;
  const meta = [WORDS[role] ? word(role) : one.role, word("rows", number(one.rows)), one.crs,
    one.datum, one.licence];
  return el("li", {}, el("b", {}, bdi(one.path)), el("p", { class: "meta" }, spans(meta)),
    el("code", {}, one.sha256));
}

function refusedItem(one) {
  const stop = state.lang === "zh" ? "。" : ". ";
  const line = ({ feature, name, message, remedy }) => el("p", {},
    bdi([feature && `#${feature}`, name].filter(Boolean).join(" ")), " ",
    bdi(message), stop, bdi(remedy), stop.trim());
  return el("li", {}, el("b", {}, bdi(one.path)), one.defects.map(line));
}

function sourcePanel() {
  const refused = data.refused.length > 0 && [el("h4", {}, word("refused")),
    el("ul", { class: "files" }, data.refused.map(refusedItem))];
  return el("details", { class: "sources" }, el("summary", {}, word("sources")),
    el("div", {}, methodFacts(), refused,
      el("ul", { class: "files" }, data.sources.map(sourceItem)),
      el("p", { class: "meta" }, spans([data.generator, "Leaflet 1.9.4"]))));
}

// ---- the panel

const SHEETS = { subdistricts: subdistrictTable, sites: siteTable, findings: findingPanel };

function tabs() {
  const names = Object.keys(SHEETS);
  const open = (name) => { state.tab = name; showPanel(`tab-${name}`); };
  const turn = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) open(names[(names.indexOf(state.tab) + step + names.length) % names.length]);
  };
  const tab = (name) => button({ role: "tab", id: `tab-${name}`, "aria-controls": `sheet-${name}`,
    "aria-selected": String(state.tab === name), tabindex: state.tab === name ? 0 : -1,
    onclick: () => open(name) }, word(name), el("span", {}, data[name].length));
  return el("div", { class: "tabs", role: "tablist", onkeydown: turn }, names.map(tab));
}

// All sheets are in the page, because all of them are printed.
function sheet(name) {
  return el("section", { role: "tabpanel", id: `sheet-${name}`, "aria-labelledby": `tab-${name}`,
    class: state.tab === name ? null : "folded" }, el("h2", {}, word(name)), SHEETS[name]());
}

function showPanel(focused) {
  const panel = document.getElementById("siteplan-panel");
  const wasOpen = panel.querySelector(".sources")?.open;
  panel.replaceChildren(tabs(),
    el("div", { class: "sheets" }, Object.keys(SHEETS).map(sheet)), sourcePanel());
  panel.querySelector(".sources").open = Boolean(wasOpen);
  if (focused) document.getElementById(focused).focus();
}
