/** The preference centre: saves each choice as it is made, and puts the part of the page that answers in its place. */

const status = document.getElementById("said");
const busy = new Set();
const next = new Map();

document.documentElement.classList.add("js"); // the buttons that save are not needed any more

const say = (sentence) => {
  status.textContent = "";
  setTimeout(() => (status.textContent = sentence), 50); // said twice, it is heard twice
};

const replace = (part, html) => {
  const fresh = document.createRange().createContextualFragment(html).firstElementChild;
  const held = document.activeElement;
  for (const details of part.querySelectorAll("details[open]")) {
    const same = details.id && fresh.querySelector(`#${CSS.escape(details.id)}`);
    if (same) same.open = true;
  }
  const mine = part.contains(held);
  part.replaceWith(fresh);
  if (mine) (document.getElementById(held.id) ?? fresh.querySelector("select, input:not([type=hidden])"))?.focus();
  say(fresh.querySelector("[data-said]")?.textContent ?? "");
};

const lost = (part) => {
  part.querySelector(".sv")?.remove();
  const sentence = document.createElement("div");
  sentence.className = "sv wrong";
  sentence.textContent = status.dataset.lost;
  part.append(sentence);
  say(status.dataset.lost);
};

/** One at a time for each part; what was chosen meanwhile is sent after it, so that the last choice counts. */
const save = async (part, url, body) => {
  if (busy.has(part.id)) return void next.set(part.id, [url, body]);
  busy.add(part.id);
  let answer, html;
  try {
    answer = await fetch(url, { method: "POST", headers: { "X-Part": part.id }, body });
    html = await answer.text();
  } catch {
    next.delete(part.id);
    lost(part);
  }
  busy.delete(part.id);
  const waiting = next.get(part.id);
  next.delete(part.id);
  if (waiting) return save(part, ...waiting);
  if (!answer) return;
  if (answer.headers.has("X-Part")) replace(part, html);
  else if (answer.status >= 500) lost(part);
  else location.reload(); // the link is dead: the page says what to do
};

const send = (form, button) => {
  const part = form.closest("[data-part]");
  const body = new URLSearchParams(new FormData(form, button));
  save(part, form.action.split("#")[0], body);
};

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-live]")) send(form);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-live]")) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

const length = document.getElementById("length");
const day = document.getElementById("until-day");
const ask = () => (day.hidden = length.value !== "date");
if (length) {
  length.addEventListener("change", ask);
  ask();
}
