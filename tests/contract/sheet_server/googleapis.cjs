// Google's own client for Node: only its root address is told.
// Arguments: the folder of node_modules, the server's address, an access token.
const assert = require("node:assert/strict");
const { createRequire } = require("node:module");

const [folder, url, token] = process.argv.slice(2);
const { google } = createRequire(`${folder}/`)("googleapis");

async function main() {
  const auth = new google.auth.OAuth2();
  auth.setCredentials({ access_token: token });
  const { spreadsheets } = google.sheets({ version: "v4", auth, rootUrl: `${url}/` });
  const { files, permissions } = google.drive({ version: "v3", auth, rootUrl: `${url}/` });
  const made = await spreadsheets.create({ requestBody: { properties: { title: "Google" } } });
  const spreadsheetId = made.data.spreadsheetId;
  await spreadsheets.values.update({
    spreadsheetId,
    range: "A1",
    valueInputOption: "USER_ENTERED",
    requestBody: { values: [["a", "10%"], ["=1+1"]] },
  });
  const got = await spreadsheets.values.batchGet({
    spreadsheetId,
    ranges: ["A1:B1", "A2"],
    valueRenderOption: "UNFORMATTED_VALUE",
  });
  assert.deepEqual(got.data.valueRanges.map((one) => one.values), [[["a", 0.1]], [[2]]]);
  const found = await files.list({ q: "name = 'Google'", fields: "files(id)" });
  assert.deepEqual(found.data.files, [{ id: spreadsheetId }]);
  const csv = await files.export({ fileId: spreadsheetId, mimeType: "text/csv" });
  assert.equal(csv.data, "a,10%\r\n2,");
  await permissions.create({
    fileId: spreadsheetId,
    sendNotificationEmail: false,
    requestBody: { type: "user", role: "reader", emailAddress: "ann@example.com" },
  });
  await assert.rejects(spreadsheets.get({ spreadsheetId: "nope" }), { status: 404 });
  await files.delete({ fileId: spreadsheetId });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
