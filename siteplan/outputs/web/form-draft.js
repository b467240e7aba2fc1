/* The draft: its venues, what may be undone, and how it outlives the page.

A venue is {n, lon, lat, given, parcel, values, others, shift}: values as typed, by key (a list for
the field of kind "list"); others, the attributes nobody here knows, as [key, value]; parcel, the
polygon of a file; given, whether its coordinates were typed and not drawn; shift, metres by which a
conversion moved it. */

const FORMAT = "siteplan-form/1";
const storageKey = (code) => `${FORMAT}|${data.case}|${code}`;
const LAST = storageKey(""); // which subdistrict was filled in last
let saving = null;

function makeVenue(rest) {
  const used = venues().map((one) => one.n);
  const values = Object.assign(Object.create(null), rest?.values);
  return { lon: null, lat: null, given: false, parcel: null, others: [], shift: null, ...rest,
    n: Math.max(0, ...used) + 1, values };
}

const isPlaced = (venue) => venue.lon !== null && venue.lat !== null;
const at = (venue) => L.latLng(venue.lat, venue.lon);
const valueOf = (venue, key) => venue.values[key] ?? "";
const isInScheme = (venue) => valueOf(venue, "status") !== "candidate";
const isHead = (venue) => isInScheme(venue) && valueOf(venue, "role") === "headquarters";
const schemeVenues = () => venues().filter(isInScheme);
const heads = () => venues().filter(isHead);
const kindOf = (venue) => siteKind({ status: valueOf(venue, "status") || "proposed",
  role: ["headquarters", "branch"].find((role) => role === valueOf(venue, "role")) });

function nameOf(venue) {
  return valueOf(venue, "name").trim() || word("new_venue", venues().indexOf(venue) + 1);
}

// The id each venue is written with: its own, or the subdistrict's code and the next free number.
function listIds() {
  const given = venues().map((one) => valueOf(one, "id").trim());
  const used = new Set([...given.filter(Boolean), ...takenIds()]);
  let order = 1;
  return given.map((id) => {
    if (id) return id;
    while (used.has(`${state.code}-${order}`)) order += 1;
    used.add(`${state.code}-${order}`);
    return `${state.code}-${order}`;
  });
}

// A proposal replaces an earlier one of its subdistrict, whose ids are therefore free.
const takenIds = () => data.taken.filter(([, code]) => code !== state.code).map(([id]) => id);

// ---- changes

function addVenue(rest) {
  const values = { status: "proposed" };
  const mode = venues().map((one) => valueOf(one, "mode")).find(Boolean);
  if (mode) values.mode = mode;
  venues().push(makeVenue({ values, ...rest }));
  state.draft.selected = venues().length - 1;
}

function moveVenue(venue, lon, lat, rest = {}) {
  const round = (value) => Number(value.toFixed(7));
  Object.assign(venue, { lon: round(lon), lat: round(lat), given: false, shift: null, ...rest });
  for (const { key } of data.original) delete venue.values[key]; // they tell of another place
}

function rememberUndo(text) {
  state.undo = { text, draft: JSON.stringify(state.draft) };
}

function undo() {
  if (!state.undo) return;
  state.draft = reviveDraft(JSON.parse(state.undo.draft));
  state.undo = null;
  state.reply = null;
  saveSoon();
  showAllParts();
}

// ---- storage: the browser's, which other pages on this computer may write to as well

const isText = (value) => typeof value === "string";
const isDegrees = (value) => value === null || Number.isFinite(value);

function reviveVenue(saved) {
  const { n, lon, lat, given, parcel, values, others, shift } = saved;
  const known = Object.entries(values).filter(([key, value]) =>
    (FIELDS.get(key)?.kind === "list" ? Array.isArray(value) && value.every(isText)
      : FIELDS.has(key) && isText(value)));
  if (!Number.isInteger(n) || !isDegrees(lon) || !isDegrees(lat) || !Array.isArray(others)) {
    throw new TypeError("no venue");
  }
  return { n, lon, lat, given: Boolean(given), parcel: parcel && readParcel(parcel),
    others: others.filter(([key]) => isText(key)), shift: Number.isFinite(shift) ? shift : null,
    values: Object.assign(Object.create(null), Object.fromEntries(known)) };
}

function reviveDraft(saved) {
  const revived = saved.venues.map(reviveVenue);
  const chosen = revived.length > saved.selected ? saved.selected : 0;
  return { venues: revived, selected: Number.isInteger(chosen) && chosen > 0 ? chosen : 0 };
}

function load(code) {
  try {
    const saved = JSON.parse(localStorage.getItem(storageKey(code)));
    if (saved?.format === FORMAT) {
      state.saved = isText(saved.saved) ? saved.saved : null;
      return reviveDraft(saved);
    }
  } catch { // no storage, or not a draft: the page starts empty, and saving will tell
  }
  return null;
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

function save() {
  clearTimeout(saving);
  saving = null;
  if (!state.code) return;
  const now = new Date().toISOString();
  const text = JSON.stringify({ format: FORMAT, saved: now, ...state.draft });
  state.saved = remember(storageKey(state.code), text) && remember(LAST, state.code)
    ? now : "failed";
  showSaved();
}

function saveSoon() {
  clearTimeout(saving);
  saving = setTimeout(save, 250);
}

function startDraft(code) {
  if (saving) save();
  Object.assign(state, { code, saved: null, undo: null, reply: null, clash: null, paste: "",
    insist: false, touched: new Set() });
  state.draft = { venues: [], selected: 0 };
  state.draft = load(code) || state.draft;
  if (!venues().length) addVenue();
  remember(LAST, code);
}

function lastCode() {
  try {
    return localStorage.getItem(LAST);
  } catch {
    return null;
  }
}
