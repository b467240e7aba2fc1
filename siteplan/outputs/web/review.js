/* Decisions of the planning bureau: made beside a site, kept in this browser, saved as one file.

  reviewButtons(site)    an element with what was decided on a site, and where to decide
  reviewPanel(open?)     an element with all decisions made here, to save them and to go on with
                         saved ones; open(id) is called for a site that is chosen in it

Both keep themselves up to date. They read {reviews[]} of the page's data, as in evaluation.json, and
evaluation_sha256 of a site or of its subdistrict. A file is what `siteplan schema review` describes.
Decisions are kept per case, so that the pages of one case share them where the browser lets them. */

const REVIEW_FORMAT = "siteplan-review/1";
const REVIEW_KINDS = ["accept", "return", "reject"];
const REVIEW_MOST = { case: 500, reviewer: 100, site: 500, comment: 5000, decisions: 20000,
  megabytes: 20, unfolded: 12 };
const REVIEW_TIME = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/;
const REVIEW_HASH = /^[0-9a-f]{64}$/;

const REVIEW_WORDS = {
  review: ["审查决定", "Decisions"],
  review_accept: ["同意", "Accept"],
  review_case: ["该文件属于另一案例：{0}", "This file is of another case: {0}"],
  review_clear: ["清除…", "Clear…"],
  review_clear_sure: ["确定清除 {0} 项决定", "Really clear {0} decisions", "Really clear 1 decision"],
  review_cleared: ["已清除", "Cleared"],
  review_comment: ["说明", "Comment"],
  review_conflict: ["意见冲突", "Conflict"],
  review_damaged: ["不是审查决定文件，或已损坏", "This is no file of decisions, or it is damaged"],
  review_damaged_at: ["第 {0} 项不是审查决定", "Item {0} of the file is not a decision"],
  review_draft: ["只有说明，尚未决定", "A comment only, not decided"],
  review_drafts: ["只有说明、尚未决定，因而未存入文件：{0}", "Not in the file, for they have a comment only: {0}"],
  review_empty: ["尚未作决定", "Nothing decided here yet"],
  review_large: ["文件过大", "The file is too large"],
  review_name_first: ["请先填写审查人", "Give the reviewer's name first"],
  review_of: ["{0}：审查决定", "Decision on {0}"],
  review_open: ["打开已保存的文件", "Open a saved file"],
  review_made: ["在此作出的决定：{0} 项", "Decided here: {0}"],
  review_opened: ["已打开，读入 {0} 项决定", "Opened, {0} decisions taken over", "Opened, 1 decision taken over"],
  review_other: ["该文件的审查人是 {0}，请先保存并清除本页的决定",
    "This file is by {0}: save and clear the decisions made here first"],
  review_outdated: ["评审已变", "Evaluation has changed"],
  review_outdated_mine: ["作出决定后评审已变，请再次确认",
    "The evaluation has changed since: decide again"],
  review_pending: ["待决定的申报：{0} 个场地", "Proposals to be decided: {0} sites",
    "Proposals to be decided: 1 site"],
  review_reject: ["不同意", "Reject"],
  review_return: ["退回修改", "Return"],
  review_reviewer: ["审查人", "Reviewer"],
  review_save: ["保存决定", "Save decisions"],
  review_saved: ["已保存 {0} 项决定：{1}", "Saved {0} decisions: {1}", "Saved 1 decision: {1}"],
  review_settles: ["以此决定了结分歧", "This settles the conflict"],
  review_standing: ["已有决定", "Decided before"],
  review_standing_count: ["已有决定：{0} 项", "Decided before: {0}"],
  review_unstored: ["浏览器不允许保存草稿：关闭页面之前请保存文件",
    "This browser keeps no drafts: save a file before you close the page"],
};
Object.assign(WORDS, REVIEW_WORDS);

const review = { reviewer: "", made: new Map(), stored: true, unsaved: false, reply: "",
  clearing: false };

// ---- what is known

const isReviewText = (value, most) => typeof value === "string" && value.length <= most;
const cleanReviewText = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd"); // half a character
const hashOf = (site) =>
  site.evaluation_sha256 ?? subdistricts.get(site.subdistrict)?.evaluation_sha256;
