/* Search by name or code: a box with a list below it, as a keyboard and a screen reader know it. */

const MOST_RESULTS = 12;
const searchBox = document.getElementById("siteplan-search");
const searchList = el("ul", { id: "search-list", role: "listbox" });
const searchInput = el("input", { type: "search", id: "search-input", role: "combobox",
  autocomplete: "off", spellcheck: "false", "aria-expanded": "false",
  "aria-controls": "search-list", "aria-autocomplete": "list" });
let searchResults = [];
let searchChosen = -1;
let searchable = null; // made when first asked for, anew in another language

const folded = (text) => String(text ?? "").normalize("NFKC").toLowerCase();

// What a thing is, in both languages: a gap, a library.
const listKinds = ({ what, kind, department }) => (what === "service"
  ? [...(KINDS[kind] || []).slice(1), ...Object.values(department || {})] : WORDS[what] || []);

// Its own name, if it has one, else the one the page gives it now.
const listSearchable = () => everySubject.map((one) => ({ one,
  name: folded(one.name ? say(one.name) : nameOf(one)), code: folded(one.code || one.id),
  about: folded([nameOf(one), ...listKinds(one)].join(" ")),
  kind: Object.keys(SUBJECTS).indexOf(one.what) }));

// The whole code first, then what begins with the words, then what holds them, then what is such a
// thing; of equals, what is larger: a subdistrict before a site before a gap.
function findSubjects(text) {
  const wanted = folded(text).trim();
  if (!wanted) return [];
  const gradeOf = ({ name, code, about }) => {
    if (code === wanted) return 0;
    if (name.startsWith(wanted)) return 1;
    if (code.startsWith(wanted)) return 2;
    if (name.includes(wanted) || code.includes(wanted)) return 3;
    return about.includes(wanted) ? 4 : -1;
  };
  searchable ??= listSearchable();
  return searchable.map((entry) => ({ ...entry, grade: gradeOf(entry) }))
    .filter(({ grade }) => grade >= 0)
    .sort((a, b) => a.grade - b.grade || a.kind - b.kind)
    .slice(0, MOST_RESULTS).map(({ one }) => one);
}

function showResults() {
  const text = searchInput.value.trim();
  const option = (one, i) => el("li", { role: "option", id: `search-${i}`,
    "aria-selected": String(i === searchChosen), onclick: () => takeResult(i) },
  subjectSymbol(one, 16), el("span", {}, bdi(nameOf(one)),
    el("small", {}, bdi(describeSubject(one)))));
  searchList.replaceChildren(...searchResults.map(option));
  if (text && !searchResults.length) {
    searchList.append(el("li", { class: "empty" }, word("no_page", text)));
  }
  searchList.hidden = !text;
  searchInput.setAttribute("aria-expanded", String(Boolean(text)));
  if (searchChosen < 0) searchInput.removeAttribute("aria-activedescendant");
  else searchInput.setAttribute("aria-activedescendant", `search-${searchChosen}`);
}

function closeSearch() {
  searchInput.value = "";
  searchResults = [];
  searchChosen = -1;
  showResults();
}

function takeResult(i) {
  const one = searchResults[i];
  if (!one) return;
  closeSearch();
  if (one.what === "neighbour" && one.page) openPage(one);
  else goTo(one);
}

function turnResults(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && searchResults.length) {
    event.preventDefault();
    const count = searchResults.length;
    searchChosen = searchChosen < 0 && step < 0 ? count - 1 : (searchChosen + step + count) % count;
    showResults();
    document.getElementById(`search-${searchChosen}`).scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter") {
    event.preventDefault();
    takeResult(Math.max(0, searchChosen));
  } else if (event.key === "Escape" && searchInput.value) {
    event.stopPropagation();
    closeSearch();
  }
}

function showSearch() {
  const prompt = word(isOverview ? "search_overview" : "search");
  searchable = null;
  searchInput.placeholder = prompt;
  searchInput.setAttribute("aria-label", prompt);
  searchList.setAttribute("aria-label", word("search_results"));
  showResults();
}

function startSearch() {
  searchInput.addEventListener("input", () => {
    searchResults = findSubjects(searchInput.value);
    searchChosen = -1;
    showResults();
    tell(searchInput.value.trim() ? word("searched", searchResults.length) : "");
  });
  searchInput.addEventListener("keydown", turnResults);
  searchBox.append(searchInput, el("kbd", { "aria-hidden": "true" }, "/"), searchList);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    event.preventDefault();
    searchInput.focus();
  });
  document.addEventListener("click", (event) => {
    if (!searchBox.contains(event.target)) { searchList.hidden = true; }
  });
  searchInput.addEventListener("focus", showResults);
}
