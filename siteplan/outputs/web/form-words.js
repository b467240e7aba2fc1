/* The form page of siteplan: a street draws and fills in its proposal.

Everything shown comes from the JSON in #siteplan-data, from what is typed, or from a file that is
opened. All of it is text by others: it only becomes text nodes, values and attributes; no markup is
written from strings. page.py puts these files into one function, in strict mode.

The data. {zh, en} stands for a text in both languages.

  lang?                  "zh" | "en"; without it the browser decides
  case, generator
  fields[], position[], original[]   as siteplan.schema describes them
  china                  [west, south, east, north] of where Chinese web maps shift coordinates
  tolerance_m            how far outside its subdistrict a venue is only a warning
  subdistricts[]         {code, name, district?, polygons}: those the page is for
  near                   polygons: the subdistricts with what is shown around them
  others[]               {name, lines, at [lon, lat]}: subdistricts around
  roads[]                {class: "motorway" | "major" | "minor" | "path", lines}
  water, green           polygons
  rail                   lines
  facilities[]           {kind, name, lon, lat}; kind is a value of OpenStreetMap
  sites[]                {id, name?, subdistrict?, role?, lon, lat}: existing venues
  taken[]                [id, subdistrict?] of every venue of the case
  licences[]             of the data shown
  polygons, lines        as in words.js */

const data = JSON.parse(document.getElementById("siteplan-data").textContent);

