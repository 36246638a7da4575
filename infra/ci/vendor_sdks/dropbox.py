"""Dropbox's own SDK against the simulator: what the SDK can do there, it could do at Dropbox.

Usage: dropbox.py ROOT_URL
ROOT_URL serves the hosts as first path segments and the control under /control, which is used to
empty the drive first (`cargo run -p simulators --example drives -- PORT`).

Tried with dropbox 12.2.4, stone 3.5.5 and requests 2.34.2: see requirements-dropbox.txt.
"""

import base64
import hashlib
import secrets
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

# This file has the name of the package.
here = str(Path(__file__).resolve().parent)
sys.path[:] = [entry for entry in sys.path if str(Path(entry or ".").resolve()) != here]

import requests
from requests.adapters import HTTPAdapter

import dropbox
from dropbox import common, exceptions, files

root = sys.argv[1].rstrip("/")
APP_KEY, APP_SECRET = "dropbox-client", "dropbox-canary-client-secret"
REDIRECT = "https://app.example.com/callback?from=dropbox"
SCOPES = ["account_info.read", "files.metadata.read", "files.content.read", "files.content.write"]
checks = 0


def check(condition, what):
    global checks
    assert condition, what
    checks += 1


def refuses(kind, call, *args, **kwargs):
    global checks
    try:
        call(*args, **kwargs)
    except kind as error:
        checks += 1
        return error
    raise AssertionError(f"{call} did not raise {kind}")


class AtRoot(HTTPAdapter):
    """Sends https://HOST/PATH to ROOT/HOST/PATH."""

    def send(self, request, **kwargs):
        request.url = f"{root}/{request.url.removeprefix('https://')}"
        return super().send(request, **kwargs)


def session():
    mapped = requests.Session()
    mapped.trust_env = False
    mapped.mount("https://", AtRoot())
    return mapped


web = session()


def control(**switch):
    """What happens in the world, beside the protocol."""
    requests.post(f"{root}/control/dropbox", json=switch, timeout=30).raise_for_status()


requests.delete(f"{root}/control/dropbox", timeout=30).raise_for_status()


def flow(**kwargs):
    options = {"consumer_secret": APP_SECRET, "token_access_type": "offline", "scope": SCOPES}
    made = dropbox.DropboxOAuth2Flow(APP_KEY, REDIRECT, {}, "csrf", **(options | kwargs))
    made.requests_session = session()
    return made


def visit(url, **kwargs):
    return web.get(url, allow_redirects=False, **kwargs)


def answer_of(response):
    location = response.headers["location"]
    assert location.startswith("https://app.example.com/callback?from=dropbox&"), location
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def consent(oauth, auto="approve"):
    response = visit(f"{oauth.start('my page')}&auto={auto}")
    check(response.is_redirect, response.text)
    return answer_of(response)


# Consent, and the exchange of the code.
oauth = flow()
page = visit(oauth.start())
check(page.status_code == 200 and "files.content.write" in page.text, page.text)
refuses(dropbox.oauth.NotApprovedException, oauth.finish, consent(oauth, "deny"))
answer = consent(oauth)
result = oauth.finish(answer)
check(result.url_state == "my page", result.url_state)
check(result.refresh_token and result.account_id.startswith("dbid:"), "tokens")
check(result.scope == " ".join(SCOPES), result.scope)
refuses(requests.HTTPError, oauth._finish, answer["code"], REDIRECT, None)
online = flow(token_access_type="online")
check(online.finish(consent(online)).refresh_token == "", "online access has no refresh token")

# What must be an error page, and no redirect.
good = flow().start()
for bad in [
    good.replace(APP_KEY, "somebody-else"),
    good.replace("https%3A%2F%2Fapp", "http%3A%2F%2Fapp"),
    good.replace("response_type=code", "response_type=token"),
    good.replace("files.content.write", "files.everything"),
    good.replace("offline", "forever"),
    good.replace("state=", "state=" + "x" * 500),
]:
    response = visit(bad + "&auto=approve")
    check(bad != good and response.status_code == 400, f"{bad}: {response.status_code}")


# The token endpoint, beyond the SDK: Basic, PKCE beside the secret, and what is refused.
def token(host="api.dropboxapi.com", auth=None, **form):
    return web.post(f"https://{host}/oauth2/token", data=form, auth=auth)


def code_of(verifier=None):
    url = flow().start()
    if verifier:
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        url += f"&code_challenge={challenge}&code_challenge_method=S256"
    return answer_of(visit(url + "&auto=approve"))["code"]


