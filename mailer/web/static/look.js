// The look of a newsletter: while somebody types, the server says whether a colour can be read, and shows a mail in it.

const AFTER = 500; // ms without typing

const form = document.querySelector("#appearance");
let waiting;
let rounds = 0; // a slow answer must not replace a newer one

async function look() {
  const round = ++rounds;
  const tried = new URLSearchParams(new FormData(form));
  tried.delete("csrf_token");
  const answer = await fetch(`${form.dataset.contrast}?${tried}`, { cache: "no-store" }).catch(() => null);
  if (answer?.redirected) return location.reload(); // logged out
  if (!answer?.ok || round !== rounds) return;
  document.querySelector("#contrast").innerHTML = await answer.text();
  document.querySelector("#seen").src = `${form.dataset.preview}?${tried}`;
}

form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(look, AFTER);
});

form.addEventListener("click", (event) => {
  const take = event.target.closest("[data-take]");
  if (!take) return;
  event.preventDefault();
  const field = document.getElementById(take.dataset.take);
  field.value = take.value;
  field.focus();
  look();
});
