// <post-signup>: configured by the plain form inside, which remains where this cannot work.
const LOOK = `
:host { display: block; container-type: inline-size; --accent: var(--signup-accent, #0f6172);
  --edge: color-mix(in srgb, currentColor 58%, transparent); --bad: color-mix(in srgb, #d3222a 62%, currentColor) }
:host([hidden]), p:empty, .heading:empty { display: none }
* { box-sizing: border-box; font: inherit; color: inherit; letter-spacing: inherit }
.card { border: 1px solid color-mix(in srgb, currentColor 24%, transparent); border-radius: 8px; padding: 1.25em }
.heading { font-size: 1.3em; font-weight: 700; line-height: 1.25; font-family: var(--signup-heading, inherit); margin: 0 0 .25em }
p { margin: 0; line-height: 1.5; overflow-wrap: anywhere }
bdi { font-weight: 700 }
form { margin: .9em 0 0 }
label, legend, [role=alert], .small, .links { font-size: .875em }
label, legend, [role=alert], button { font-weight: 600; padding: 0 }
[for] { display: block; margin-bottom: .35em }
fieldset { border: 0; margin: 0 0 .6em; padding: 0; display: flex; flex-wrap: wrap; column-gap: 1.2em }
fieldset label { display: flex; gap: .5em; align-items: center; min-height: 44px; font-weight: 400 }
[type=checkbox] { width: 1.25em; height: 1.25em; margin: 0; accent-color: var(--accent) }
.row, .links { display: flex; flex-wrap: wrap; gap: .6em }
#field, button, .row a { min-height: max(44px, 3em); padding: .4em 1.2em; border: 1px solid var(--edge); border-radius: 6px }
#field { flex: 1 1 12em; min-width: 0; background: Field; color: FieldText; padding: .4em .8em }
[name=code] { max-width: 10em; letter-spacing: .25em; text-align: center }
[aria-invalid=true] { border-color: var(--bad) !important }
button { background: var(--accent); border-color: var(--accent); color: var(--signup-on-accent, #fff); cursor: pointer }
.row a { display: grid; place-content: center; text-decoration: none }
.links { align-items: center }
.links button, [role=alert] button { background: none; border: 0; padding: 0; color: inherit; text-decoration: underline; text-underline-offset: .15em }
.links, [role=alert] { margin-top: .5em; column-gap: 1.4em }
[role=alert] { color: var(--bad) }
.small { margin-top: .8em }
:focus-visible { outline: 3px solid color-mix(in srgb, var(--accent) 70%, currentColor); outline-offset: 2px }
[tabindex]:focus { outline: 0 }
[aria-busy] button { opacity: .85; cursor: default }
.away { position: absolute; width: 1px; clip-path: inset(50%) }
.confirmed .heading::before { content: "✓" / ""; margin-inline-end: .5em; padding: 0 .3em; border: 2px solid; border-radius: 50%; font-size: .75em; color: var(--accent) }
@container (max-width: 25em) { .row button, .row a { flex: auto } }
`;

