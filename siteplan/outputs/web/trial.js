/* Trying out another scheme of a centre: the figures of the evaluation, reckoned in the page.

No element is touched here. What comes in is described in siteplan/outputs/webmap/trials.py; the rules are
those of siteplan/analysis/coverage.py and network.py: a radius is inclusive, equal walks go to the
lower id, and null stands for what cannot be computed. */

const WALK_SLACK_M = 1e-6; // of every comparison of walks
const TRIED_SLACK = 1e-9; // of every other one, relative: what is equal on paper is equal
const TRIED_SHARE = 0.95;
const NO_WALK = 0xffffff;

function readBytes(base64) {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

function readFloats(base64) {
  const view = new DataView(readBytes(base64).buffer);
  return Float64Array.from({ length: view.byteLength / 8 }, (_, i) => view.getFloat64(8 * i, true));
}

function readDegrees(steps) {
  let millionths = 0;
  return Float64Array.from(steps, (step) => { millionths += step; return millionths / 1e6; });
}

function readWalks({ step_mm: step, rounded, exact }, points) {
  const bytes = readBytes(rounded);
  const walks = new Float64Array(bytes.length / 3);
  for (let i = 0, at = 0; i < walks.length; i += 1, at += 3) {
    const steps = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    walks[i] = steps === NO_WALK ? Infinity : (steps * step) / 1000;
  }
  for (const [venue, point, metres] of exact) walks[venue * points + point] = metres;
  return walks;
}

// Arrays of numbers in place of their text; walks are Infinity where there is none.
function decodeTrial(described) {
  const population = readFloats(described.population);
  const cutOff = new Uint8Array(population.length);
  for (const point of described.cut_off) cutOff[point] = 1;
  return {
    ...described,
    population,
    lon: readDegrees(described.lon),
    lat: readDegrees(described.lat),
    groups: described.groups.map((one) => ({ ...one, population: readFloats(one.population) })),
    cut_off: cutOff,
    distance_m: readWalks(described.distance_m, population.length),
    link_m: readFloats(described.link_m),
  };
}

const shareOf = (part, whole) => (whole ? part / whole : null);

function addUp(values, counts) {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) if (counts(i)) sum += values[i];
  return sum;
}

// Who walks where: the nearest chosen venue of each point, and how many are within the radius.
function findNearest(trial, rows, radius) {
  const points = trial.population.length;
  const limit = radius + WALK_SLACK_M;
  const nearest = new Int32Array(points).fill(-1);
  const walks = new Float64Array(points).fill(Infinity);
  const times = new Uint32Array(points);
  const last = new Int32Array(points).fill(-1); // of those within the radius
  for (const row of rows) {
    for (let point = 0, at = row * points; point < points; point += 1, at += 1) {
      const walk = trial.distance_m[at];
      if (walk < walks[point] - WALK_SLACK_M) nearest[point] = row;
      if (walk < walks[point]) walks[point] = walk;
      if (walk <= limit) {
        times[point] += 1;
        last[point] = row;
      }
    }
  }
  return { nearest, walks, times, last };
}

function averageWalk(walks, population) {
  let [metres, people] = [0, 0];
  for (let i = 0; i < walks.length; i += 1) {
    if (walks[i] < Infinity) {
      metres += walks[i] * population[i];
      people += population[i];
    }
  }
  return shareOf(metres, people);
}

// The shortest walk that 95 % of those who can walk at all do not exceed.
function findLongWalk(walks, population) {
  const order = [...walks.keys()].filter((i) => walks[i] < Infinity)
    .sort((a, b) => walks[a] - walks[b]);
  const total = addUp(population, (i) => walks[i] < Infinity);
  const enough = TRIED_SHARE * total * (1 - TRIED_SLACK);
  let people = 0;
  const isLast = (i) => { people += population[i]; return people >= enough; };
  const last = total ? order.find(isLast) : -1;
  return walks[last] ?? null;
}

// By chosen venue: who is covered by it alone, and what stays covered without it.
function weighLosses(rows, population, { times, last }) {
  const alone = new Map(rows.map((row) => [row, 0]));
  let shared = 0;
  for (let i = 0; i < population.length; i += 1) {
    if (times[i] === 1) alone.set(last[i], alone.get(last[i]) + population[i]);
    else if (times[i] > 1) shared += population[i];
  }
  const left = (row) => rows.reduce((sum, other) =>
    (other === row ? sum : sum + alone.get(other)), shared);
  return rows.map((row) => ({ row, lost: alone.get(row), left: left(row) }));
}

function firstLeast(values) {
  const enough = Math.min(...values) * (1 + TRIED_SLACK);
  return values.findIndex((value) => value <= enough);
}

