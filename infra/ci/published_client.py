"""What the published client code does, with only the base URLs changed.

Usage: published_client.py API MAIL_URL S3_URL ACCESS_KEY SECRET_KEY BUCKET
MAIL_URL answers the mails to {address} as JSON.
"""

import re
import sys
import time

import requests

api, mail_url, s3, access_key, secret_key, bucket = sys.argv[1:]
email = f"client-{time.time_ns()}@example.com"


def request_token():
    response = requests.post(f"{api}/api/authentication/request_token", timeout=30)
    response.raise_for_status()
    return response.json()


def desktop(endpoint, payload, jwt=None):
    headers = {"Authorization": f"Bearer {jwt}"} if jwt else {}
    return requests.post(f"{api}/api/v1/desktop/{endpoint}", json=payload, headers=headers, timeout=30)


# Sign up.
response = desktop("signup", {
    "requestToken": request_token(),
    "name": "Jane Doe",
    "email": email,
    "password": "Password123!!",
})
assert response.status_code == 200, response.text
assert response.content == b"", response.content

# Confirm with the mailed code.
code = None
for _ in range(60):
    mails = requests.get(mail_url.replace("{address}", email), timeout=60).text
    codes = re.findall(r"(?:[0-9A-Z]{5}-){2}[0-9A-Z]{6}-[0-9A-Z]{5}-[0-9A-Z]{5}", mails.split(email)[-1])
    if email in mails and codes:
        code = codes[0]
        break
    time.sleep(0.5)
assert code, "no mail came"
response = desktop("confirm_signup", {"requestToken": request_token(), "token": code})
assert response.status_code == 200, response.text
jwt = response.json()
assert isinstance(jwt, str) and jwt.count(".") == 2

# A used code is told as the contract says.
response = desktop("confirm_signup", {"requestToken": request_token(), "token": code})
assert response.status_code == 404, response.text
assert response.json()["type"] == response.headers["error-code"] == "NOT_FOUND"

# Connect storage, upload by URL, download by URL.
response = desktop("insert", {
    "id": None, "accountId": None, "userId": None, "active": False, "deleted": True,
    "cloudType": 8, "name": "My storage", "accessKey": access_key, "secretKey": secret_key, "serviceUrl": s3,
}, jwt)
assert response.status_code == 200, response.text
account = response.json()
assert account["active"] is True and account["deleted"] is False and account["secretKey"] == "********"

at = {"cloudAccountId": account["id"], "id": "", "storageName": bucket, "key": "client/file one.txt"}
response = desktop("generate_upload_url", {**at, "expireHours": 1, "contentType": "text/plain"}, jwt)
assert response.status_code == 200, response.text
upload = requests.request(
    response.headers["X-Upload-Method"], response.json(), data=b"from the client", timeout=30,
    headers={"Content-Type": "text/plain"},
)
assert upload.status_code == 200, upload.text
response = desktop("generate_download_url", {**at, "expireHours": 24, "forceToDownload": True}, jwt)
assert response.status_code == 200, response.text
download = requests.get(response.json(), timeout=30)
assert download.content == b"from the client"
assert download.headers["Content-Disposition"].startswith("attachment")
assert desktop("delete_object", at, jwt).status_code == 200
print("published client: all calls answered as its code expects")
