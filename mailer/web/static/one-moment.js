/** The page "One moment": solves its challenge and sends the form. Waiting is offered where that cannot be, or is slow. */

import { solve } from "./proof.js";

const form = document.getElementById("moment");
const work = document.getElementById("work");
const wait = document.getElementById("wait");

const SLOW = 10_000;

const offerToWait = () => {
  wait.hidden = false;
};

if (globalThis.crypto?.subtle) {
  work.hidden = false;
  wait.hidden = true;
  setTimeout(offerToWait, SLOW);
  try {
    form.elements.altcha.value = await solve(JSON.parse(form.dataset.challenge));
    form.submit();
  } catch {
    work.hidden = true;
    offerToWait();
  }
}
