/* The page on which two evaluations are held against each other.

Everything shown comes from the JSON in #siteplan-data. Its text was written by others, so it only
becomes text nodes and attributes: no markup is written from strings.

The data. Any figure may be null and shows as a dash. {zh, en} stands for a text in both languages.

  lang?           "zh" | "en"; without it the browser decides
  case            title
  generator
  across_methods, notices[], before, after, causes[], summary, subdistricts[], sites[], findings[]
                  as in comparison.json; of the subdistricts only the gaps, links and losses that are
                  otherwise, and with
  polygons?       [polygon [ring [lon, lat, lon, lat, …]]], the outer ring first
  bounds          [[south, west], [north, east]]
  figure_names, turn_names, fates, kinds, values   {name: {zh, en}}
  own_words[]     turns of which the values are words of ours
  directions      {figure: 1 where more is better, -1 where less is} */

const WORDS = {
  __proto__: null, // so that no text from a file finds anything else
  all: ["全部", "All"],
  better: ["变好", "Better"],
  better_worse: ["变好 {0} · 变差 {1}", "{0} better · {1} worse"],
  by_standard: ["仅因标准不同 {0}", "{0} by the standard alone"],
  causes: ["不同之处", "Differences"],
  changed: ["有变化", "Changed"],
  coverage: ["覆盖率变化", "Change of coverage"],
  coverage_short: ["覆盖率", "Coverage"],
  difference: ["差", "Change"],
  fail: ["不通过", "Fail"],
  figures: ["指标", "Figures"],
  findings: ["意见", "Findings"],
  fit: ["显示全部", "Show everything"],
  gap_closed: ["消除的盲区", "Gaps closed"],
  gap_opened: ["新出现的盲区", "Gaps opened"],
  gaps: ["盲区", "Gaps"],
  labels: ["名称", "Names"],
  layers: ["图例与图层", "Legend and layers"],
  links: ["到总部的步行距离", "Way to the headquarters"],
  losses: ["撤掉该场地后的覆盖率", "Coverage without the site"],
  map: ["差异地图", "Map of differences"],
  mean: ["平均距离", "Mean distance"],
  more_gaps: ["另有 {0} 处较小的盲区", "and {0} smaller ones"],
  moved_by: ["移动 {0}", "moved by {0}"],
  na: ["不适用", "Not applicable"],
  name: ["名称", "Name"],
  no_boundaries: ["没有边界数据，地图只有场地", "There are no boundaries: the map has sites only"],
  no_change: ["没有变化", "No change"],
  no_figure: ["无法比较", "No figure"],
  north: ["北", "N"],
  nothing: ["没有", "None"],
  others: ["未变动的场地", "Unchanged sites"],
  pass: ["通过", "Pass"],
  people: ["人", "people"],
  point: ["百分点", "points"],
  points: ["{0} 个百分点", "{0} points"],
  radius: ["服务半径", "Service radius"],
  roads: ["沿道路步行距离", "Walking distance along roads"],
  rules: ["规则", "Rules"],
  sites: ["场地", "Sites"],
  sites_added: ["新增场地", "Sites added"],
  sites_changed: ["变动的场地", "Sites changed"],
  sites_removed: ["取消的场地", "Sites dropped"],
  skip: ["跳到列表", "Skip to the lists"],
  "straight-line": ["直线距离", "Straight line"],
  subdistrict: ["街道", "Subdistrict"],
  subdistricts: ["街道", "Subdistricts"],
  title: ["评审结果对比", "Comparison of two evaluations"],
  unchanged: ["不变", "unchanged"],
  unit_m: ["米", "m"],
  unknown: ["数据不足", "Unknown"],
  unplaced: ["未归属街道", "No subdistrict"],
  verdict: ["结论", "Verdict"],
  was: ["原为 {0}", "was {0}"],
  warn: ["提醒", "Warning"],
  why: ["原因", "Why"],
  why_none: ["在两次评审中只有一次有它", "Only one of the two evaluations has it"],
  worse: ["变差", "Worse"],
  zoom_in: ["放大", "Zoom in"],
  zoom_out: ["缩小", "Zoom out"],
};

const data = JSON.parse(document.getElementById("siteplan-data").textContent);
const state = {
  lang: data.lang || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"),
  tab: "subdistricts", sort: "change", isUp: false, open: null, fate: null,
};
const subdistricts = new Map(data.subdistricts.map((one) => [one.code, one]));
const sites = new Map(data.sites.map((one) => [one.id, one]));

const named = (names, key) => (Object.hasOwn(names, key) ? say(names[key]) : key);
const figureName = (key) => named(data.figure_names, key);
const turnName = (key) => named(data.turn_names, key);
const fateName = (key) => named(data.fates, key);

// A value of a turn: a word of ours, or what a file says.
function turnValue(turn, value) {
  if (isMissing(value)) return "—";
  return data.own_words.includes(turn) ? named(data.values, value) : value;
}

// ---- figures

const UNIT_OF = [[/(^|_)ratio$/, "ratio"], [/population$/, "person"], [/_m2$/, "m2"],
  [/_m$/, "m"], [/factor$|per_m2$/, "factor"]];
const DECIMALS_OF = { __proto__: null, ratio: 1, factor: 2 };
const unitOf = (key) => (key === "load_per_m2" ? "factor"
  : UNIT_OF.find(([pattern]) => pattern.test(key))?.[1]);
const figure = (value, unit) => (unit === "ratio" ? percent(value)
  : number(value, DECIMALS_OF[unit] || 0));

// With its sign; a difference that would round to nothing shows how little it is.
function signed(value, unit) {
  if (isMissing(value)) return "—";
  if (value === 0) return "0";
  const shown = unit === "ratio" ? value * 100 : value;
  const digits = DECIMALS_OF[unit] || 0;
  const least = 10 ** -digits;
  const size = Math.abs(shown) < least / 2 ? `<${number(least, digits)}` : format(Math.abs(shown),
    "decimal", unit === "ratio" ? 1 : 0, digits);
  return `${shown > 0 ? "+" : "−"}${size}`;
}

// Whether a difference is for the better: 1, 0 or -1.
const goodness = (key, change) => Math.sign(change || 0) * (data.directions[key] || 0);
const toneOf = (sign) => ({ 1: "better", "-1": "worse" }[sign] || "");
const changeOf = (one) => one.figures.coverage_ratio.difference;

function nameOf(one) {
  const { before, after } = one.turns.name;
  return after || before || one.id || one.code;
}
const verdictStep = ({ verdict: { before, after } }) => (before && after
  ? ORDER.indexOf(after) - ORDER.indexOf(before) : 0);
