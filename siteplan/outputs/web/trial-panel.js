/* The panel in which a planner tries out another scheme of a centre. */

const TRIAL_WORDS = {
  tried_after: ["试算", "Tried"],
  tried_before: ["评估方案", "As evaluated"],
  tried_covered: ["覆盖居民", "Residents covered"],
  tried_gained: ["新增覆盖居民", "Residents gained"],
  tried_idle: ["去掉它，本街道无人失去覆盖", "without it nobody of this subdistrict loses coverage"],
  tried_leave: ["去掉它，本街道{0}失去覆盖", "without it {0} of this subdistrict lose coverage"],
  tried_longest: ["最远分站点到总部", "Longest link to the headquarters"],
  tried_lost: ["失去覆盖居民", "Residents lost"],
  tried_met: ["达到覆盖目标 {0}", "the target of {0} is met"],
  tried_missed: ["距覆盖目标 {1} 还差 {0}", "{0} more must be covered to meet the target of {1}"],
  tried_network_alone: ["集中布置，无须连通", "one site needs no links"],
  tried_network_apart: ["孤立分站点：{0}", "branches that cannot reach the headquarters: {0}"],
  tried_network_none: ["未选场地", "no site is chosen"],
  tried_network_straight: ["按直线无法判断连通", "straight lines cannot tell whether it is connected"],
  tried_network_together: ["各分站点均可步行到总部", "every branch can be walked to"],
  tried_network_unled: ["未选总部", "no headquarters is chosen"],
  tried_note: [
    "试算仅供参考：不改动申报和评估结果，也不作结论。要得出结论，须修改申报后重新评估。"
      + "试算只计本街道的居民和下列场地；“场地”表按全区计算，数字因此不同。",
    "A calculation aid. It changes nothing in the proposal or the evaluation and gives no verdict: "
      + "for a verdict, change the proposal and evaluate again. It counts residents of this "
      + "subdistrict and the sites below only; the table of sites counts those of all "
      + "subdistricts, so its figures differ."],
  tried_radius_wrong: ["请输入 {0} 至 {1} 之间的整数米", "Give whole metres from {0} to {1}"],
  tried_reset: ["恢复评估方案", "Back to the scheme evaluated"],
  tried_said: [
    "试算覆盖率 {0}（评估方案 {1}）：新增覆盖 {2}，失去覆盖 {3}；{4}。",
    "Tried: {0} covered ({1} as evaluated); {2} gained, {3} lost; {4}."],
  tried_same: ["试算覆盖率 {0}，即评估方案；{1}。",
    "Tried: {0} covered, the scheme as evaluated; {1}."],
  tried_title: ["方案试算", "Try out a scheme"],
  tried_untargeted: ["标准未定覆盖目标", "the standard sets no target"],
  trying: ["试算中，不是评估结果", "Trying out: not the evaluation"],
  trying_map: [
    "居民点按试算方案着色；淡化的盲区、服务范围和连线、场地符号、“试算”以外的数字和打印的地图仍是评估方案的。",
    "Residents are coloured by the scheme tried. The faded gaps, service areas and links, the sites' "
      + "symbols, all figures but those under Try out, and the map on paper are those evaluated."],
};
Object.assign(WORDS, TRIAL_WORDS);

const TRIED_RADII_M = { least: 100, most: 3000, step: 50 }; // of the slider
const TYPED_RADII_M = { least: 1, most: 10000 }; // of the field
const TRIED_STATUSES = ["existing", "proposed", "candidate"];

const evaluatedScheme = (trial) => ({ chosen: [...trial.members],
  headquarters: trial.headquarters, radius: trial.radius_m });

const isEvaluated = (trial, { chosen, headquarters, radius }) => radius === trial.radius_m
  && headquarters === trial.headquarters && chosen.every((on, i) => on === trial.members[i]);