const standingOn = (id) => (data.reviews || []).filter((one) => one.site === id);
const isContested = (id) => standingOn(id).some((one) => one.conflict && !one.outdated);
const nameDecided = (one) => one.name ?? sites.get(one.site)?.name ?? one.site;
const listDrafts = () => [...review.made.values()].filter((one) => !one.decision);
const madeDecisions = () => [...review.made.values()].filter((one) => one.decision)
  .sort((a, b) => (a.site < b.site ? -1 : 1));
const isPending = (site) => site.status === "proposed" && Boolean(hashOf(site))
  && !review.made.get(site.id)?.decision
  && !standingOn(site.id).some((one) => !one.outdated && !one.conflict);
const isStale = (one) => sites.has(one.site) && hashOf(sites.get(one.site)) !== one.evaluation_sha256;

// With the offset of this computer's clock, as people here read it.
function writeTime(milliseconds) {
  const offset = -new Date(milliseconds).getTimezoneOffset();
  const local = new Date(milliseconds + offset * 60000).toISOString().slice(0, -1);
  const two = (value) => String(Math.trunc(value)).padStart(2, "0");
  const size = Math.abs(offset);
  return `${local}${offset < 0 ? "-" : "+"}${two(size / 60)}:${two(size % 60)}`;
}

const sayTime = (text) => new Intl.DateTimeFormat(locale(),
  { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));

// One decision as a file or the browser's storage has it; null for what is none.
function readDecision(value) {
  const { site, subdistrict, decision, comment, decided, evaluation_sha256: hash, settles = false,
  } = value || {};
  const isDecision = isReviewText(site, REVIEW_MOST.site) && site.trim() !== ""
    && (subdistrict === null || (isReviewText(subdistrict, REVIEW_MOST.site) && subdistrict.trim()))
    && REVIEW_KINDS.includes(decision) && isReviewText(comment, REVIEW_MOST.comment)
    && isReviewText(decided, 40) && REVIEW_TIME.test(decided)
    && Number.isFinite(Date.parse(decided))
    && isReviewText(hash, 64) && REVIEW_HASH.test(hash) && typeof settles === "boolean";
  return isDecision
    ? { site, subdistrict, decision, comment, decided, evaluation_sha256: hash, settles } : null;
}

// ---- storage: the browser's, which other pages on this computer may write to as well. Each site
// has a place of its own, so that two pages that are open at a time do not undo each other.

const REVIEW_PLACE = `${REVIEW_FORMAT}|${JSON.stringify(data.case)}|`;
const reviewPlace = (site) => `${REVIEW_PLACE}site|${site}`;

function storeReview(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
    review.stored = true;
  } catch { // none on this page, or it is full
    review.stored = false;
  }
}

function reviveReview(text) {
  try {
    const saved = JSON.parse(text);
    const read = readDecision({ ...saved, decision: saved.decision ?? "accept" });
    const name = isReviewText(saved.name, REVIEW_MOST.site) ? saved.name : null;
    return read && { ...read, decision: saved.decision === null ? null : read.decision, name };
  } catch { // not ours
    return null;
  }
}

function loadReview() {
  try {
    const keys = Array.from({ length: localStorage.length }, (_, i) => localStorage.key(i));
    const revived = keys.filter((key) => key.startsWith(reviewPlace("")))
      .map((key) => reviveReview(localStorage.getItem(key))).filter(Boolean);
    review.made = new Map(revived.map((one) => [one.site, one]));
    const name = localStorage.getItem(`${REVIEW_PLACE}reviewer`) || "";
    review.reviewer = isReviewText(name, REVIEW_MOST.reviewer) ? name : "";
  } catch {
    review.stored = false;
  }
}

function keepDecision(one) {
  review.made.set(one.site, one);
  storeReview(reviewPlace(one.site), JSON.stringify(one));
}

function dropDecision(id) {
  review.made.delete(id);
  storeReview(reviewPlace(id), null);
}

// ---- changes

