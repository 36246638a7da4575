"""What the published client code does to connect a Dropbox, with only the base URLs changed.

Usage: published_dropbox.py API MAIL_URL
MAIL_URL answers the mails to {address} as JSON. Consent is given by the simulated Dropbox's
`auto=approve` instead of a person.
"""

import re
import sys
import time
from urllib.parse import parse_qs, urlsplit

import requests

base, mail_url = sys.argv[1:]
email = f"dropbox-{time.time_ns()}@example.com"
redirect_url = f"{base}/_local/callback"


def request_token():
    response = requests.post(f"{base}/api/authentication/request_token", timeout=30)
    response.raise_for_status()
    return response.json()


# Somebody who is signed in.
response = requests.post(base + "/api/v1/desktop/signup", timeout=30, json={
    "requestToken": request_token(),
    "name": "Jane Doe",
    "email": email,
    "password": "Password123!!",
})
assert response.status_code == 200, response.text
mails = requests.get(mail_url.replace("{address}", email), timeout=60).text
code = re.search(r"(?:[0-9A-Z]{5}-){2}[0-9A-Z]{6}-[0-9A-Z]{5}-[0-9A-Z]{5}", mails)
assert code, mails
response = requests.post(base + "/api/v1/desktop/confirm_signup", timeout=30, json={
    "requestToken": request_token(),
    "token": code.group(),
})
assert response.status_code == 200, response.text
headers = {"Authorization": f"Bearer {response.json()}"}

# Where the person is asked.
response = requests.post(
    base + "/api/v1/desktop/generate_dropbox_authorization_url",
    headers=headers,
    json={"redirectURL": redirect_url, "cloudName": "My Dropbox", "shared": False},
    timeout=30,
)
assert response.status_code == 200, response.text
url = response.json()
assert isinstance(url, str), url
query = parse_qs(urlsplit(url).query)
assert query["response_type"] == ["code"] and query["redirect_uri"] == [redirect_url], url

# The person allows it, and the browser comes back.
response = requests.get(url + "&auto=approve", allow_redirects=False, timeout=30)
assert response.is_redirect, response.text
back = response.headers["Location"]
assert back.startswith(redirect_url + "?"), back
answer = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
assert answer["state"] == query["state"][0], back

# The account that comes of it.
payload = {"code": answer["code"], "state": answer["state"], "redirectURL": redirect_url}
response = requests.post(
    base + "/api/v1/desktop/dropbox_authorization_callback", headers=headers, json=payload, timeout=30
)
assert response.status_code == 200, response.text
account = response.json()
assert account["cloudType"] == 128 and account["name"] == "My Dropbox", account
assert account["active"] is True and account["shared"] is False, account
assert account["credentialsData"] == "********", account

# A state works once.
response = requests.post(
    base + "/api/v1/desktop/dropbox_authorization_callback", headers=headers, json=payload, timeout=30
)
assert response.status_code == 400, response.text

# The account works.
response = requests.post(
    base + "/api/v1/desktop/list_buckets", headers=headers, json={"cloudAccountId": account["id"]}, timeout=30
)
assert response.status_code == 200, response.text
assert [bucket["name"] for bucket in response.json()["data"]] == ["Dropbox"], response.text
print("published Dropbox client: all calls answered as its code expects")
