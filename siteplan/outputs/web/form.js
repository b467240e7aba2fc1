/* The page around map and fields; the last of the scripts, it starts the page. */

const panel = document.getElementById("siteplan-panel");
const toast = document.getElementById("siteplan-toast");
const dialog = document.getElementById("siteplan-dialog");
let toastTimer = null;
const TOAST_MS = 12000;

// ---- header

const actButton = (key, onclick) => button({ id: `act-${key}`, class: "plain", onclick }, word(key));

function chooser() {
  if (data.subdistricts.length < 2) return null;
  const option = ({ code, name }) => el("option", { value: code,
    selected: code === state.code && "" }, nameWithCode({ code, name }));
  return el("label", { class: "chooser" }, `${word("subdistrict")} `,
    el("select", { id: "chooser", onchange: ({ target }) => chooseSubdistrict(target.value) },
      !state.code && el("option", { value: "" }, word("choose")), data.subdistricts.map(option)));
}

function showHead() {
  const one = place();
  const title = one ? [bdi(one.name), " · ", word("proposal")] : word("proposal");
  const picker = el("input", { id: "file", type: "file", accept: ".geojson,.json", hidden: "",
    onchange: ({ target }) => takeFile(target) });
  document.getElementById("siteplan-head").replaceChildren(
    el("div", { class: "title" }, el("h1", {}, title),
      el("p", {}, spans([data.case, one?.district, one?.code].map((text) => text && bdi(text))))),
    ...[chooser()].filter(Boolean),
    el("div", { class: "acts" }, el("p", { id: "saved", role: "status" }), picker,
      actButton("open", () => picker.click()),
      one && actButton("anew", startAnew)),
    languageButtons());
  document.title = one ? `${one.name} · ${word("proposal")}` : word("proposal");
  showSaved();
}

function showSaved() {
  const failed = state.saved === "failed";
  const node = document.getElementById("saved");
  const time = state.saved && !failed && new Date(state.saved);
  const today = time && time.toDateString() === new Date().toDateString();
  const shown = time && time.toLocaleString(locale(), { ...(today ? {} : { month: "short",
    day: "numeric" }), hour: "2-digit", minute: "2-digit" });
  const text = (time && word("saved", shown)) || (state.code && !failed ? word("saving") : "");
  if (node && node.textContent !== text) node.textContent = text;
  document.getElementById("siteplan-notices").replaceChildren(...(failed
    ? [el("p", { role: "alert" }, verdictSymbol("warn", 15), word("save_failed"))] : []));
}

// ---- venues

function venueTab(venue, i) {
  const errors = errorsOf(state.problems).filter((one) => one.venue === venue).length;
  const chosen = venue === selected();
  return button({ id: `venue-${venue.n}`, class: "venue",
    "aria-current": chosen ? "true" : null, onclick: () => selectVenue(venue) },
  siteSymbol(kindOf(venue), valueOf(venue, "status") || "proposed", 19),
  el("span", {}, bdi(nameOf(venue) || word("new_venue", i + 1))),
  errors === 0 && el("i", { class: "tick-mark", title: word("done") }, "✓"));
}

// Replaces what changed and nothing else: a button that is pressed must stay until it is released.
function refresh(list, made) {
  made.forEach((node, i) => {
    const old = list.children[i];
    if (!old) list.append(el("li", {}, node));
    else if (old.firstChild.outerHTML !== node.outerHTML) old.replaceChildren(node);
  });
  while (list.children.length > made.length) list.lastChild.remove();
}

function showVenues() {
  const focused = document.activeElement?.id;
  refresh(document.getElementById("venues"), venues().map(venueTab));
  if (focused?.startsWith("venue-")) document.getElementById(focused)?.focus();
}

function addAnother() {
  addVenue();
  Object.assign(state, { reply: null, paste: "" });
  changed({ all: true });
  document.getElementById("paste").focus();
}

function selectVenue(venue, { quiet = false } = {}) {
  state.draft.selected = venues().indexOf(venue);
  Object.assign(state, { clash: null, reply: null, paste: "" });
  saveSoon();
  if (quiet) {
    showPanel();
    return;
  }
  lookAt(venue);
  showMarkers();
  showPanel();
}

function duplicateVenue() {
  const { values, others } = selected();
  const copy = { ...values };
  const own = ["id", ...data.original.map((one) => one.key)];
  for (const key of own) delete copy[key];
  if (copy.role === "headquarters") copy.role = "branch";
  venues().push(makeVenue({ values: copy, others: structuredClone(others) }));
  state.draft.selected = venues().length - 1;
  state.reply = null;
  changed({ all: true });
  document.getElementById("paste").focus();
}

function deleteVenue() {
  const name = nameOf(selected());
  rememberUndo(word("deleted", name));
  venues().splice(state.draft.selected, 1);
  if (!venues().length) addVenue();
  state.draft.selected = Math.max(0, state.draft.selected - 1);
  state.reply = null;
  changed({ all: true });
  document.getElementById("add").focus();
}

// ---- messages across the page

