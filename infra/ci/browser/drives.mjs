// Every drive as a person connects and uses it: the consent page in a browser, then the drive
// through the API, and its URLs with curl, which knows nothing but what the API has announced.
//
// Usage: NODE_PATH=DIRECTORY_WITH_PLAYWRIGHT_CORE node drives.mjs API
// API is a local runner's root. Needs /usr/bin/chromium and curl.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { BROWSER, api, caller, check, checks, chromium, same, signUp } from "./harness.mjs";

const run = promisify(execFile);

const DRIVES = [
  {
    name: "dropbox",
    title: "Dropbox",
    cloudType: 128,
    scopes: ["account_info.read", "files.metadata.read", "files.content.read", "files.content.write"],
  },
  { name: "box", title: "Box", cloudType: 256, scopes: ["root_readwrite"] },
  { name: "onedrive", title: "OneDrive", cloudType: 512, scopes: ["Files.ReadWrite.All", "offline_access"] },
  {
    name: "googledrive",
    title: "Google Drive",
    cloudType: 1024,
    scopes: ["https://www.googleapis.com/auth/drive"],
  },
];
const FOLDER = "Reports & more";
const FILE = "50% of it's #1 + é🦀.bin";
// Above this, curl asks by `Expect: 100-continue` before it sends.
const FILE_BYTES = 1_500_000;
// Longer than an access token and than any link that a vendor makes.
const LATER_SECONDS = 5 * 3600;
const LINK_HOURS = 24;

const callback = `${api}/_local/callback`;
const work = await mkdtemp(join(tmpdir(), "drives-"));

/** Opens a page that must load without complaints and ask nobody but `api`; answers these. */
async function newPage(context) {
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    // The browser asks for an icon on its own; the pages name none.
    const isIcon = message.location().url === `${api}/favicon.ico`;
    if (["error", "warning"].includes(message.type()) && !isIcon) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error}`));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== api) complaints.push(`elsewhere: ${request.url()}`);
  });
  return { page, complaints };
}

/** What the browser brings back when the person presses `button`. */
async function consent(context, drive, desktop, button) {
  const asked = await desktop.ok(`generate_${drive.name}_authorization_url`, {
    redirectURL: callback,
    cloudName: `My ${drive.title}`,
    shared: false,
  });
  const { page, complaints } = await newPage(context);
  try {
    const shown = await page.goto(asked.body);
    same(shown.status(), 200, "the consent page");
    same(await page.title(), `${drive.title}: allow access?`, "its title");
    same(await page.locator("h1").textContent(), drive.title, "its heading");
    same(await page.locator("li").allTextContents(), drive.scopes, "the scopes that it lists");
    same(await page.getByRole("button").allTextContents(), ["Allow", "Deny"], "its buttons");

    await page.getByRole("button", { name: button }).click();
    await page.waitForURL((url) => url.href.startsWith(callback));
    same(await page.locator("h1").textContent(), "Back from the consent page", "the way back");
    const names = await page.locator("dt").allTextContents();
    const values = await page.locator("dd").allTextContents();
    same(complaints, [], "what the browser complains of");
    return Object.fromEntries(names.map((name, index) => [name, values[index]]));
  } finally {
    await page.close();
  }
}

/** The person says no: no account comes of it, and the state is spent. */
async function deny(context, drive, desktop) {
  const { error, error_description: errorDescription, state, code } = await consent(context, drive, desktop, "Deny");
  check(error && state && !code, `a denial comes back as ${error}, with a state and no code`);
  const body = { state, redirectURL: callback, error, errorDescription };
  const refused = await desktop(`${drive.name}_authorization_callback`, body);
  same([refused.status, refused.body.type], [401, "ACCESS"], "a denied callback");
  check(refused.text.includes(error), `the answer tells the vendor's error: ${refused.text}`);
  const again = await desktop(`${drive.name}_authorization_callback`, body);
  same(again.status, 400, "a denied callback again");
}

/** The person says yes: the account. */
async function allow(context, drive, desktop) {
  const { code, state, error } = await consent(context, drive, desktop, "Allow");
  check(code && state && !error, "a consent comes back with a code and a state");
  const body = { code, state, redirectURL: callback };
  const { body: account } = await desktop.ok(`${drive.name}_authorization_callback`, body);
  same(
    [account.cloudType, account.name, account.active, account.shared, account.credentialsData],
    [drive.cloudType, `My ${drive.title}`, true, false, "********"],
    "the account",
  );
  const again = await desktop(`${drive.name}_authorization_callback`, body);
  same(again.status, 400, "the callback again");
  return account;
}

/** curl, with nobody's settings; answers the last status. */
async function curl(url, ...options) {
  const fixed = ["-q", "--silent", "--show-error", "--location", "--globoff", "--noproxy", "*", "--max-time", "60"];
  const { stdout } = await run("curl", [...fixed, "--write-out", "%{http_code}", ...options, url]);
  return Number(stdout);
}

