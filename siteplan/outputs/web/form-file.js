/* The proposal as GeoJSON (RFC 7946): written for download, and read again. */

const LIMITS = { megabytes: 2, features: 200, depth: 16, values: 2000, positions: 2000 };
const DEGREE_CRS = /(CRS84|EPSG:+4326|EPSG:+4490)$/;
const PAGE_FIELDS = [...data.fields, ...data.original];

// ---- writing

function writeValue(field, value) {
  if (field.kind === "number") return readNumber(value);
  if (field.kind === "date") return readDate(value);
  if (field.kind === "list") return sortList(field, value);
  const choice = field.choices.find((one) => String(one.value) === value);
  return choice ? choice.value : value.trim();
}

// Those of the list first, in its order: the same ticks give the same file.
function sortList(field, items) {
  const known = field.choices.map((one) => String(one.value));
  return [...known.filter((one) => items.includes(one)),
    ...items.filter((one) => !known.includes(one))];
}

function writeProperties(venue, id) {
  const own = PAGE_FIELDS.map((field) => {
    if (field.key === "id") return [field.key, id];
    if (field.key === "subdistrict") return [field.key, state.code];
    const value = valueOf(venue, field.key);
    return isEmpty(value) ? null : [field.key, writeValue(field, value)];
  });
  return Object.fromEntries([...own.filter(Boolean), ...venue.others]);
}

function writeFile() {
  const ids = listIds();
  const features = venues().map((venue, i) => JSON.stringify({
    type: "Feature",
    properties: writeProperties(venue, ids[i]),
    geometry: venue.parcel || { type: "Point", coordinates: [venue.lon, venue.lat] },
  }));
  return `{"type":"FeatureCollection","features":[\n${features.join(",\n")}\n]}\n`;
}

const fileName = () =>
  `申报_${[...state.code].filter((one) => /[\p{L}\p{N}_-]/u.test(one)).join("")}.geojson`;

