"""Drives the simulator of Box with Box's own SDK: `python box_com.py ROOT_URL`.

ROOT_URL is where `cargo run -p simulators --example drives -- PORT` listens; it serves
https://HOST/PATH at ROOT_URL/HOST/PATH. Needs box-sdk-gen 1.17.0, requests 2.34.2 and
requests-toolbelt 1.0.0 (requirements-box_com.txt).
"""

import hashlib
import io
import sys
from urllib.parse import parse_qs, urlsplit

import requests
from box_sdk_gen import (
    BoxAPIError,
    BoxClient,
    BoxNetworkClient,
    BoxOAuth,
    BoxRetryStrategy,
    CreateFolderParent,
    GetAuthorizeUrlOptions,
    NetworkSession,
    OAuthConfig,
    UploadFileAttributes,
    UploadFileAttributesParentField,
    UploadFileVersionAttributes,
)
from requests.adapters import HTTPAdapter

CLIENT_ID = "box-client"
CLIENT_SECRET = "box-canary-client-secret"
REDIRECT_URI = "https://app.example.com/callback?from=box"
NAME = "it's 100% \"#1\" & more + 🎉.txt"


class ToSimulator(HTTPAdapter):
    """Sends what is for https://HOST to ROOT/HOST, so that the hosts stay the SDK's own."""

    def __init__(self, root):
        super().__init__()
        self.root = root

    def send(self, request, **kwargs):
        request.url = f"{self.root}/{request.url.removeprefix('https://')}"
        return super().send(request, **kwargs)


class Checks:
    """Counts what was found to be so."""

    def __init__(self):
        self.count = 0

    def that(self, holds, what):
        if not holds:
            raise AssertionError(what)
        self.count += 1

    def refused(self, status, code, call):
        """`call` is refused with this status and Box's (or OAuth's) code."""
        try:
            call()
        except BoxAPIError as error:
            info = error.response_info
            body = info.body or {}
            self.that(info.status_code == status, f"status {info.status_code}: {body}")
            self.that(code in (info.code, body.get("error")), f"code of {body}")
            return info
        raise AssertionError(f"not refused with {status} {code}")


def authorize(session, oauth, decision):
    """What the browser brings back to the app."""
    options = GetAuthorizeUrlOptions(
        redirect_uri=REDIRECT_URI, state="a state & more", scope="root_readwrite"
    )
    url = f"{oauth.get_authorize_url(options=options)}&auto={decision}"
    answer = session.get(url, allow_redirects=False)
    location = urlsplit(answer.headers["location"])
    return answer.status_code, parse_qs(location.query)


def consent(check, root, session, network):
    """Gets tokens, and has some refused."""
    oauth = BoxOAuth(OAuthConfig(CLIENT_ID, CLIENT_SECRET))
    status, answer = authorize(session, oauth, "deny")
    check.that(status in (302, 303), "a denial leads back")
    check.that(answer["error"] == ["access_denied"], "a denial is told")
    check.that(answer["state"] == ["a state & more"], "the state comes back")

    _, answer = authorize(session, oauth, "approve")
    check.that(answer["from"] == ["box"], "the redirect URI keeps its query")
    check.that(answer["state"] == ["a state & more"], "the state comes back")
    code = answer["code"][0]

    stranger = BoxOAuth(OAuthConfig(CLIENT_ID, "wrong"))
    exchange = "get_tokens_authorization_code_grant"
    check.refused(
        400, "invalid_client", lambda: getattr(stranger, exchange)(code, network_session=network)
    )
    token = oauth.get_tokens_authorization_code_grant(code, network_session=network)
    check.that(token.token_type.value == "bearer", "the token is a bearer's")
    check.that(token.expires_in == 3600, "it lives an hour")
    check.refused(
        400, "invalid_grant", lambda: getattr(oauth, exchange)(code, network_session=network)
    )

    _, answer = authorize(session, oauth, "approve")
    requests.post(f"{root}/control/box", json={"advanceSeconds": 30}, timeout=10)
    late = answer["code"][0]
    check.refused(
        400, "invalid_grant", lambda: getattr(oauth, exchange)(late, network_session=network)
    )
    return oauth


