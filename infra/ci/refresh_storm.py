"""Two hundred callers in four processes ask at once for the refresh of one Box account.

Usage: refresh_storm.py API
API is a local runner's URL. Prints how many calls reached the vendor's token endpoint.
"""

import json
import multiprocessing
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

API = sys.argv[1]
SIMULATOR = f"{API}/_local/simulators/box"
PROCESSES, CALLERS = 4, 50


def send(method, url, body=None, jwt=None):
    headers = {"content-type": "application/json"}
    if jwt:
        headers["authorization"] = f"Bearer {jwt}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def post(path, body, jwt=None):
    status, answer = send("POST", f"{API}/api/{path}", body, jwt)
    assert status == 200, (path, status, answer)
    return answer


def sign_up():
    token = lambda: post("authentication/request_token", None)
    address = "storm@example.com"
    person = {"name": "Storm", "email": address, "password": "correct horse battery"}
    post("v1/desktop/signup", {"requestToken": token(), **person})
    _, mails = send("GET", f"{API}/_local/mail.json?to={address}&wait=10")
    lines = (line.strip() for line in mails[0]["text"].splitlines())
    code = next(line for line in lines if len(line) == 30 and line.count("-") == 4)
    return post("v1/desktop/confirm_signup", {"requestToken": token(), "token": code})


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def connect(jwt):
    back = f"{API}/_local/callback"
    ask = {"redirectURL": back, "cloudName": "Box", "shared": False}
    page = post("v1/desktop/generate_box_authorization_url", ask, jwt)
    try:
        urllib.request.build_opener(NoRedirect).open(f"{page}&auto=approve")
        raise AssertionError("the consent page does not redirect")
    except urllib.error.HTTPError as redirect:
        query = urllib.parse.urlsplit(redirect.headers["location"]).query
    answer = dict(urllib.parse.parse_qsl(query))
    body = {"code": answer["code"], "state": answer["state"], "redirectURL": back}
    return post("v1/desktop/box_authorization_callback", body, jwt)["id"]


def callers(account, start, failures):
    """One process: its callers begin together with those of the others."""

    def call():
        start.wait()
        body = {"cloudAccountId": account}
        status, answer = send("POST", f"{API}/api/v1/desktop/refresh_token", body)
        if status != 200 or not answer["active"]:
            failures.put((status, answer))

    threads = [threading.Thread(target=call) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    jwt = sign_up()
    # What is connected now is due for a refresh at once; what is refreshed lives an hour.
    send("POST", SIMULATOR, {"accessSeconds": 60})
    account = connect(jwt)
    slow = {"kind": "slow", "ms": 1000, "on": "token", "times": 1}
    send("POST", SIMULATOR, {"accessSeconds": 0, "faults": [slow]})
    before = send("GET", SIMULATOR)[1]["refreshCalls"]

    start, failures = multiprocessing.Barrier(PROCESSES * CALLERS), multiprocessing.Queue()
    storm = [
        multiprocessing.Process(target=callers, args=(account, start, failures))
        for _ in range(PROCESSES)
    ]
    for process in storm:
        process.start()
    for process in storm:
        process.join()

    calls = send("GET", SIMULATOR)[1]["refreshCalls"] - before
    assert failures.empty(), failures.get()
    assert calls == 1, calls
    listed = post("v1/desktop/list_objects", {"cloudAccountId": account, "bucketName": ""}, jwt)
    assert listed["data"] == [], listed
    print(f"storm: {PROCESSES * CALLERS} callers in {PROCESSES} processes, {calls} token call, 0 failures")


if __name__ == "__main__":
    main()
