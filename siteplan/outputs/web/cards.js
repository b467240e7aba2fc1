/* What opens on the map: the card of a subdistrict or of a site. */

const card = L.popup({ maxWidth: 330, minWidth: 300, autoPanPaddingBottomRight: [14, 14] });

function openCard(subject, latlng) {
  const one = subdistricts.get(subject) || sites.get(subject);
  select(subdistricts.has(subject) ? subject : one.subdistrict);
  state.subject = subject;
  card.options.maxHeight = Math.max(180, Math.min(430, map.getSize().y - 90));
  card.options.autoPanPaddingTopLeft = besideLegend();
  card.setLatLng(latlng || one.at).setContent(cardOf(subject)).openOn(map);
}

function goTo(subject) {
  const one = subdistricts.get(subject) || sites.get(subject);
  if (!one || !one.at) return;
  frame.scrollIntoView({ block: "nearest" });
  if (one.outline) show(one.outline.getBounds());
  else map.setView(one.at, Math.max(map.getZoom(), 14.5), { animate: false });
  openCard(subject);
}

function select(code) {
  for (const one of data.subdistricts) {
    if (one.code === code) one.outline.addTo(map);
    else one.outline.remove();
  }
  state.selected = code;
  for (const row of document.querySelectorAll("tr[data-code]")) {
    row.classList.toggle("selected", row.dataset.code === code);
  }
}

const cardOf = (subject) => (subdistricts.has(subject)
  ? subdistrictCard(subdistricts.get(subject)) : siteCard(sites.get(subject)));

const tooltip = (one) => el("span", {}, el("b", {}, bdi(one.name)),
  ` ${percent(one.coverage_ratio)} `, verdictSymbol(one.verdict, 12));

const link = (id, name) => button({ class: "jump", onclick: () => goTo(id) }, bdi(name));
const siteLink = (id) => (sites.has(id) ? link(id, sites.get(id).name) : "—");
const figureOf = (text) => el("span", { class: "number" }, text);

// Each row is a name followed by what stands against it.
const facts = (rows) => el("dl", { class: "facts" }, rows.map(([name, ...values]) =>
  [el("dt", {}, name), el("dd", {}, values)]));

const cardHead = (symbol, name, under) => el("header", {}, symbol, el("div", {},
  el("h3", {}, bdi(name)), el("p", {}, bdi(under.filter(Boolean).join(" · ")))));

function subdistrictCard(one) {
  return el("article", { class: "card" },
    cardHead(verdictSymbol(one.verdict, 26), one.name,
      [word(one.verdict), one.district, one.code, word(one.layout)]),
    el("div", { class: "bar-line" }, coverageBar(one)),
    findingList([one.code, ...one.sites], one.code), // why, before how much
    coverageFacts(one),
    one.sites.length > 0 && networkFacts(one),
    ruleList(one.rules));
}

function coverageFacts(one) {
  const { population, covered_population: covered, coverage_ratio: ratio } = one;
  const groups = Object.entries(one.groups).map(([name, group]) => [bdi(groupName(name)),
    `${people(group.population)} · ${percent(group.coverage_ratio)}`]);
  return facts([
    [word("population"), people(population)],
    [word("covered"), `${people(covered)} · ${percent(ratio)}`],
    [word("straight"), percent(one.straight_line_coverage_ratio)],
    [word("covered_any"), people(one.covered_by_any_population)],
    [word("uncovered"), people(isMissing(covered) ? null : population - covered)],
    [word("unreachable"), people(one.unreachable_population)],
    [word("mean"), metres(one.mean_distance_m)],
    [word("p95"), metres(one.p95_distance_m)],
    ...groups,
  ]);
}

function networkFacts({ network, sites: members }) {
  const { best_headquarters: best, worst_loss: loss } = network;
  const rows = [
    [word("headquarters"), siteLink(network.headquarters)],
    [word("connected"), yesOrNo(network.connected, "connected")],
    ...network.links.map((one) => [word("branch"), siteLink(one.site), " ",
      figureOf(metres(one.distance_m))]),
    ...network.stranded.map((id) => [word("stranded"), siteLink(id)]),
  ];
  if (members.length > 1) {
    rows.push([word("best_median"), siteLink(best.median)]);
    rows.push([word("best_center"), siteLink(best.center)]);
  }
  if (loss) {
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

function siteCard(one) {
  const kind = siteKind(one);
  const premises = one.premises === "existing" ? "premises_existing" : one.premises;
  const place = subdistricts.get(one.subdistrict);
  return el("article", { class: "card" },
    cardHead(siteSymbol(kind, one.status, 28), one.name,
      [kind !== "candidate" && word(kind), one.status && word(one.status), one.id]),
    facts([
      [word("subdistrict"), place ? link(place.code, place.name) : bdi(one.subdistrict
        || word("unplaced"))],
      [word("premises"), premises ? word(premises) : "—"],
      [word("floor_area"), withUnit(one.floor_area_m2, "unit_m2")],
      ...["alone", "added", "lost", "shared", "catchment"].map((key) =>
        [word(key), people(one[`${key}_population`])]),
      [word("mean"), metres(one.mean_distance_m)],
      [word("snap"), metres(one.snap_distance_m)],
    ]),
    findingList([one.id], one.id));
}

// ---- findings

const rank = (finding) => SEVERITIES.indexOf(finding.severity);
const byRank = (a, b) => rank(a) - rank(b);

function findingList(subjects, owner) {
  const found = findingsOf(...subjects).sort(byRank);
  return found.length > 0 && el("ul", { class: "findings" }, found.map((one) =>
    el("li", {}, findingBody(one, one.subject !== owner && subjectName(one)))));
}

function subjectName({ subject }) {
  if (subject === "case") return word("case");
  const one = subdistricts.get(subject) || sites.get(subject);
  return one ? one.name : subject;
}

function findingBody(one, subject) {
  const compared = !isMissing(one.threshold);
  const meta = [
    compared && !isMissing(one.measured) && `${word("measured")} ${figure(one, one.measured)}`,
    compared && [`${word("threshold")} ${figure(one, one.threshold)} `,
      chip(one.threshold_status)],
    one.clause && `${word("clause")} ${one.clause}`,
    one.department && say(one.department),
  ];
  return [verdictSymbol(VERDICT_OF[one.severity]), el("div", {},
    subject && el("p", { class: "subject" }, bdi(subject)),
    el("b", {}, el("span", { class: "code" }, one.code), " ", say(one.title)),
    el("p", {}, bdi(one.message)),
    el("p", { class: "meta" }, spans(meta)))];
}
