/* Step 1: where the venue is: by a click, by pasted coordinates, or by longitude and latitude. */

const example = () => data.position.slice(0, 2).map((one) => one.example).join(", ");
const degrees = (value) => (value === null ? "" : String(value));

function rememberMove(venue, to) {
  const moved = isPlaced(venue) ? metresBetween(venue, to) : 0;
  if (moved >= 1) rememberUndo(word("moved", nameOf(venue), length(moved)));
}

// The map's own click or drag, in WGS84.
function placeVenue(venue, latlng, { quiet = false } = {}) {
  const { lng: lon, lat } = latlng.wrap();
  if (!quiet) rememberMove(venue, { lon, lat });
  moveVenue(venue, lon, lat);
  state.reply = null;
  changed({ place: true, markers: !quiet });
}

function convertVenue(venue, datum) {
  const given = { lon: venue.lon, lat: venue.lat };
  const [lon, lat] = toWgs84(given.lon, given.lat, datum);
  const shift = metresBetween(given, { lon, lat });
  moveVenue(venue, lon, lat, { given: true, shift });
  venue.values.original_coordinates = `${given.lon}, ${given.lat}`;
  venue.values.original_datum = datum;
  state.reply = null;
}

// ---- pasted text

function usePaste() {
  const result = readPlace(state.paste);
  if (result.problem) {
    reply("error", word(result.problem, ...(result.problem === "read_not"
      ? [state.paste.trim().slice(0, 60), example()] : [example()])));
  } else if (result.readings.length > 1) {
    const options = result.readings.map((reading) => {
      const outside = metresOutside(reading, place().polygons);
      const where = outside ? word("outside", length(outside)) : word("here");
      return [word(`${reading.order}_first`, where), () => useReading(reading)];
    });
    reply("question", word("which"), options);
  } else {
    useReading(result.readings[0]);
  }
}

function useReading(reading) {
  const venue = selected();
  const { lon, lat, order } = reading;
  if (state.datum !== DATUMS[0] && !inChina(lon, lat)) {
    reply("error", word("read_outside_china", lon, lat, word(state.datum)));
    return;
  }
  const [toLon, toLat] = toWgs84(lon, lat, state.datum);
  rememberMove(venue, { lon: toLon, lat: toLat });
  moveVenue(venue, lon, lat, { given: true });
  if (state.datum !== DATUMS[0]) convertVenue(venue, state.datum);
  venue.parcel = null;
  const said = [order === "lat" && word("read_as_lat"),
    venue.shift === null ? word("placed", `${venue.lon}, ${venue.lat}`)
      : word("converted", word(state.datum), length(venue.shift))];
  changed({ place: true, look: true });
  reply("done", said.filter(Boolean).join(" "));
}

function reply(kind, text, options = []) {
  state.reply = { kind, text, options };
  showReply();
}

function showReply() {
  const node = document.getElementById("paste-reply");
  if (!node) return;
  const { kind, text, options = [] } = state.reply || {};
  node.className = kind ? `reply ${kind}` : "reply";
  node.replaceChildren(...[text && el("p", {}, text), ...options.map(([name, act]) =>
    button({ class: "offer", onclick: act }, name))].filter(Boolean));
}

// ---- the section

// Longitude and latitude as typed; half a place waits for its other half.
function typeDegrees(venue, key, text) {
  const value = text.trim() ? readNumber(text) : null;
  const other = key === "lon" ? "lat" : "lon";
  const [mine, theirs] = [Number.isNaN(value) ? null : value, venue[other]];
  if (mine === null || theirs === null) venue[key] = mine;
  else moveVenue(venue, ...(key === "lon" ? [mine, theirs] : [theirs, mine]), { given: true });
  state.reply = null;
  changed({ look: true });
  if (Number.isNaN(value)) reply("error", word("bad_number", text, FIELDS.get(key).example));
}

function degreesInput(key) {
  const venue = selected();
  const field = FIELDS.get(key);
  return el("div", { class: "field", "data-field": key },
    el("label", { for: key }, say(field.label), el("small", {}, `WGS84, ${say(field.unit)}`)),
    el("input", { id: key, inputmode: "decimal", value: degrees(venue[key]),
      "aria-describedby": "message-place", placeholder: field.example,
      disabled: venue.parcel && "",
      onchange: ({ target: { value } }) => later(() => typeDegrees(venue, key, value)) }));
}

function showShift() {
  const node = document.getElementById("shift");
  if (!node || !selected()) return;
  const venue = selected();
  const [datum, given] = ["original_datum", "original_coordinates"]
    .map((key) => valueOf(venue, key));
  const how = WORDS[datum] ? word(datum) : datum;
  node.replaceChildren(...(datum ? [bdi(word("before", given, how)),
    venue.shift === null ? "" : ` → ${word("by", length(venue.shift))}`] : []));
  const hint = isPlaced(venue) && !venue.parcel ? "hint_drag" : "hint_place";
  document.querySelector("#step-place .hint-line").textContent = word(hint);
  for (const key of ["lon", "lat"]) {
    const input = document.getElementById(key);
    if (input !== document.activeElement) input.value = degrees(venue[key]);
  }
}

function pasteBox() {
  const datum = FIELDS.get("datum");
  const option = (value) => el("option", { value, selected: value === state.datum && "" },
    word(value));
  const press = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    usePaste();
  };
  return el("div", { class: "paste" },
    el("div", { class: "field wide" }, el("label", { for: "paste" }, word("paste")),
      el("input", { id: "paste", value: state.paste, placeholder: example(), onkeydown: press,
        "aria-describedby": "paste-reply",
        oninput: ({ target }) => { state.paste = target.value; } })),
    el("div", { class: "field" }, el("label", { for: "datum" }, say(datum.label)),
      el("select", { id: "datum", title: say(datum.help),
        onchange: ({ target }) => { state.datum = target.value; } }, DATUMS.map(option))),
    button({ class: "main small", onclick: usePaste }, word("go")));
}

function parcelNote() {
  const clear = () => {
    rememberUndo(word("parcel"));
    selected().parcel = null;
    changed({ all: true });
  };
  return el("p", { class: "note" }, word("parcel_hint"), " ",
    button({ class: "offer", onclick: clear }, word("clear_parcel")));
}

function placeSection() {
  return section("place", "step_place", "hint_place", [
    selected().parcel ? parcelNote() : pasteBox(),
    el("div", { id: "paste-reply", class: "reply", role: "status", "aria-live": "polite" }),
    el("div", { class: "fields" }, degreesInput("lon"), degreesInput("lat")),
    el("p", { id: "shift", class: "note" }),
    el("div", { class: "messages", id: "message-place" }),
  ]);
}
