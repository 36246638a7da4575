token() { curl -sS -X POST $API/api/authentication/request_token; }
call() { curl -sS -w '\n' -X "$1" "$API/api/$2" -H "authorization: Bearer $JWT" -H 'content-type: application/json' -d "$3"; }

# Sign up, read the activation code in the mailbox, confirm.
call POST v1/desktop/signup "{\"requestToken\": $(token), \"name\": \"Jane\", \"email\": \"jane@example.com\", \"password\": \"correct horse battery\"}"
CODE=$(curl -sS "$API/_local/mail.json?to=jane@example.com&wait=10" | grep -oE '([0-9A-Z]{5,6}-){4}[0-9A-Z]{5}' | head -1); echo "$CODE"
JWT=$(call POST v1/desktop/confirm_signup "{\"requestToken\": $(token), \"token\": \"$CODE\"}" | tr -d '"')

# Connect a storage account and see its buckets.
ACCOUNT=$(call POST v1/desktop/insert "{\"cloudType\": 8, \"name\": \"My files\", \"accessKey\": \"$ACCESS_KEY\", \"secretKey\": \"$SECRET_KEY\", \"serviceUrl\": \"$S3\"}"); echo "$ACCOUNT"
ID=$(echo "$ACCOUNT" | sed -E 's/^\{"id":"([^"]*)".*/\1/'); AT="\"cloudAccountId\": \"$ID\", \"storageName\": \"$BUCKET\""
call POST v1/desktop/list_buckets "{\"cloudAccountId\": \"$ID\"}"

# Make a folder, upload a file into it, list page by page, download inline and forced, delete.
call POST v1/desktop/create_folder "{$AT, \"path\": \"/\", \"folderName\": \"notes\"}"
URL=$(call POST v1/desktop/generate_upload_url "{$AT, \"key\": \"notes/hello.txt\", \"contentType\": \"text/plain\"}" | tr -d '"')
echo 'Hello!' | curl -sS -X PUT "$URL" -H 'content-type: text/plain' --data-binary @-
PAGE=$(call POST v1/desktop/list_objects "{\"cloudAccountId\": \"$ID\", \"bucketName\": \"$BUCKET\", \"count\": 1}"); echo "$PAGE"
NEXT=$(echo "$PAGE" | sed -E 's/.*"continuationToken":"([^"]*)".*/\1/')
call POST v1/desktop/list_objects "{\"cloudAccountId\": \"$ID\", \"bucketName\": \"$BUCKET\", \"count\": 1, \"continuationToken\": \"$NEXT\"}"
call POST v1/desktop/list_objects "{\"cloudAccountId\": \"$ID\", \"bucketName\": \"$BUCKET\", \"path\": \"notes\"}"
URL=$(call POST v1/desktop/generate_download_url "{$AT, \"key\": \"notes/hello.txt\"}" | tr -d '"'); curl -sS "$URL"
URL=$(call POST v1/desktop/generate_download_url "{$AT, \"key\": \"notes/hello.txt\", \"forceToDownload\": true}" | tr -d '"'); curl -sS -D - -o /dev/null "$URL" | grep -i disposition
call POST v1/desktop/delete_object "{$AT, \"key\": \"notes/hello.txt\"}"

# Send a file by mail; open the page that the link leads to (LINK in a browser), download.
call POST v1/desktop/send_download_url "{$AT, \"key\": \"welcome.txt\", \"email\": \"bob@example.com\", \"note\": \"Have a look.\"}"
LINK=$(curl -sS "$API/_local/mail.json?to=bob@example.com&wait=10" | grep -oE "$API/v/[0-9A-Za-z_-]{43}" | head -1); echo "$LINK"
curl -sS "$LINK" | grep -oE '<h1>.*</h1>'; curl -sS -L "$LINK/content?download=1"

