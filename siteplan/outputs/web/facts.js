/* What is said of one subdistrict: figures, network, evenness, findings. */

// Where no locations of older people are known, all residents are taken to walk as they do.
const olderKey = (key, { groups }) =>
  (isMissing(groups?.age_60_plus?.coverage_ratio) ? `${key}_all` : key);

function coverageFacts(one) {
  const { population, covered_population: covered, coverage_ratio: ratio } = one;
  const groups = Object.entries(one.groups || {}).map(([name, group]) => [bdi(groupName(name)),
    `${people(group.population)} · ${percent(group.coverage_ratio)}`]);
  return facts([
    [word("population"), people(population)],
    [word("covered"), `${people(covered)} · ${percent(ratio)}`],
    onFoot && [word("straight"), percent(one.straight_line_coverage_ratio)],
    [word("covered_any"), people(one.covered_by_any_population)],
    [word("uncovered"), people(isMissing(covered) ? null : population - covered)],
    [word("unreachable"), people(one.unreachable_population)],
    [word("mean"), metres(one.mean_distance_m)],
    [word("p95"), metres(one.p95_distance_m)],
    !isOverview && [word(olderKey("older", one)), percent(one.older_coverage_ratio)],
    !isOverview && [word("detour"), number(one.p90_detour_factor, 2)],
    ...groups,
  ]);
}

function networkFacts({ network, sites: members }) {
  const { best_headquarters: best, worst_loss: loss } = network;
  const rows = [
    [word("headquarters"), siteLink(network.headquarters)],
    [word("connected"), yesOrNo(network.connected, "connected")],
    ...data.links.filter(({ site }) => members.includes(site)).map((one) => [word("branch"), siteLink(one.site), " ",
      figureOf(metres(one.distance_m))]),
    ...network.stranded.map((id) => [word("stranded"), siteLink(id)]),
  ];
  if (members.length > 1) {
    rows.push([word("best_median"), siteLink(best.median)]);
    rows.push([word("best_center"), siteLink(best.center)]);
  }
  if (loss && isOverview) {
    const left = figureOf(`→ ${percent(loss.coverage_ratio)}`);
    rows.push([word("worst_loss"), siteLink(loss.site), " ", left]);
  }
  return facts(rows);
}

function ruleList(rules) {
  const title = (code, verdict) => `${say(ruleTitles[code] || code)}: ${word(verdict)}`;
  return el("div", { class: "rules", role: "group", "aria-label": word("rules") },
    Object.entries(rules).map(([code, verdict]) =>
      el("span", { title: title(code, verdict) }, verdictSymbol(verdict, 12), code)));
}

// ---- the summary on the page of a subdistrict

function lossTable(one) {
  const losses = one.network.losses || [];
  if (!losses.length) return false;
  const row = ({ site, coverage_ratio: left }) => {
    const change = isMissing(left) || isMissing(one.coverage_ratio) ? null
      : left - one.coverage_ratio;
    return el("tr", {}, el("th", { scope: "row" }, siteLink(site)),
      el("td", { class: "number" }, percent(left)),
      el("td", { class: "number" }, percent(change)));
  };
  const heads = ["sites", "loss", "loss_change"].map((key) => el("th", { scope: "col" }, word(key)));
  return el("section", {}, el("h3", {}, word("losses")), el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, heads)), el("tbody", {}, losses.map(row))));
}

function equitySection({ equity }) {
  const rows = [
    ["equity_distance", number(equity.distance.gini, 2)],
    ["equity_ratio", number(equity.distance.ratio_90_10, 1)],
    ["equity_supply", withUnit(equity.supply_m2_per_1000, "unit_m2", 1)],
    ["equity_balanced", withUnit(equity.balanced_supply_m2_per_1000, "unit_m2", 1)],
    ["equity_supply_gini", number(equity.supply.gini, 2)],
  ];
  return el("section", {}, el("h3", {}, word("equity")), el("dl", { class: "evenness" },
    rows.map(([key, value]) => [el("dt", {}, word(key)), el("dd", {}, value),
      el("dd", { class: "note" }, word(`${key}_help`))])));
}

function summarySheet() {
  const [one] = data.subdistricts;
  return [el("div", { class: "summary" },
    el("div", { class: "bar-line" }, coverageBar(one)), barKey(),
    el("section", {}, el("h3", {}, word("coverage")), coverageFacts(one)),
    curveSection(one),
    one.sites.length > 0 && el("section", {}, el("h3", {}, word("links_table")),
      networkFacts(one), data.links.filter(({ crossings }) => crossings?.length)
        .map((walk) => linkFacts(sites.get(walk.site)))),
    lossTable(one),
    equitySection(one),
    el("section", {}, el("h3", {}, word("rules")), ruleList(one.rules)))];
}

// ---- findings

const rank = (finding) => SEVERITIES.indexOf(finding.severity);
const byRank = (a, b) => rank(a) - rank(b);
const titleOf = (one) => say(one.title || ruleTitles[one.code] || one.code);

function findingList(ids, owner) {
  const found = findingsOf(...ids).sort(byRank);
  return found.length > 0 && el("ul", { class: "findings" }, found.map((one) =>
    el("li", {}, findingBody(one, one.subject !== owner && subjectName(one)))));
}

function subjectName({ subject }) {
  if (subject === "case") return word("case");
  const one = siteOrSubdistrict(subject);
  return one ? nameOf(one) : subject;
}

function findingBody(one, subject) {
  const compared = !isMissing(one.threshold);
  const meta = [
    compared && !isMissing(one.measured) && `${word("measured")} ${figure(one, one.measured)}`,
    compared && [`${word("threshold")} ${figure(one, one.threshold)} `,
      chip(one.threshold_status)],
    one.clause && `${word("clause")} ${one.clause}`,
    one.department && say(data.departments[one.department] || one.department),
  ];
  return [verdictSymbol(VERDICT_OF[one.severity]), el("div", {},
    subject && el("p", { class: "subject" }, bdi(subject)),
    el("b", {}, el("span", { class: "code" }, one.code), " ", titleOf(one)),
    el("p", {}, bdi(one.message)),
    el("p", { class: "meta" }, spans(meta)))];
}