// Later than what it takes the place of, whatever the clocks of others said.
function nextTime(id) {
  const before = [review.made.get(id), ...(isContested(id) ? standingOn(id) : [])];
  return writeTime(Math.max(Date.now(),
    ...before.filter(Boolean).map((one) => Date.parse(one.decided) + 1)));
}

function decide(site, changes) {
  const next = { decision: null, comment: "", settles: true, ...review.made.get(site.id), ...changes,
    site: site.id, subdistrict: site.subdistrict ?? null, name: site.name ?? null,
    decided: nextTime(site.id), evaluation_sha256: hashOf(site) };
  if (!isContested(site.id)) next.settles = false;
  review.unsaved = true;
  if (next.decision || next.comment) keepDecision(next);
  else dropDecision(site.id);
  replyReview("");
}

function replyReview(text) {
  review.reply = text;
  review.clearing = false;
  refreshReviews();
}

function clearDecisions() {
  if (!review.clearing) {
    review.clearing = true;
    refreshReviews();
    return;
  }
  for (const id of [...review.made.keys()]) dropDecision(id);
  replyReview(word("review_cleared"));
}

// ---- the file

function writeReview() {
  const decisions = madeDecisions().map(readDecision).map((one) =>
    ({ ...one, comment: cleanReviewText(one.comment) }));
  const latest = Math.max(Date.now(), ...decisions.map((one) => Date.parse(one.decided)));
  return `${JSON.stringify({ format: REVIEW_FORMAT, case: data.case,
    reviewer: cleanReviewText(review.reviewer.trim()), saved: writeTime(latest), decisions },
  null, 1)}\n`;
}

function reviewFileName() {
  const letters = (text) => [...text].filter((one) => /[\p{L}\p{N}_-]/u.test(one)).slice(0, 40)
    .join("");
  return `审查_${letters(data.case)}_${letters(review.reviewer)}.json`;
}

function saveReview() {
  const count = madeDecisions().length;
  const drafts = listDrafts().map(nameDecided);
  const left = drafts.length > 0
    && word("review_drafts", drafts.join(state.lang === "zh" ? "、" : ", "));
  if (!count) return replyReview(sayReplies(word("review_empty"), left));
  if (!review.reviewer.trim()) {
    replyReview(word("review_name_first"));
    return document.querySelector(".review-panel input")?.focus();
  }
  const address = URL.createObjectURL(new Blob([writeReview()], { type: "application/json" }));
  const name = reviewFileName();
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
  review.unsaved = false;
  return replyReview(sayReplies(word("review_saved", count, name), left));
}

const sayReplies = (...replies) => replies.filter(Boolean).join(state.lang === "zh" ? "；" : "; ");

class ReviewRefusal extends Error {} // its message is what the reader is told

function refuseReview(key, ...values) {
  throw new ReviewRefusal(word(key, ...values));
}

function parseReview(text) {
  try {
    return JSON.parse(text.replace(/^\ufeff/, "")) || {};
  } catch {
    return {};
  }
}

// Returns what a file holds; it refuses one that is not exactly what a page like this saves.
function readReview(text) {
  const { format, case: title, reviewer, decisions } = parseReview(text);
  if (format !== REVIEW_FORMAT || !isReviewText(title, REVIEW_MOST.case)
    || !isReviewText(reviewer, REVIEW_MOST.reviewer) || !reviewer.trim()
    || !Array.isArray(decisions) || decisions.length > REVIEW_MOST.decisions) {
    refuseReview("review_damaged");
  }
  if (title !== data.case) refuseReview("review_case", title);
  const read = decisions.map(readDecision);
  if (read.includes(null)) refuseReview("review_damaged_at", read.indexOf(null) + 1);
  const mine = review.reviewer.trim();
  if (mine && mine !== reviewer.trim() && madeDecisions().length) {
    refuseReview("review_other", reviewer);
  }
  return { reviewer: reviewer.trim(), decisions: read };
}

