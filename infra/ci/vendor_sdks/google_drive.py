"""Google's own client library against the simulator of Google Drive.

    python google_drive.py ROOT_URL

ROOT_URL serves what is at https://HOST/PATH as ROOT_URL/HOST/PATH. The library keeps its own hosts
and its bundled discovery document; only the transport is pointed elsewhere.

Versions: google-api-python-client 2.202.0, google-auth 2.62.2, google-auth-oauthlib 1.5.0 (see
requirements-google_drive.txt).
"""

import io
import json
import os
import sys
from urllib.parse import parse_qs, urlsplit

import google.auth.exceptions
import httplib2
import requests
from google.auth.transport.requests import Request
from google_auth_httplib2 import AuthorizedHttp
from google_auth_oauthlib.flow import Flow
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseDownload, MediaIoBaseUpload
from requests.adapters import HTTPAdapter

SCOPE = "https://www.googleapis.com/auth/drive"
FOLDER = "application/vnd.google-apps.folder"
REDIRECT = "https://app.example/callback"
CLIENT = {
    "web": {
        "client_id": "googledrive-client",
        "client_secret": "googledrive-canary-client-secret",
        "auth_uri": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "redirect_uris": [REDIRECT],
    }
}

ROOT = sys.argv[1].rstrip("/")
checks = 0


def check(condition, what):
    global checks
    if not condition:
        sys.exit(f"google_drive: {what}")
    checks += 1


def elsewhere(url):
    """Where the simulator has what is at this URL."""
    return url.replace("https://", f"{ROOT}/", 1) if url.startswith("https://") else url


class Adapter(HTTPAdapter):
    def send(self, request, **kwargs):
        request.url = elsewhere(request.url)
        return super().send(request, **kwargs)


class Http(httplib2.Http):
    # As in the library's build_http: 308 means that a piece of an upload has come.
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.redirect_codes = self.redirect_codes - {308}

    def request(self, uri, *args, **kwargs):
        return super().request(elsewhere(uri), *args, **kwargs)


def session():
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Adapter())
    return session


def flow():
    flow = Flow.from_client_config(CLIENT, [SCOPE], redirect_uri=REDIRECT, autogenerate_code_verifier=True)
    flow.oauth2session.mount("https://", Adapter())
    flow.oauth2session.trust_env = False
    return flow


def agree(flow, extra="", **parameters):
    """The query that comes back from a person who is asked."""
    url, state = flow.authorization_url(access_type="offline", **parameters)
    answer = session().get(url + "&auto=approve" + extra, allow_redirects=False)
    check(answer.status_code in (302, 303), f"consent answers {answer.status_code}")
    location = answer.headers["location"]
    check(location.startswith(REDIRECT + "?"), "the browser goes to the app")
    query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    check(query["state"] == state, "the state comes back")
    return query


def refused(call, status, reason):
    """The library reads this refusal."""
    try:
        call.execute()
    except HttpError as error:
        check(error.resp.status == status, f"{error.resp.status} where {status} belongs")
        found = json.loads(error.content)["error"]["errors"][0]["reason"]
        check(found == reason, f"{found} where {reason} belongs")
    else:
        check(False, f"nothing is refused where {reason} belongs")


def identity():
    first = flow()
    query = agree(first, prompt="consent", include_granted_scopes="true")
    first.fetch_token(code=query["code"])
    credentials = first.credentials
    check(credentials.refresh_token, "a refresh token comes with prompt=consent")
    check(credentials.granted_scopes == [SCOPE], f"the scopes are {credentials.granted_scopes}")

    try:
        again = flow()
        again.code_verifier = first.code_verifier
        again.fetch_token(code=query["code"])
        check(False, "a code works twice")
    except Exception as error:
        check("invalid_grant" in str(error), f"a used code is {error}")
    try:
        other = flow()
        query = agree(other, prompt="consent")
        other.code_verifier = "x" * 64
        other.fetch_token(code=query["code"])
        check(False, "another verifier works")
    except Exception as error:
        check("invalid_grant" in str(error), f"another verifier is {error}")

    returning = flow()
    returning.fetch_token(code=agree(returning)["code"])
    check(returning.credentials.refresh_token is None, "who comes back without prompt gets none")
    check("error" in agree(flow(), "&granted="), "who unticks everything gives no code")
    answer = session().get(
        flow().authorization_url()[0].replace("client_id=google", "client_id=other"), allow_redirects=False
    )
    check(answer.status_code == 400, "another app is not sent back")

    old = credentials.token
    credentials.refresh(Request(session()))
    check(credentials.token != old, "a refresh gives another token")
    check(credentials.refresh_token, "the refresh token stays")
    return credentials