function announce(text, canUndo = false) {
  clearTimeout(toastTimer);
  const hide = () => toast.replaceChildren();
  toast.replaceChildren(...[el("p", {}, bdi(text)), canUndo && button({ id: "undo", onclick: () => {
    hide();
    undo();
  } }, word("undo")), button({ "aria-label": word("close"), onclick: hide }, "×")].filter(Boolean));
  toastTimer = setTimeout(hide, TOAST_MS);
}

// Resolves to whether the reader agreed; Escape means no.
function ask(title, content, yes) {
  return new Promise((resolve) => {
    const answer = (value) => button({ class: value === "yes" ? "main" : "plain",
      onclick: () => dialog.close(value) }, value === "yes" ? yes : word(yes ? "cancel" : "close"));
    dialog.returnValue = "";
    dialog.replaceChildren(el("h2", { id: "dialog-title" }, bdi(title)), ...content,
      el("div", { class: "acts" }, answer("no"), yes && answer("yes")));
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
    dialog.showModal();
  });
}

async function startAnew() {
  const sure = await ask(word("anew"),
    [el("p", {}, bdi(word("anew_ask", place().name, venues().length)))], word("anew"));
  if (!sure) return;
  rememberUndo(word("anew_done"));
  state.draft = { venues: [], selected: 0 };
  addVenue();
  Object.assign(state, { reply: null, clash: null, insist: false, touched: new Set() });
  changed({ all: true });
}

const isUntouched = () => venues().length === 1 && !isPlaced(selected())
  && data.fields.every((field) => ["status"].includes(field.key)
    || isEmpty(valueOf(selected(), field.key)));

async function takeFile(input) {
  const [file] = input.files;
  if (!file) return;
  const result = await openFile(file);
  input.value = "";
  if (result.defects) {
    const shown = result.defects.slice(0, 100).map((text) => el("li", {}, bdi(text)));
    await ask(word("file_bad", file.name), [el("ul", { class: "defects" }, shown)]);
    return;
  }
  if (result.code !== state.code) startDraft(result.code);
  const text = word("replace_ask", file.name, venues().length);
  if (!isUntouched() && !await ask(word("open"), [el("p", {}, bdi(text))], word("replace"))) {
    speak(state.lang);
    return;
  }
  rememberUndo(word("file_opened", file.name, result.venues.length));
  state.draft = { venues: result.venues, selected: 0 };
  Object.assign(state, { reply: null, clash: null, insist: true });
  changed({ all: true, look: true });
  speak(state.lang);
}

// ---- keeping all parts in step

function showChecks() {
  state.problems = check();
  showMessages();
  showSummary();
  showVenues();
}

function showPanel() {
  const focused = panel.contains(document.activeElement) && document.activeElement.id;
  const top = panel.querySelector(".sheets")?.scrollTop;
  if (!state.code) {
    panel.replaceChildren(el("div", { class: "start" },
      el("h2", {}, word("choose_subdistrict")), el("ol", {}, STEPS.map((step, i) =>
        el("li", {}, el("span", { class: "badge" }, i + 1), el("div", {},
          el("b", {}, word(`step_${step}`)), el("p", {}, word(`hint_${step}`))))))));
    return;
  }
  panel.replaceChildren(
    el("div", { class: "venues" }, el("ul", { id: "venues", "aria-label": word("venues") }),
      button({ id: "add", class: "venue add", onclick: addAnother },
        el("b", { "aria-hidden": "true" }, "+"), word("add"))),
    el("div", { class: "sheets" }, placeSection(), fillSection(), checkSection()), footer());
  panel.querySelector(".sheets").scrollTop = top || 0;
  showChecks();
  showShift();
  showReply();
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

// After any change of the draft: what depends on it is shown again, and it is saved.
function changed({ all = false, look = false, markers: redraw = true }) {
  saveSoon();
  if (look) lookAt(selected());
  if (redraw) showMarkers();
  if (all) showPanel();
  else {
    showChecks();
    showShift();
    showReply();
  }
  showExisting();
  if (state.undo && !state.undo.said) {
    state.undo.said = true;
    announce(state.undo.text, true);
  }
}

function showAllParts() {
  showHead();
  showControls();
  showSubdistrict();
  showExisting();
  showMarkers();
  showPanel();
}

function speak(lang) {
  const focused = document.activeElement?.lang;
  if (lang !== state.lang) { // what was said was said in the other language
    toast.replaceChildren();
    state.reply = null;
  }
  state.lang = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  showAllParts();
  if (focused) document.querySelector(`.languages [lang=${lang}]`)?.focus();
}

function chooseSubdistrict(code) {
  startDraft(code);
  showAll();
  speak(state.lang);
}

// ---- start

function start() {
  startMap();
  const last = lastCode();
  const [only] = data.subdistricts;
  if (data.subdistricts.length === 1) startDraft(only.code);
  else if (subdistricts.has(last)) startDraft(last);
  panel.addEventListener("submit", (event) => event.preventDefault());
  speak(state.lang);
  map.invalidateSize({ animate: false });
  showAll();
  fitBackdrop();
  window.addEventListener("pagehide", () => { if (saving) save(); });
  document.addEventListener("visibilitychange", () => { if (saving) save(); });
  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));
}

start();
