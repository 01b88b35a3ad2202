// The customer's web chat: sends what is typed, shows what arrives, loses nothing on a bad line.
"use strict";

const log = document.getElementById("log");
const composer = document.getElementById("composer");
const text = document.getElementById("text");
const file = document.getElementById("file");
const chosen = document.getElementById("chosen");
const problem = document.getElementById("problem");
const offline = document.getElementById("offline");
const { language, longest, largest, tooLong, tooBig, undelivered } = log.dataset;
const AGAIN_MS = 3000;
const inLanguage = (path) => `${path}?lang=${encodeURIComponent(language)}`;

// What arrives

let newest = log.dataset.newest;

function connect() {
  const source = new EventSource(`/chat/events?lang=${encodeURIComponent(language)}&after=${newest}`);
  source.addEventListener("open", () => { offline.hidden = true; });
  source.addEventListener("said", (event) => show(event.data));
  source.addEventListener("error", () => {
    offline.hidden = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN_MS);
  });
}

function show(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  const bubble = template.content.firstElementChild;
  const { id, key } = bubble.dataset;
  if (document.getElementById(bubble.id)) return;
  if (comesAfter(id, newest)) newest = id;
  const pending = key && log.querySelector(`.pending[data-key="${CSS.escape(key)}"]`);
  if (pending) pending.remove();
  if (bubble.classList.contains("theirs")) dropButtons();
  tellTime(bubble);
  keepAtEnd(() => place(bubble));
}

// Ids are too large for numbers; of equal length they compare as text.
const comesAfter = (a, b) => a.length === b.length ? a > b : a.length > b.length;

function place(bubble) {
  const later = [...log.querySelectorAll(".bubble")].find(
    (other) => other.classList.contains("pending") || comesAfter(other.dataset.id, bubble.dataset.id));
  log.insertBefore(bubble, later || null);
  document.getElementById("empty").hidden = true;
}

function dropButtons() {
  log.querySelectorAll(".buttons").forEach((buttons) => buttons.remove());
}

function tellTime(root) {
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
  root.querySelectorAll("time").forEach((time) => { time.textContent = clock.format(new Date(time.dateTime)); });
}

// Who reads the end stays there, also when a picture arrives late; who reads further up is left in peace.
let following = true;

function toEnd() {
  if (following) log.scrollTop = log.scrollHeight;
}

function keepAtEnd(change) {
  change();
  toEnd();
}

log.addEventListener("scroll", () => { following = log.scrollHeight - log.scrollTop - log.clientHeight < 120; });
log.addEventListener("load", toEnd, true);
addEventListener("resize", toEnd);

// What is sent: one after the other, so that it arrives in the order in which it was written

let line = Promise.resolve();

function submit() {
  const words = text.value, picked = file.files[0];
  if (!words.trim() && !picked) return;
  problem.textContent = "";
  if ([...words].length > Number(longest)) return complain(tooLong);
  if (picked && picked.size > Number(largest)) return complain(tooBig);
  const message = { words, picked, key: newKey() };
  text.value = "";
  pick(null);
  const bubble = pendingBubble(message);
  following = true;
  keepAtEnd(() => log.append(bubble));
  line = line.then(() => send(message, bubble));
  text.focus();
}

function complain(sentence) {
  problem.textContent = sentence;
  text.focus();
}

// crypto.randomUUID is missing on plain http, getRandomValues is not.
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pendingBubble({ words, picked, key }) {
  const bubble = document.createElement("article");
  bubble.className = "bubble mine pending";
  bubble.dataset.key = key;
  const shown = document.createElement("p");
  shown.className = "words";
  shown.dir = "auto";
  shown.textContent = words || picked.name;
  bubble.append(shown);
  document.getElementById("empty").hidden = true;
  return bubble;
}

async function send(message, bubble) {
  const form = new FormData();
  form.append("client_key", message.key);
  form.append("text", message.words);
  if (message.picked) form.append("file", message.picked);
  let answer;
  try {
    answer = await fetch(inLanguage("/chat/messages"), { method: "POST", body: form });
  } catch {
    return offerAgain(message, bubble);
  }
  const { html, error } = await told(answer);
  if (html) return show(html);
  if (answer.ok || answer.status >= 500) return offerAgain(message, bubble);
  return giveBack(message, bubble, error || (answer.status === 413 ? tooBig : undelivered));
}

// What stands between us and the server may answer in a form of its own.
const told = (answer) => answer.json().catch(() => ({}));

function offerAgain(message, bubble) {
  bubble.classList.add("failed");
  const again = document.createElement("button");
  again.type = "button";
  again.className = "again";
  again.textContent = undelivered;
  again.addEventListener("click", () => {
    again.remove();
    bubble.classList.remove("failed");
    line = line.then(() => send(message, bubble));
  });
  keepAtEnd(() => bubble.append(again));
}

function giveBack({ words, picked }, bubble, sentence) {
  bubble.remove();
  text.value = text.value ? `${words}\n${text.value}` : words;
  if (picked) pick(picked);
  complain(sentence);
}

function pick(one) {
  const files = new DataTransfer();
  if (one) files.items.add(one);
  file.files = files.files;
  chosen.hidden = !one;
  chosen.querySelector("bdi").textContent = one ? one.name : "";
}

// Buttons under our messages

async function press(button) {
  const buttons = button.closest(".buttons");
  buttons.querySelectorAll("button").forEach((each) => { each.disabled = true; });
  problem.textContent = "";
  const form = new FormData();
  form.append("touchpoint_id", button.dataset.touchpoint);
  form.append("index", button.dataset.index);
  let answer;
  try {
    answer = await fetch(inLanguage("/chat/press"), { method: "POST", body: form });
  } catch {
    return pressFailed(buttons, button, undelivered);
  }
  const { notice, error } = await told(answer);
  if (!answer.ok) return pressFailed(buttons, button, error || undelivered);
  buttons.remove();
  if (notice) problem.textContent = notice;
  text.focus();
}

function pressFailed(buttons, button, sentence) {
  buttons.querySelectorAll("button").forEach((each) => { each.disabled = false; });
  problem.textContent = sentence;
  button.focus();
}

log.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-touchpoint]");
  if (button) press(button);
});
composer.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});
file.addEventListener("change", () => pick(file.files[0] || null));
chosen.querySelector("button").addEventListener("click", () => {
  pick(null);
  text.focus();
});

tellTime(log);
toEnd();
connect();