verifier = secrets.token_urlsafe(48)
exchange = {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
basic = (APP_KEY, APP_SECRET)
body = {"client_id": APP_KEY, "client_secret": APP_SECRET}
response = token(auth=basic, code=code_of(verifier), code_verifier=verifier, **exchange)
check(response.status_code == 200, response.text)
check(response.json()["token_type"] == "bearer" and response.json()["expires_in"] == 14400, "fields")
response = token("api.dropbox.com", code=code_of(), **exchange, **body)
check(response.status_code == 200, response.text)
for error, form in [
    ("invalid_grant", {"code": code_of(verifier), "code_verifier": verifier + "x"}),
    ("invalid_grant", {"code": code_of(verifier)}),
    ("invalid_grant", {"code": code_of(), "redirect_uri": REDIRECT + "x"}),
    ("invalid_grant", {"code": "no-such-code"}),
    ("invalid_client", {"code": code_of(), "client_secret": "wrong"}),
    ("unsupported_grant_type", {"code": code_of(), "grant_type": "password"}),
]:
    response = token(**(exchange | body | form))
    check(response.status_code == 400 and response.json()["error"] == error, response.text)

# The SDK refreshes by itself when it has no access token.
dbx = dropbox.Dropbox(
    oauth2_refresh_token=result.refresh_token,
    app_key=APP_KEY,
    app_secret=APP_SECRET,
    session=session(),
)
account = dbx.users_get_current_account()
check(account.account_id == result.account_id, account)
info = account.root_info
check(info.root_namespace_id == info.home_namespace_id, info)
dbx.refresh_access_token()
check(dbx._oauth2_access_token != result.access_token, "another access token")
# One that has died is refreshed, and the call repeated.
before = dbx._oauth2_access_token
control(expireAccess=True)
check(dbx.users_get_current_account().account_id == result.account_id, "the call was repeated")
check(dbx._oauth2_access_token != before, "with another access token")
# An access token that is unknown cannot be refreshed.
unknown = dropbox.Dropbox("sl.unknown", session=session())
error = refuses(exceptions.AuthError, unknown.users_get_current_account)
check(error.error.is_invalid_access_token(), error)
dead = dropbox.Dropbox(oauth2_refresh_token="dead", app_key=APP_KEY, app_secret=APP_SECRET, session=session())
refuses(exceptions.AuthError, dead.users_get_current_account)

# The root that paths are relative to.
home = dbx.with_path_root(common.PathRoot.root(info.root_namespace_id))
check(home.files_list_folder("").entries == [], "an empty drive")
error = refuses(exceptions.PathRootError, dbx.with_path_root(common.PathRoot.root("1")).files_list_folder, "")
check(error.error.get_invalid_root().home_namespace_id == info.home_namespace_id, error)
error = refuses(exceptions.PathRootError, dbx.with_path_root(common.PathRoot.namespace_id("1")).files_list_folder, "")
check(error.error.is_no_permission(), error)

# Folders.
folder = dbx.files_create_folder_v2("/Docs").metadata
check(folder.id.startswith("id:") and folder.path_display == "/Docs", folder)
error = refuses(exceptions.ApiError, dbx.files_create_folder_v2, "/docs").error
check(error.get_path().get_conflict().is_folder(), error)
check(dbx.files_create_folder_v2("/docs", autorename=True).metadata.name == "Docs (1)", "autorename")
deep = dbx.files_create_folder_v2("/a/b/c").metadata
check(deep.path_lower == "/a/b/c" and dbx.files_get_metadata("/A/B").name == "b", deep)

# Files, in and out.
name = "it's \"100%\" + #1? \u00fc \U0001f600.txt"
path = f"/Docs/{name}"
written = dbx.files_upload(b"first", path)
check(written.size == 5 and written.name == name, written)
meta, response = dbx.files_download(path.upper().replace("DOCS", "docs"))
check(response.content == b"first" and meta.rev == written.rev and meta.name == name, meta)
error = refuses(exceptions.ApiError, dbx.files_upload, b"second", path).error
check(error.get_path().reason.get_conflict().is_file(), error)
again = dbx.files_upload(b"second", path, mode=files.WriteMode.overwrite)
check(again.id == written.id and again.rev != written.rev, again)
stale = files.WriteMode.update(written.rev)
error = refuses(exceptions.ApiError, dbx.files_upload, b"third", path, mode=stale).error
check(error.get_path().reason.is_conflict(), error)
check(dbx.files_upload(b"third", path, mode=files.WriteMode.update(again.rev)).size == 5, "update")
check(dbx.files_download(again.id)[1].content == b"third", "by id")
copy = dbx.files_upload(b"fourth", path, autorename=True)
check(copy.name == name.replace(".txt", " (1).txt"), copy)
digest = hashlib.sha256(hashlib.sha256(b"fourth").digest()).hexdigest()
check(copy.content_hash == digest, copy.content_hash)

# Links.
link = dbx.files_get_temporary_link(path)
check(link.metadata.id == written.id, link)
check(requests.get(link.link).content == b"third", link.link)
check(requests.get(link.link, headers={"Range": "bytes=1-2"}).content == b"hi", "a part")
check(requests.get(link.link, headers={"Range": "bytes=9-"}).status_code == 416, "no such part")
check(requests.post(link.link).status_code == 405, "links are for GET")
error = refuses(exceptions.ApiError, dbx.files_get_temporary_link, "/Docs").error
check(error.get_path().is_not_file(), error)
commit = files.CommitInfo("/Docs/by link.bin", mode=files.WriteMode.overwrite)
octets = {"Content-Type": "application/octet-stream"}
for content in [b"one", b"two"]:
    up = dbx.files_get_temporary_upload_link(commit, duration=60).link
    check(requests.post(up, b"x", headers={"Content-Type": "image/png"}).status_code == 400, "type")
    check(requests.put(up, b"x", headers=octets).status_code == 400, "method")
    response = requests.post(up, content, headers=octets)
    digest = hashlib.sha256(hashlib.sha256(content).digest()).hexdigest()
    check(response.json() == {"content-hash": digest}, response.text)
    check(requests.post(up, content, headers=octets).status_code == 410, "one use")
    check(dbx.files_download("/Docs/by link.bin")[1].content == content, "stored")
check(requests.post(up + "x", b"x", headers=octets).status_code == 409, "no such link")

# A listing, page by page.
for number in range(5):
    dbx.files_upload(b"x", f"/a/b/{number}.txt")
page = dbx.files_list_folder("/a/b", limit=2)
names, pages = [entry.name for entry in page.entries], 1
while page.has_more:
    page = dbx.files_list_folder_continue(page.cursor)
    names += [entry.name for entry in page.entries]
    pages += 1
check(sorted(names) == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt", "c"], names)
check(pages == 3, pages)
kinds = {type(entry) for entry in dbx.files_list_folder(dbx.files_get_metadata("/a/b").id).entries}
check(kinds == {files.FileMetadata, files.FolderMetadata}, kinds)
everything = dbx.files_list_folder("", recursive=True).entries
check({"/a/b/c", "/Docs/by link.bin"} <= {entry.path_display for entry in everything}, "recursive")
error = refuses(exceptions.ApiError, dbx.files_list_folder, "/missing").error
check(error.get_path().is_not_found(), error)
error = refuses(exceptions.ApiError, dbx.files_list_folder, path).error
check(error.get_path().is_not_folder(), error)
refuses(exceptions.BadInputError, dbx.files_list_folder, "/")
refuses(exceptions.BadInputError, dbx.files_list_folder_continue, "no-such-cursor")

# Links and access tokens live four hours.
control(advanceSeconds=14399)
check(requests.get(link.link).status_code == 200, "not yet")
control(advanceSeconds=1)
check(requests.get(link.link).status_code == 410, "gone")
check(dbx.files_get_metadata(path).id == written.id, "a refresh is due")

# Deletion.
gone = dbx.files_delete_v2(path).metadata
check(gone.id == written.id, gone)
error = refuses(exceptions.ApiError, dbx.files_delete_v2, path).error
check(error.get_path_lookup().is_not_found(), error)
check(dbx.files_delete_v2(deep.id).metadata.id == deep.id, "by id")
check(isinstance(dbx.files_delete_v2("/a").metadata, files.FolderMetadata), "a folder")
error = refuses(exceptions.ApiError, dbx.files_get_metadata, "/a/b/0.txt").error
check(error.get_path().is_not_found(), error)
error = refuses(exceptions.ApiError, dbx.files_create_folder_v2, "/thumbs.db").error
check(error.get_path().is_disallowed_name(), error)
error = refuses(exceptions.ApiError, dbx.files_create_folder_v2, "/back\\slash").error
check(error.get_path().is_malformed_path(), error)

# Requests that no SDK sends.
bearer = {"Authorization": f"Bearer {dbx._oauth2_access_token}"}
url = "https://api.dropboxapi.com/2/files/list_folder"
arg = {"path": ""}
check(web.post(url, json=arg, headers=bearer).status_code == 200, "plain requests do the same")
for what, response in [
    ("no token", web.post(url, json=arg)),
    ("method", web.get(url, headers=bearer)),
    ("content type", web.post(url, data="{}", headers=bearer | octets)),
    ("pattern", web.post(url, json={"path": "a"}, headers=bearer)),
    ("unknown field", web.post(url, json=arg | {"x": 1}, headers=bearer)),
    ("limit", web.post(url, json=arg | {"limit": 2001}, headers=bearer)),
    ("JSON", web.post(url, data="{", headers=bearer | {"Content-Type": "application/json"})),
    ("function", web.post(url + "s", json=arg, headers=bearer)),
    ("host", web.post(url.replace("api.", "content.", 1), json=arg, headers=bearer)),
]:
    is_text = response.headers["content-type"].startswith("text/plain")
    check(response.status_code == 400 and is_text, f"{what}: {response.status_code}")

# A scope that was not agreed to.
narrow = flow(scope=["files.metadata.read"])
narrow = dropbox.Dropbox(narrow.finish(consent(narrow)).access_token, session=session())
check(narrow.files_list_folder("").entries, "what was agreed to")
error = refuses(exceptions.AuthError, narrow.files_create_folder_v2, "/x").error
check(error.get_missing_scope().required_scope == "files.content.write", error)

# Revoked: the refresh token dies with the access token.
dbx.auth_token_revoke()
error = refuses(exceptions.AuthError, dbx.users_get_current_account)
response = token(grant_type="refresh_token", refresh_token=result.refresh_token, **body)
check(response.status_code == 400 and response.json()["error"] == "invalid_grant", response.text)

print(f"dropbox {dropbox.__version__}: {checks} checks passed")
