"""What a stranger can tell about an address, measured from outside.

Usage: enumeration.py API
Asks login, forgotten password, sign-up and resending its code for as many addresses that have a user as for such that have
none, in random order, and compares answers and times. Ends with 1 if an answer differs in more than its
date and request id, or if the medians of the times are further apart than chance explains.
"""

import concurrent.futures
import json
import random
import re
import statistics
import sys
import time
import urllib.error
import urllib.request

SAMPLES = 200
AT_ONCE = 16
PASSWORD = "correct horse battery staple"
# What any two answers differ in.
OWN = {"date", "x-request-id"}
# Beside chance, medians may differ by this.
MILLISECONDS_MAX = 10


def post(url, body=None):
    data = b"" if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"content-type": "application/json"})
    start = time.perf_counter()
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            told = answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as answer:
        told = answer.code, dict(answer.headers), answer.read()
    milliseconds = (time.perf_counter() - start) * 1000
    status, headers, content = told
    headers = tuple(sorted((n.lower(), v) for n, v in headers.items() if n.lower() not in OWN))
    return (status, headers, content), milliseconds


class Service:
    def __init__(self, api):
        self.api = api

    def ask(self, path, body):
        (_, _, token), _ = post(f"{self.api}/api/authentication/request_token")
        return post(f"{self.api}/api/{path}", {"requestToken": json.loads(token), **body})

    def make_user(self, email):
        self.ask("v1/desktop/signup", {"name": "Jane", "email": email, "password": PASSWORD})
        with urllib.request.urlopen(f"{self.api}/_local/mail.json?wait=10&to={email}") as mails:
            text = json.load(mails)[0]["text"]
        code = re.search(r"(?:[0-9A-Z]{5,6}-){4}[0-9A-Z]{5}", text).group()
        (status, _, _), _ = self.ask("v1/desktop/confirm_signup", {"token": code})
        if status != 200:
            sys.exit(f"confirm_signup answered {status}")


def addresses(kind):
    # Of one length, so that nothing depends on it.
    return [f"{kind}.{number:03}@example.com" for number in range(SAMPLES)]


def chance(left, right, rounds=2000):
    """How far apart medians of the same times lie when it is chance that parts them: the 99.9th percentile."""
    pool = left + right
    apart = []
    for _ in range(rounds):
        random.shuffle(pool)
        apart.append(abs(statistics.median(pool[: len(left)]) - statistics.median(pool[len(left) :])))
    return sorted(apart)[int(rounds * 0.999)]


def main():
    service = Service(sys.argv[1])
    people = {"known": addresses("known"), "other": addresses("other")}
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(service.make_user, people["known"]))
        endpoints = {
            "signup": lambda email: service.ask(
                "v1/desktop/signup", {"name": "Jane", "email": email, "password": PASSWORD}
            ),
            "login": lambda email: service.ask(
                "authentication/login", {"username": email, "password": "wrong password", "type": 16}
            ),
            "resend_confirmation_email": lambda email: service.ask(
                "v1/desktop/resend_confirmation_email", {"email": email}
            ),
            "forgot_password": lambda email: service.ask("authentication/forgot_password", {"username": email}),
        }
        # Sign-up after them: it leaves something pending for the addresses that had nothing. Then what it left.
        failed = False
        for name in ("login", "forgot_password", "signup", "resend_confirmation_email"):
            jobs = [(kind, email) for kind, emails in people.items() for email in emails]
            random.shuffle(jobs)
            done = list(pool.map(lambda job: (job[0], *endpoints[name](job[1])), jobs))
            answers = {answer for _, answer, _ in done}
            times = {kind: [ms for k, _, ms in done if k == kind] for kind in people}
            medians = {kind: statistics.median(ms) for kind, ms in times.items()}
            apart = abs(medians["known"] - medians["other"])
            noise = max(chance(times["known"], times["other"]), MILLISECONDS_MAX)
            statuses = sorted({answer[0] for answer in answers})
            print(
                f"enumeration: {name}: {SAMPLES} known and {SAMPLES} unknown addresses, "
                f"{len(answers)} different answer (status {statuses[0]}), medians {medians['known']:.1f} and "
                f"{medians['other']:.1f} ms, {apart:.2f} ms apart (at most {noise:.1f})"
            )
            if len(answers) != 1:
                for answer in answers:
                    print(answer)
            failed |= len(answers) != 1 or apart > noise
    sys.exit(failed)


main()