def strictness(check, session):
    """What the SDK would not do, and Box refuses."""
    good = {
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "state": "s",
        "auto": "approve",
    }
    url = "https://account.box.com/api/oauth2/authorize"
    for wrong in ({"client_id": "other"}, {"redirect_uri": "/x"}, {"redirect_uri": "http://a.b/"}):
        answer = session.get(url, params={**good, **wrong}, allow_redirects=False)
        check.that(answer.status_code == 400, f"a page for {wrong}")
        check.that("location" not in answer.headers, f"no way back for {wrong}")
    for wrong, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "root_readwrite everything"}, "invalid_scope"),
    ):
        answer = session.get(url, params={**good, **wrong}, allow_redirects=False)
        back = parse_qs(urlsplit(answer.headers["location"]).query)
        check.that(back["error"] == [error] and "code" not in back, error)
    page = session.get(url, params={**good, "auto": ""})
    check.that(page.status_code == 200 and "root_readwrite" in page.text, "a person is asked")

    url = "https://api.box.com/oauth2/token"
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    answer = session.post(url, data=form, auth=(CLIENT_ID, CLIENT_SECRET))
    check.that(answer.json()["error"] == "invalid_client", "credentials go into the form")
    form |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    check.that(session.post(url, data=form).json()["error"] == "invalid_grant", "no such token")
    check.that(session.post(url, json=form).json()["error"] == "invalid_request", "no JSON")
    form["grant_type"] = "password"
    check.that(session.post(url, data=form).json()["error"] == "invalid_request", "no passwords")
    check.that(session.get(url).status_code == 405, "no GET")
    for elsewhere in ("account.box.com/oauth2/token", "upload.box.com/oauth2/token"):
        check.that(session.post(f"https://{elsewhere}", data=form).status_code == 404, elsewhere)
    answer = session.get("https://api.box.com/2.0/users/me")
    check.that(answer.status_code == 401 and not answer.content, "no token")
    check.that(answer.headers["www-authenticate"] == 'Bearer realm="Service"', "the challenge")


def form_order(check, session, oauth):
    """The attributes come first."""
    headers = {"Authorization": f"Bearer {oauth.token_storage.get().access_token}"}
    attributes = ("attributes", (None, '{"name": "x", "parent": {"id": "0"}}'))
    file = ("file", ("x", b"x"))
    url = "https://upload.box.com/api/2.0/files/content"
    for parts, code in (
        ([file, attributes], "metadata_after_file_contents"),
        ([attributes], "bad_request"),
        ([("attributes", (None, "{}")), file], "bad_request"),
    ):
        answer = session.post(url, files=parts, headers=headers)
        check.that((answer.status_code, answer.json()["code"]) == (400, code), code)
    other = session.post(url.replace("upload.", "api."), files=[attributes, file], headers=headers)
    check.that(other.status_code in (404, 405), "uploads have a host of their own")


def refresh(check, root, oauth, client, network):
    """Refresh tokens are good for one use; the SDK refreshes when a token is refused."""
    first = oauth.token_storage.get()
    second = oauth.refresh_token(network_session=network)
    check.that(second.access_token != first.access_token, "another access token")
    check.that(second.refresh_token != first.refresh_token, "another refresh token")

    spent = BoxOAuth(OAuthConfig(CLIENT_ID, CLIENT_SECRET))
    spent.token_storage.store(first)
    check.refused(
        400, "invalid_grant", lambda: spent.refresh_token(network_session=network)
    )

    requests.post(f"{root}/control/box", json={"expireAccess": True}, timeout=10)
    me = client.users.get_user_me()
    check.that(me.login == "robin@example.com", "the user is told after a refresh")
    third = oauth.token_storage.get()
    check.that(third.access_token != second.access_token, "the SDK has refreshed")


