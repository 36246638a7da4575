// Counts what a person does on this page, and says so where a preview does not work. Without it the page
// shows and downloads all the same.
"use strict";

const tell = (what) => navigator.sendBeacon(`${location.pathname}/${what}`);

// A program that opens links in mail loads the page and makes no gesture.
const gestures = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];
const seen = (event) => {
  if (!event.isTrusted) return;
  for (const gesture of gestures) removeEventListener(gesture, seen, true);
  tell("views");
};
for (const gesture of gestures) addEventListener(gesture, seen, { capture: true, passive: true });

document.getElementById("download").addEventListener("click", (event) => {
  if (event.isTrusted) tell("downloads");
});

const preview = document.querySelector("[data-preview]");
if (preview) {
  const failed = () => {
    preview.parentElement.hidden = true;
    document.getElementById("failed").hidden = false;
  };
  preview.addEventListener("error", failed);
  // It may have failed before this ran.
  if (preview.error || (preview.complete && preview.naturalWidth === 0)) failed();
}