def revoke(credentials):
    answer = session().post("https://oauth2.googleapis.com/revoke", data={"token": credentials.refresh_token})
    check(answer.status_code == 200, f"revoke answers {answer.status_code}")
    try:
        credentials.refresh(Request(session()))
        check(False, "a revoked token works")
    except google.auth.exceptions.RefreshError as error:
        check(error.args[1]["error"] == "invalid_grant", f"a revoked token is {error.args}")
    answer = session().post("https://oauth2.googleapis.com/revoke", data={"token": credentials.refresh_token})
    check(answer.json()["error"] == "invalid_token", "a grant is taken back once")


def read(drive, file_id, chunk):
    into = io.BytesIO()
    download = MediaIoBaseDownload(into, drive.files().get_media(fileId=file_id), chunksize=chunk)
    done, pieces = False, 0
    while not done:
        _, done = download.next_chunk()
        pieces += 1
    return into.getvalue(), pieces


def media(content, media_type="text/plain", resumable=False, chunk=-1):
    return MediaIoBaseUpload(io.BytesIO(content), mimetype=media_type, chunksize=chunk, resumable=resumable)


def upload_in_pieces(call):
    answer, pieces = None, 0
    while answer is None:
        _, answer = call.next_chunk()
        pieces += 1
    return answer, pieces


