// What people get who are sent a file: the mails and the page that their links lead to, in a browser, on
// a desk and on a phone, in light and in dark, by mouse, by keyboard and without scripts.
//
// Usage: NODE_PATH=DIRECTORY_WITH_PLAYWRIGHT_CORE_AND_AXE_CORE node share.mjs API S3 DIRECTORY PICTURES
// API and S3 are a local runner's roots, DIRECTORY is its own, and screenshots go to PICTURES. Needs
// /usr/bin/chromium, and Python to read the runner's table.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { makeFiles } from "./files.mjs";
import { BROWSER, api, caller, check, checks, chromium, codeIn, mailTo, once, same, signUp } from "./harness.mjs";
import { checkPreview, reachPreview } from "./preview.mjs";
import { checkQuiet, checkReadable, newContext, newPage, totals } from "./watch.mjs";

const run = promisify(execFile);
const [s3, directory, pictures] = process.argv.slice(3);

const SENDER = "Zoë <b>O'Hara</b> & 🦀";
const BUCKET = "demo";
const MAIL_ORIGIN = "https://mail.example";
const SCREENS = [
  { name: "desk", options: { viewport: { width: 1280, height: 800 } } },
  { name: "phone", options: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } },
];
const RECIPIENTS = SCREENS.map(({ name }) => `${name}@example.com`);
const NOTES = [
  "The file that we talked about.",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "one\r\ntwo\nBcc: eve@example.com\r\n\r\nthree",
  "left \u202Ethgir\u202C and \u2067isolated\u2069",
  "x".repeat(1_000),
  "👩‍👩‍👧 🦀 é שלום",
];
/** What Chromium saves instead of what file systems do not take. */
const saved = (name) => name.replaceAll(/["*/:<>?\\|~]|\p{Cf}/gu, "_");

/** A storage account with the files in it, and what sends one: to recipients, each of whom gets a mail with a link. */
async function share(desktop, files) {
  const account = await desktop.ok("insert", {
    cloudType: 8,
    name: "My files",
    accessKey: "LOCALACCESSKEY000001",
    secretKey: "local-secret-key-of-the-embedded-s3",
    serviceUrl: s3,
  });
  const at = { cloudAccountId: account.body.id, storageName: BUCKET };
  for (const { name, type, bytes } of files) {
    const offer = await desktop.ok("generate_upload_url", { ...at, key: `shared/${name}`, contentType: type });
    const put = await fetch(offer.body, { method: "PUT", headers: { "content-type": type }, body: bytes });
    same(put.status, 200, `upload of ${name}`);
  }
  const send = async (file, recipients, note) => {
    const sent = await desktop.ok("send_download_url", {
      ...at,
      key: `shared/${file.name}`,
      email: recipients.join(", "),
      note,
    });
    same(sent.text, "", `sending ${file.name}`);
    return Promise.all(recipients.map(mailedLink));
  };
  return { send, accountId: account.body.id };
}

/** The link in the newest mail to an address, the same in both parts. */
async function mailedLink(address) {
  const mail = await mailTo(address);
  const links = [...new Set(`${mail.text} ${mail.html}`.match(/https?:\/\/[^\s"<>]+/g))];
  check(links.length === 1 && links[0].startsWith(`${api}/v/`), `the links of a mail: ${links}`);
  return { link: links[0], mail };
}

/** One mail of every kind. */
async function mailEverything(stamp) {
  const mails = [];
  const [jane, joe, ann] = ["jane", "joe", "ann"].map((name) => `${name}-${stamp}@gmail.com`);
  const add = async (kind, address, subject) => {
    const mail = await mailTo(address);
    same(mail.subject, subject, kind);
    mails.push({ kind, mail });
    return mail;
  };
  const signup = { name: SENDER, email: jane, password: "correct horse battery" };
  await once("v1/desktop/signup", signup);
  const token = codeIn(await add("activation", jane, "Confirm your sign-up"));
  await once("v1/desktop/confirm_signup", { token });
  await once("v1/desktop/signup", signup);
  await add("account exists", jane, "You already have an account");
  await once("authentication/forgot_password", { username: jane });
  const resetToken = codeIn(await add("password reset", jane, "Reset your password"));
  await once("authentication/reset_password", { resetToken, password: "another horse battery" });
  await add("password changed", jane, "Your password was changed");

  const idToken = async (email) => {
    const claims = { email, sub: email, name: SENDER };
    const answer = await fetch(`${api}/_local/google/id_token`, { method: "POST", body: JSON.stringify(claims) });
    return answer.json();
  };
  await once("v1/desktop/google_signin", { idToken: await idToken(jane) });
  await add("google linked", jane, "Google sign-in was added to your account");
  await once("v1/desktop/google_signup", { idToken: await idToken(joe) });
  await add("welcome", joe, "Welcome");
  return mails;
}

/** A mail as a mail reader shows it: a page that loads nothing. */
async function checkMail(context, { kind, mail }, picture) {
  const watched = await newPage(context, MAIL_ORIGIN);
  const { page } = watched;
  try {
    await page.route("**/*", (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: mail.html }));
    await page.goto(`${MAIL_ORIGIN}/`);
    await checkReadable(watched, `the mail ${kind}`, picture);
    same(watched.requests.length, 1, `the mail ${kind}: requests`);
    checkQuiet(watched, `the mail ${kind}`);
    return { text: await page.locator("body").innerText() };
  } finally {
    await page.close();
  }
}

/** A note is in both parts, as text. */
async function checkNote(context, { mail, note, name }, picture) {
  const { text } = await checkMail(context, { kind: `about ${name}`, mail }, picture);
  const plain = (words) => words.replaceAll(/\s|[\u202A-\u202E\u2066-\u2069]/gu, "");
  for (const part of [text, mail.text.replaceAll(/^> ?/gm, "")]) {
    check(plain(part).includes(plain(note)), `the note ${note} in ${part}`);
    check(!/[\u202A-\u202E\u2066-\u2069]/u.test(part), "a mail turns its text around");
  }
}

/** Presses Tab until `locator` has the focus. */
async function tabTo(page, locator, what) {
  for (let presses = 0; presses < 10; presses += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  check(await locator.evaluate((element) => element === document.activeElement), `Tab reaches ${what}`);
}

/** What `press` downloads is the file. */
async function checkDownload(watched, file, press) {
  watched.alsoAllowed = new URL(s3).origin;
  const [download] = await Promise.all([watched.page.waitForEvent("download"), press()]);
  check(file.bytes.equals(await readFile(await download.path())), `${file.name}: the bytes come back`);
  same(download.suggestedFilename(), saved(file.name), "the name that is suggested");
}

/** How often the page told of a person. */
function told(watched, what) {
  return watched.requests.filter((request) => request.url().endsWith(`/${what}`)).length;
}

/** Waits until it did. */
async function untilTold(watched, what) {
  const isIt = (response) => response.url().endsWith(`/${what}`);
  const response = watched.responses.find(isIt) ?? (await watched.page.waitForEvent("response", isIt));
  same([response.request().method(), response.status()], ["POST", 204], what);
}

/** One file's page, until it was downloaded by keyboard. */
async function checkPage(context, file, link, picture) {
  const watched = await newPage(context, api);
  const { page } = watched;
  try {
    const shown = await page.goto(link);
    same(shown.status(), 200, "the page");
    const name = file.shown ?? file.name;
    same(await page.locator("h1").innerText(), name, "its heading");
    same(await page.title(), name, "its title");
    const about = await page.locator(".about").innerText();
    check(about.includes(SENDER), `it names the sender: ${about}`);
    await checkPreview(watched, file);
    await checkReadable(watched, "the page", picture);
    checkQuiet(watched, "before any gesture");
    same([told(watched, "views"), told(watched, "downloads")], [0, 0], "what it tells before any gesture");

    const button = page.getByRole("link", { name: /^Download/ });
    await tabTo(page, button, "the button");
    const ring = await button.evaluate((element) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return [outlineStyle, parseFloat(outlineWidth) >= 2];
    });
    same(ring, ["solid", true], "how the focus shows");
    await untilTold(watched, "views");
    await checkDownload(watched, file, () => page.keyboard.press("Enter"));
    await untilTold(watched, "downloads");
    await reachPreview(watched, file, tabTo);
    same([told(watched, "views"), told(watched, "downloads")], [1, 1], "what it tells in all");
    checkQuiet(watched, "in the end");
  } finally {
    await page.close();
  }
}

/** Without scripts the page shows and downloads all the same. */
async function checkWithoutScripts(context, file, link) {
  const watched = await newPage(context, api);
  const { page } = watched;
  try {
    await page.goto(link);
    totals.pages += 1;
    same(await page.locator("h1").innerText(), file.name, "its heading");
    check(await page.locator(file.shows === "text" ? "pre" : "img").isVisible(), "its preview shows");
    check(!(await page.locator("#failed").isVisible()), "it does not complain");
    await checkDownload(watched, file, () => page.getByRole("link", { name: /^Download/ }).click());
    same([told(watched, "views"), told(watched, "downloads")], [0, 0], "what it tells");
    checkQuiet(watched, "without scripts");
  } finally {
    await page.close();
  }
}

/** How often a link's record says that a person looked at it, and downloaded. */
async function counted(link) {
  const id = Buffer.from(link.split("/").at(-1), "base64url");
  const key = `S:LINK#${createHash("sha256").update(id).digest("hex")}`;
  const query =
    "import sqlite3, sys; [row] = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True)" +
    ".execute('SELECT item_json FROM \"desktop-api\" WHERE pk = ?', [sys.argv[2]]); print(row[0])";
  const { stdout } = await run("python3", ["-c", query, join(directory, "dynamodb.sqlite"), key]);
  const record = JSON.parse(stdout);
  check(record.purpose.M.share, `the record of a shared file: ${stdout}`);
  return [record.views, record.downloads].map((attribute) => Number(attribute?.N ?? 0));
}

/** Only what a person does is counted, and only once. */
async function checkGestures(context, file, link) {
  for (let times = 0; times < 20; times += 1) same((await fetch(link)).status, 200, "GET");
  same((await fetch(link, { method: "HEAD" })).status, 200, "HEAD");
  for (const method of ["GET", "HEAD"]) {
    const answer = await fetch(`${link}/content?download=1`, { method, redirect: "manual" });
    same(answer.status, 302, `${method} of the file`);
  }
  same(await counted(link), [0, 0], "what programs leave");
  const watched = await newPage(context, api);
  const { page } = watched;
  try {
    await page.goto(link, { waitUntil: "networkidle" });
    totals.pages += 1;
    same(await counted(link), [0, 0], "what opening leaves");
    await page.mouse.move(200, 300);
    await untilTold(watched, "views");
    same(await counted(link), [1, 0], "what a movement leaves");
    await page.mouse.move(300, 200);
    await page.mouse.wheel(0, 50);
    await checkDownload(watched, file, () => page.getByRole("link", { name: /^Download/ }).click());
    await untilTold(watched, "downloads");
    same(await counted(link), [1, 1], "what a download leaves");
    checkQuiet(watched, "after gestures");
  } finally {
    await page.close();
  }
}

/** A page that says why there is no file. */
async function checkEnded(context, url, status, heading, picture) {
  const watched = await newPage(context, api);
  const { page, complaints } = watched;
  try {
    same((await page.goto(url)).status(), status, url);
    same(await page.locator("h1").innerText(), heading, "its heading");
    same(await page.title(), heading, "its title");
    check((await page.locator("p").innerText()).includes("Ask the person who sent it"), "it says what to do");
    await checkReadable(watched, heading, picture);
    // The browser itself remarks upon every such status.
    const others = complaints.filter((text) => !text.includes(`the server responded with a status of ${status}`));
    same(others, [], `${heading}: complaints`);
  } finally {
    await page.close();
  }
}

const failed = [];

/** Runs one part, upon which no other depends. */
async function part(name, action) {
  const before = checks();
  try {
    await action();
    console.log(`${name}: ${checks() - before} checks`);
  } catch (error) {
    failed.push(name);
    console.error(`${name}: FAILED:`, error);
  }
}

async function main() {
  await mkdir(pictures, { recursive: true });
  const browser = await chromium.launch(BROWSER);
  try {
    const stamp = Date.now();
    const files = await makeFiles(browser);
    const jwt = await signUp(SENDER, `sender-${stamp}@example.com`);
    const desktop = caller(jwt);
    const { send, accountId } = await share(desktop, files);
    const sent = [];
    for (const [number, file] of files.entries()) {
      const note = NOTES[number % NOTES.length];
      sent.push({ file, note, links: await send(file, RECIPIENTS, note) });
    }
    const extra = (file, name) => send(file, [`${name}-${stamp}@example.com`]).then(([{ link }]) => link);
    const mails = await mailEverything(stamp);

    for (const [place, screen] of SCREENS.entries()) {
      const context = await newContext(browser, screen.options);
      const picture = (name) => join(pictures, `${screen.name}-${name.replaceAll(/\W+/g, "-").slice(0, 30)}`);
      for (const mail of mails) {
        const name = `mail ${mail.kind}`;
        await part(`${screen.name}, ${name}`, () => checkMail(context, mail, picture(name)));
      }
      for (const { file, note, links } of sent.slice(0, NOTES.length)) {
        const name = `mail about ${file.name}`;
        const shared = { mail: links[place].mail, note, name: file.name };
        await part(`${screen.name}, ${name}`, () => checkNote(context, shared, picture(name)));
      }
      for (const [number, { file, links }] of sent.entries()) {
        const name = `${number} ${file.name}`;
        await part(`${screen.name}, ${name}`, () => checkPage(context, file, links[place].link, picture(name)));
      }
      await context.close();
    }

    const context = await newContext(browser, SCREENS[0].options);
    const link = await extra(files[0], "gestures");
    await part("gestures", () => checkGestures(context, files[0], link));
    await context.close();
    const plain = await newContext(browser, { ...SCREENS[0].options, javaScriptEnabled: false });
    for (const file of files.filter(({ name }) => ["Sunset.png", "Read me.txt"].includes(name))) {
      const link = await extra(file, `plain-${file.shows}`);
      await part(`without scripts, ${file.name}`, () => checkWithoutScripts(plain, file, link));
    }
    await plain.close();

    const { status } = await fetch(`${api}/api/v1/desktop/delete?id=${accountId}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${jwt}` },
    });
    same(status, 200, "delete");
    for (const screen of SCREENS) {
      const context = await newContext(browser, screen.options);
      const ended = [
        [link, 410, "This link has expired"],
        [`${link}/content?download=1`, 410, "This link has expired"],
        [`${api}/v/${"A".repeat(43)}`, 404, "Nothing is here"],
      ];
      for (const [url, status, heading] of ended) {
        const picture = join(pictures, `${screen.name}-${status}`);
        await part(`${screen.name}, ${status}`, () => checkEnded(context, url, status, heading, picture));
      }
      await context.close();
    }
  } finally {
    await browser.close();
  }
  console.log(
    `share: ${totals.pages} pages, ${checks()} checks, ${totals.violations} CSP violations, ` +
      `${totals.foreign} foreign requests, ${totals.findings} serious axe findings`,
  );
  if (failed.length > 0) throw new Error(`${failed.length} parts failed: ${failed.join("; ")}`);
}

try {
  await main();
} catch (error) {
  console.error("share: FAILED:", error);
  process.exitCode = 1;
}
