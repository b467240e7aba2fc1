/* What is wrong with the draft. Each problem is {severity, venue, field, text, offers}: the text says
what is wrong and what to do, an offer is [label, act]. Rules come from the descriptions of fields. */

const EDGE_M = 2; // the boundary is drawn no finer
const EARTH_M = 6371000;

// ---- places

function isInside({ lat, lon }, polygons) {
  return polygons.some((rings) =>
    rings.flatMap((ring) => crossings(ring, lat)).filter((x) => x > lon).length % 2 === 1);
}

// Metres to the nearest boundary, on a plane around the venue: exact enough nearby, where it counts.
function distanceTo({ lat, lon }, polygons) {
  const scale = (EARTH_M * Math.PI) / 180;
  const east = scale * Math.cos((lat * Math.PI) / 180);
  let nearest = Infinity;
  for (const ring of polygons.flat()) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [x0, y0] = [(ring[i] - lon) * east, (ring[i + 1] - lat) * scale];
      const [dx, dy] = [(ring[i + 2] - ring[i]) * east, (ring[i + 3] - ring[i + 1]) * scale];
      const along = dx || dy ? -(x0 * dx + y0 * dy) / (dx * dx + dy * dy) : 0;
      const t = Math.max(0, Math.min(1, along));
      nearest = Math.min(nearest, Math.hypot(x0 + t * dx, y0 + t * dy));
    }
  }
  return nearest;
}

const metresOutside = (position, polygons) => {
  if (isInside(position, polygons)) return 0;
  const distance = distanceTo(position, polygons);
  return distance <= EDGE_M ? 0 : distance;
};

const metresBetween = (a, b) => L.latLng(a.lat, a.lon).distanceTo([b.lat, b.lon]);

// Datums in which a place outside the subdistrict would be one inside.
function fittingDatums(position) {
  return DATUMS.slice(1).flatMap((datum) => {
    const [lon, lat] = toWgs84(position.lon, position.lat, datum) || [];
    if (lon === undefined || !isInside({ lon, lat }, place().polygons)) return [];
    return [{ datum, metres: metresBetween(position, { lon, lat }) }];
  });
}

// ---- one venue

const problem = (severity, venue, field, text, offers = []) =>
  ({ severity, venue, field, text, offers });
const isEmpty = (value) => (Array.isArray(value) ? !value.length : !value.trim());

function checkNumber(field, text) {
  const value = readNumber(text);
  if (Number.isNaN(value)) return word("bad_number", text, field.example);
  if (field.above !== null && !(value > field.above)) {
    return word("too_small", text, field.above);
  }
  if (field.least !== null && !(value >= field.least)) {
    return word("too_small_least", text, field.least);
  }
  return null;
}

const CHECKS = {
  number: checkNumber,
  date: (_, text) => (readDate(text) ? null : word("bad_date", text)),
  choice: (field, text) => (field.choices.some((one) => String(one.value) === text) ? null
    : word("bad_choice", text)),
};

function checkField(venue, field) {
  if (field.key === "subdistrict") return []; // the page's own
  const value = valueOf(venue, field.key);
  if (isEmpty(value)) {
    if (!field.required && !field.expected) return [];
    const [severity, text] = field.required ? ["error", "empty_required"]
      : ["warning", "empty_asked"];
    return [problem(severity, venue, field.key, word(text))];
  }
  const text = CHECKS[field.kind]?.(field, value);
  return text ? [problem("error", venue, field.key, text)] : [];
}

function checkPlace(venue) {
  if (!isPlaced(venue)) return [problem("error", venue, "place", word("no_place"))];
  if (!inRange(venue)) return [problem("error", venue, "place", word("place_range"))];
  const outside = metresOutside(venue, place().polygons);
  if (!outside) return [];
  const moved = valueOf(venue, "original_datum");
  const offers = venue.given && !moved && !venue.parcel
    ? fittingDatums(venue).map(({ datum, metres }) => [
      word("offer_datum", word(datum), length(metres)), () => {
        rememberUndo(word("moved", nameOf(venue), length(metres)));
        convertVenue(venue, datum);
      }]) : [];
  const severity = outside > data.tolerance_m ? "error" : "warning";
  return [problem(severity, venue, "place", word("place_outside", length(outside)), offers)];
}

// ---- all venues together

function setRole(venue, role) {
  venue.values.role = role;
  state.clash = null;
}

function makeHead(venue) {
  for (const one of heads()) setRole(one, "branch");
  setRole(venue, "headquarters");
}

function checkRoles() {
  const scheme = schemeVenues();
  const [head, ...more] = heads();
  if (scheme.length < 2) return [];
  if (!head) {
    const first = scheme.find((one) => !valueOf(one, "role")) || scheme[0];
    return [problem("error", first, "role", word("heads_missing", scheme.length))];
  }
  const others = () => more.forEach((one) => setRole(one, "branch"));
  const doubled = more.map((one) => problem("error", one, "role", word("heads_two", nameOf(head)), [
    [word("branch_it"), () => setRole(one, "branch")],
    [word("make_it_head", nameOf(one), nameOf(head)), () => makeHead(one)],
    ...(more.length > 1 ? [[word("other_branch"), others]] : []),
  ]));
  const open = scheme.filter((one) => !valueOf(one, "role")).map((one) =>
    problem("error", one, "role", word("role_empty"),
      [[word("branch_it"), () => setRole(one, "branch")]]));
  return [...doubled, ...open];
}

function checkModes() {
  const [first, ...rest] = venues().filter((one) => valueOf(one, "mode"));
  return rest.filter((one) => valueOf(one, "mode") !== valueOf(first, "mode")).map((one) =>
    problem("error", one, "mode", word("mode_mixed", nameOf(first), label("mode")),
      [first, one].map((source) => {
        const mode = valueOf(source, "mode");
        return [word("use_for_all", choiceLabel("mode", mode)), () => {
          for (const venue of venues()) venue.values.mode = mode;
        }];
      })));
}

function checkIds() {
  const taken = new Set(takenIds());
  const seen = new Set();
  return venues().flatMap((one) => {
    const id = valueOf(one, "id").trim();
    const doubled = id && seen.has(id);
    seen.add(id);
    if (doubled) return [problem("error", one, "id", word("id_twice", id))];
    return taken.has(id) ? [problem("error", one, "id", word("id_taken", id))] : [];
  });
}

function choiceLabel(key, value) {
  const found = FIELDS.get(key).choices.find((one) => String(one.value) === value);
  return found ? titled(say(found.label)) : value;
}

const order = new Map(["place", ...data.fields.map((one) => one.key)].map((key, i) => [key, i]));

function check() {
  const alone = venues().flatMap((venue) =>
    [...checkPlace(venue), ...data.fields.flatMap((field) => checkField(venue, field))]);
  return [...alone, ...checkRoles(), ...checkModes(), ...checkIds()].sort((a, b) =>
    venues().indexOf(a.venue) - venues().indexOf(b.venue)
    || order.get(a.field) - order.get(b.field));
}

const errorsOf = (problems) => problems.filter((one) => one.severity === "error");
