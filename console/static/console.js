// The agents' console: htmx does the work; here is what it leaves open.
"use strict";

const offline = document.getElementById("offline");
const problem = document.getElementById("problem");

// A post that is repeated carries the key of the first, so it has one effect.
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// htmx calls a swapped refusal successful; a person does not.
const wentWell = (event) => event.detail.xhr.status >= 200 && event.detail.xhr.status < 300;

document.querySelectorAll("form[data-compose]").forEach((form) => {
  const words = form.elements.namedItem("text"), key = form.elements.namedItem("client_key");
  key.value = newKey();
  let sent = "";
  form.addEventListener("htmx:beforeRequest", () => { sent = words.value; });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (wentWell(event)) {
      key.value = newKey();
      if (words.value === sent) words.value = "";
    }
    words.focus();
  });
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
});

// What went wrong stands beside the words until something goes right.
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (wentWell(event) && problem) problem.replaceChildren();
});
document.body.addEventListener("htmx:sendError", () => {
  if (problem) problem.textContent = document.body.dataset.failed;
});

// Live parts
const toLogin = () => location.assign("/console/login");
document.body.addEventListener("htmx:sseOpen", () => {
  if (!offline.hidden && document.querySelector("[data-reload]")) location.reload(); // nothing is typed here
  offline.hidden = true;
});
document.body.addEventListener("htmx:sseError", async () => {
  offline.hidden = false;
  const answer = await fetch("/console", { redirect: "manual" }).catch(() => null);
  if (answer && answer.type === "opaqueredirect") toLogin(); // not the line was lost, but the session
});
document.body.addEventListener("htmx:sseClose", (event) => {
  if (event.detail.type === "message") toLogin();
});

// The ledger is swapped as a whole: who reads its end stays there, who reads further up stays there too.
let atEnd = true, place = 0;
const ledger = () => document.getElementById("ledger");

function follow() {
  const here = ledger();
  if (here) here.scrollTop = atEnd ? here.scrollHeight : place;
}

document.addEventListener("scroll", (event) => {
  if (event.target !== ledger()) return;
  place = event.target.scrollTop;
  atEnd = event.target.scrollHeight - place - event.target.clientHeight < 60;
}, true);
document.addEventListener("load", follow, true); // a picture that arrives late
addEventListener("resize", follow);
document.body.addEventListener("htmx:afterSwap", follow);
const asked = document.getElementById(location.hash.slice(1)); // whoever came for one message stays there
if (asked && ledger()?.contains(asked)) {
  atEnd = false;
  asked.scrollIntoView({ block: "center" });
  place = ledger().scrollTop;
}
document.body.addEventListener("htmx:sseMessage", follow);
follow();
document.getElementById("reply")?.focus({ preventScroll: true });

// "/" goes to the search field, unless something is being typed
document.addEventListener("keydown", (event) => {
  const search = document.getElementById("q"), at = event.target;
  if (event.key !== "/" || !search || at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// Questions before something that is not taken back
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog).showModal();
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog").close();
});
document.querySelectorAll("dialog form").forEach((form) => {
  form.addEventListener("htmx:afterRequest", () => form.closest("dialog").close());
});
