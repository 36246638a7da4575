// That a page really shows a file: each kind as that kind is seen, heard or read.

import { check, same } from "./harness.mjs";
import { MARK } from "./files.mjs";

const NOTHING = "There is no preview for this kind of file.";
const FAILED = "The preview does not work here. Download the file to open it.";
const BEGINNING = "This is the beginning of the file.";
// What the service sends at once (functions/links), and a moment before its end in the long sound.
const PART_BYTES = 8 * 1024 * 1024;
const BYTES_PER_SECOND = 4 * 44_100;

const KINDS = { image: "img", video: "video", audio: "audio", document: "iframe", text: "pre" };

const isPreview = (response) => new URL(response.url()).search === "?preview=1";

/** Before anybody has touched the page. */
export async function checkPreview({ page, responses }, file) {
  for (const [kind, element] of Object.entries(KINDS)) {
    const wanted = kind === file.shows || (kind === "image" && file.shows === "failure");
    same(await page.locator(element).count(), wanted ? 1 : 0, `${element} elements`);
  }
  const element = page.locator(KINDS[file.shows] ?? "main");
  await element.waitFor();
  const answer = () => responses.find(isPreview);
  switch (file.shows) {
    case "image":
      await until(() => element.evaluate((image) => image.naturalWidth > 0), "the picture is loaded");
      same(await element.getAttribute("alt"), `Preview of ${file.name}`, "its text");
      check((await marked(page, element)) > 0.2, "the picture is seen");
      break;
    case "video":
    case "audio":
      await until(
        () => element.evaluate((media) => media.readyState >= 1 && media.networkState === media.NETWORK_IDLE),
        "the player knows what it plays, and rests",
      );
      same(await element.evaluate((media) => [media.paused, media.controls, media.error]), [true, true, null], "at rest");
      same(answer().status(), 206, "a part of it is asked for");
      break;
    case "document":
      await until(answer, "the document is asked for");
      same(answer().headers()["content-type"], "application/pdf", "its type");
      same(answer().headers()["content-disposition"], "inline", "it is shown, not saved");
      await until(async () => (await marked(page, element)) > 0.05, "the document is seen");
      break;
    case "text": {
      const shown = await element.textContent();
      check(await element.evaluate((text) => text.offsetWidth === text.parentElement.clientWidth), "it fills its place");
      if (file.cut) {
        check(shown.length > 10_000 && file.text.startsWith(shown) && shown !== file.text, "the beginning shows");
        check(await page.getByText(BEGINNING).isVisible(), "it says that this is not all");
      } else {
        same(shown, file.text, "the text");
        same(await page.getByText(BEGINNING).count(), 0, "notes that this is not all");
      }
      break;
    }
    case "failure":
      await page.getByText(FAILED).waitFor();
      check(!(await page.locator("img").isVisible()), "the picture is hidden");
      break;
    default:
      check(await page.getByText(NOTHING).isVisible(), "it says that there is no preview");
  }
  same(await page.getByText(FAILED).isVisible(), file.shows === "failure", "it says that a preview failed");
}

/** By keyboard alone. */
export async function reachPreview({ page, responses }, file, tabTo) {
  const element = page.locator(KINDS[file.shows] ?? "main");
  switch (file.shows) {
    case "video":
    case "audio": {
      await tabTo(page, element, "the player");
      if (file.long) {
        // Just before the end of what was sent at once.
        await element.evaluate((media, at) => (media.currentTime = at), PART_BYTES / BYTES_PER_SECOND - 0.5);
      }
      const begin = await element.evaluate((media) => media.currentTime);
      await page.keyboard.press("Space");
      await until(async () => (await element.evaluate((media) => media.currentTime)) > begin + 1, "it plays");
      if (file.shows === "video") check((await marked(page, element)) > 0.2, "the film is seen");
      await element.evaluate((media) => media.pause());
      const parts = responses.filter(isPreview);
      same([...new Set(parts.map((response) => response.status()))], [206], "only parts are asked for");
      if (file.long) check(parts.length > 1, "more than one of them");
      break;
    }
    case "document":
      await tabTo(page, element, "the document");
      break;
    case "text":
      await tabTo(page, element, "the text");
      if (file.cut) {
        await page.keyboard.press("PageDown");
        await until(() => element.evaluate((text) => text.scrollTop > 100), "the text scrolls");
      }
      break;
    default:
  }
}

/** Which part of what `locator` shows has the colour that only the files have. */
async function marked(page, locator) {
  const png = (await locator.screenshot()).toString("base64");
  const other = await page.context().newPage();
  try {
    return await other.evaluate(
      async ([base64, mark]) => {
        const image = new Image();
        image.src = `data:image/png;base64,${base64}`;
        await image.decode();
        const canvas = document.createElement("canvas");
        Object.assign(canvas, { width: image.width, height: image.height });
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, image.width, image.height);
        let count = 0;
        for (let at = 0; at < data.length; at += 4) {
          // Films are not kept exactly.
          count += mark.every((value, channel) => Math.abs(data[at + channel] - value) < 30);
        }
        return (count * 4) / data.length;
      },
      [png, MARK],
    );
  } finally {
    await other.close();
  }
}

/** By asking again and again: a page's policy lets no script wait in it. */
async function until(holds, what) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await holds()) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  check(await holds(), what);
}
