// What every run of a browser here shares: the browser, the checks, and people who use the API.
//
// The script's first argument is a local runner's root. Needs /usr/bin/chromium, and playwright-core
// below NODE_PATH.

import { createRequire } from "node:module";

/** A package below NODE_PATH. By `require`, since `import` does not look there. */
export const load = createRequire(import.meta.url);
export const { chromium } = load("playwright-core");

export const BROWSER = {
  executablePath: "/usr/bin/chromium",
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export const api = process.argv[2].replace(/\/$/, "");
let count = 0;

/** How many checks have held. */
export const checks = () => count;

export function check(holds, what) {
  if (!holds) throw new Error(what);
  count += 1;
}

export function same(is, wanted, what) {
  const [left, right] = [JSON.stringify(is), JSON.stringify(wanted)];
  check(left === right, `${what}: ${left} instead of ${right}`);
}

export async function post(path, body, jwt) {
  const response = await fetch(`${api}/api/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(jwt && { authorization: `Bearer ${jwt}` }) },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text ? JSON.parse(text) : null };
}

/** A call with a request token, which must succeed. */
export async function once(path, body) {
  const requestToken = (await post("authentication/request_token")).body;
  const answer = await post(path, { requestToken, ...body });
  same(answer.status, 200, `${path} ${answer.text}`);
  return answer;
}

/** The newest mail to an address, which must come. */
export async function mailTo(address) {
  const answer = await fetch(`${api}/_local/mail.json?wait=10&to=${encodeURIComponent(address)}`);
  const [mail] = await answer.json();
  check(mail, `there is no mail to ${address}`);
  return mail;
}

/** The code in a mail. */
export function codeIn(mail) {
  const code = mail.text.match(/([0-9A-Z]{5,6}-){4}[0-9A-Z]{5}/)?.[0];
  check(code, `no code in the mail: ${mail.text}`);
  return code;
}

/** A session of somebody new. */
export async function signUp(name, email) {
  const signup = await once("v1/desktop/signup", { name, email, password: "correct horse battery" });
  same(signup.text, "", "signup");
  const token = codeIn(await mailTo(email));
  return (await once("v1/desktop/confirm_signup", { token })).body;
}

/** Calls of one person, which must succeed. */
export function caller(jwt) {
  const desktop = (endpoint, body) => post(`v1/desktop/${endpoint}`, body, jwt);
  desktop.ok = async (endpoint, body) => {
    const answer = await desktop(endpoint, body);
    same(answer.status, 200, `${endpoint} ${answer.text}`);
    return answer;
  };
  return desktop;
}
