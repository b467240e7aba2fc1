/* The header, the notices and the side panel. */

function showHead() {
  const skip = document.getElementById("siteplan-skip");
  skip.textContent = word("skip");
  skip.onclick = (event) => { // the address is not for this
    event.preventDefault();
    document.getElementById("siteplan-panel").focus();
  };
  document.getElementById("siteplan-head").replaceChildren(titleBlock(), headFigures(),
    languageButtons());
  showNotices();
}

function showNotices() {
  const notices = [...data.notices, ...(state.tilesFailed ? [word("basemap_failed")] : [])];
  document.getElementById("siteplan-notices").replaceChildren(...notices.map((notice) =>
    el("p", { role: "note" }, verdictSymbol("warn", 15), bdi(notice))));
}

function titleBlock() {
  const { standard, distance } = data;
  const [only] = data.subdistricts;
  const back = data.home && el("p", {}, el("a", { class: "back", href: addressOf(data.home) },
    `← ${word("back")}`), bdi(data.case));
  return el("div", { class: "title" }, back,
    isOverview ? el("h1", {}, bdi(data.case))
      : el("h1", {}, verdictSymbol(only.verdict, 22), " ", bdi(nameOf(only))),
    el("p", {}, spans([!isOverview && [word(only.verdict)], !isOverview && only.district,
      !isOverview && only.code, data.date, say(standard.title)])),
    el("p", {}, spans([
      [`${word("radius")} ${metres(standard.radius_m)} `, chip(standard.radius_status)],
      [`${word("target")} ${percent(standard.coverage_target)} `, chip(standard.target_status)],
      word(`distance_${distance.method}`),
    ])));
}

function headFigures() {
  const summary = isOverview ? data.summary : data.subdistricts[0];
  const { population, covered_population: covered, coverage_ratio: ratio } = summary;
  const straight = `${word("straight")} ${percent(summary.straight_line_coverage_ratio)}`;
  const hit = (severity) => data.subdistricts.filter((one) =>
    findingsOf(one.code, ...one.sites).some((found) => found.severity === severity));
  const share = (severity) => isOverview
    && word("share", hit(severity).length, data.subdistricts.length);
  const count = (severity) => (isOverview ? summary[`${severity}s`]
    : data.findings.filter((one) => one.severity === severity).length);
  const tile = (name, value, under, symbol) => el("div", { class: "figure" },
    el("dt", {}, word(name)), el("dd", {}, el("b", {}, symbol, value), el("small", {}, under)));
  return el("dl", { class: "figures" },
    tile("population", number(population), isOverview ? word("count", number(summary.subdistricts))
      : word(summary.layout)),
    tile("covered", percent(ratio), onFoot ? straight : people(covered)),
    tile("uncovered", number(isMissing(covered) ? null : population - covered),
      `${word("unreachable")} ${number(summary.unreachable_population)}`),
    tile("violations", number(count("violation")), share("violation"), verdictSymbol("fail", 18)),
    tile("warnings", number(count("warning")), share("warning"), verdictSymbol("warn", 18)));
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

const SHEETS = isOverview
  ? { subdistricts: subdistrictTable, sites: siteTable, gaps: gapTable, findings: findingPanel }
  : { summary: summarySheet, findings: findingPanel, gaps: gapTable, sites: siteTable,
    near: nearSheet };
if (!isOverview) SHEETS.trial = () => [trialPanel(trial, showTried)];
SHEETS.review = () => [reviewPanel((id) => goTo(sites.get(id)))];
if (!Object.hasOwn(SHEETS, state.tab)) [state.tab] = Object.keys(SHEETS);
const COUNTS = { subdistricts: data.subdistricts, sites: data.sites, gaps: data.gaps,
  findings: data.findings, near: data.services };

function tabs() {
  const names = Object.keys(SHEETS);
  const open = (name) => { state.tab = name; showPanel(`tab-${name}`); keepAddress(); };
  const turn = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) open(names[(names.indexOf(state.tab) + step + names.length) % names.length]);
  };
  const tab = (name) => button({ role: "tab", id: `tab-${name}`, "aria-controls": `sheet-${name}`,
    "aria-selected": String(state.tab === name), tabindex: state.tab === name ? 0 : -1,
    onclick: () => open(name) }, word(`tab_${name}`), COUNTS[name]
    && el("span", {}, number(COUNTS[name].length)));
  return el("div", { class: "tabs", role: "tablist", onkeydown: turn }, names.map(tab));
}

// Only the open sheet is filled; before printing all are.
function sheet(name) {
  const open = state.tab === name;
  return el("section", { role: "tabpanel", id: `sheet-${name}`, "aria-labelledby": `tab-${name}`,
    class: open ? null : "folded" }, el("h2", {}, word(name)),
  el("div", {}, (open || state.printing) && SHEETS[name]()));
}

function showPanel(focused) {
  const panel = document.getElementById("siteplan-panel");
  const wasOpen = panel.querySelector(".sources")?.open;
  panel.replaceChildren(tabs(),
    el("div", { class: "sheets" }, Object.keys(SHEETS).map(sheet)), sourcePanel());
  panel.querySelector(".sources").open = Boolean(wasOpen);
  if (focused) document.getElementById(focused)?.focus();
}
