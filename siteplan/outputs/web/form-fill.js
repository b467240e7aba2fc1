/* Step 2: the fields of a venue, each with its label, its unit, its help and what is wrong with it. */

// A press of the mouse leaves a field before it becomes a click: nothing may move in between.
const later = (act) => setTimeout(act, 150);
const inputId = (key) => `field-${key}`;

function setValue(key, value) {
  selected().values[key] = value;
  state.touched.add(`${selected().n} ${key}`);
  changed({});
}

// A second headquarters is not taken: the office decides which one it is to be.
function setChoice(key, value, input) {
  const venue = selected();
  const head = heads().find((one) => one !== venue);
  if (key === "role" && value === "headquarters" && isInScheme(venue) && head) {
    input.value = valueOf(venue, key);
    state.clash = venue.n;
    showChecks();
    return;
  }
  if (key === "role") state.clash = null;
  setValue(key, value);
  showMarkers();
}

function clashOf(venue) {
  const head = heads().find((one) => one !== venue);
  if (state.clash !== venue.n || !head) return [];
  return [problem("error", venue, "role", word("heads_two", nameOf(head)), [
    [word("make_it_head", nameOf(venue), nameOf(head)), () => makeHead(venue)],
    [word("keep"), () => { state.clash = null; }],
  ])];
}

// ---- inputs by kind

function textInput(field, attributes = {}) {
  const made = field.key === "id" && listIds()[state.draft.selected];
  return el("input", { ...attributes, value: valueOf(selected(), field.key), dir: "auto",
    placeholder: made ? word("key_made", made) : null,
    oninput: ({ target }) => setValue(field.key, target.value) });
}

const numberInput = (field, attributes) => textInput(field, { ...attributes, inputmode: "decimal" });

function dateInput(field, attributes) {
  const value = valueOf(selected(), field.key);
  const type = !value || readDate(value) ? "date" : "text"; // a date input hides what is none
  return textInput(field, { ...attributes, type, max: "9999-12-31" });
}

function choiceInput(field, attributes) {
  const value = valueOf(selected(), field.key);
  const option = (code, text) => el("option", { value: code, selected: code === value && "" },
    text);
  const known = field.choices.some((one) => String(one.value) === value);
  return el("select", { ...attributes,
    onchange: ({ target }) => setChoice(field.key, target.value, target) },
  option("", word("choose")),
  value && !known ? option(value, word("unknown_value", value)) : null,
  field.choices.map((one) => option(String(one.value), titled(say(one.label)))));
}

function listInput(field, attributes) {
  const chosen = () => valueOf(selected(), field.key) || [];
  const known = field.choices.map((one) => String(one.value));
  const free = () => chosen().filter((one) => !known.includes(one));
  const tick = (value, on) => setValue(field.key, [...known.filter((one) =>
    (one === value ? on : chosen().includes(one))), ...free()]);
  const write = (text) => setValue(field.key, [...chosen().filter((one) => known.includes(one)),
    ...readList(text).map((one) => choose(field, one) ?? one)]);
  const box = (one) => el("label", { class: "tick" }, el("input", { type: "checkbox",
    value: one.value, checked: chosen().includes(String(one.value)) && "",
    onchange: ({ target }) => tick(String(one.value), target.checked) }), titled(say(one.label)));
  return el("div", { class: "ticks" }, field.choices.map(box),
    el("input", { ...attributes, value: free().join(state.lang === "zh" ? "、" : ", "), dir: "auto",
      "aria-label": word("free_services"), placeholder: word("free_services"),
      oninput: ({ target }) => write(target.value),
      onchange: () => later(showPanel) })); // a word of the list becomes its tick
}

const INPUTS = { text: textInput, number: numberInput, date: dateInput, choice: choiceInput,
  list: listInput };

function fixedSubdistrict(field, attributes) {
  return el("input", { ...attributes, value: nameWithCode(place()), readonly: "" });
}

function fieldRow(field) {
  const { key } = field;
  const attributes = { id: inputId(key), "aria-describedby": `message-${key} help-${key}`,
    "aria-required": field.required ? "true" : null };
  const make = key === "subdistrict" ? fixedSubdistrict : INPUTS[field.kind];
  const mark = field.required ? el("b", { class: "required", "aria-hidden": "true" }, "*")
    : field.expected && el("small", {}, word("asked"));
  const title = [say(field.label), mark, field.unit && el("small", { class: "unit" }, say(field.unit))];
  const isGroup = field.kind === "list";
  const visited = `${selected().n} ${key}`;
  const done = () => later(() => {
    state.touched.add(visited);
    showChecks();
  });
  return el("div", { class: "field", "data-field": key, "data-kind": field.kind,
    role: isGroup ? "group" : null, "aria-labelledby": isGroup ? `label-${key}` : null,
    onfocusout: done },
  isGroup ? el("span", { class: "label", id: `label-${key}` }, title)
    : el("label", { for: inputId(key) }, title),
  make(field, attributes),
  make !== fixedSubdistrict && el("p", { class: "help", id: `help-${key}` }, say(field.help)),
  el("div", { class: "messages", id: `message-${key}` }));
}

function keptAttributes() {
  const { others } = selected();
  if (!others.length) return null;
  const shown = (value) => (isText(value) ? value : JSON.stringify(value)).slice(0, 200);
  return el("details", { class: "kept" }, el("summary", {}, word("kept", others.length)),
    el("dl", {}, others.slice(0, 50).map(([key, value]) =>
      [el("dt", {}, bdi(key.slice(0, 80))), el("dd", {}, bdi(shown(value)))])));
}

function fillSection() {
  return section("fill", "step_fill", "hint_fill",
    [el("div", { class: "fields" }, data.fields.map(fieldRow)), keptAttributes(),
      el("div", { class: "acts" },
        button({ class: "plain", onclick: duplicateVenue }, word("duplicate")),
        button({ class: "plain danger", onclick: deleteVenue }, word("delete_it")))]);
}

// ---- messages

function offerButtons(offers) {
  return offers.map(([name, act]) => button({ class: "offer", onclick: () => {
    act();
    changed({ all: true });
  } }, name));
}

const SYMBOLS = { error: "fail", warning: "warn" };

function message({ severity, text, offers }) {
  return el("div", { class: `message ${severity}` }, verdictSymbol(SYMBOLS[severity], 15),
    el("div", {}, el("p", {}, bdi(text)), offerButtons(offers)));
}

// What is merely empty is not held against a field before it was visited.
function isShown({ venue, field }) {
  if (state.insist || state.touched.has(`${venue.n} ${field}`)) return true;
  if (field === "place") return isPlaced(venue);
  return !isEmpty(valueOf(venue, field)) || (field === "role" && venues().length > 1);
}

function showMessages() {
  const venue = selected();
  const clash = clashOf(venue);
  const here = state.problems.filter((one) => one.venue === venue);
  for (const field of ["place", ...data.fields.map((one) => one.key)]) {
    const node = document.getElementById(`message-${field}`);
    const shown = here.filter((one) => one.field === field && isShown(one));
    const found = field === "role" && clash.length ? clash : shown;
    const text = found.map((one) => one.text).join("\n");
    if (node.dataset.text !== `${venue.n} ${text}`) { // else a reader would hear it at every key
      node.replaceChildren(...found.map(message));
      node.dataset.text = `${venue.n} ${text}`;
      node.setAttribute("role", found.length && field === "role" ? "alert" : "none");
    }
    const bad = found.some((one) => one.severity === "error");
    node.parentElement.classList.toggle("bad", bad);
    for (const input of field === "place" ? [] : [document.getElementById(inputId(field))]) {
      if (bad) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }
}