// Of two decisions on one site the later one stays.
function takeOver({ reviewer, decisions }) {
  nameReviewer(reviewer);
  const later = decisions.filter((one) => {
    const mine = review.made.get(one.site);
    return !mine?.decision || Date.parse(one.decided) > Date.parse(mine.decided);
  });
  for (const one of later) keepDecision({ ...one, name: sites.get(one.site)?.name ?? null });
  return later.length;
}

async function openReview(file) {
  try {
    if (file.size > REVIEW_MOST.megabytes * 1e6) refuseReview("review_large");
    replyReview(word("review_opened", takeOver(readReview(await file.text()))));
  } catch (error) {
    const unreadable = error instanceof DOMException; // gone, or not to be read
    if (!unreadable && !(error instanceof ReviewRefusal)) throw error;
    replyReview(unreadable ? word("review_damaged") : error.message);
  }
}

function nameReviewer(name) {
  review.reviewer = name;
  storeReview(`${REVIEW_PLACE}reviewer`, name);
}

// ---- elements

const reviewers = new WeakMap(); // what brings each of our elements up to date

function refreshReviews() {
  for (const node of document.querySelectorAll("[data-review]")) reviewers.get(node)?.();
}

// Returns an element that is kept up to date from now on.
function keepFresh(node, refresh) {
  node.dataset.review = "";
  reviewers.set(node, refresh);
  refresh();
  return node;
}

function fillField(field, value) {
  if (field.value !== value) field.value = value;
}

const reviewMark = (key) => el("span", { class: `review-mark ${key}` }, word(`review_${key}`));

// How the decisions on a site stand, in a word or two: what was decided, unless it is contested or
// was decided on an earlier evaluation.
function standingMarks(id) {
  const standing = standingOn(id);
  const flags = ["conflict", "outdated"].filter((flag) => standing.some((one) => one[flag]));
  const kinds = flags.length ? flags : [...new Set(standing.map((one) => one.decision))];
  return kinds.map(reviewMark);
}

function standingItem(one, named) {
  const kind = REVIEW_KINDS.includes(one.decision) ? one.decision : "return";
  return el("li", {}, named && [named, " "],
    el("b", { class: `review-kind ${kind}` }, word(`review_${kind}`)), " ",
    bdi(one.reviewer), " ", el("time", { datetime: one.decided }, sayTime(one.decided)), " ",
    one.conflict && reviewMark("conflict"), one.outdated && reviewMark("outdated"),
    one.comment && el("p", {}, bdi(one.comment)));
}

function choiceButton(site, kind) {
  const choose = () => {
    const chosen = review.made.get(site.id)?.decision === kind; // chosen again, it is taken back
    decide(site, { decision: chosen ? null : kind });
  };
  return button({ class: `review-choice ${kind}`, "data-kind": kind, onclick: choose },
    word(`review_${kind}`));
}

function reviewButtons(site) {
  const standing = standingOn(site.id);
  const before = standing.length > 0 && el("div", { class: "review-standing" },
    el("h4", {}, word("review_standing")), el("ul", {}, standing.map((one) => standingItem(one))));
  const group = { class: "review", role: "group", "data-site": site.id,
    "aria-label": word("review_of", site.name ?? site.id) };
  if (!hashOf(site)) return el("div", group, before);

  const choices = REVIEW_KINDS.map((kind) => choiceButton(site, kind));
  const comment = el("textarea", { rows: 2, maxlength: REVIEW_MOST.comment, dir: "auto",
    oninput: () => decide(site, { comment: comment.value }) });
  const settles = el("input", { type: "checkbox",
    onchange: () => decide(site, { settles: settles.checked }) });
  const said = el("p", { class: "review-said" });
  const node = el("div", group, before, el("div", { class: "review-choices" }, choices),
    el("label", { class: "review-comment" }, el("span", {}, word("review_comment")), comment),
    isContested(site.id) && el("label", { class: "review-settles" }, settles, " ",
      word("review_settles")), said);
  return keepFresh(node, () => {
    const mine = review.made.get(site.id);
    for (const choice of choices) {
      choice.setAttribute("aria-pressed", String(mine?.decision === choice.dataset.kind));
    }
    fillField(comment, mine?.comment ?? "");
    settles.checked = mine?.settles ?? true;
    said.textContent = [mine?.decision && sayTime(mine.decided),
      mine && !mine.decision && word("review_draft"),
      mine?.decision && isStale(mine) && word("review_outdated_mine")].filter(Boolean).join(" · ");
  });
}

