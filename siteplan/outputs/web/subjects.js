/* What can be looked up, opened and gone to: subdistricts, sites, gaps, services, stops. */

const SUBJECTS = { // what each list of the data holds, and how one of it is known
  subdistrict: [data.subdistricts, (one) => one.code],
  site: [data.sites, (one) => one.id],
  gap: [data.gaps, (one) => `${one.subdistrict}/${one.number}`],
  service: [data.services, (one, i) => String(i)],
  stop: [data.stops, (one, i) => String(i)],
  neighbour: [data.neighbours, (one) => one.code],
};
for (const [what, [list, keyOf]] of Object.entries(SUBJECTS)) {
  list.forEach((one, i) => Object.assign(one, { what, key: `${what}:${keyOf(one, i)}` }));
}
const everySubject = Object.values(SUBJECTS).flatMap(([list]) => list);
const subjects = new Map(everySubject.map((one) => [one.key, one]));
const siteOrSubdistrict = (id) => subdistricts.get(id) || sites.get(id);

const KIND_NAMES = new Set(["bus_station", "bus_stop", "ferry_terminal", "platform", "station",
  "subway", "subway_entrance", "tram_stop"]);
const stopKind = (kind) => (KIND_NAMES.has(kind) ? word(kind) : kind);

function nameOf(one) {
  if (one.name) return one.what === "gap" ? word("gap_near", say(one.name)) : say(one.name);
  if (one.what === "gap") return word("gap_unnamed", one.number + 1);
  return one.id || one.code || word("without_name");
}

// What stands under a name where subjects of all kinds are listed.
function describeSubject(one) {
  const place = subdistricts.get(one.subdistrict);
  const details = {
    subdistrict: () => [word("subdistrict"), one.district, one.code],
    site: () => [...siteTraits(one), place && place.name],
    gap: () => [word("gap"), people(one.population), isOverview && place && place.name],
    service: () => [kindName(one.kind), one.department && say(one.department)],
    stop: () => [stopKind(one.kind)],
    neighbour: () => [word("others"), one.code],
  };
  return details[one.what]().filter(Boolean).join(" · ");
}

function subjectSymbol(one, size) {
  const symbols = {
    subdistrict: () => verdictSymbol(one.verdict, size),
    site: () => siteSymbol(siteShape(one), one.status, size),
    gap: () => gapSymbol(size),
    service: () => serviceSymbol(one, size),
    stop: () => stopSymbol(one.kind, size),
    neighbour: () => outlineSymbol(size),
  };
  return symbols[one.what]();
}

// ---- from page to page

// Reloaded, or come back to, the page speaks the same language and shows the same.
function keepAddress() {
  const at = state.subject?.key;
  const about = new URLSearchParams({ lang: state.lang, tab: state.tab, ...(at && { at }) });
  history.replaceState(history.state, "", `#${about}`);
}

// The page that is opened speaks the same language and opens what was asked for.
function addressOf(page, key) {
  const about = new URLSearchParams({ lang: state.lang, ...(key && { at: key }) });
  return `${page}#${about}`;
}

const pageOf = (one) => (one.what === "subdistrict" || one.what === "neighbour"
  ? one.page : subdistricts.get(one.subdistrict)?.page);

function openPage(one, key) {
  const page = pageOf(one);
  if (page) location.assign(addressOf(page, key));
}

function pageLink(one, attributes, ...children) {
  const page = pageOf(one);
  return Boolean(page) && el("a", { href: addressOf(page, one.what === "subdistrict"
    || one.what === "neighbour" ? null : one.key), ...attributes }, ...children);
}
