/* The map page of siteplan: fills the empty Leaflet map that folium made.

Everything shown comes from the JSON in #siteplan-data. Its text was written by others, so it only
becomes text nodes and attributes: no markup is written from strings. page.py puts these files into
one function, in strict mode.

The data. Any figure and any field marked ? may be null or missing and shows as a dash. {zh, en}
stands for a text in both languages; one plain string is accepted in its place.

  lang?                  "zh" | "en"; without it the browser decides
  case, date?, generator, crs
  notices[]              {zh, en}; shown above the map
  standard               {id, title {zh, en}, radius_m, radius_status,
                         coverage_target, target_status}
  distance               {method: "roads" | "straight-line", snap_limit_m}
  summary                as in evaluation.json
  bounds                 [[south, west], [north, east]]
  subdistricts[]         as in evaluation.json, with polygons
  sites[]                as in evaluation.json, with premises? and floor_area_m2?
  service_areas[]        {site, polygons}
  links[]                {subdistrict, site, headquarters, distance_m, lines}
  uncovered              {lon[], lat[], population[]}: residents not covered by their own centre
  roads[], water         {class: "major" | "minor" | "path", lines}; polygons
  findings[]             as in evaluation.json, with title {zh, en} and department? {zh, en}
  rule_titles?           {code: {zh, en}}; where missing, the titles of the findings serve
  sources[], refused[]   as in evaluation.json
  polygons               [polygon [ring [lon, lat, lon, lat, …]]], the outer ring first
  lines                  [line [lon, lat, lon, lat, …]] */

const data = JSON.parse(document.getElementById("siteplan-data").textContent);

