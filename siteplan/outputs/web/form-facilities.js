/* Existing facilities: what the values of OpenStreetMap are called, and their symbols by group. */

const GROUPS = {
  community: { label: ["社区服务", "Community"], colour: "#7a4f9a",
    glyph: "M12 11a3.4 3.4 0 1 0 0-6.8 3.4 3.4 0 0 0 0 6.8zM5 20c0-4 3-6.6 7-6.6s7 2.6 7 6.6z" },
  education: { label: ["教育", "Education"], colour: "#2f6b9a",
    glyph: "M12 5 2.5 9.6 12 14.2l9.5-4.6zM6 13v4.2c3 2.6 9 2.6 12 0V13l-6 2.9z" },
  health: { label: ["医疗", "Health"], colour: "#b03a48",
    glyph: "M9.6 4h4.8v5.6H20v4.8h-5.6V20H9.6v-5.6H4V9.6h5.6z" },
  culture: { label: ["文化体育", "Culture, sport"], colour: "#2c7a51",
    glyph: "M3 5.5c3.4-1 6.6-.6 9 1.2 2.4-1.8 5.6-2.2 9-1.2v13c-3.4-1-6.6-.6-9 1.2-2.4-1.8-5.6-2.2-9-1.2z" },
  government: { label: ["行政公共", "Public offices"], colour: "#5d6770",
    glyph: "M12 3 3 8.4v2h18v-2zM5 12h3v6H5zM10.500 12h3v6h-3zM16 12h3v6h-3zM3.500 19.500h17V22h-17z" },
  other: { label: ["其他设施", "Other"], colour: "#8c949b",
    glyph: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10z" },
};

const KINDS = {
  __proto__: null,
  arts_centre: ["culture", "文化艺术中心", "arts centre"],
  bus_station: ["government", "客运站", "bus station"],
  childcare: ["education", "托幼", "childcare"],
  clinic: ["health", "诊所", "clinic"],
  college: ["education", "学院", "college"],
  community_centre: ["community", "社区中心", "community centre"],
  courthouse: ["government", "法院", "courthouse"],
  dentist: ["health", "牙科", "dentist"],
  doctors: ["health", "医生诊所", "doctors"],
  fire_station: ["government", "消防站", "fire station"],
  fitness_centre: ["culture", "健身中心", "fitness centre"],
  government: ["government", "政府机构", "government office"],
  hospital: ["health", "医院", "hospital"],
  kindergarten: ["education", "幼儿园", "kindergarten"],
  library: ["culture", "图书馆", "library"],
  marketplace: ["other", "市场", "marketplace"],
  museum: ["culture", "博物馆", "museum"],
  nursing_home: ["community", "养老院", "nursing home"],
  other: ["other", "公共设施", "public service"],
  park: ["culture", "公园", "park"],
  pharmacy: ["health", "药店", "pharmacy"],
  place_of_worship: ["other", "宗教场所", "place of worship"],
  police: ["government", "派出所", "police"],
  post_office: ["government", "邮局", "post office"],
  public_building: ["government", "公共建筑", "public building"],
  school: ["education", "学校", "school"],
  social_centre: ["community", "社会活动中心", "social centre"],
  social_facility: ["community", "社会福利设施", "social facility"],
  sports_centre: ["culture", "体育中心", "sports centre"],
  stadium: ["culture", "体育场", "stadium"],
  swimming_pool: ["culture", "游泳池", "swimming pool"],
  theatre: ["culture", "剧院", "theatre"],
  toilets: ["other", "公共厕所", "toilets"],
  townhall: ["government", "政府办公楼", "town hall"],
  university: ["education", "大学", "university"],
};

const groupOf = (kind) => (KINDS[kind] ? KINDS[kind][0] : "other");
const inLanguage = ([zh, en]) => (state.lang === "zh" ? zh : en);
const kindName = (kind) => (KINDS[kind] ? inLanguage(KINDS[kind].slice(1))
  : kind.replaceAll("_", " "));

function facilitySymbol(group, size) {
  const { colour, glyph } = GROUPS[group];
  return drawing(size, null,
    svg("rect", { x: 0.8, y: 0.8, width: 22.4, height: 22.4, rx: 6, fill: colour,
      stroke: "#fff", "stroke-width": 1.6 }),
    svg("g", { transform: "translate(12 12) scale(0.68) translate(-12 -12)" },
      svg("path", { d: glyph, fill: "#fff" })));
}