const siteJump = (one, open) => (open && sites.has(one.site)
  ? button({ class: "jump", onclick: () => open(one.site) }, bdi(nameDecided(one)))
  : bdi(nameDecided(one)));

function decisionItem(one, open) {
  return el("li", { "data-site": one.site },
    el("b", { class: `review-kind ${one.decision}` }, word(`review_${one.decision}`)), " ",
    siteJump(one, open), " ",
    el("time", { datetime: one.decided }, sayTime(one.decided)), " ",
    isStale(one) && reviewMark("outdated"), one.comment && el("p", {}, bdi(one.comment)));
}

const pendingItem = (site, open) =>
  el("li", {}, siteJump({ site: site.id }, open), " ", standingMarks(site.id));

// A list under a heading that counts it; a long one is folded, but not on paper.
function reviewList(kind, title, items) {
  const open = state.printing || items.length <= REVIEW_MOST.unfolded;
  return items.length > 0 && el("details", { class: kind, open: open && "" },
    el("summary", {}, title), el("ul", {}, items));
}

function reviewPanel(open) {
  const count = el("h4", { class: "review-count" });
  const name = el("input", { type: "text", maxlength: REVIEW_MOST.reviewer, dir: "auto",
    autocomplete: "name", oninput: () => { nameReviewer(name.value); replyReview(""); } });
  const list = el("div", { class: "review-made" });
  const standing = data.reviews || [];
  const counted = el("summary");
  const waiting = el("ul");
  const pending = el("details", { class: "review-pending" }, counted, waiting);
  pending.open = data.sites.filter(isPending).length <= REVIEW_MOST.unfolded;
  const file = el("input", { type: "file", accept: ".json,application/json", hidden: "",
    onchange: () => { if (file.files.length) openReview(file.files[0]); file.value = ""; } });
  const clear = button({ onclick: clearDecisions });
  const said = el("p", { class: "review-reply", role: "status", "aria-live": "polite" });
  const unstored = el("p", { class: "review-unstored", role: "note" });
  const node = el("section", { class: "review-panel", "aria-label": word("review") },
    el("h3", {}, word("review")),
    reviewList("review-standing", word("review_standing_count", number(standing.length)),
      standing.map((one) => standingItem(one, siteJump(one, open)))),
    el("label", { class: "review-name" }, el("span", {}, word("review_reviewer")), name),
    count, list, pending,
    el("div", { class: "review-actions" },
      button({ class: "review-save", onclick: saveReview }, word("review_save")),
      button({ class: "review-open", onclick: () => file.click() }, word("review_open")), file,
      clear), said, unstored);
  return keepFresh(node, () => {
    const made = madeDecisions();
    count.textContent = word("review_made", number(made.length));
    fillField(name, review.reviewer);
    list.replaceChildren(made.length ? el("ul", {}, made.map((one) => decisionItem(one, open)))
      : el("p", { class: "empty" }, word("review_empty")));
    const left = data.sites.filter(isPending);
    counted.textContent = word("review_pending", number(left.length));
    waiting.replaceChildren(...left.map((site) => pendingItem(site, open)));
    pending.hidden = left.length === 0;
    clear.textContent = review.clearing ? word("review_clear_sure", number(made.length))
      : word("review_clear");
    clear.disabled = review.made.size === 0;
    said.textContent = review.reply;
    unstored.textContent = review.stored ? "" : word("review_unstored");
  });
}

loadReview();
window.addEventListener("beforeunload", (event) => { // or they would be gone without a word
  if (review.unsaved && !review.stored && review.made.size) event.preventDefault();
});
window.addEventListener("storage", (event) => { // another page of this case
  if (event.key !== null && !event.key.startsWith(REVIEW_PLACE)) return;
  loadReview();
  refreshReviews();
});