def files(drive):
    about = drive.about().get(fields="user(emailAddress),storageQuota").execute()
    check(about["user"] == {"emailAddress": "person@example.com"}, f"about says {about}")
    refused(drive.about().get(), 400, "required")
    check(drive.drives().list(pageSize=100).execute()["drives"] == [], "there are no shared drives")

    docs = drive.files().create(body={"name": "it's \\ here", "mimeType": FOLDER, "parents": ["root"]}).execute()
    check(docs["mimeType"] == FOLDER, f"a folder is {docs}")
    same = drive.files().create(body={"name": "it's \\ here", "mimeType": FOLDER}).execute()
    check(same["id"] != docs["id"], "a name is given twice")
    found = drive.files().list(
        q=r"name = 'it\'s \\ here' and 'root' in parents and trashed = false",
        orderBy="createdTime",
        fields="files(id,parents)",
    ).execute()
    check([file["id"] for file in found["files"]] == [docs["id"], same["id"]], f"a search finds {found}")
    drive.files().delete(fileId=same["id"]).execute()
    refused(drive.files().get(fileId=same["id"]), 404, "notFound")

    body = {"name": "plain.txt", "parents": [docs["id"]]}
    plain = drive.files().create(body=body, media_body=media(b"hello"), fields="id,size,mimeType").execute()
    check(plain["size"] == "5" and plain["mimeType"] == "text/plain", f"multipart makes {plain}")
    check(read(drive, plain["id"], 1024) == (b"hello", 1), "what was sent is there")
    simple = drive.files().create(media_body=media(b"simple"), fields="name,size").execute()
    check(simple == {"name": "Untitled", "size": "6"}, f"a simple upload makes {simple}")

    big = os.urandom(600 * 1024)
    body = {"name": "big", "parents": [docs["id"]]}
    upload = media(big, "application/octet-stream", True, 256 * 1024)
    answer, pieces = upload_in_pieces(drive.files().create(body=body, media_body=upload, fields="id,size"))
    check(pieces == 3 and answer["size"] == str(len(big)), f"pieces make {answer}")
    check(read(drive, answer["id"], 256 * 1024) == (big, 3), "the pieces are in order")
    empty = media(b"", "text/plain", True)
    answer, _ = upload_in_pieces(drive.files().update(fileId=answer["id"], media_body=empty, fields="id,size"))
    check(answer["size"] == "0", f"overwriting makes {answer}")
    check(read(drive, answer["id"], 1024)[0] == b"", "an empty file is read")
    drive.files().update(fileId=plain["id"], media_body=media(b"other")).execute()
    check(read(drive, plain["id"], 2) == (b"other", 3), "what was overwritten is there")

    ids = drive.files().generateIds(count=2).execute()["ids"]
    twice = drive.files().create(body={"id": ids[1], "name": "made once"})
    check(twice.execute()["id"] == ids[1], "an id that was given out is taken")
    refused(twice, 409, "fileIdInUse")
    refused(drive.files().get(fileId=ids[0]), 404, "notFound")

    for number in range(5):
        drive.files().create(body={"name": f"page {number}", "parents": [docs["id"]]}).execute()
    search = {"q": f"'{docs['id']}' in parents and trashed = false", "orderBy": "folder,name_natural"}
    call, names, pages = drive.files().list(pageSize=3, **search), [], 0
    while call is not None:
        page = call.execute()
        names += [file["name"] for file in page["files"]]
        pages += 1
        call = drive.files().list_next(call, page)
    check(pages == 3, f"{pages} pages")
    check(names == ["big", *(f"page {n}" for n in range(5)), "plain.txt"], f"the pages hold {names}")

    trashed = drive.files().update(fileId=docs["id"], body={"trashed": True}, fields="trashed").execute()
    check(trashed == {"trashed": True}, "the trash takes it")
    check(drive.files().list(**search).execute()["files"] == [], "what is in it went with it")

    refused(drive.files().list(q="name = 'it's'"), 400, "invalid")
    refused(drive.files().list(pageToken="x"), 400, "invalid")
    refused(drive.files().list(pageSize=0), 400, "invalid")
    refused(drive.files().list(fields="files(nonsense)"), 400, "invalidParameter")
    refused(drive.files().list(q="'nobody' in parents"), 404, "notFound")
    refused(drive.files().get_media(fileId=docs["id"]), 403, "fileNotDownloadable")
    refused(drive.files().create(body={"name": "x", "parents": [plain["id"]]}), 403, "parentNotAFolder")
    refused(drive.files().delete(fileId="root"), 403, "insufficientFilePermissions")


def tokens(credentials):
    """What the library would hide: a token that is not where it belongs."""
    url = "https://www.googleapis.com/drive/v3/files"
    check(session().get(url).status_code == 403, "nobody may list")
    token = {"access_token": credentials.token}
    check(session().get(url, params=token).status_code == 401, "a token in the query is refused")
    answer = session().get(url, headers={"Authorization": "Bearer nonsense"})
    check(answer.status_code == 401 and answer.json()["error"]["status"] == "UNAUTHENTICATED", answer.text)

    narrow = flow()
    narrow.oauth2session.scope = [SCOPE, "openid"]
    query = agree(narrow, "&granted=openid", prompt="consent")
    check(query["scope"] == "openid", f"the scope is {query['scope']}")
    os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"
    narrow.fetch_token(code=query["code"])
    drive = build("drive", "v3", http=AuthorizedHttp(narrow.credentials, http=Http()))
    refused(drive.files().list(), 403, "insufficientPermissions")


def main():
    # An empty drive that nobody agreed to yet.
    session().delete(f"{ROOT}/control/googledrive").raise_for_status()
    credentials = identity()
    files(build("drive", "v3", http=AuthorizedHttp(credentials, http=Http())))
    tokens(credentials)
    revoke(credentials)
    print(f"google_drive: {checks} checks")


main()