// How well each venue that reaches all the rest would do as headquarters; one that no other can
// walk to is left out.
function rankVenues(rows, link, weights) {
  if (rows.length === 1) return { compete: [...rows], totals: [0], largest: [0] };
  const finite = (from, to) => link(from, to) < Infinity;
  const reachable = rows.filter((to) => rows.filter((from) => finite(from, to)).length > 1);
  const compete = reachable.filter((row) => reachable.every((to) => finite(row, to)));
  const total = (row) => reachable.reduce((sum, to) => sum + link(row, to) * weights[to], 0);
  return {
    compete,
    totals: compete.map(total),
    largest: compete.map((row) => Math.max(...reachable.map((to) => link(row, to)))),
  };
}

function compareWithBest({ compete, totals, largest }, row) {
  if (compete.length <= 1) return { median_factor: null, is_center: null };
  const at = compete.indexOf(row);
  if (at < 0) return { median_factor: Infinity, is_center: false };
  const least = Math.min(...totals);
  const apart = least ? totals[at] / least : Infinity;
  return {
    median_factor: totals[at] === least ? 1 : apart,
    is_center: largest[at] <= Math.min(...largest) * (1 + TRIED_SLACK),
  };
}

function checkNetwork(trial, rows, headquarters, weights, losses) {
  const name = (row) => trial.venues[row] ?? null;
  const link = (from, to) => trial.link_m[from * trial.venues.length + to];
  const ranking = rankVenues(rows, link, weights);
  const best = (values) => (values.length ? name(ranking.compete[firstLeast(values)]) : null);
  const total = addUp(trial.population, () => true);
  const known = total ? losses : [];
  const written = known.map(({ row, lost, left }) =>
    ({ site: name(row), coverage_ratio: left / total, population: lost }));
  const network = {
    headquarters: null, connected: null, stranded: [], links: [], worst_loss: null,
    best_median: best(ranking.totals), best_center: best(ranking.largest), losses: written,
    redundant: known.filter(({ row, lost }) => !lost && row !== headquarters)
      .map(({ row }) => name(row)),
    median_factor: null, is_center: null,
  };
  if (headquarters === null) return network;
  const branches = rows.filter((row) => row !== headquarters);
  const reaches = (row) => link(row, headquarters) < Infinity;
  const stranded = branches.filter((row) => !reaches(row)).map(name);
  return {
    ...network,
    ...compareWithBest(ranking, headquarters),
    headquarters: name(headquarters),
    connected: trial.on_foot || rows.length === 1 ? !stranded.length : null,
    stranded,
    links: branches.filter(reaches).map((row) =>
      ({ site: name(row), distance_m: link(row, headquarters) })),
    worst_loss: known.length
      ? written[firstLeast(written.map((one) => one.coverage_ratio))] : null,
  };
}

// The figures of a scheme: which venues are in it, which one leads (an index or null; a venue that
// stands alone leads itself), and the radius in metres.
function tryOut(trial, chosen, headquarters, radius) {
  const { population } = trial;
  const rows = trial.venues.map((_, row) => row).filter((row) => chosen[row]);
  const found = findNearest(trial, rows, radius);
  const { nearest, walks } = found;
  const covered = Uint8Array.from(found.times, (times) => Number(times > 0));
  const weights = new Float64Array(trial.venues.length);
  nearest.forEach((row, i) => { if (row >= 0) weights[row] += population[i]; });
  const named = chosen[headquarters] ? headquarters : null;
  const leader = rows.length === 1 ? rows[0] : named;
  const coveredPopulation = addUp(population, (i) => covered[i]);
  return {
    covered_population: coveredPopulation,
    uncovered_population: addUp(population, (i) => !covered[i]),
    coverage_ratio: shareOf(coveredPopulation, addUp(population, () => true)),
    unreachable_population: addUp(population, (i) =>
      (rows.length ? walks[i] === Infinity : trial.cut_off[i])),
    mean_distance_m: averageWalk(walks, population),
    p95_distance_m: findLongWalk(walks, population),
    groups: trial.groups.map((one) => ({ name: one.name, coverage_ratio: shareOf(
      addUp(one.population, (i) => covered[i]), addUp(one.population, () => true)) })),
    covered,
    nearest,
    distance_m: walks,
    network: checkNetwork(trial, rows, leader, weights,
      weighLosses(rows, population, found)),
  };
}

// The scheme that was evaluated.
const tryToday = (trial) =>
  tryOut(trial, trial.members, trial.headquarters, trial.radius_m);

// Residents covered by one scheme and not by the other.
const compareTried = (trial, before, after) => ({
  gained: addUp(trial.population, (i) => after.covered[i] && !before.covered[i]),
  lost: addUp(trial.population, (i) => before.covered[i] && !after.covered[i]),
});

// Residents who would have to be covered besides for the target to be met; 0 where it is, null
// where there is none, or nobody to cover.
function findMissing(trial, tried) {
  if (trial.target === null || tried.coverage_ratio === null) return null;
  if (tried.coverage_ratio >= trial.target * (1 - TRIED_SLACK)) return 0;
  return trial.target * (tried.covered_population + tried.uncovered_population)
    - tried.covered_population;
}
