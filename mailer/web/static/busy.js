// A form whose answer takes a while says so. Without this file it does the same, silently.

document.addEventListener("submit", (event) => {
  const { busy } = event.target.dataset;
  const button = event.submitter;
  if (!busy || !button) return;
  button.setAttribute("aria-disabled", "true");
  button.textContent = busy;
  event.target.addEventListener("submit", (again) => again.preventDefault());
});

// Back from the answer, the page is as it was left: busy for ever.
addEventListener("pageshow", (event) => event.persisted && location.reload());