# Connect a drive by consent (open PAGE in a browser to see what a person sees), upload, list, download.
BACK=$API/_local/callback
PAGE=$(call POST v1/desktop/generate_dropbox_authorization_url "{\"redirectURL\": \"$BACK\", \"cloudName\": \"My Dropbox\"}" | tr -d '"'); echo "$PAGE"
ANSWER=$(curl -sS -o /dev/null -w '%{redirect_url}' "$PAGE&auto=approve")
CODE=$(echo "$ANSWER" | sed -E 's/.*[?&]code=([^&]*).*/\1/'); STATE=$(echo "$ANSWER" | sed -E 's/.*[?&]state=([^&]*).*/\1/')
ACCOUNT=$(call POST v1/desktop/dropbox_authorization_callback "{\"code\": \"$CODE\", \"state\": \"$STATE\", \"redirectURL\": \"$BACK\"}"); echo "$ACCOUNT"
DRIVE=$(echo "$ACCOUNT" | sed -E 's/^\{"id":"([^"]*)".*/\1/'); IN="\"cloudAccountId\": \"$DRIVE\", \"storageName\": \"Dropbox\""
URL=$(call POST v1/desktop/generate_upload_url "{$IN, \"key\": \"hello.txt\"}" | tr -d '"'); echo "$URL"
echo 'Hello, Dropbox!' | curl -sS -L -o /dev/null -X POST "$URL" -H 'content-type: application/octet-stream' --data-binary @-
call POST v1/desktop/list_objects "{\"cloudAccountId\": \"$DRIVE\", \"bucketName\": \"Dropbox\"}"
URL=$(call POST v1/desktop/generate_download_url "{$IN, \"key\": \"hello.txt\"}" | tr -d '"'); curl -sS -L "$URL"

# Set, change, read and delete where the account's logs go.
SETTING=$(call POST v1/desktop/setup_accountlogsetting '{"token": "Splunk 1f2e3d4c", "serverAddress": "https://splunk.example.com/", "servicePort": "8088", "active": true, "provider": 1}'); echo "$SETTING"
call PUT v1/desktop/update_accountlogsetting "$(echo "$SETTING" | sed 's/"8088"/"8089"/')" > /dev/null
call GET v1/desktop/get_accountlogsetting
call DELETE v1/desktop/delete_accountlogsetting

# Leave and come back.
call POST authentication/logout "{\"requestToken\": $(token), \"jwtToken\": \"$JWT\"}"
LOGIN=$(call POST authentication/login "{\"requestToken\": $(token), \"username\": \"jane@example.com\", \"password\": \"correct horse battery\", \"type\": 16}"); echo "$LOGIN"
JWT=$(echo "$LOGIN" | sed -E 's/.*"jwtToken":"([^"]*)".*/\1/')

# Forget the password, set a new one with the mailed code; every session ends.
call POST authentication/forgot_password "{\"requestToken\": $(token), \"username\": \"jane@example.com\"}"
CODE=$(curl -sS "$API/_local/mail.json?to=jane@example.com" | grep -oE '([0-9A-Z]{5,6}-){4}[0-9A-Z]{5}' | head -1); echo "$CODE"
call POST authentication/reset_password "{\"requestToken\": $(token), \"resetToken\": \"$CODE\", \"password\": \"correct horse battery\"}"
call GET v1/desktop/get_accountlogsetting

# Sign up and in with Google, and find the demo drive with its welcome.
GOOGLE=$(curl -sS -X POST "$API/_local/google/id_token" -d '{"email": "joan@gmail.com", "name": "Joan"}')
call POST v1/desktop/google_signup "{\"requestToken\": $(token), \"idToken\": $GOOGLE}"
JWT=$(call POST v1/desktop/google_signin "{\"requestToken\": $(token), \"idToken\": $GOOGLE}" | tr -d '"')
DEMO=$(curl -sS "$API/_local/users/joan@gmail.com" | sed -E 's/.*"cloudAccounts":\[\{"id":"([^"]*)".*/\1/'); echo "$DEMO"
call POST v1/desktop/list_objects "{\"cloudAccountId\": \"$DEMO\", \"bucketName\": \"demo\"}"
URL=$(call POST v1/desktop/generate_download_url "{\"cloudAccountId\": \"$DEMO\", \"storageName\": \"demo\", \"key\": \"Welcome.txt\"}" | tr -d '"'); curl -sS -L "$URL"
