// The files that are shared: of every kind that a page shows, of kinds that it must not, and with names
// that would be markup, deceive or overflow. All are made here; nothing is fetched.

/** Of this colour is much of the pictures, the film and the document, and nothing else on a page. */
export const MARK = [230, 0, 126];

const WORDS = "Grüße, žluťoučký kůň, שלום, 你好, 👩‍👩‍👧";
const HOSTILE_TEXT = `<script>alert(1)</script>\n"><img src=x onerror=alert(1)>\n${WORDS}\n`;
const HTML = "<!doctype html><title>x</title><script>alert(1)</script><img src=x onerror=alert(2)>";
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>';

const LONG_SECONDS = 66;

/** PCM sound in a RIFF file (Multimedia Programming Interface and Data Specifications 1.0): a tone. */
function wave(seconds, channels) {
  const rate = 44_100;
  const block = 2 * channels;
  const size = rate * seconds * block;
  const file = Buffer.alloc(44 + size);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + size, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(channels, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * block, 28);
  file.writeUInt16LE(block, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(size, 40);
  for (let at = 0; at < size; at += 2) {
    const time = Math.floor(at / block) / rate;
    file.writeInt16LE(Math.round(Math.sin(time * 2 * Math.PI * 220) * 6_000), 44 + at);
  }
  return file;
}

/** A film of two seconds, as a browser records it. */
async function film(page) {
  const base64 = await page.evaluate(async (mark) => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: 640, height: 360 });
    const context = canvas.getContext("2d");
    const begin = performance.now();
    const draw = () => {
      const seconds = (performance.now() - begin) / 1_000;
      context.fillStyle = `rgb(${mark})`;
      context.fillRect(0, 0, 640, 360);
      context.fillStyle = "white";
      context.fillRect(40 + seconds * 200, 140, 80, 80);
    };
    draw();
    const timer = setInterval(draw, 40);
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm;codecs=vp8" });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    setTimeout(() => recorder.stop(), 2_000);
    await stopped;
    clearInterval(timer);
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  }, MARK);
  return Buffer.from(base64, "base64");
}

/** Makes them in a page of `browser`. Each says what a page shows of it, and `text` what it reads. */
export async function makeFiles(browser) {
  const page = await browser.newPage({ viewport: { width: 960, height: 600 } });
  try {
    await page.setContent(
      `<body style="margin:0;padding:40px;height:100vh;box-sizing:border-box;` +
        `background:linear-gradient(160deg,#0f766e,#38bdf8)">` +
        `<div style="height:100%;background:rgb(${MARK})"></div>`,
    );
    const png = await page.screenshot();
    await page.setContent(`<h1>Invoice 42</h1><div style="height:400px;background:rgb(${MARK})"></div>`);
    const pdf = await page.pdf({ printBackground: true, format: "A4" });
    const webm = await film(page);

    const picture = { type: "image/png", bytes: png, shows: "image" };
    const text = (words) => ({ type: "text/plain", bytes: Buffer.from(words), shows: "text", text: words });
    const nothing = (type, words) => ({ type, bytes: Buffer.from(words), shows: "nothing" });
    return [
      { name: "Sunset.png", ...picture },
      { name: "Harbour.webm", type: "video/webm", bytes: webm, shows: "video" },
      { name: "Tone.wav", type: "audio/wav", bytes: wave(3, 1), shows: "audio" },
      // More than is answered at once.
      { name: "Interview.wav", type: "audio/wav", bytes: wave(LONG_SECONDS, 2), shows: "audio", long: true },
      { name: "Invoice 42.pdf", type: "application/pdf", bytes: pdf, shows: "document" },
      { name: "Read me.txt", ...text(HOSTILE_TEXT) },
      { name: "Server.log", ...text(`${"x".repeat(500)} ${WORDS}\n`.repeat(160)), cut: true },
      { name: "backup.bin", ...nothing("application/octet-stream", "\0\x01\x02".repeat(700)) },
      { name: "drawing.svg", ...nothing("image/svg+xml", SVG) },
      { name: "page.html", ...nothing("text/html", HTML) },
      { name: "not a photo.jpg", type: "image/jpeg", bytes: Buffer.from(HTML), shows: "failure" },
      { name: "<script>alert(1)<script>.txt", ...text(HOSTILE_TEXT) },
      { name: '"><img src=x onerror=alert(1)>.png', ...picture },
      { name: "invoice\u202Egnp.exe", ...nothing("image/png", "MZ"), shown: "invoicegnp.exe" },
      { name: `${"W".repeat(196)}.txt`, ...text(WORDS) },
      { name: "👩‍👩‍👧 Família – été 🦀.png", ...picture },
    ];
  } finally {
    await page.close();
  }
}
