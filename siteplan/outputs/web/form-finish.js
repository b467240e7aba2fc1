/* Step 3: what is still wrong, the download, and the proposal on paper. */

function jumpTo(venue, field) {
  if (venue !== selected()) selectVenue(venue);
  state.touched.add(`${venue.n} ${field}`);
  showChecks();
  const wanted = field === "place" ? document.getElementById("paste")
    || document.getElementById("step-place") : document.getElementById(inputId(field));
  wanted.scrollIntoView({ block: "center" });
  wanted.focus({ preventScroll: true });
}

function problemItem(one) {
  const name = one.field === "place" ? word("step_place") : label(one.field);
  return button({ class: "problem", "data-venue": one.venue.n, "data-field": one.field,
    onclick: () => jumpTo(one.venue, one.field) }, verdictSymbol(SYMBOLS[one.severity], 15),
  el("span", {}, el("b", {}, venues().length > 1 && [bdi(nameOf(one.venue)), " · "], name), " ",
    bdi(one.text)));
}

function showSummary() {
  const errors = errorsOf(state.problems);
  const warnings = state.problems.filter((one) => one.severity === "warning");
  refresh(document.getElementById("problems"), [...errors, ...warnings].map(problemItem));
  const counts = [errors.length && word("errors", errors.length),
    warnings.length && word("warnings", warnings.length)].filter(Boolean);
  const status = document.getElementById("status");
  const separator = state.lang === "zh" ? "，" : ", ";
  const text = errors.length || warnings.length ? counts.join(separator) : word("all_good_short");
  if (status.textContent !== text) status.textContent = text;
  document.getElementById("all-good").hidden = state.problems.length > 0;
  const wrong = (errors.some(isShown) && "fail") || (errors.length && "todo");
  document.getElementById("go-check").className = wrong || (warnings.length ? "warn" : "pass");
  document.getElementById("download").setAttribute("aria-disabled", String(errors.length > 0));
  const mine = errors.filter((one) => one.venue === selected());
  mark("place", !mine.some((one) => one.field === "place"));
  mark("fill", !mine.some((one) => one.field !== "place"));
  mark("check", !errors.length);
}

function mark(step, done) {
  const badge = document.getElementById(`badge-${step}`);
  badge.classList.toggle("done", done);
  document.getElementById(`done-${step}`).textContent = done ? `✓ ${word("done")}` : "";
}

const STEPS = ["place", "fill", "check"];

function section(id, title, help, children) {
  const n = STEPS.indexOf(id) + 1;
  return el("section", { class: "step", id: `step-${id}`, "aria-labelledby": `title-${id}`,
    tabindex: -1 },
  el("h2", { id: `title-${id}` }, el("span", { class: "badge", id: `badge-${id}` }, n),
    el("span", {}, word(title)), el("small", { id: `done-${id}` })),
  el("p", { class: "hint-line" }, word(help)), children);
}

function checkSection() {
  return section("check", "step_check", "hint_check", [
    el("p", { class: "note good", id: "all-good" }, verdictSymbol("pass", 16), word("all_good")),
    el("ul", { id: "problems", class: "problems" })]);
}

function footer() {
  return el("div", { class: "bar", role: "region", "aria-label": word("step_check") },
    button({ id: "go-check", onclick: () => showStep("check") },
      el("span", { id: "status", role: "status", "aria-live": "polite" })),
    button({ id: "download", class: "main", onclick: tryDownload }, word("download")));
}

function showStep(id) {
  state.insist = true;
  showChecks();
  const step = document.getElementById(`step-${id}`);
  step.scrollIntoView({ block: "nearest" });
  (step.querySelector(".problem") || step).focus({ preventScroll: true });
}

function tryDownload() {
  if (errorsOf(state.problems).length) {
    showStep("check");
    return;
  }
  save();
  download();
  announce(word("downloaded", fileName()));
}

// ---- paper: every venue with what was filled in, below the map

function showPaper() {
  const ids = listIds();
  const rows = (venue) => data.fields.flatMap((field) => {
    const value = valueOf(venue, field.key);
    if (field.key === "subdistrict" || field.key === "id" || isEmpty(value)) return [];
    const shown = [value].flat().map((one) => (field.choices.length
      ? choiceLabel(field.key, one) : one)).join(state.lang === "zh" ? "、" : ", ");
    return [el("dt", {}, say(field.label)),
      el("dd", {}, bdi(shown), field.unit && ` ${say(field.unit)}`)];
  });
  document.getElementById("siteplan-paper").replaceChildren(...venues().map((venue, i) =>
    el("article", {}, el("h2", {}, siteSymbol(kindOf(venue), valueOf(venue, "status"), 18), " ",
      bdi(nameOf(venue)), el("small", {}, ids[i])),
    el("dl", {}, [el("dt", {}, word("step_place")), el("dd", {}, isPlaced(venue)
      ? `${venue.lon}, ${venue.lat}（WGS84）` : word("not_placed"))], rows(venue)))),
  el("p", { class: "note" }, word("printed", new Date().toLocaleDateString(locale())), " · ",
    data.generator));
}

function print(on) {
  if (on && state.code) showPaper();
  if (on) state.view = [map.getCenter(), map.getZoom()];
  document.body.classList.toggle("printing", on);
  map.invalidateSize({ animate: false });
  if (on) showAll();
  else map.setView(...state.view, { animate: false });
}
