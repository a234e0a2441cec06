// Niceties of the desk. Every page works without this file: forms post, links load.

const SAVE_AFTER = 600; // ms without typing
const REFRESH = 2000; // ms between two looks at a moving issue
const REFRESH_HIDDEN = 10000;

const main = document.querySelector("#main");
const frame = document.querySelector("#frame");
const progress = document.querySelector("#progress");

/* The send: fetch the numbers until the issue stands still. */

async function refresh(etag) {
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(progress.dataset.progress, { headers, cache: "no-store" }).catch(() => null);
  if (answer?.redirected) return location.reload(); // logged out
  if (answer?.status === 200) replaceProgress(await answer.text());
  if (progress.querySelector("[data-moving]")) {
    const pause = document.hidden ? REFRESH_HIDDEN : REFRESH;
    setTimeout(refresh, pause, answer?.ok ? answer.headers.get("ETag") : etag);
  }
}

function replaceProgress(html) {
  const focused = document.activeElement?.id;
  progress.innerHTML = html;
  if (focused) document.getElementById(focused)?.focus();
  const { title, percent } = progress.querySelector("[data-title]").dataset;
  document.title = document.title.replace(/.*(?= · )/, () => title);
  const tenth = `${Math.floor(percent / 10) * 10}%`;
  const said = document.querySelector("#said"); // read aloud, so not every two seconds
  if (said.textContent !== tenth) said.textContent = tenth;
}

/* The draft: send forms without leaving the page, and put the parts of the answer in the place of the old ones.
   One after the other, because each change needs the version that the one before it made. */

let line = Promise.resolve();
const unsaved = new Map(); // form -> timer

function post(form, button, typing) {
  forget(form);
  flush();
  const action = button?.getAttribute("formaction") ?? form.getAttribute("action");
  line = line.then(() => {
    const body = new URLSearchParams(new FormData(form));
    body.set("version", version());
    return load(action, { method: "POST", body, keepalive: true }, typing);
  });
}

function saveSoon(form) {
  forget(form);
  unsaved.set(form, setTimeout(() => form.checkValidity() && post(form, null, true), SAVE_AFTER));
}

function forget(form) {
  clearTimeout(unsaved.get(form));
  unsaved.delete(form);
}

function flush() {
  for (const form of unsaved.keys()) post(form, null, true);
}

function version(page = document) {
  return page.querySelector("[name=version]").value;
}

async function load(url, options, typing) {
  const answer = await fetch(url, options).catch(() => null);
  if (!answer) return complain("no connection");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.querySelector("#blocks")) return take(page, typing && answer.ok); // a refused change shows the newer text
  if (answer.redirected) return location.assign(answer.url); // somebody sent it meanwhile
  complain(answer.status < 500 ? "you are logged out" : "the server is away");
}

function complain(reason) {
  const tag = document.createElement("span");
  tag.className = "tag warn";
  tag.textContent = `Not saved: ${reason}. Your text is kept on this page.`;
  document.querySelector("#saved").replaceChildren(tag);
}

function take(page, typing) {
  const focused = document.activeElement;
  const newer = version(page);
  const changed = newer !== version();
  for (const part of page.querySelectorAll("[data-part]")) {
    const old = document.getElementById(part.id);
    if (old && !(typing && old.contains(focused))) old.replaceWith(part);
  }
  takeNotices(page);
  for (const field of document.querySelectorAll("[name=version]")) field.value = newer;
  if (changed) showPreview();
  if (!typing) restoreFocus(focused);
}

function takeNotices(page) {
  for (const selector of [".flashes", "#unsaved"]) {
    document.querySelector(selector)?.remove();
    const fresh = page.querySelector(selector);
    if (fresh) (selector === ".flashes" ? main : document.querySelector("#head")).before(fresh);
  }
}

function restoreFocus(focused) {
  const editor = document.querySelector("#title");
  const [kind, number] = (focused?.id ?? "").split("-");
  if (kind === "edit" && editor) return editor.focus();
  const candidates = [focused?.id, `${kind === "up" ? "down" : "up"}-${number}`, `edit-${number}`];
  const found = candidates.map((id) => document.getElementById(id)).find((target) => target && !target.disabled);
  (found ?? document.querySelector("#blocks a"))?.focus();
}

function showPreview(as = frame.dataset.as) {
  const page = frame.querySelector("iframe");
  const url = new URL(page.src);
  const top = page.contentWindow?.scrollY ?? 0;
  page.addEventListener("load", () => page.contentWindow.scrollTo(0, as === frame.dataset.as ? top : 0), { once: true });
  url.searchParams.set("as", as);
  url.searchParams.set("v", version());
  frame.dataset.as = as;
  page.src = url;
}

/* Phones: one part of the desk at a time. */

function showPane(name) {
  main.dataset.pane = name;
  for (const link of document.querySelectorAll("[data-pane]:is(a)")) {
    link.toggleAttribute("aria-current", link.dataset.pane === name);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!frame || !form.closest(".wire, #blocks, #head, #advertisement, #choose-look")) return;
  event.preventDefault();
  if (form.method === "get") return load(`${form.action.split("#")[0]}?${new URLSearchParams(new FormData(form))}`, {}, false);
  post(form, event.submitter, false);
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-autosave]");
  if (form && frame) saveSoon(form);
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[data-live], a[data-as], a[data-pane]");
  if (!link || !frame) return;
  event.preventDefault();
  if (link.dataset.pane) return showPane(link.dataset.pane);
  if (link.dataset.live !== undefined) return load(link.href, {}, false);
  for (const other of link.parentElement.children) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  showPreview(link.dataset.as);
});

if (frame) {
  addEventListener("pagehide", flush);
  showPane("issue");
}
if (progress?.querySelector("[data-moving]")) setTimeout(refresh, REFRESH);