// What is being tried is kept with the trial, so that it outlives a change of language.
// `onResult` is given the figures of `tryOut` after each change.
function trialPanel(trial, onResult) {
  trial.scheme ??= evaluatedScheme(trial);
  const before = tryToday(trial);
  const figures = el("div", { class: "tried-figures" });
  const said = el("p", { class: "tried-said", role: "status", "aria-live": "polite",
    "aria-atomic": "true" });
  const venues = trial.venues.map((id, row) => venueSwitch(trial, row, change));
  const radius = radiusControl(trial, change);
  const reset = button({ class: "tried-reset", onclick: () => {
    trial.scheme = evaluatedScheme(trial);
    change();
  } }, word("tried_reset"));

  function show() {
    const { chosen, headquarters, radius: metresTried } = trial.scheme;
    const after = tryOut(trial, chosen, headquarters, metresTried);
    venues.forEach((one) => one.show(after));
    radius.show();
    reset.disabled = isEvaluated(trial, trial.scheme);
    said.replaceChildren(sayTried(trial, before, after));
    figures.replaceChildren(triedTable(trial, before, after));
    return after;
  }
  function change() { onResult(show()); }

  show();
  return el("section", { class: "trial", "aria-labelledby": "tried-title" },
    el("h3", { id: "tried-title" }, word("tried_title")),
    el("p", { class: "tried-note" }, word("tried_note")),
    said,
    TRIED_STATUSES.map((status) => venueGroup(trial, venues, status)),
    !venues.length && el("p", { class: "tried-none" }, word("no_site")),
    radius.node,
    reset,
    figures);
}

// ---- the switches

const venueSite = (trial, row) => sites.get(trial.venues[row])
  || { id: trial.venues[row], name: trial.venues[row], status: "candidate", role: null };

const venueName = (id) => sites.get(id)?.name ?? id;

function venueGroup(trial, venues, status) {
  const some = venues.filter((_, row) => venueSite(trial, row).status === status);
  return some.length > 0 && el("fieldset", {},
    el("legend", {}, word(status), el("span", { "aria-hidden": "true" }, word("headquarters"))),
    some.map((one) => one.node));
}

function venueSwitch(trial, row, change) {
  const site = venueSite(trial, row);
  const box = el("input", { type: "checkbox", "data-venue": site.id, onchange: () => {
    trial.scheme.chosen[row] = box.checked;
    change();
  } });
  const lead = el("input", { type: "radio", name: `tried-${trial.subdistrict}`,
    "data-headquarters": site.id, onchange: () => {
      trial.scheme.headquarters = row;
      change();
    } });
  const worth = el("small", {});
  const node = el("div", { class: "venue" },
    el("label", {}, box, siteSymbol(siteShape(site), site.status, 18),
      el("span", {}, bdi(site.name), worth)),
    el("label", { class: "lead" }, lead, el("span", { class: "unseen" },
      `${word("headquarters")}: `, bdi(site.name))));

  function show({ network }) {
    const chosen = trial.scheme.chosen[row];
    box.checked = chosen;
    // a venue that stands alone leads itself, whatever was chosen
    const alone = trial.scheme.chosen.filter(Boolean).length === 1;
    lead.checked = chosen && (alone || trial.scheme.headquarters === row);
    lead.disabled = !chosen || alone;
    const loss = network.losses.find((one) => one.site === site.id);
    worth.textContent = loss ? sayLoss(loss) : "";
  }
  return { node, show };
}

const sayLoss = ({ population }) => (population > 0
  ? word("tried_leave", people(population)) : word("tried_idle"));

// ---- the radius

function listRadii(own) {
  const { least, most, step } = TRIED_RADII_M;
  const steps = Array.from({ length: (most - least) / step + 1 }, (_, i) => least + i * step);
  return [...new Set([...steps, own])].sort((a, b) => a - b);
}

function radiusControl(trial, change) {
  const radii = listRadii(trial.radius_m);
  const nearest = (radius) => radii.reduce((best, one, i) =>
    (Math.abs(one - radius) < Math.abs(radii[best] - radius) ? i : best), 0);
  const { least, most } = TYPED_RADII_M;
  const choose = (radius) => { trial.scheme.radius = radius; change(); };
  const slider = el("input", { type: "range", min: 0, max: radii.length - 1, step: 1,
    "aria-label": word("radius"), oninput: () => choose(radii[slider.value]) });
  const field = el("input", { type: "number", min: least, max: most, step: "any",
    inputmode: "numeric", "aria-label": `${word("radius")} (${word("unit_m")})`,
    "aria-describedby": "tried-radius-wrong", oninput: () => type() });
  const wrong = el("small", { id: "tried-radius-wrong", class: "wrong" });

  function type() {
    const radius = Number(field.value);
    const whole = Number.isInteger(radius) && radius >= least && radius <= most;
    const right = field.value !== "" && (whole || radius === trial.radius_m);
    field.setAttribute("aria-invalid", String(!right));
    wrong.textContent = right ? "" : word("tried_radius_wrong", number(least), number(most));
    if (right) choose(radius);
  }
  function show() {
    const { radius } = trial.scheme;
    slider.value = nearest(radius);
    slider.setAttribute("aria-valuetext", metres(radius));
    if (Number(field.value) !== radius || field.value === "") field.value = radius;
    field.setAttribute("aria-invalid", "false");
    wrong.textContent = "";
  }
  const node = el("fieldset", { class: "tried-radius" }, el("legend", {}, word("radius")),
    el("div", {}, slider, field, el("span", {}, word("unit_m"))), wrong);
  return { node, show };
}