def folders(check, client):
    """Creates folders and lists them in pages; answers the folder that holds them."""
    root = client.folders.get_folder_by_id("0")
    check.that(root.name == "All Files", "the root has Box's name")
    top = client.folders.create_folder("Top", CreateFolderParent(id="0"))
    check.that(top.parent.id == "0", "its parent is the root")
    check.that(top.created_at.utcoffset().total_seconds() == -8 * 3600, "Californian time")
    for number in range(5):
        client.folders.create_folder(f"{number}", CreateFolderParent(id=top.id))
    info = check.refused(
        409,
        "item_name_in_use",
        lambda: client.folders.create_folder("tOP", CreateFolderParent(id="0")),
    )
    check.that(info.context_info["conflicts"][0]["id"] == top.id, "it tells which")
    check.refused(
        400,
        "item_name_invalid",
        lambda: client.folders.create_folder("a\\b", CreateFolderParent(id="0")),
    )
    check.refused(
        404,
        "not_found",
        lambda: client.folders.create_folder("x", CreateFolderParent(id="999")),
    )

    names, marker, pages = [], None, 0
    while True:
        page = client.folders.get_folder_items(
            top.id, usemarker=True, limit=2, marker=marker, fields=["name", "size"]
        )
        names += [entry.name for entry in page.entries]
        pages += 1
        marker = page.next_marker
        if not marker:
            break
    check.that(names == ["0", "1", "2", "3", "4"] and pages == 3, "by marker")
    page = client.folders.get_folder_items(top.id, offset=3, limit=10)
    check.that([entry.name for entry in page.entries] == ["3", "4"], "by offset")
    check.that(page.total_count == 5, "the count of all")
    check.refused(
        400,
        "bad_request",
        lambda: client.folders.get_folder_items(top.id, usemarker=True, marker="gone"),
    )
    check.refused(
        405, "method_not_allowed", lambda: client.folders.get_folder_items("not-a-number")
    )
    return top


def files(check, client, top):
    """Uploads, downloads, overwrites and deletes."""
    attributes = UploadFileAttributes(
        name=NAME, parent=UploadFileAttributesParentField(id=top.id)
    )
    uploaded = client.uploads.upload_file(attributes, io.BytesIO(b"first"), file_file_name=NAME)
    file = uploaded.entries[0]
    check.that(uploaded.total_count == 1 and file.name == NAME, "it has its name")
    check.that(file.size == 5, "and its size")
    check.that([one.name for one in file.path_collection.entries] == ["All Files", "Top"], "path")

    info = check.refused(
        409, "item_name_in_use", lambda: client.uploads.upload_file(attributes, io.BytesIO(b"x"))
    )
    check.that(info.context_info["conflicts"]["id"] == file.id, "it tells which")
    check.refused(
        400,
        "bad_digest",
        lambda: client.uploads.upload_file_version(
            file.id, UploadFileVersionAttributes(name=NAME), io.BytesIO(b"x"), content_md_5="0" * 40
        ),
    )

    url = client.downloads.get_download_file_url(file.id)
    check.that("/dl.boxcloud.com/d/1/" in url, "a URL of the content host")
    check.that(requests.get(url, timeout=10).content == b"first", "which needs no token")

    version = client.uploads.upload_file_version(
        file.id, UploadFileVersionAttributes(name=NAME), io.BytesIO(b"the second")
    )
    check.that(version.entries[0].id == file.id, "another version is the same file")
    check.that(client.downloads.download_file(file.id).read() == b"the second", "overwritten")
    read = client.files.get_file_by_id(file.id, fields=["name", "size", "sha1"])
    check.that((read.name, read.size) == (NAME, 10), "the file tells of it")
    check.that(read.sha_1 == hashlib.sha1(b"the second").hexdigest(), "and its hash")

    check.refused(
        400, "folder_not_empty", lambda: client.folders.delete_folder_by_id(top.id)
    )
    client.files.delete_file_by_id(file.id)
    check.refused(404, "not_found", lambda: client.files.get_file_by_id(file.id))
    check.refused(404, "not_found", lambda: client.files.delete_file_by_id(file.id))
    client.folders.delete_folder_by_id(top.id, recursive=True)
    check.refused(404, "not_found", lambda: client.folders.get_folder_by_id(top.id))
    check.refused(
        403,
        "access_denied_insufficient_permissions",
        lambda: client.folders.delete_folder_by_id("0", recursive=True),
    )


def end(check, oauth, client, network):
    """Revoking the access token ends its refresh token too."""
    oauth.revoke_token(network_session=network)
    check.refused(400, "invalid_grant", client.users.get_user_me)


def main():
    root = sys.argv[1].rstrip("/")
    requests.delete(f"{root}/control/box", timeout=10)
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", ToSimulator(root))
    network = NetworkSession(
        network_client=BoxNetworkClient(requests_session=session),
        retry_strategy=BoxRetryStrategy(max_attempts=2),
    )
    check = Checks()
    oauth = consent(check, root, session, network)
    client = BoxClient(oauth, network_session=network)
    strictness(check, session)
    refresh(check, root, oauth, client, network)
    top = folders(check, client)
    files(check, client, top)
    form_order(check, session, oauth)
    end(check, oauth, client, network)
    print(f"box-sdk-gen: {check.count} checks")


if __name__ == "__main__":
    main()
