/* Words and figures in the reader's language; each page has its own WORDS and state. */

const locale = () => (state.lang === "zh" ? "zh-CN" : "en-GB");
const isMissing = (value) => value === null || value === undefined;
// A third text is the English one of a single thing: of {0} where that is 1.
const word = (key, ...values) => {
  const [zh, en, single] = WORDS[key] || [key, key];
  const english = single && String(values[0]) === "1" ? single : en;
  return values.reduce((text, value, i) => text.replace(`{${i}}`, () => value),
    state.lang === "zh" ? zh : english);
};
const say = (text) => (typeof text === "string" ? text : text?.[state.lang] ?? "—");
const formats = {}; // making one is a thousand times slower than using it
const format = (value, style, least, most) => {
  formats[`${state.lang} ${style} ${most}`] ??= new Intl.NumberFormat(locale(),
    { style, minimumFractionDigits: least, maximumFractionDigits: most });
  return isMissing(value) ? "—" : formats[`${state.lang} ${style} ${most}`].format(value);
};
const number = (value, digits = 0) => format(value, "decimal", 0, digits);
const percent = (ratio) => format(ratio, "percent", 1, 1);
const withUnit = (value, unit, digits) => (isMissing(value) ? "—"
  : `${number(value, digits)} ${word(unit)}`);
const people = (value) => withUnit(value, "people");
const metres = (value) => withUnit(value, "unit_m");
