// The queue board keeps itself fresh. Without this file it is as fresh as the last time the page was loaded.

const REFRESH = 3000; // ms; a slow answer stretches it, so that one board never takes more than a tenth of a server
const STRETCH = 10;

const board = document.querySelector("#board");
const hold = document.querySelector("#hold");
const freshness = document.querySelector("#freshness");

let etag = "";
let timer = 0;
let fetching = false;
let lastGood = new Date();

async function refresh() {
  fetching = true;
  const started = performance.now();
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(board.dataset.source, { headers, cache: "no-store" }).catch(() => null);
  fetching = false;
  if (answer?.redirected || answer?.status === 403) return location.reload(); // logged out
  if (answer?.status === 200) show(await answer.text(), answer.headers.get("ETag"));
  say(answer?.ok || answer?.status === 304);
  wait(Math.max(REFRESH, STRETCH * (performance.now() - started)));
}

function show(html, tag) {
  const focused = document.activeElement?.id;
  const scrolled = [...board.querySelectorAll(".scroll")].map((part) => part.scrollLeft);
  board.innerHTML = html;
  etag = tag ?? "";
  localTimes();
  board.querySelectorAll(".scroll").forEach((part, k) => (part.scrollLeft = scrolled[k] ?? 0));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function say(good) {
  if (good) lastGood = new Date();
  board.classList.toggle("stale", !good);
  const text = good ? "Every 3 s" : `No answer since ${clock(lastGood)}. These are the numbers of then.`;
  if (freshness.textContent !== text) freshness.textContent = text;
}

function wait(pause) {
  clearTimeout(timer);
  if (!held() && !document.hidden) timer = setTimeout(refresh, pause);
}

function held() {
  return hold.getAttribute("aria-pressed") === "true";
}

function toggle() {
  hold.setAttribute("aria-pressed", String(!held()));
  hold.lastChild.textContent = held() ? " Held" : " Hold";
  if (!held() && !fetching) refresh();
  else clearTimeout(timer);
}

function clock(moment) {
  return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

function localTimes() {
  for (const time of board.querySelectorAll("time")) {
    const moment = new Date(time.dateTime);
    const near = Math.abs(moment - Date.now()) < 12 * 3600 * 1000;
    const day = near ? "" : `${moment.toLocaleDateString([], { day: "numeric", month: "short" })} `;
    time.textContent = day + clock(moment);
  }
}

hold.addEventListener("click", toggle);
document.addEventListener("visibilitychange", () => (document.hidden || held() || fetching ? clearTimeout(timer) : refresh()));
document.addEventListener("keydown", (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (plain && event.key.toLowerCase() === "r" && !event.target.closest("input, select, textarea")) toggle();
});

document.querySelector("#control").hidden = false;
localTimes();
wait(REFRESH);
