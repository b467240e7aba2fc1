/* The map page of siteplan: fills the empty Leaflet map that folium made.

Everything shown comes from the JSON in #siteplan-data. Its text was written by others, so it only
becomes text nodes and attributes: no markup is written from strings. page.py puts these files into
one function, in strict mode. Two kinds of page are made from them: the overview, and the page of
one subdistrict.

The data. Any figure and any field marked ? may be null or missing and shows as a dash. {zh, en}
stands for a text in both languages; one plain string is accepted in its place.

  kind                   "overview" | "subdistrict"
  lang?                  "zh" | "en"; without it the address of the page or the browser decides
  home?                  address of the overview, on the page of a subdistrict
  case, date?, generator, crs
  notices[]              {zh, en}; shown above the map
  standard               {id, title {zh, en}, radius_m, radius_status,
                         coverage_target, target_status}
  distance               {method: "roads" | "straight-line", snap_limit_m}
  summary                as in evaluation.json; only on the overview
  bounds                 [[south, west], [north, east]]
  subdistricts[]         as in evaluation.json, with polygons; on the overview with the address of
                         its page and without equity, groups, stops; on its own page it is the only
                         one. Its facilities and gaps stand below, with their places
  neighbours[]           {code, name, page?, polygons, lines}: subdistricts around
  sites[]                as in evaluation.json, with premises? and floor_area_m2?
  around[]               {name, subdistrict, status, role, lon, lat}: sites of others
  service_areas[]        {site, polygons}
  links[]                {subdistrict, site, headquarters, distance_m, lines, crossings?}
  gaps[]                 as in evaluation.json, with subdistrict, number among its gaps, polygons?
  services[]             as facilities in evaluation.json, with lon and lat
  stops[]                {kind, name?, lon, lat}
  trial                  as trials.py describes it: the residents, and every walk to a site; only on
                         the page of a subdistrict
  roads[], water, green, rail, places[], road_names[]   as backdrop.py describes them
  reviews[]              as in evaluation.json
  findings[]             as in evaluation.json; the title may be missing
  rule_titles, departments   {code: {zh, en}}, {name: {zh, en}}
  sources[], refused[]   as in evaluation.json
  basemap?               {tiles[], attribution {zh, en}, link, max_zoom}
  polygons               [polygon [ring [lon, lat, lon, lat, …]]], the outer ring first
  lines                  [line [lon, lat, lon, lat, …]] */

const data = JSON.parse(document.getElementById("siteplan-data").textContent);
const isOverview = data.kind === "overview";
// Where there are no roads distances are straight lines, and nothing is told of walks.
const onFoot = data.distance?.method !== "straight-line";
const OF_WALKS = ["covered", "curve_axis", "distance_m", "farthest", "mean", "walking"];
if (!onFoot) for (const key of OF_WALKS) WORDS[key] = WORDS[`${key}_straight`];
const asked = new URLSearchParams(location.hash.slice(1)); // by the page before, or this one

function chooseLanguage() {
  if (["zh", "en"].includes(asked.get("lang"))) return asked.get("lang");
  return data.lang || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
}

const state = {
  lang: chooseLanguage(), tab: asked.get("tab"), sort: "code",
  severity: null, selected: null, subject: null, measuring: false, printing: false, symbol: 1,
  seen: null, copies: [],
};
const subdistricts = new Map(data.subdistricts.map((one) => [one.code, one]));
const sites = new Map(data.sites.map((one) => [one.id, one]));

// ---- figures

const yesOrNo = (value, key) => (isMissing(value) ? "—" : word(`${key}_${value ? "yes" : "no"}`));

// A threshold between 0 and 1 can only be a share: counts are whole and lengths have a unit.
function figure(finding, value) {
  const { threshold, unit } = finding;
  if (isMissing(value)) return "—";
  if (typeof value === "string") // a range, or more than a figure
    return WORDS[`unit_${unit}`] ? `${value} ${word(`unit_${unit}`)}` : value;
  if (unit === "ratio" || (!unit && threshold > 0 && threshold < 1)) return percent(value);
  return WORDS[`unit_${unit}`] ? withUnit(value, `unit_${unit}`, 2) : number(value, 2);
}

function groupName(name) {
  const age = /^age_(\d+)_plus$/.exec(name);
  return age ? word("group_age", age[1]) : name;
}

const findings = new Map(data.findings.map((one) => [one.subject, []]));
for (const one of data.findings) findings.get(one.subject).push(one);
const findingsOf = (...subjects) => subjects.flatMap((subject) => findings.get(subject) || []);
const ruleTitles = { ...Object.fromEntries(data.findings.map((one) => [one.code, one.title])),
  ...data.rule_titles };
