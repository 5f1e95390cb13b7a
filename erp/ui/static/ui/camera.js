/* The camera as a scanner. Pictures are read here, in the browser; only the code that was read is sent. */
"use strict";
(() => {
  const panel = document.querySelector("[data-camera]");
  if (!panel || !window.ZXingWASM || !navigator.mediaDevices?.getUserMedia) return;
  const PAUSE = 120;
  const find = (selector) => panel.querySelector(selector);
  const [start, stop, video, trouble] = ["[data-camera-start]", "[data-camera-stop]", "video", "[data-camera-trouble]"].map(find);
  const form = document.querySelector(".station form");
  const canvas = document.createElement("canvas");
  let stream = null;

  window.ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => panel.dataset.reader } });
  panel.hidden = false;

  const show = (running) => {
    start.hidden = running;
    stop.hidden = !running;
    video.hidden = !running;
  };
  const end = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    show(false);
  };
  const look = async () => {
    if (!video.videoWidth) return null;
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(video, 0, 0);
    const picture = context.getImageData(0, 0, canvas.width, canvas.height);
    const found = await window.ZXingWASM.readBarcodes(picture, { tryHarder: true, maxNumberOfSymbols: 1, textMode: "Plain" });
    return found.find((code) => code.isValid && code.text);
  };
  const watch = async () => {
    while (stream) {
      const code = await look();
      if (code && stream) {
        end();
        form.querySelector("input[name=q]").value = (code.symbologyIdentifier ?? "") + code.text;
        form.requestSubmit();
        return;
      }
      await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    }
  };
  start.addEventListener("click", async () => {
    trouble.hidden = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
      video.srcObject = stream;
      await video.play();
      show(true);
      await watch();
    } catch {
      end();
      trouble.hidden = false;
      trouble.focus();
    }
  });
  stop.addEventListener("click", end);
  document.addEventListener("visibilitychange", () => { if (document.hidden) end(); });
})();
