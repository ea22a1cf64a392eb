"use strict";
// Keeps a run's page up to date (server-sent events), and moves through a past run. Everything works without it, too.

function seconds(text) {
  const left = Math.max(0, Math.round(text));
  if (left < 60) return `${left} s`;
  if (left < 3600) return `${Math.floor(left / 60)} min ${left % 60} s`;
  return `${Math.floor(left / 3600)} h ${Math.floor((left % 3600) / 60)} min`;
}

function live(root) {
  const link = document.getElementById("link");
  const source = new EventSource(root.dataset.events);
  let heard = Date.now();
  const swap = (html) => {
    const made = document.createElement("template");
    made.innerHTML = html;
    for (const part of made.content.querySelectorAll("[data-part]")) {
      const old = root.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!old) { root.append(part); continue; }
      const same = part.dataset.version ? part.dataset.version === old.dataset.version : part.outerHTML === old.outerHTML;
      if (!same) old.replaceWith(part);
    }
  };
  source.addEventListener("state", (event) => { heard = Date.now(); link.textContent = "live"; swap(event.data); });
  source.addEventListener("trouble", (event) => { link.textContent = event.data; });
  source.addEventListener("over", (event) => { source.close(); swap(event.data); link.textContent = ""; heard = 0; });
  source.addEventListener("error", () => { link.textContent = "not connected: what you see may be old; trying again"; });
  setInterval(() => {
    if (!heard) return;
    for (const span of root.querySelectorAll("[data-since]")) {
      span.textContent = seconds(Number(span.dataset.since) + (Date.now() - heard) / 1000);
    }
  }, 1000);
}

function scrub(root) {
  const data = JSON.parse(root.querySelector("script").textContent);
  const range = root.querySelector("input");
  const clock = root.querySelector("output");
  const note = root.querySelector("[data-note]");
  const bodies = new Map([...root.querySelectorAll("[data-step]")].map((row) => [row.dataset.step, row]));
  root.hidden = false;
  const show = () => {
    const at = Number(range.value);
    clock.textContent = `${at < 60 ? `${at.toFixed(2)} s` : seconds(at)} after the begin (${new Date((data.zero + at) * 1000).toISOString().slice(11, 19)}Z)`;
    for (const step of data.steps) {
      const row = bodies.get(step.id);
      const now = [...step.states].reverse().find((state) => state.at <= at);
      const word = now ? now.status : "pending";
      row.className = word;
      row.querySelector("[data-status]").textContent = word;
    }
    const last = [...data.notes].reverse().find((one) => one.at <= at);
    note.textContent = last ? last.text : "Nothing had happened yet.";
  };
  range.addEventListener("input", show);
  show();
}

const root = document.getElementById("live");
if (root) live(root);
const scrubber = document.getElementById("scrubber");
if (scrubber) scrub(scrubber);