/** Sends a file as the headers of `offer` say. */
async function upload(offer, file, size) {
  const fill = (text) => text.replaceAll("{size}", size).replaceAll("{last}", size - 1);
  const headers = JSON.parse(offer.headers.get("x-upload-headers"));
  const options = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${fill(value)}`]);
  const answer = join(work, "answer");
  const method = offer.headers.get("x-upload-method");
  const status = await curl(offer.body, "--request", method, "--upload-file", file, "--output", answer, ...options);
  check(status >= 200 && status < 300, `curl uploads, ${status}: ${await readFile(answer, "utf8")}`);
}

/** The link is the whole answer, and ends when it was asked to. */
function checkLink(offer) {
  const hours = (Date.parse(offer.headers.get("x-link-expires-at")) - Date.now()) / 3_600_000;
  check(Math.abs(hours - LINK_HOURS) < 0.1, `a link lives for ${hours} hours`);
  check(!/canary|token/i.test(offer.body), `a link carries a secret: ${offer.body}`);
}

async function simulator(drive, switches) {
  const init = switches && {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(switches),
  };
  const response = await fetch(`${api}/_local/simulators/${drive.name}`, init);
  same(response.status, 200, "the simulator's control");
  return response.json();
}

/** A file's life in the drive. */
async function use(drive, desktop, account) {
  const cloudAccountId = account.id;
  const { body: buckets } = await desktop.ok("list_buckets", { cloudAccountId });
  check(buckets.data.length >= 1, "there is a bucket");
  const bucketName = buckets.data[0].name;
  const list = async (path) => (await desktop.ok("list_objects", { cloudAccountId, bucketName, path })).body.data;
  const at = { cloudAccountId, storageName: bucketName };
  const key = `${FOLDER}/${FILE}`;

  same(await list("/"), [], "an empty drive");
  const made = await desktop.ok("create_folder", { ...at, path: "/", folderName: FOLDER });
  same(made.text, "", "create_folder");
  const [folder] = await list("/");
  same([folder.name, folder.path, folder.type], [FOLDER, `${FOLDER}/`, 2], "the folder");
  same(await list(FOLDER), [], "an empty folder");

  const bytes = randomBytes(FILE_BYTES);
  const [sent, received] = [join(work, "sent"), join(work, "received")];
  await writeFile(sent, bytes);
  const request = { ...at, key, expireHours: LINK_HOURS };
  const uploading = await desktop.ok("generate_upload_url", { ...request, contentType: "application/octet-stream" });
  checkLink(uploading);
  await upload(uploading, sent, bytes.length);
  const [file, ...others] = await list(FOLDER);
  same([file.name, file.path, file.type, file.size], [FILE, key, 1, bytes.length], "the file");
  same(others, [], "what else is in the folder");

  const downloading = await desktop.ok("generate_download_url", request);
  checkLink(downloading);
  same(await curl(downloading.body, "--output", received), 200, "curl downloads");
  check(bytes.equals(await readFile(received)), "the bytes come back");
  const { refreshCalls } = await simulator(drive, { advanceSeconds: LATER_SECONDS });
  same(await curl(downloading.body, "--output", received), 200, "curl downloads later");
  check(bytes.equals(await readFile(received)), "the bytes come back later");
  same((await simulator(drive)).refreshCalls, refreshCalls + 1, "refreshes by then");
  same(await curl(downloading.body, "--range", "10-19", "--output", received), 206, "curl asks for a part");
  check(bytes.subarray(10, 20).equals(await readFile(received)), "the part comes");

  await desktop.ok("delete_object", { ...at, key });
  same(await list(FOLDER), [], "the folder after the deletion");
  same(await curl(downloading.body, "--output", received), 404, "curl downloads what is gone");
  await desktop.ok("delete_object", { ...at, key: `${FOLDER}/` });
  same(await list("/"), [], "the drive after the deletion");
}

async function main() {
  const context = await chromium.launchPersistentContext(join(work, "profile"), BROWSER);
  try {
    const desktop = caller(await signUp("Jane Doe", `browser-${Date.now()}@example.com`));
    for (const drive of DRIVES) {
      const before = checks();
      try {
        await deny(context, drive, desktop);
        await use(drive, desktop, await allow(context, drive, desktop));
      } catch (error) {
        throw new Error(`${drive.title}: ${error.message}`, { cause: error });
      }
      console.log(`${drive.title}: ${checks() - before} checks`);
    }
  } finally {
    await context.close();
  }
  console.log(`browser: ${DRIVES.length} drives, ${checks()} checks`);
}

try {
  await main();
} catch (error) {
  console.error("browser: FAILED:", error);
  process.exitCode = 1;
} finally {
  await rm(work, { recursive: true, force: true });
}