// No text is parsed: Trusted Types have nothing to object to.
const make = (name, attributes, ...inside) => {
  const element = document.createElement(name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  element.append(...inside.filter(Boolean));
  return element;
};

const button = (label, onclick) => Object.assign(make("button", {}, label), { onclick });

// It acts on clicks: a sandboxed frame never submits. Enter clicks, too.
const ask = (action, before, label, field, ...buttons) =>
  make("form", { action, method: "post", novalidate: "" }, ...before,
    make("label", { for: "field" }, label),
    make("div", { class: "row" }, make("input", { id: "field", dir: "ltr", "aria-describedby": "error", ...field }), ...buttons),
    make("p", { id: "error", role: "alert" }));

const complain = (form, ...said) => {
  form.querySelector("#error").replaceChildren(...said);
  const field = form.querySelector("#field");
  field.setAttribute("aria-invalid", said.length > 0);
  return field;
};

const post = async (url, body, meanwhile) => {
  const headers = { Accept: "application/json" };
  const signal = AbortSignal.timeout(20000);
  const answer = await (await fetch(url, { method: "POST", body, headers, signal, credentials: "omit" })).json();
  if (answer.state !== "proof" || body.has("altcha")) return answer;
  meanwhile(answer);
  const { solve } = await import(new URL("proof.js", import.meta.url));
  body.set("ref", answer.ref);
  body.set("altcha", await solve(answer.challenge));
  return post(url, body);
};

class Signup extends HTMLElement {
  connectedCallback() {
    const plain = this.querySelector("form");
    if (this.card || !plain) return;
    const find = (what) => plain.querySelector(what);
    const say = (name, what) => this.dataset[name] || find(what)?.textContent.trim();
    const look = new CSSStyleSheet();
    look.replaceSync(LOOK);
    const typing = this.contains(document.activeElement);
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [look];
    this.since = performance.now();
    this.level = find("h2,h3,h4")?.localName || "h2";
    this.text = { title: say("heading", this.level), body: say("text", "p") };
    this.small = make("p", { class: "small" }, ...(find("small")?.cloneNode(true).childNodes || []));
    this.question = ask(plain.action, [...plain.querySelectorAll("[type=hidden], fieldset")].map((part) => part.cloneNode(true)),
      say("label", "[for]"),
      { name: "email", type: "email", autocomplete: "email" },
      button(say("button", "button"), this.press),
      make("input", { class: "away", name: "website", tabindex: -1, autocomplete: "off", "aria-hidden": "true" }));
    this.said = make("div", { role: "status" });
    this.rest = make("div");
    this.card = make("section", {}, this.said, this.rest);
    this.shadowRoot.append(this.card);
    this.start();
    const field = complain(this.question);
    field.value = find("[name=email]").value;
    if (typing) field.focus();
  }

  start() {
    if (!this.question.isConnected) this.show({ text: this.text }, this.question, this.small);
  }

  // Answers what has the focus next.
  show({ state, text, email }, ...rest) {
    const heading = make(this.level, { class: "heading", tabindex: -1 }, text.title);
    const body = (text.body || "").split(email || undefined).flatMap((part, n) => (n ? [make("bdi", {}, email), part] : part));
    this.card.className = `card ${state}`;
    this.said.replaceChildren(heading, make("p", {}, ...body));
    this.rest.replaceChildren(...rest);
    return heading;
  }

  press = async (event, form = event.currentTarget.form, url = form.action) => {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.rest.setAttribute("aria-busy", true);
    const body = new URLSearchParams(new FormData(this.question));
    const code = form.elements.code?.value;
    const started = Math.round(performance.now() - this.since);
    const facts = { page: location.href, ref: this.ref, sure: this.sure, code, started };
    for (const name in facts) if (facts[name]) body.set(name, facts[name]);
    let next;
    try {
      const answer = await post(url, body, (proof) => this.show(proof));
      this.ref = answer.ref || this.ref;
      next = this.take(answer);
      this.dispatchEvent(new CustomEvent("signup", { bubbles: true, detail: { state: answer.state } }));
    } catch {
      next = this.failed(form);
    }
    this.busy = false;
    this.rest.removeAttribute("aria-busy");
    next.focus();
  };

  take(answer) {
    const { state, text, preferences } = answer;
    if (state === "pending") return this.pending(answer);
    if (state === "invalid" || state === "suggest") return this.wrong(answer);
    return this.show(answer, preferences ? make("a", { href: preferences, target: "_blank" }, text.preferences) : "");
  }

  wrong({ state, message, suggestion }) {
    this.start();
    const field = complain(this.question, message);
    if (state === "suggest") this.sure = field.value;
    if (!suggestion) return field;
    const take = button(suggestion, (event) => {
      field.value = suggestion;
      this.press(event);
    });
    complain(this.question, message, " ", take);
    return take;
  }

  pending(answer) {
    const { text, error, mailbox, again_url, wait } = answer;
    const code = ask(answer.code_url, [], text.code,
      { name: "code", inputmode: "numeric", autocomplete: "one-time-code" },
      button(text.ok, this.press),
      mailbox && make("a", { href: mailbox.url, target: "_blank", rel: "noopener" }, mailbox.label));
    const sent = make("span", { role: "status" }, text.sent);
    const again = button(text.again, (event) => this.press(event, code, again_url));
    if (again_url) setTimeout(() => sent.replaceWith(again), wait * 1000);
    const wrong = button(text.wrong, () => {
      this.ref = "";
      this.start();
      complain(this.question).select();
    });
    const heading = this.show(answer, code, make("div", { class: "links" }, sent, wrong));
    return error ? complain(code, error) : heading;
  }

  // No connection, or the site forbids its scripts to ask us: the browser may still go there.
  failed(form) {
    const said = this.dataset.offline || "No connection. Try again.";
    if (form !== this.question || !navigator.onLine) return complain(form, said);
    this.start();
    form.submit();
    setTimeout(complain, 3000, form, said);
    return complain(form);
  }
}

if ("replaceSync" in CSSStyleSheet.prototype && !customElements.get("post-signup")) customElements.define("post-signup", Signup);
