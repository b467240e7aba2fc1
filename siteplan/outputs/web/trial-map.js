/* The map while another scheme is tried out: what on it is of that scheme, and what is not. */

const trial = isOverview ? null : decodeTrial(data.trial);
const trialNote = el("div", { class: "trial-note", role: "note", hidden: "" });
let cells = null;

// On paper the map is that of the scheme evaluated, like all that stands around it.
const isTrying = () => !state.printing && Boolean(trial?.scheme)
  && !isEvaluated(trial, trial.scheme);

// The residents of a subdistrict, each point of them, as the scheme evaluated covers them.
function startTrial() {
  if (isOverview) return;
  cells = drawCells({ ...trial, covered: tryToday(trial).covered });
  frame.append(trialNote);
}

function showTrialNote() {
  trialNote.hidden = !isTrying();
  map.getContainer().classList.toggle("trying", isTrying());
  if (trialNote.hidden) return;
  trialNote.replaceChildren(el("div", {}, el("b", {}, word("trying")),
    el("p", {}, word("trying_map"))), button({ onclick: resetTrial }, word("tried_reset")));
}

function showTried() {
  if (isOverview) return;
  const { chosen, headquarters, radius } = isTrying() ? trial.scheme : evaluatedScheme(trial);
  cells?.cover(tryOut(trial, chosen, headquarters, radius).covered);
  showTrialNote();
}

function resetTrial() {
  trial.scheme = evaluatedScheme(trial);
  showTried();
  showPanel(`tab-${state.tab}`);
}
