/* Elements and symbols. Strings become text, `on…` become listeners, the rest attributes. */

// Told apart by readers who cannot see red or green: tests/test_palette.py measures it.
const CLASSES = ["#fdf3d8", "#dbdb9f", "#9ec3a8", "#5f9da2", "#2b6d8a"]; // fifths, light to dark
const DOT_COLOUR = "#b3203f";
const COVERED_COLOUR = "#4b8a9b";
const LINK_COLOUR = "#1d3557";
const WATER_COLOUR = "#bfd5de";
const INK = "#22303a";
const LAND = "#e4e1da";
const STATUS_COLOURS = { existing: "#1d3557", proposed: "#c8551b", candidate: "#8d62c0" };
const VERDICT_COLOURS = {
  fail: "#a61b1b", warn: "#b87400", unknown: "#66707a", pass: "#1f7a5a", na: "#8c949b",
};
const VERDICT_OF = { violation: "fail", warning: "warn", note: "unknown" };
const ORDER = ["fail", "unknown", "warn", "pass", "na"]; // the worst first
const SEVERITIES = ["violation", "warning", "note"];

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (!isMissing(value) && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => !isMissing(child) && child !== false));
  return node;
}
const el = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
const bdi = (text) => el("bdi", {}, say(text)); // a name from right to left stays in its place
const button = (attributes, ...children) =>
  el("button", { type: "button", ...attributes }, ...children);
const spans = (texts) => texts.filter(Boolean).map((text) => el("span", {}, text));
const chip = (status) => status && el("span", { class: "chip" }, word(`status_${status}`));

function drawing(size, label, ...shapes) {
  const hidden = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return svg("svg", { viewBox: "0 0 24 24", width: size, height: size, ...hidden }, ...shapes);
}

function verdictSymbol(verdict, size = 16) {
  const colour = VERDICT_COLOURS[verdict];
  const line = { fill: "none", stroke: "#fff", "stroke-width": 2.6, "stroke-linecap": "round" };
  const disc = svg("circle", { cx: 12, cy: 12, r: 10.5, fill: colour });
  const ring = svg("circle", { cx: 12, cy: 12, r: 9.5, fill: "#fff", stroke: colour,
    "stroke-width": 2, "stroke-dasharray": "3.2 2.4" });
  const shapes = {
    pass: [disc, svg("path", { ...line, d: "M7 12.5l3.4 3.4 6.4-7.2" })],
    warn: [svg("path", { d: "M12 2 23 21.5H1z", fill: colour, stroke: colour,
      "stroke-linejoin": "round" }), svg("path", { ...line, d: "M12 9v5.6M12 18v.1" })],
    fail: [svg("path", { d: "M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z", fill: colour }),
      svg("path", { ...line, d: "M8 8l8 8M16 8l-8 8" })],
    unknown: [ring, svg("path", { ...line, stroke: colour, "stroke-width": 2.2,
      d: "M9 9.6a3 3 0 1 1 4.6 2.5c-1.1.8-1.6 1.3-1.6 2.4M12 18v.1" })],
    na: [ring, svg("path", { ...line, stroke: colour, d: "M8.5 12h7" })],
  };
  return drawing(size, word(verdict), ...shapes[verdict]);
}

const SHAPES = {
  headquarters: ["circle", { cx: 12, cy: 12, r: 9.5 }],
  branch: ["circle", { cx: 12, cy: 12, r: 6 }],
  single: ["rect", { x: 4.5, y: 4.5, width: 15, height: 15, rx: 2 }],
  candidate: ["path", { d: "M12 4.5 19.5 12 12 19.5 4.5 12z" }],
  candidate_headquarters: ["path", { d: "M12 .5 23.5 12 12 23.5 .5 12z" }],
  candidate_branch: ["path", { d: "M12 6 18 12 12 18 6 12z" }],
};
const STAR = "M12 5.6l1.9 4 4.4.5-3.3 3 .9 4.3L12 15.2l-3.9 2.2.9-4.3-3.3-3 4.4-.5z";

// What a site is in words, and in shapes: of a candidate the shape tells the role as well.
const siteKind = (site) => (site.status === "candidate" ? "candidate" : site.role || "single");
const siteTraits = ({ status, role }) =>
  (status === "candidate" ? [role, status] : [role || "single", status]).filter(Boolean)
    .map((key) => word(key));
const siteShape = ({ status, role }) =>
  (status === "candidate" && role ? `candidate_${role}` : siteKind({ status, role }));

// The shape tells the role; filled means existing, hollow means still to come.
function siteSymbol(kind, status, size) {
  const colour = STATUS_COLOURS[status] || VERDICT_COLOURS.unknown;
  const [tag, place] = SHAPES[kind];
  const paint = status === "existing" ? { fill: colour, stroke: colour, "stroke-width": 1 }
    : { fill: "#fff", stroke: colour, "stroke-width": 2.4 };
  const halo = { fill: "none", stroke: "#fff", "stroke-width": 4.6, "stroke-opacity": 0.9 };
  const glyphs = {
    headquarters: ["path", { d: STAR }],
    candidate_headquarters: ["path", { d: STAR, transform: "translate(3.6 3.6) scale(.7)" }],
    candidate_branch: ["circle", { cx: 12, cy: 12, r: 1.8 }],
  };
  const [glyphTag, glyphPlace] = glyphs[kind] || [];
  const glyph = glyphTag
    && svg(glyphTag, { ...glyphPlace, fill: status === "existing" ? "#fff" : colour });
  return drawing(size, null, svg(tag, { ...place, ...halo }), svg(tag, { ...place, ...paint }),
    glyph);
}

function languageButtons() {
  const choose = (lang, text) => button({ lang, "aria-pressed": String(state.lang === lang),
    onclick: () => speak(lang) }, text);
  return el("div", { class: "languages", role: "group", "aria-label": "语言 / Language" },
    choose("zh", "中文"), choose("en", "English"));
}