const WORDS = {
  __proto__: null, // so that no text from a file finds anything else
  add: ["添加场地", "Add a venue"],
  all_good: ["没有问题，可以下载。", "Nothing is wrong: ready to download."],
  all_good_short: ["填写完整，可以下载", "Complete, ready to download"],
  anew: ["重新开始", "Start anew"],
  anew_ask: ["确定清空“{0}”的草稿吗？共 {1} 个场地。已下载的文件不受影响。",
    "Clear the draft for {0} with its {1} venues? Files you have downloaded stay as they are."],
  anew_done: ["草稿已清空", "The draft was cleared"],
  area_mark: ["本街道", "This subdistrict"],
  asked: ["建议填写", "please give"],
  before: ["原坐标：{0}，{1}", "Given as {0}, {1}"],
  branch: ["分站点", "Branch"],
  branch_it: ["设为分站点", "Make it a branch"],
  cancel: ["取消", "Cancel"],
  choose: ["请选择", "Choose"],
  choose_subdistrict: ["请先选择街道：在上方选择，或点击地图",
    "First choose a subdistrict: above, or by a click on the map"],
  clear_parcel: ["改为一个点", "Make it a point"],
  close: ["关闭", "Close"],
  converted: ["已从{0}坐标换算为 WGS84，移动了 {1}。", "Converted from {0} to WGS84: moved by {1}."],
  delete_it: ["删除此场地", "Delete this venue"],
  deleted: ["已删除“{0}”", '"{0}" was deleted'],
  download: ["下载申报文件", "Download proposal"],
  downloaded: ["已下载 {0}，请将该文件交给规划部门。", "{0} was downloaded: send this file to the planning bureau."],
  duplicate: ["复制为新场地", "Duplicate"],
  error: ["错误", "Error"],
  errors: ["还有 {0} 处须填写或更正", "{0} still to fill in or correct"],
  existing_site: ["现有场地", "Existing venue"],
  done: ["已完成", "Done"],
  fail: ["错误", "Error"],
  facilities: ["现有设施", "Existing facilities"],
  file_bad: ["“{0}” 不能使用，草稿未改动", "{0} cannot be used; the draft is unchanged"],
  file_opened: ["已打开 {0}：{1} 个场地", "{0} was opened: {1} venues"],
  fit: ["显示整个街道", "Show the whole subdistrict"],
  free_services: ["其他，用顿号分开", "Others, separated by commas"],
  gcj02: ["高德（GCJ-02）", "Amap (GCJ-02)"],
  by: ["移动了 {0}", "moved by {0}"],
  bd09: ["百度（BD-09）", "Baidu (BD-09)"],
  wgs84: ["GPS（WGS84）", "GPS (WGS84)"],
  go: ["定位", "Place it"],
  green: ["绿地", "Green areas"],
  headquarters: ["总部", "Headquarters"],
  here: ["在本街道内", "inside this subdistrict"],
  hint_check: ["更正所有错误后下载，把文件交给规划部门。以后可用“打开文件”继续修改。",
    'Correct every error, download, and send the file to the planning bureau. "Open a file" brings it back for changes.'],
  hint_drag: ["再次点击地图，或拖动标记，可以移动；选中标记后也可用方向键。",
    "Click again or drag the marker to move it; the arrow keys move it once it has the focus."],
  hint_fill: ["带 * 的必填。", "Fields with * are required."],
  hint_place: ["在地图上点击场地的位置，或在下面粘贴坐标。",
    "Click on the map where the venue is, or paste its coordinates below."],
  key_made: ["留空则为 {0}", "Left empty: {0}"],
  keep: ["保持不变", "Leave it"],
  kept: ["原文件中的其他属性（{0} 项），原样保留", "Other attributes of the file ({0}), kept as they are"],
  lat_first: ["先纬度后经度：{0}", "Latitude first: {0}"],
  legend: ["图例", "Legend"],
  lon_first: ["先经度后纬度：{0}", "Longitude first: {0}"],
  make_it_head: ["改由“{0}”为总部，“{1}”为分站点", 'Make "{0}" the headquarters and "{1}" a branch'],
  map: ["地图：点击以放置场地，按回车键放在中央", "Map: click to place the venue, or press Enter to place it in the middle"],
  marker: ["{0}，可拖动，或用方向键移动", "{0}: drag it, or move it with the arrow keys"],
  moved: ["“{0}” 移动了 {1}", '"{0}" moved by {1}'],
  new_venue: ["场地 {0}", "Venue {0}"],
  not_placed: ["尚未定位", "not placed yet"],
  offer_datum: ["按{0}换算（移动 {1}，落在街道内）", "Convert from {0} (moves it by {1}, into the subdistrict)"],
  open: ["打开文件", "Open a file"],
  other_branch: ["其他设为分站点", "Make the others branches"],
  outside: ["离街道 {0}", "{0} outside the subdistrict"],
  parcel: ["地块图形，原样保留", "A parcel outline, kept as it is"],
  parcel_hint: ["此场地是一块地，图形不能在这里修改。", "This venue is a parcel, whose outline cannot be changed here."],
  paste: ["粘贴坐标", "Paste coordinates"],
  placed: ["已定位：{0}", "Placed: {0}"],
  printed: ["打印于 {0}", "Printed on {0}"],
  proposal: ["场地申报", "Venue proposal"],
  read_as_lat: ["按“先纬度后经度”读取。", "Read as latitude first."],
  replace: ["替换草稿", "Replace the draft"],
  replace_ask: ["打开 {0} 会替换当前草稿（{1} 个场地）。", "Opening {0} replaces the present draft of {1} venues."],
  rail: ["铁路", "Railways"],
  roads: ["道路", "Roads"],
  save_failed: ["浏览器不允许保存草稿：关闭页面前请先下载", "This browser keeps no drafts: download before you close the page"],
  saved: ["草稿已保存 {0}", "Draft saved {0}"],
  saving: ["草稿自动保存在本机", "Drafts are kept on this computer"],
  step_check: ["检查并下载", "Check and download"],
  step_fill: ["填写", "Fill in"],
  step_place: ["定位", "Place"],
  subdistrict: ["街道", "Subdistrict"],
  undo: ["撤销", "Undo"],
  unit_km: ["公里", "km"],
  unit_m: ["米", "m"],
  unknown_value: ["“{0}”（不在选项中）", '"{0}" (not a choice)'],
  use_for_all: ["全部改为“{0}”", 'Use "{0}" for all'],
  venue: ["场地", "Venue"],
  venues: ["场地", "Venues"],
  warning: ["提醒", "Note"],
  warnings: ["{0} 处提醒", "{0} to consider"],
  warn: ["提醒", "Note"],
  water: ["水面", "Water"],
  which: ["两种读法都可能，请选择：", "Both orders are possible. Which one is meant?"],
  zoom_in: ["放大", "Zoom in"],
  zoom_out: ["缩小", "Zoom out"],

  bad_choice: ["“{0}” 不在选项中。请在列表中选择。", '"{0}" is not one of the choices. Choose from the list.'],
  bad_date: ["“{0}” 不是日期。请写成 2010-08-31。", '"{0}" is not a date. Write it as 2010-08-31.'],
  bad_number: ["“{0}” 不是数字。请只填数字，如 {1}。", '"{0}" is not a number. Give a number, e.g. {1}.'],
  empty_required: ["未填。请填写。", "It is missing. Fill it in."],
  empty_asked: ["未填。建议填写。", "It is missing. Fill it in if you can."],
  heads_missing: ["有 {0} 个场地，没有总部。请把其中一处设为总部。", "None of the {0} venues is the headquarters. Make one of them the headquarters."],
  heads_two: ["“{0}” 已是总部，总部只能有一处。请只留一处。", '"{0}" is the headquarters already, and there can be only one. Keep one of them.'],
  id_taken: ["编号 {0} 已被其他街道使用。请换一个编号，或留空。", "Id {0} is taken by another subdistrict. Give another one, or leave it empty."],
  id_twice: ["编号 {0} 重复。请换一个编号，或留空。", "Id {0} stands twice. Give another one, or leave it empty."],
  mode_mixed: ["与“{0}”的{1}不同。同一街道的各场地应相同，请统一。", '{1} differs from that of "{0}". It must be the same for all venues: choose one.'],
  no_place: ["没有位置。请在地图上点击，或粘贴坐标。", "It has no place. Click on the map, or paste coordinates."],
  place_outside: ["位于街道之外 {0}。请核对位置和坐标来源。", "It lies {0} outside the subdistrict. Check the place, and where the coordinates come from."],
  place_range: ["坐标超出范围。经度 −180 至 180，纬度 −90 至 90。", "The coordinates are out of range. Longitude −180 to 180, latitude −90 to 90."],
  role_empty: ["有多个场地，角色未选。请选择总部或分站点。", "There are several venues and this one has no role. Choose headquarters or branch."],
  too_small: ["现为 {0}。须大于 {1}。", "It is {0}. It must be above {1}."],
  too_small_least: ["现为 {0}。不能小于 {1}。", "It is {0}. It must be at least {1}."],

  read_empty: ["请先粘贴坐标，如 {0}。", "First paste coordinates, e.g. {0}."],
  read_metres: ["这不是经纬度（可能是以米为单位的坐标）。请换成经纬度，如 {0}。", "These are no degrees (perhaps metres). Give longitude and latitude, e.g. {0}."],
  read_not: ["“{0}” 读不出两个坐标。请写成 {1}。", '"{0}" does not hold two coordinates. Write them as {1}.'],
  read_outside_china: ["({0}, {1}) 不在中国范围内，此处不用{2}坐标。请核对坐标，或选择 GPS。", "({0}, {1}) is outside China, where {2} is not used. Check the coordinates, or choose GPS."],
  read_zero: ["(0, 0) 不是真实位置。请填写真实坐标。", "(0, 0) is no real place. Give the real coordinates."],

  file_attribute: ["{0}的内容不是文字或数字。请更正。", "{0} is neither text nor a number. Correct it."],
  file_attributes: ["属性过多或嵌套过深。请删去无关的属性。", "Its attributes are too many or nested too deep. Remove what is not needed."],
  file_collection: ["不是 GeoJSON FeatureCollection。请打开从本页下载的文件。", "It is not a GeoJSON FeatureCollection. Open a file downloaded from this page."],
  file_coordinates: ["坐标无效。请重新绘制该场地。", "Its coordinates are not valid. Draw the venue again."],
  file_crs: ["坐标系不是 WGS84 经纬度。请导出为 WGS84。", "It is not in WGS84 longitude and latitude. Export it in WGS84."],
  file_empty: ["没有任何场地。请打开含有场地的文件。", "It holds no venues. Open a file with venues in it."],
  file_encoding: ["不是 UTF-8 文本。请另存为 UTF-8。", "It is not text in UTF-8. Save it as UTF-8."],
  file_feature: ["不是 GeoJSON Feature。请重新导出。", "It is not a GeoJSON Feature. Export it again."],
  file_json: ["不是有效的 JSON（{0}）。请重新导出。", "It is not valid JSON ({0}). Export it again."],
  file_kind: ["图形类型 {0} 不能使用。请用点或多边形。", "Geometry type {0} cannot be used. Use a point or a polygon."],
  file_large: ["大小 {0} MB，超过上限 {1} MB。请只保留本街道的场地。", "It has {0} MB, more than the {1} MB allowed. Keep only this subdistrict's venues."],
  file_many: ["有 {0} 个要素，超过上限 {1} 个。请只保留本街道的场地。", "It holds {0} features, more than the {1} allowed. Keep only this subdistrict's venues."],
  file_number: ["{0} 的数字过大，会失真。请加引号写成文字。", "{0} is a number too large to be kept exactly. Put it in quotes."],
  file_other: ["属于街道“{0}”，本页用于“{1}”。请打开本街道的文件。", 'It is for subdistrict "{0}", but this page is for "{1}". Open the file of this one.'],
  file_read: ["文件读不出来。请重试。", "The file cannot be read. Try again."],
  file_where: ["第 {0} 个要素（{1}）：", "Feature {0} ({1}): "],
};

const state = {
  lang: data.lang || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"),
  code: null, // of the subdistrict being filled in
  draft: { venues: [], selected: 0 },
  paste: "", datum: "", reply: null, // what was typed to place a venue, and what came of it
  clash: null, // the venue that would have been a second headquarters
  touched: new Set(), insist: false, // which fields may already be called empty
  problems: [], saved: null, undo: null,
};
const subdistricts = new Map(data.subdistricts.map((one) => [one.code, one]));
const FIELDS = new Map([...data.fields, ...data.position, ...data.original]
  .map((one) => [one.key, one]));
const DATUMS = FIELDS.get("datum").choices.map((one) => one.value);
state.datum = DATUMS[0];

const place = () => subdistricts.get(state.code);
const venues = () => state.draft.venues;
const selected = () => venues()[state.draft.selected];
const length = (metres) => (metres < 10000 ? withUnit(metres, "unit_m")
  : withUnit(metres / 1000, "unit_km"));
const nameWithCode = ({ code, name }) => (code === name ? name : `${name} (${code})`);
const titled = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const label = (key) => say(FIELDS.get(key).label);
