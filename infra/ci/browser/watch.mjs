// A page under watch: what a browser complains of, whom it asks, what its policy refuses, and whether
// people can use what it shows.

import { readFileSync } from "node:fs";

import { check, load, same } from "./harness.mjs";

const AXE = readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const GRAVE = ["serious", "critical"];
const SCHEMES = ["light", "dark"];
// A browser's own viewer of documents.
const BROWSERS_OWN = ["chrome:", "chrome-extension:", "data:", "blob:"];

export const totals = { pages: 0, violations: 0, foreign: 0, findings: 0 };

// What does not come by then does not come.
const WAIT_MS_MAX = 10_000;

/** What `securitypolicyviolation` events tell goes to this binding of the page. */
const REPORT = "reportPolicyViolation";

/** A context whose pages report what their policy refuses. */
export async function newContext(browser, options) {
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  context.setDefaultTimeout(WAIT_MS_MAX);
  await context.exposeBinding(REPORT, ({ page }, what) => violated(page, what));
  await context.addInitScript((report) => {
    addEventListener("securitypolicyviolation", (event) => {
      window[report](`${event.effectiveDirective} ${event.blockedURI}`);
    });
  }, REPORT);
  return context;
}

const complaintsOf = new WeakMap();

function violated(page, what) {
  totals.violations += 1;
  complaintsOf.get(page)?.push(`policy: ${what}`);
}

/** A page that must ask nobody but `origin`, until `alsoAllowed` is set to another one. */
export async function newPage(context, origin) {
  const page = await context.newPage();
  const watched = { page, complaints: [], requests: [], responses: [], alsoAllowed: null };
  complaintsOf.set(page, watched.complaints);
  const complain = (text) => watched.complaints.push(text);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complain(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complain(`script: ${error}`));
  page.on("dialog", (dialog) => {
    complain(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("requestfailed", (request) => {
    // What a browser itself breaks off: a film when it has enough of it, and a page that turns out to
    // be a download.
    const { errorText } = request.failure();
    if (errorText !== "net::ERR_ABORTED") complain(`failed: ${request.url()} ${errorText}`);
  });
  page.on("request", (request) => {
    watched.requests.push(request);
    const url = new URL(request.url());
    if (url.origin === origin || url.origin === watched.alsoAllowed || BROWSERS_OWN.includes(url.protocol)) return;
    totals.foreign += 1;
    complain(`elsewhere: ${url.href}`);
  });
  page.on("response", (response) => watched.responses.push(response));
  // What the browser itself notes, also before any script of ours could listen.
  const devtools = await context.newCDPSession(page);
  devtools.on("Audits.issueAdded", ({ issue }) => {
    const details = issue.details.contentSecurityPolicyIssueDetails;
    if (details && !details.isReportOnly) violated(page, JSON.stringify(details));
  });
  await devtools.send("Audits.enable");
  return watched;
}

/** Nothing was complained of so far. */
export function checkQuiet(watched, what) {
  same(watched.complaints, [], `${what}: complaints`);
}

/** That the page is good to read, in light and in dark; `picture` is where screenshots go, without an ending. */
export async function checkReadable({ page }, what, picture) {
  totals.pages += 1;
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await checkWidth(page, `${what}, ${colorScheme}`);
    await checkAccessible(page, `${what}, ${colorScheme}`);
    await page.screenshot({ path: `${picture}-${colorScheme}.png`, fullPage: true });
  }
}

async function checkWidth(page, what) {
  const { width } = page.viewportSize();
  const { document: wide, window: shown, outside } = await page.evaluate((limit) => {
    const isOutside = (element) => {
      const { left, right, width: own } = element.getBoundingClientRect();
      return own > 1 && (left < -0.5 || right > limit + 0.5);
    };
    return {
      document: document.documentElement.scrollWidth,
      window: innerWidth,
      outside: [...document.body.querySelectorAll("*")].filter(isOutside).map((element) => element.outerHTML.slice(0, 99)),
    };
  }, width);
  check(wide <= width && shown <= width, `${what}: ${wide} wide, in a window of ${shown}, on a screen of ${width}`);
  same(outside, [], `${what}: what lies outside`);
}

async function checkAccessible(page, what) {
  if (!(await page.evaluate("window.axe !== undefined"))) await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate((values) => {
    return window.axe.run(document, { runOnly: { type: "tag", values }, iframes: false });
  }, RULES);
  check(passes.length >= 10, `${what}: only ${passes.length} rules applied`);
  const told = (finding) => `${finding.impact} ${finding.id}: ${finding.nodes.map((node) => node.html).join(" ")}`;
  const grave = violations.filter(({ impact }) => GRAVE.includes(impact));
  totals.findings += grave.length;
  same(grave.map(told), [], `${what}: grave findings`);
  same(violations.map(told), [], `${what}: findings`);
}
