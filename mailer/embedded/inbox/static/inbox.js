// New mails appear by themselves: the list is fetched again and swapped when it changed.
const EVERY = 2000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const place of ["#mails", ".top"]) {
    const old = document.querySelector(place);
    const fresh = page.querySelector(place);
    if (old && fresh && old.innerHTML !== fresh.innerHTML && !old.contains(document.activeElement)) old.replaceWith(fresh);
  }
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);
