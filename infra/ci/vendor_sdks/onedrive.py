"""Microsoft's own libraries against the simulator of OneDrive.

Usage: onedrive.py ROOT_URL, under which https://HOST/PATH is at ROOT_URL/HOST/PATH.
Needs requirements-onedrive.txt: msal 1.39.0 signs in, msgraph-sdk 1.65.0 (msgraph-core 1.5.2,
kiota 1.16.0) uses the drive. The libraries name and see the vendor's own hosts only.
"""

import asyncio
import sys
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import msal
import requests
from azure.core.credentials import AccessToken
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.drives.item.items.item.children.children_request_builder import ChildrenRequestBuilder
from msgraph.generated.drives.item.items.item.create_upload_session.create_upload_session_post_request_body import (
    CreateUploadSessionPostRequestBody,
)
from msgraph.generated.models.drive_item import DriveItem
from msgraph.generated.models.drive_item_uploadable_properties import DriveItemUploadableProperties
from msgraph.generated.models.folder import Folder
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.graph_request_adapter import options
from msgraph_core import GraphClientFactory, PageIterator

ROOT = sys.argv[1].rstrip("/")
CLIENT_ID = "onedrive-client"
CLIENT_SECRET = "onedrive-canary-client-secret"
REDIRECT_URI = "http://localhost/back"
SCOPES = ["Files.ReadWrite.All", "User.Read"]
CHUNK = 320 * 1024
FOLDER = f"sdk {time.time_ns()}"
checks = 0


def check(truth, what):
    global checks
    assert truth, what
    checks += 1


def simulated(url):
    return url.replace("https://", f"{ROOT}/", 1)


def public(content):
    """What an answer names is where the vendor has it."""
    return content.replace(f"{ROOT}/".encode(), b"https://")


class Session(requests.Session):
    """requests, for msal."""

    def request(self, method, url, **options):
        response = super().request(method, simulated(url), **options)
        response._content = public(response.content)
        return response


class Transport(httpx.AsyncBaseTransport):
    """httpx, for msgraph-sdk."""

    def __init__(self):
        self.inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request):
        # The path as it is: httpx would decode some of it.
        url = httpx.URL(simulated(f"https://{request.url.host}" + request.url.raw_path.decode()))
        headers = [(name, value) for name, value in request.headers.raw if name.lower() not in (b"host", b"accept-encoding")]
        sent = httpx.Request(request.method, url, headers=headers, content=await request.aread())
        response = await self.inner.handle_async_request(sent)
        body = await response.aread()
        headers = [
            (name, public(value))
            for name, value in response.headers.raw
            if name.lower() not in (b"content-length", b"transfer-encoding")
        ]
        return httpx.Response(response.status_code, headers=headers, content=public(body), request=request)


class Credential:
    """A token that msal got."""

    def __init__(self, token):
        self.token = token

    async def get_token(self, *scopes, **_):
        return AccessToken(self.token, 2**31)


def sign_in():
    app = msal.ConfidentialClientApplication(
        CLIENT_ID,
        client_credential=CLIENT_SECRET,
        authority="https://login.microsoftonline.com/common",
        http_client=Session(),
    )
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT_URI, response_mode="query")
    url = flow["auth_uri"]
    check(url.startswith("https://login.microsoftonline.com/common/oauth2/v2.0/authorize?"), url)
    denied = requests.get(simulated(url) + "&auto=deny", allow_redirects=False, timeout=30)
    query = {name: value[0] for name, value in parse_qs(urlsplit(denied.headers["Location"]).query).items()}
    check(query["error"] == "access_denied" and query["state"] == flow["state"], query)

    back = requests.get(simulated(url) + "&auto=approve", allow_redirects=False, timeout=30)
    query = {name: value[0] for name, value in parse_qs(urlsplit(back.headers["Location"]).query).items()}
    tokens = app.acquire_token_by_auth_code_flow(flow, query)
    check("access_token" in tokens and "refresh_token" in tokens, tokens)
    again = app.acquire_token_by_auth_code_flow(flow, query)
    check(again.get("error") == "invalid_grant", again)

    refreshed = app.acquire_token_by_refresh_token(tokens["refresh_token"], SCOPES)
    check(refreshed.get("access_token", tokens["access_token"]) != tokens["access_token"], refreshed)
    dead = app.acquire_token_by_refresh_token("no-such-token", SCOPES)
    check(dead.get("error") == "invalid_grant" and dead["error_codes"], dead)

    wrong = msal.ConfidentialClientApplication(
        CLIENT_ID,
        client_credential="wrong",
        authority="https://login.microsoftonline.com/common",
        http_client=Session(),
    ).acquire_token_by_refresh_token(tokens["refresh_token"], SCOPES)
    check(wrong.get("error") == "invalid_client", wrong)
    return refreshed["access_token"]


def graph(token):
    # Without the list, the token would go to upload URLs too, which refuse it.
    provider = AzureIdentityAuthenticationProvider(
        Credential(token), allowed_hosts=["graph.microsoft.com"]
    )
    client = GraphClientFactory.create_with_default_middleware(
        client=httpx.AsyncClient(transport=Transport(), timeout=30), options=options
    )
    return GraphServiceClient(request_adapter=GraphRequestAdapter(provider, client))


