/* Scanning on every page: barcode guns that type, with the keys browsers would swallow, and bursts outside any field. */
"use strict";
(() => {
  const FNC1 = "\u001d";
  const BURST_PAUSE = 60;
  const BURST_LEAST = 6;
  const boxes = "[data-scan-box], #station-scan, input[data-scan]";
  const station = document.querySelector("#station-scan");

  const insert = (box, text) => {
    box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };

  /* FNC1 is ASCII 29: guns type it as Ctrl+] (or as F8, where they are set up so), which browsers take for a command. */
  const isFnc1 = (event) =>
    event.key === FNC1 || event.key === "F8" || (event.ctrlKey && !event.altKey && (event.key === "]" || event.code === "BracketRight"));
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.(boxes);
    if (!box || !isFnc1(event)) return;
    event.preventDefault();
    insert(box, FNC1);
  }, true);

  /* What a gun types while no field has the focus: keys faster than fingers, then Enter. */
  let burst = "";
  let last = 0;
  const typing = (element) => element?.closest?.("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const now = performance.now();
    if (now - last > BURST_PAUSE) burst = "";
    last = now;
    if (event.key === "Enter" && burst.length >= BURST_LEAST) {
      event.preventDefault();
      const form = document.querySelector("form.scan, .station form");
      const box = form?.querySelector("input[name=q]");
      if (!box) return;
      box.value = burst;
      burst = "";
      form.requestSubmit();
    } else if (isFnc1(event)) {
      if (burst) event.preventDefault();
      burst += FNC1;
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) burst += event.key;
  }, true);

  /* The scan station tells by ear what came of the last scan; a person at a bench does not look up each time. */
  const tone = document.querySelector("[data-last-tone]")?.dataset.lastTone;
  const beep = (frequency, length) => {
    const context = new AudioContext();
    const sound = context.createOscillator();
    sound.frequency.value = frequency;
    sound.connect(context.destination);
    sound.start();
    sound.stop(context.currentTime + length);
  };
  if (station && tone && navigator.userActivation?.hasBeenActive) beep(tone === "bad" ? 220 : 880, tone === "bad" ? 0.5 : 0.1);
})();
