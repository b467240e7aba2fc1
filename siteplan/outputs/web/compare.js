/* The last of the scripts of the comparison: header, panel, and the start of the page. */

function showHead() {
  document.title = `${word("title")} · ${data.case}`;
  document.getElementById("siteplan-skip").textContent = word("skip");
  document.getElementById("siteplan-head").replaceChildren(titleBlock(), headFigures(),
    languageButtons());
  document.getElementById("siteplan-notices").replaceChildren(...data.notices.map((notice) =>
    el("p", { role: "note" }, verdictSymbol("warn", 15), bdi(notice))));
}

function titleBlock() {
  const side = (letter, one) => el("p", {}, el("b", { class: "side" }, letter),
    spans([[bdi(one.case)], one.date, [bdi(one.label)], [bdi(one.standard)],
      metres(one.service_radius_m)]));
  return el("div", { class: "title" }, el("h1", {}, word("title")), side("A", data.before),
    side("B", data.after));
}

function headFigures() {
  const tile = (key, unit) => {
    const one = data.summary[key];
    return el("div", { class: "figure" }, el("dt", {}, figureName(key)),
      el("dd", {}, el("b", {}, figure(one.after, unit), el("span", { class: `delta ${toneOf(
        goodness(key, one.difference))}` }, signed(one.difference, unit))),
      el("small", {}, word("was", figure(one.before, unit)))));
  };
  const moved = data.subdistricts.filter((one) => !one.by_standard);
  const worse = moved.filter((one) => one.worse).length;
  const better = moved.filter((one) => one.better && !one.worse).length;
  const others = data.subdistricts.length - moved.length;
  const changed = data.subdistricts.filter((one) => one.changed).length;
  return el("dl", { class: "figures" }, tile("coverage_ratio", "ratio"),
    tile("covered_population", "person"), tile("violations"), tile("warnings"),
    el("div", { class: "figure" }, el("dt", {}, word("subdistricts")),
      el("dd", {}, el("b", {}, `${number(changed)} / ${number(data.subdistricts.length)}`),
        el("small", {}, word("better_worse", better, worse),
          others > 0 && ` · ${word("by_standard", others)}`))));
}

// ---- the panel

const SHEETS = { subdistricts: subdistrictTable, sites: siteTable, findings: findingPanel,
  causes: causePanel };
const COUNTS = { subdistricts: data.subdistricts.filter((one) => one.changed),
  sites: data.sites.filter((one) => one.altered), findings: data.findings, causes: data.causes };

function tabs() {
  const names = Object.keys(SHEETS);
  const open = (name) => { state.tab = name; showPanel(`tab-${name}`); };
  const turn = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) open(names[(names.indexOf(state.tab) + step + names.length) % names.length]);
  };
  return el("div", { class: "tabs", role: "tablist", onkeydown: turn }, names.map((name) =>
    button({ role: "tab", id: `tab-${name}`, "aria-controls": "siteplan-sheet",
      "aria-selected": String(state.tab === name), tabindex: state.tab === name ? 0 : -1,
      onclick: () => open(name) }, word(name), el("span", {}, number(COUNTS[name].length)))));
}

function showPanel(focused) {
  document.getElementById("siteplan-panel").replaceChildren(tabs(),
    el("div", { class: "sheets" }, el("section", { role: "tabpanel", id: "siteplan-sheet",
      "aria-labelledby": `tab-${state.tab}` }, SHEETS[state.tab]())));
  if (focused) document.getElementById(focused)?.focus();
}

function open(tab, key, selector, one) {
  Object.assign(state, { tab, open: key });
  for (const each of data.subdistricts) each.outline?.remove();
  if (one?.outline) one.outline.addTo(map);
  showPanel();
  if (key === null) return;
  const row = [...document.querySelectorAll("#siteplan-panel tr")]
    .find((each) => each.dataset[selector] === key);
  row?.scrollIntoView({ block: "nearest" });
  row?.querySelector("button.row").focus({ preventScroll: true });
}

const openSubdistrict = (code) => open("subdistricts", code, "code", subdistricts.get(code));

function openSite(id) {
  const one = sites.get(id);
  open("sites", id, "site", one && subdistricts.get(one.turns.subdistrict.after
    ?? one.turns.subdistrict.before));
  if (one?.at && !map.getBounds().contains(one.at)) map.panTo(one.at, { animate: false });
}

function speak(lang) {
  const focused = document.activeElement?.lang;
  state.lang = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  showHead();
  showPanel();
  showControls();
  sayLabels();
  if (focused) document.querySelector(`.languages [lang=${lang}]`)?.focus();
}

startMap();
speak(state.lang);
showMap();