// ---- the figures

// As many decimals as it takes to tell a share from the target that it misses.
function shareBeside(share, target) {
  for (let digits = 1; digits < 6; digits += 1) {
    const text = format(share, "percent", 1, digits);
    if (isMissing(share) || isMissing(target) || share >= target
      || text !== format(target, "percent", 1, digits)) return text;
  }
  return format(share, "percent", 1, 6);
}

function sayTarget(trial, tried) {
  const missing = findMissing(trial, tried);
  if (missing === null) return word("tried_untargeted");
  const target = percent(trial.target);
  return missing ? word("tried_missed", people(Math.ceil(missing - 1e-6)), target)
    : word("tried_met", target);
}

function sayNetwork(trial, { network }, count) {
  const names = network.stranded.map(venueName).join(state.lang === "zh" ? "、" : ", ");
  if (count === 0) return word("tried_network_none");
  if (count === 1) return word("tried_network_alone");
  if (!network.headquarters) return word("tried_network_unled");
  if (network.connected === null) return word("tried_network_straight");
  return network.connected ? word("tried_network_together")
    : word("tried_network_apart", names);
}

function sayTried(trial, before, after) {
  const count = trial.scheme.chosen.filter(Boolean).length;
  const outlook = [sayTarget(trial, after), sayNetwork(trial, after, count)]
    .join(state.lang === "zh" ? "；" : "; ");
  const share = shareBeside(after.coverage_ratio, trial.target);
  if (isEvaluated(trial, trial.scheme)) return word("tried_same", share, outlook);
  const { gained, lost } = compareTried(trial, before, after);
  return word("tried_said", share, shareBeside(before.coverage_ratio, trial.target),
    people(gained), people(lost), outlook);
}

const longestLink = ({ network }) => (network.links.length
  ? Math.max(...network.links.map((one) => one.distance_m)) : null);

function triedTable(trial, before, after) {
  const { gained, lost } = compareTried(trial, before, after);
  const rows = [
    ["coverage", (tried) => shareBeside(tried.coverage_ratio, trial.target)],
    ["tried_covered", (tried) => people(tried.covered_population)],
    ["uncovered", (tried) => people(tried.uncovered_population)],
    ["unreachable", (tried) => people(tried.unreachable_population)],
    ["mean", (tried) => metres(tried.mean_distance_m)],
    ["p95", (tried) => metres(tried.p95_distance_m)],
    ["tried_longest", (tried) => metres(longestLink(tried))],
    ["connected", (tried) => yesOrNo(tried.network.connected, "connected")],
  ];
  const groups = after.groups.map((one, i) =>
    [bdi(groupName(one.name)), percent(before.groups[i].coverage_ratio),
      percent(one.coverage_ratio)]);
  const row = ([name, was, is]) => el("tr", { class: was === is ? null : "changed" },
    el("th", { scope: "row" }, name), el("td", {}, was), el("td", {}, is));
  const wide = (name, value) => el("tr", {}, el("th", { scope: "row", colspan: 2 }, word(name)),
    el("td", {}, people(value)));
  const head = (key) => el("th", { scope: "col" }, word(key));
  return el("table", {},
    el("thead", {}, el("tr", {}, el("td"), head("tried_before"), head("tried_after"))),
    el("tbody", {},
      rows.map(([key, write]) => row([word(key), write(before), write(after)])),
      groups.map(row), wide("tried_gained", gained), wide("tried_lost", lost)));
}