function download() {
  const blob = new Blob([writeFile()], { type: "application/geo+json" });
  const address = URL.createObjectURL(blob);
  el("a", { href: address, download: fileName() }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

// ---- reading

class Refusal extends Error {} // its message is what the reader is told

const refuse = (key, ...values) => { throw new Refusal(word(key, ...values)); };
const isTable = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// Walks without recursion: a hostile file may be nested deeper than any stack.
function measure(root) {
  let [level, depth, values] = [[root], 0, 0];
  while (level.length && depth <= LIMITS.depth && values <= LIMITS.values) {
    values += level.length;
    depth += 1;
    level = level.filter((one) => typeof one === "object" && one !== null)
      .flatMap((one) => Object.values(one));
  }
  return !level.length;
}

function hasLostNumber(root) {
  if (typeof root === "number") return !Number.isFinite(root) || Math.abs(root) > 2 ** 53;
  return typeof root === "object" && root !== null && Object.values(root).some(hasLostNumber);
}

const isPosition = (value) => Array.isArray(value) && value.length >= 2
  && value.every(Number.isFinite) && inRange({ lon: value[0], lat: value[1] })
  && (value[0] !== 0 || value[1] !== 0);
const isRing = (value) => Array.isArray(value) && value.length >= 4 && value.every(isPosition)
  && value[0].every((number, i) => number === value.at(-1)[i]);
// Whether two sides of an outline cross: such a parcel has no inside.
function crossesItself(ring) {
  const side = (a, b, c) =>
    Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
  for (let i = 0; i + 1 < ring.length; i += 1) {
    for (let j = i + 2; j + 1 < ring.length; j += 1) {
      const [a, b, c, d] = [ring[i], ring[i + 1], ring[j], ring[j + 1]];
      if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return true;
    }
  }
  return false;
}

const isPolygon = (value) => Array.isArray(value) && value.length > 0 && value.every(isRing);

// The parcel as it was; null for what is not one.
function readParcel({ type, coordinates }) {
  const polygons = type === "Polygon" ? [coordinates] : coordinates;
  const known = type === "Polygon" || type === "MultiPolygon";
  const drawn = known && Array.isArray(polygons) && polygons.length > 0
    && polygons.every(isPolygon) && polygons.flat(2).length <= LIMITS.positions;
  return drawn && !polygons.flat().some(crossesItself) ? { type, coordinates } : null;
}

const flatParcel = ({ type, coordinates }) =>
  (type === "Polygon" ? [coordinates] : coordinates).map((rings) =>
    rings.map((ring) => ring.flatMap(([lon, lat]) => [lon, lat])));

// The centroid of the largest part, or a point inside where that falls outside.
function standInside(parcel) {
  const polygons = flatParcel(parcel);
  const sums = polygons.map(([ring]) => {
    const sum = { area: 0, lon: 0, lat: 0 };
    const [x, y] = ring;
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [x0, y0, x1, y1] = [ring[i] - x, ring[i + 1] - y, ring[i + 2] - x, ring[i + 3] - y];
      const cross = x0 * y1 - x1 * y0;
      sum.area += cross;
      sum.lon += ((x0 + x1) * cross) / 3;
      sum.lat += ((y0 + y1) * cross) / 3;
    }
    return { size: Math.abs(sum.area), lon: x + sum.lon / sum.area, lat: y + sum.lat / sum.area };
  });
  const largest = sums.reduce((a, b) => (b.size > a.size ? b : a));
  if (largest.size && isInside(largest, polygons)) return { lon: largest.lon, lat: largest.lat };
  const [lat, lon] = labelPoint(polygons);
  return { lon, lat };
}

function readGeometry(geometry) {
  if (!isTable(geometry)) refuse("file_coordinates");
  const { type, coordinates } = geometry;
  if (type === "Point") {
    if (!isPosition(coordinates)) refuse("file_coordinates");
    return { lon: coordinates[0], lat: coordinates[1], parcel: null };
  }
  if (type !== "Polygon" && type !== "MultiPolygon") {
    refuse("file_kind", isText(type) ? type.slice(0, 40) : "—");
  }
  const parcel = readParcel(geometry);
  if (!parcel) refuse("file_coordinates");
  return { ...standInside(parcel), parcel };
}

// A list stays one, a number is typed as it is written, a word becomes the value it stands for.
function readValue(field, value) {
  if (field.kind === "list") {
    const items = Array.isArray(value) ? value : readList(value);
    if (items.some((one) => typeof one === "object")) refuse("file_attribute", say(field.label));
    return items.map((one) => choose(field, one) ?? String(one).trim()).filter(Boolean);
  }
  if (typeof value === "object" || typeof value === "boolean") {
    refuse("file_attribute", say(field.label));
  }
  const text = String(value);
  if (field.kind === "choice") return choose(field, text) ?? text;
  return field.kind === "date" ? readDate(text) ?? text : text;
}

const isBlank = (value) => value === null || (isText(value) && !value.trim());

function readProperties(properties) {
  const values = Object.create(null);
  const left = new Map(Object.entries(properties));
  for (const field of PAGE_FIELDS) {
    const given = [field.key, field.label.zh].map((key) => {
      const value = left.get(key);
      left.delete(key);
      return value;
    }).filter((value) => value !== undefined && !isBlank(value));
    if (given.length) values[field.key] = readValue(field, given[0]);
  }
  return { values, others: [...left].filter(([, value]) => !isBlank(value)) };
}

// The subdistrict of this page that a proposal names, by code or by name; null for none of them.
function findSubdistrict(claimed) {
  const wanted = fold(claimed).replace(/^(\d{9})000$/, "$1");
  const named = data.subdistricts.filter(({ code, name }) =>
    wanted === fold(code) || wanted === fold(name));
  return named.length === 1 ? named[0] : null;
}

// Where the page is for several subdistricts, the file tells which one it is of.
function chooseTarget(features) {
  const { key, label: { zh } } = FIELDS.get("subdistrict");
  const claims = features.map((one) => one?.properties?.[key] ?? one?.properties?.[zh])
    .filter((one) => isText(one) || Number.isFinite(one)).map(findSubdistrict);
  const agreed = claims.length > 0 && claims.every((one) => one && one === claims[0]);
  return (agreed && claims[0]) || place() || refuse("choose_subdistrict");
}

function readFeature(feature, target) {
  if (!isTable(feature) || feature.type !== "Feature" || !isTable(feature.properties ?? {})) {
    refuse("file_feature");
  }
  const properties = feature.properties ?? {};
  if (!measure(properties)) refuse("file_attributes");
  const lost = Object.entries(properties).find(([, value]) => hasLostNumber(value));
  if (lost) refuse("file_number", lost[0]);
  const { values, others } = readProperties(properties);
  if (values.subdistrict && findSubdistrict(values.subdistrict) !== target) {
    refuse("file_other", values.subdistrict, target.name);
  }
  delete values.subdistrict;
  return makeVenue({ ...readGeometry(feature.geometry), values, others, given: true });
}

function parseCollection(text) {
  let parsed = null;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    refuse("file_json", error.message.slice(0, 80));
  }
  if (!isTable(parsed) || parsed.type !== "FeatureCollection" || !Array.isArray(parsed.features)) {
    refuse("file_collection");
  }
  const crs = parsed.crs?.properties?.name;
  if (parsed.crs && !(isText(crs) && DEGREE_CRS.test(crs))) refuse("file_crs");
  if (!parsed.features.length) refuse("file_empty");
  const count = parsed.features.length;
  if (count > LIMITS.features) refuse("file_many", number(count), LIMITS.features);
  return parsed.features;
}

// Returns {venues, code} or {defects}: a file with any defect changes nothing.
function readFile(text) {
  const defects = [];
  let found = [];
  const attempt = (where, act) => {
    try {
      return [act()];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      defects.push(`${where}${error.message}`);
      return [];
    }
  };
  const [features] = attempt("", () => parseCollection(text));
  const [target] = features ? attempt("", () => chooseTarget(features)) : [];
  if (target) {
    found = features.flatMap((feature, i) => {
      const name = feature?.properties?.name ?? feature?.properties?.[FIELDS.get("name").label.zh];
      const where = word("file_where", i + 1, isText(name) ? name.slice(0, 60) : "—");
      return attempt(where, () => readFeature(feature, target));
    });
  }
  found.forEach((one, i) => { one.n = i + 1; });
  return defects.length ? { defects } : { venues: found, code: target.code };
}

async function openFile(file) {
  const tooLarge = file.size > LIMITS.megabytes * 1e6;
  if (tooLarge) {
    return { defects: [word("file_large", number(file.size / 1e6, 1), LIMITS.megabytes)] };
  }
  let bytes = null;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    return { defects: [word("file_read")] };
  }
  try {
    return readFile(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { defects: [word("file_encoding")] };
  }
}
