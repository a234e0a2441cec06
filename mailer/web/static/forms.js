// The form's page works without this: it copies the snippets, and shows in the preview what is being typed.

const frame = document.querySelector("#frame");
const words = document.querySelector("#words");

for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.firstChild;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    text.select();
    const copied = await navigator.clipboard?.writeText(text.value).then(() => true, () => false);
    label.data = copied ? "Copied" : "Selected: copy it now";
  });
}

addEventListener("message", ({ source, data }) => {
  if (source === frame.contentWindow && data.signupHeight) frame.height = data.signupHeight;
});

// The element reads its form once, so a copy with the new words takes its place.
function preview() {
  const shown = frame.contentDocument?.querySelector("post-signup");
  if (!shown) return;
  const copy = shown.cloneNode(true);
  for (const [name, place] of [["heading", "h2"], ["text", "p"], ["button", "button"]]) {
    const field = words.elements[name];
    const said = copy.querySelector(place);
    if (said) said.textContent = field.value || field.placeholder;
  }
  const wording = words.elements.wording;
  copy.querySelector("small").firstChild.data = `${wording.value || wording.placeholder} `;
  shown.replaceWith(copy);
}

words.addEventListener("input", preview);
