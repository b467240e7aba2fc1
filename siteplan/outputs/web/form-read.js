/* What people type: numbers, dates, lists, words of a list, coordinates. */

// Without differences of case, width and blanks, as siteplan.schema.fold.
const fold = (text) => String(text).normalize("NFKC").trim().toLowerCase();

function choose(field, text) {
  const wanted = fold(text);
  const found = field.choices.find(({ value, label: { zh, en }, others }) =>
    [value, zh, en, ...others].some((one) => fold(one) === wanted));
  return found ? String(found.value) : null;
}

const UNITS = /\s*(平方米|平米|平方公尺|m2|sqm|万元|万|度|°)$/i;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const THOUSANDS = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/;

// NaN for what is not a number.
function readNumber(text) {
  let plain = String(text).normalize("NFKC").replace("\u2212", "-").trim().replace(UNITS, "");
  if (THOUSANDS.test(plain)) plain = plain.replaceAll(",", "");
  const value = NUMBER.test(plain) ? Number(plain) : NaN;
  return Number.isFinite(value) ? value : NaN;
}

const DATE = /^(\d{4})\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})\s*[日号]?$/;
const PLAIN_DATE = /^(\d{4})(\d{2})(\d{2})$/;

// A date as 2010-08-31; null for what is not a date.
function readDate(text) {
  const plain = String(text).normalize("NFKC").trim().split("T")[0];
  const parts = DATE.exec(plain) || PLAIN_DATE.exec(plain);
  if (!parts) return null;
  const [year, month, day] = parts.slice(1).map(Number);
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day); // two-digit years of Date.UTC mean another century
  if (year < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return `${parts[1]}-${parts[2].padStart(2, "0")}-${parts[3].padStart(2, "0")}`;
}

const readList = (text) => String(text).split(/[,;，；、|]/).map((one) => one.trim())
  .filter(Boolean);

// ---- coordinates

const DEGREES = "([+-]?\\d+(?:\\.\\d*)?)";
const SIXTIETHS = "(?:\\s*[°度]\\s*(?:(\\d+(?:\\.\\d+)?)\\s*['分]\\s*"
  + "(?:(\\d+(?:\\.\\d+)?)\\s*(?:\"|''|秒))?)?)?";
const BEFORE = "(东经|西经|北纬|南纬|经度|纬度|longitude|latitude|long|lng|lon|lat|[nsew])"
  + "[\"']?\\s*[:=为是]?\\s*";
const COORDINATE = new RegExp(`${BEFORE}${DEGREES}${SIXTIETHS}`
  + `|${DEGREES}${SIXTIETHS}(?:\\s*([nsew])(?![a-z]))?`, "gi");
const SEPARATORS = /^[\s,;、。:()[\]{}/|"'=]*$/;
const EASTWARD = /^(东经|西经|经度|lon|lng|[ew])/i;

function readCoordinate(match) {
  const [before, ...first] = match.slice(1, 5);
  const [degrees, minutes, seconds] = before ? first : match.slice(5, 8);
  const name = before || match[8] || "";
  if (Number(minutes || 0) >= 60 || Number(seconds || 0) >= 60) return null;
  const size = Math.abs(Number(degrees)) + Number(minutes || 0) / 60 + Number(seconds || 0) / 3600;
  const sign = degrees.startsWith("-") !== /^(西经|南纬|[sw]$)/i.test(name) ? -1 : 1;
  const axis = name && (EASTWARD.test(name) ? "lon" : "lat");
  const value = Number((sign * size).toFixed(9));
  return { axis, value };
}

const inRange = ({ lon, lat }) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90;

/* Returns {readings: [{lon, lat}]} or {problem}. Two readings remain where nobody can tell which
number comes first: neither a name, nor the range, nor the country says so. */
function readPlace(text) {
  const plain = text.replaceAll("º", "°").normalize("NFKC").replaceAll("\u2212", "-")
    .replace(/[’‘′`]/g, "'").replace(/[”“″]/g, '"').trim();
  if (!plain) return { problem: "read_empty" };
  const matches = [...plain.matchAll(COORDINATE)];
  const parts = matches.map(readCoordinate);
  const rest = plain.replace(COORDINATE, " ");
  if (parts.length !== 2 || parts.includes(null) || !SEPARATORS.test(rest)) {
    return { problem: "read_not" };
  }
  const [a, b] = parts;
  if (a.axis && a.axis === b.axis) return { problem: "read_not" };
  const lonFirst = { lon: a.value, lat: b.value, order: "lon" };
  const latFirst = { lon: b.value, lat: a.value, order: "lat" };
  const axis = a.axis || (b.axis && (b.axis === "lat" ? "lon" : "lat"));
  if (axis) {
    const reading = { ...(axis === "lon" ? lonFirst : latFirst), order: "" };
    return inRange(reading) ? { readings: [reading] } : { problem: "place_range" };
  }
  if (!a.value && !b.value) return { problem: "read_zero" };
  const possible = [lonFirst, latFirst].filter(inRange);
  if (!possible.length) return { problem: "read_metres" };
  const likely = possible.filter(isInCountry);
  return { readings: likely.length === 1 ? likely : possible };
}

// Where the subdistrict is in China, a place in China; else one within a degree of it.
function isInCountry({ lon, lat }) {
  const bounds = L.latLngBounds(toLatLngs(place().polygons).flat(2));
  const { lng: centreLon, lat: centreLat } = bounds.getCenter();
  if (inChina(centreLon, centreLat)) return inChina(lon, lat);
  return L.latLngBounds([bounds.getSouth() - 1, bounds.getWest() - 1],
    [bounds.getNorth() + 1, bounds.getEast() + 1]).contains([lat, lon]);
}
