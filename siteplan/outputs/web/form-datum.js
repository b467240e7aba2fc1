/* Datums of Chinese web maps: the same formulas and the same iterated inverse as siteplan.crs. */

const KRASSOVSKY_A_M = 6378245;
const KRASSOVSKY_E2 = 0.006693421622965943;
const BD_LON = 0.0065;
const BD_LAT = 0.006;
const BD_PI = (Math.PI * 3000) / 180;
const INVERSE_STEP = 1e-12; // degrees, about 1e-7 m
const INVERSE_ROUNDS = 50;

function inChina(lon, lat) {
  const [west, south, east, north] = data.china;
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

function shiftGcj02(lon, lat) {
  const { sin, PI } = Math;
  const x = lon - 105;
  const y = lat - 35;
  const root = Math.sqrt(Math.abs(x));
  const ripple = 20 * sin(6 * x * PI) + 20 * sin(2 * x * PI);
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root;
  north += ((ripple + 20 * sin(y * PI) + 40 * sin((y / 3) * PI)
    + 160 * sin((y / 12) * PI) + 320 * sin((y / 30) * PI)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root;
  east += ((ripple + 20 * sin(x * PI) + 40 * sin((x / 3) * PI)
    + 150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
  const radians = (lat * PI) / 180;
  const flat = 1 - KRASSOVSKY_E2 * sin(radians) ** 2;
  const meridian = (KRASSOVSKY_A_M * (1 - KRASSOVSKY_E2)) / flat ** 1.5;
  const parallel = (KRASSOVSKY_A_M / Math.sqrt(flat)) * Math.cos(radians);
  return [lon + ((east / parallel) * 180) / PI, lat + ((north / meridian) * 180) / PI];
}

function shiftBd09(lon, lat) {
  const radius = Math.hypot(lon, lat) + 0.00002 * Math.sin(lat * BD_PI);
  const angle = Math.atan2(lat, lon) + 0.000003 * Math.cos(lon * BD_PI);
  return [radius * Math.cos(angle) + BD_LON, radius * Math.sin(angle) + BD_LAT];
}

function fromWgs84(lon, lat, datum) {
  const shifted = shiftGcj02(lon, lat);
  return datum === "bd09" ? shiftBd09(...shifted) : shifted;
}

// Null outside China: the shift is not defined there.
function toWgs84(lon, lat, datum) {
  if (datum === "wgs84") return [lon, lat];
  if (!inChina(lon, lat)) return null;
  let guess = [lon, lat];
  for (let round = 0; round < INVERSE_ROUNDS; round += 1) {
    const there = fromWgs84(...guess, datum);
    const step = [lon - there[0], lat - there[1]];
    guess = [guess[0] + step[0], guess[1] + step[1]];
    if (Math.max(Math.abs(step[0]), Math.abs(step[1])) < INVERSE_STEP) break;
  }
  return guess;
}