async def refused(call, status, code):
    try:
        await call
    except ODataError as error:
        check((error.response_status_code, error.error.code) == (status, code), error)
    else:
        check(False, f"{code} was to come")


def new_folder(name):
    return DriveItem(
        name=name,
        folder=Folder(),
        additional_data={"@microsoft.graph.conflictBehavior": "fail"},
    )


async def use_drive(token):
    client = graph(token)
    me = await client.me.get()
    check(me.user_principal_name, me)
    own = await client.me.drive.get()
    check(own.drive_type == "personal" and own.quota.total > 0, own)
    drives = await client.me.drives.get()
    check(own.id in [drive.id for drive in drives.value], drives)
    drive = client.drives.by_drive_id(own.id)
    items = drive.items
    root = await drive.root.get()
    check(root.root is not None and root.folder is not None, root)

    top = await items.by_drive_item_id(root.id).children.post(new_folder(FOLDER))
    check(top.folder.child_count == 0 and top.parent_reference.drive_id == own.id, top)
    await refused(items.by_drive_item_id("root").children.post(new_folder(FOLDER.upper())), 409, "nameAlreadyExists")
    await refused(items.by_drive_item_id("root").children.post(new_folder("a:b")), 400, "invalidRequest")
    folder = items.by_drive_item_id(top.id)

    # Small files, by path.
    names = ["a b.txt", "50% #1.txt", "it's.txt", "ü🦀.txt", "z+&=.txt"]
    for name in names:
        file = items.by_drive_item_id(f"root:/{FOLDER}/{name}:")
        made = await file.content.put(name.encode())
        check(made.name == name and made.size == len(name.encode()), made)
        check(await file.content.get() == name.encode(), name)
    first = items.by_drive_item_id(f"root:/{FOLDER}/{names[0]}:")
    await first.content.put(b"other")
    check(await first.content.get() == b"other", "replaced")

    # Page by page.
    parameters = ChildrenRequestBuilder.ChildrenRequestBuilderGetQueryParameters(
        top=2, orderby=["name"], select=["id", "name", "size", "file", "parentReference"]
    )
    page = await folder.children.get(RequestConfiguration(query_parameters=parameters))
    check(len(page.value) == 2 and page.odata_next_link.startswith("https://graph.microsoft.com/v1.0/"), page)
    check(page.value[0].created_date_time is None, "not selected")
    listed = []
    iterator = PageIterator(page, client.request_adapter)
    await iterator.iterate(lambda item: listed.append(item.name) or True)
    check(sorted(listed) == sorted(names), listed)

    # A large file, fragment by fragment.
    content = bytes(range(256)) * (CHUNK // 256 * 2) + b"tail"
    body = CreateUploadSessionPostRequestBody(
        item=DriveItemUploadableProperties(
            additional_data={"@microsoft.graph.conflictBehavior": "replace"}
        )
    )
    large = items.by_drive_item_id(f"root:/{FOLDER}/large.bin:")
    session = await large.create_upload_session.post(body)
    check(session.next_expected_ranges == ["0-"], session)
    # The library's own LargeFileUploadTask (msgraph-core 1.5.2) cannot read "327680-", the form that
    # the vendor documents, and sends its last fragment twice. So these are sent here.
    for first in range(0, len(content), CHUNK):
        fragment = content[first : first + CHUNK]
        headers = {"Content-Range": f"bytes {first}-{first + len(fragment) - 1}/{len(content)}"}
        sent = requests.put(simulated(session.upload_url), data=fragment, headers=headers, timeout=30)
        is_last = first + CHUNK >= len(content)
        check(sent.status_code == (201 if is_last else 202), sent.text)
    cancelled = await large.create_upload_session.post(body)
    check(requests.delete(simulated(cancelled.upload_url), timeout=30).status_code == 204, "cancelled")
    gone = requests.get(simulated(cancelled.upload_url), timeout=30)
    check(gone.status_code == 404, gone.text)
    item = await large.get()
    check(item.size == len(content), item)
    check(await large.content.get() == content, "large content")
    url = item.additional_data["@microsoft.graph.downloadUrl"]
    part = requests.get(simulated(url), headers={"Range": "bytes=-4"}, timeout=30)
    check(part.status_code == 206 and part.content == b"tail", part.status_code)
    with_token = requests.get(simulated(url), headers={"Authorization": f"Bearer {token}"}, timeout=30)
    check(with_token.status_code == 401, with_token.status_code)

    await items.by_drive_item_id(item.id).delete()
    await refused(items.by_drive_item_id(item.id).get(), 404, "itemNotFound")
    await refused(items.by_drive_item_id(f"root:/{FOLDER}/large.bin:").get(), 404, "itemNotFound")
    await folder.delete()
    left = await items.by_drive_item_id("root").children.get()
    check(FOLDER not in [item.name for item in left.value], left)
    await refused(graph("nobody").me.drive.get(), 401, "InvalidAuthenticationToken")


asyncio.run(use_drive(sign_in()))
print(f"onedrive: {checks} checks with msal and msgraph-sdk")