const WORDS = {
  __proto__: null, // so that no text from a file finds anything else
  added: ["新增覆盖", "Newly covered"],
  all: ["全部", "All"],
  alone: ["单独覆盖", "Covers alone"],
  areas: ["服务范围", "Service areas"],
  best_center: ["总部最优（最远距离）", "Best HQ, farthest way"],
  best_median: ["总部最优（总距离）", "Best HQ, total way"],
  branch: ["分站点", "Branch"],
  candidate: ["备选", "Candidate"],
  candidates: ["备选场地", "Candidate sites"],
  case: ["整个项目", "Whole case"],
  catchment: ["最近居民", "Nearest residents"],
  clause: ["条款", "Clause"],
  close: ["关闭", "Close"],
  concentrated: ["集中布置", "Concentrated"],
  connected: ["服务网络", "Service network"],
  connected_no: ["未连通", "Not connected"],
  connected_yes: ["连通", "Connected"],
  conversion: ["改建", "Conversion"],
  count: ["{0} 个街道", "{0} subdistricts"],
  coverage: ["覆盖率", "Coverage"],
  covered: ["步行覆盖", "Covered on foot"],
  covered_any: ["任一中心覆盖", "Covered by any centre"],
  covered_straight: ["直线覆盖", "Covered, straight line"],
  crs: ["坐标系", "Working CRS"],
  dispersed: ["分散布置", "Dispersed"],
  distance: ["距离", "Distance"],
  distance_roads: ["沿道路步行距离", "Walking distance along roads"],
  "distance_straight-line": ["直线距离", "Straight line"],
  dots: ["未覆盖居民", "Residents not covered"],
  existing: ["现有", "Existing"],
  extension: ["扩建", "Extension"],
  fail: ["不通过", "Fail"],
  findings: ["审查意见", "Findings"],
  fit: ["显示全部", "Show everything"],
  floor_area: ["建筑面积", "Floor area"],
  group_age: ["{0} 岁以上", "{0} and over"],
  headquarters: ["总部", "Headquarters"],
  help_added: ["其中没有其他现有场地覆盖的居民", "of these, residents whom no other existing site covers"],
  help_alone: ["服务半径内的居民", "residents within the service radius"],
  help_lost: ["撤掉它就失去覆盖的居民", "residents covered by no other existing or proposed site"],
  help_shared: ["每位居民由覆盖他的场地平分", "each resident split equally among the sites covering them"],
  labels: ["名称", "Names"],
  layers: ["图例与图层", "Legend and layers"],
  lease: ["租赁", "Lease"],
  links: ["总部—分站点", "HQ–branch links"],
  lost: ["减少覆盖", "Lost without it"],
  map: ["地图", "Map"],
  mean: ["平均步行距离", "Mean distance"],
  measured: ["实际", "Measured"],
  na: ["不适用", "Not applicable"],
  new_build: ["新建", "New construction"],
  no_figure: ["无数据", "No figure"],
  no_site: ["没有场地", "No sites"],
  none: ["无中心", "No centre"],
  note: ["数据不足", "Note"],
  notes: ["数据不足", "Notes"],
  nothing: ["没有意见", "Nothing found"],
  other: ["其他", "Other"],
  p95: ["95% 居民的距离", "95 % live within"],
  pass: ["通过", "Pass"],
  people: ["人", "people"],
  population: ["居民", "Residents"],
  premises: ["场地来源", "Premises"],
  premises_existing: ["整合现有场地", "Existing premises"],
  proposed: ["拟建", "Proposed"],
  radius: ["服务半径", "Service radius"],
  refused: ["未能使用的文件", "Files left out"],
  roads: ["道路", "Roads"],
  role_boundaries: ["街道边界", "Boundaries"],
  role_buildings: ["建筑", "Buildings"],
  role_facilities: ["现有设施", "Facilities"],
  role_population: ["人口", "Population"],
  role_projects: ["项目", "Projects"],
  role_proposals: ["申报", "Proposals"],
  role_residents: ["居民点", "Residents"],
  role_roads: ["道路", "Roads"],
  role_standard: ["设置标准", "Standard"],
  role_stops: ["公交站", "Stops"],
  rows: ["{0} 条记录", "{0} rows"],
  rules: ["各项规则", "Rules"],
  share: ["涉及 {0}/{1} 街道", "in {0} of {1}"],
  shared: ["分摊覆盖", "Shared"],
  single: ["单一场地", "Single site"],
  sites: ["场地", "Sites"],
  snap: ["距道路", "Off the road"],
  snap_limit: ["离路上限", "Snap limit"],
  sources: ["数据与方法", "Sources and method"],
  standard: ["设置标准", "Standard"],
  status_adopted: ["已采用", "adopted"],
  status_assumed: ["假定", "assumed"],
  status_quoted: ["引自原文", "quoted"],
  status_secondary: ["转引", "secondary"],
  status_unverified: ["未核实", "unverified"],
  straight: ["直线", "Straight line"],
  stranded: ["孤立分站点", "Stranded branches"],
  subdistrict: ["街道", "Subdistrict"],
  subdistricts: ["街道", "Subdistricts"],
  target: ["覆盖目标", "Coverage target"],
  threshold: ["标准", "Threshold"],
  uncovered: ["未覆盖", "Not covered"],
  unit_m: ["米", "m"],
  unit_m2: ["平方米", "m²"],
  unit_year: ["年", "years"],
  unknown: ["数据不足", "Unknown"],
  unplaced: ["未归属街道", "No subdistrict"],
  unreachable: ["无法到达", "Unreachable"],
  verdict: ["结论", "Verdict"],
  violation: ["不通过", "Violation"],
  violations: ["不通过", "Violations"],
  walking: ["步行", "On foot"],
  warn: ["提醒", "Warning"],
  warning: ["提醒", "Warning"],
  warnings: ["提醒", "Warnings"],
  water: ["水面", "Water"],
  worst_loss: ["撤掉后影响最大", "Worst to lose"],
  zoom_in: ["放大", "Zoom in"],
  zoom_out: ["缩小", "Zoom out"],
};

const state = {
  lang: data.lang || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"),
  tab: "subdistricts", sort: "code", severity: null, selected: null, copies: [],
};
const subdistricts = new Map(data.subdistricts.map((one) => [one.code, one]));
const sites = new Map(data.sites.map((one) => [one.id, one]));

// ---- figures

const yesOrNo = (value, key) => (isMissing(value) ? "—" : word(`${key}_${value ? "yes" : "no"}`));

// A threshold between 0 and 1 can only be a share: counts are whole and lengths have a unit.
function figure(finding, value) {
  const { threshold, unit } = finding;
  if (isMissing(value) || typeof value === "string") return isMissing(value) ? "—" : value;
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
