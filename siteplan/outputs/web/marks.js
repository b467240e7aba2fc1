/* Symbols of the map page that are not sites: gaps, services, stops. */

const GAP_COLOUR = "#b3203f";
const STOP_COLOUR = "#22577a";
const RELATION_COLOURS = { __proto__: null, integrated: "#1f7a5a", linked: "#22577a", referred: "#b87400" };
const BUS = "M6 6.5h12v9H6zM7.5 17h2.5v2H7.5zM14 17h2.5v2H14z";
const RAIL = "M8 5h8l2 3v7l-2 2H8l-2-2V8zM8 18h2l-1 2zM14 18h2l1 2z";
const BOAT = "M4 13h16l-2.5 5h-11zM11 5h2v7h-2zM13 6l4 3h-4z";
const STOP_GLYPHS = { __proto__: null, bus_stop: BUS, bus_station: BUS, platform: BUS, ferry_terminal: BOAT };

const gapSymbol = (size) => drawing(size, null, svg("path", {
  d: "M12 2.5c6 0 9.5 3 9.5 8S18 21.5 12 21.5 2.5 17 2.5 11.5 6 2.5 12 2.5z",
  fill: GAP_COLOUR, "fill-opacity": 0.14, stroke: GAP_COLOUR, "stroke-width": 2,
  "stroke-dasharray": "3.5 2.5" }));

const outlineSymbol = (size) => drawing(size, null, svg("path", { d: "M4 5 19 3.5 20.5 18 6 20.5z",
  fill: "#efebe1", stroke: "#8f8878", "stroke-width": 1.6, "stroke-dasharray": "4 2.5" }));

// The ring tells how the service stands to the centre; a dashed one, that it does not.
function serviceSymbol(one, size) {
  const ring = RELATION_COLOURS[one.relation] || (one.relation ? "#5d6770" : null);
  return drawing(size, null,
    svg("circle", { cx: 12, cy: 12, r: 11, fill: "#fff", stroke: ring || "#8c949b",
      "stroke-width": ring ? 2.2 : 1.3, "stroke-dasharray": ring ? null : "3 2.2" }),
    svg("g", { transform: "translate(12 12) scale(0.62) translate(-12 -12)" },
      svg("path", { d: GROUPS[groupOf(one.kind)].glyph, fill: GROUPS[groupOf(one.kind)].colour })));
}

function stopSymbol(kind, size) {
  return drawing(size, null,
    svg("rect", { x: 3, y: 3, width: 18, height: 18, rx: 9, fill: STOP_COLOUR, stroke: "#fff",
      "stroke-width": 1.6 }),
    svg("g", { transform: "translate(12 12.2) scale(.72) translate(-12 -12)" },
      svg("path", { d: STOP_GLYPHS[kind] || RAIL, fill: "#fff" })));
}
