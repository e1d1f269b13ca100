// google-spreadsheet for Node, as it is: only `fetch` below it is led to the server.
// Arguments: the folder of node_modules, the server's address, an access token.
const assert = require("node:assert/strict");
const { createRequire } = require("node:module");

const [folder, url, token] = process.argv.slice(2);
const send = globalThis.fetch;
globalThis.fetch = (asked, options) => {
  const led = (asked.url ?? String(asked)).replace(/^https:\/\/[^/]+/, url);
  return send(asked instanceof Request ? new Request(led, asked) : led, options);
};
const { GoogleSpreadsheet } = createRequire(`${folder}/`)("google-spreadsheet");

async function rows(book) {
  const tab = await book.addSheet({ title: "Clients", headerValues: ["name", "phone", "sum"] });
  await tab.addRows([
    { name: "Anna", phone: "'+7916", sum: 5 },
    { name: "Ben", phone: "'007", sum: "=1+1" },
  ]);
  const read = await tab.getRows();
  assert.deepEqual(read.map((row) => row.get("phone")), ["+7916", "007"]);
  assert.equal(read[1].get("sum"), "2");
  read[0].set("name", "Anna B");
  await read[0].save();
  await read[1].delete();
  assert.deepEqual((await tab.getRows()).map((row) => row.get("name")), ["Anna B"]);
  return tab;
}

async function cells(tab) {
  await tab.loadCells("A1:C5");
  const amount = tab.getCellByA1("C2");
  amount.value = 12.5;
  amount.numberFormat = { type: "NUMBER", pattern: "0.00" };
  amount.note = "agreed";
  tab.getCellByA1("C3").formula = "=C2*2";
  tab.getCellByA1("C4").formula = "=1/0";
  await tab.saveUpdatedCells();
  tab.resetLocalCache(true);
  await tab.loadCells("A1:C5");
  assert.equal(tab.getCellByA1("C2").formattedValue, "12.50");
  assert.equal(tab.getCellByA1("C2").note, "agreed");
  assert.equal(tab.getCellByA1("C3").value, 25);
  assert.equal(tab.getCellByA1("C4").errorValue.type, "DIVIDE_BY_ZERO");
}

async function structure(book, tab) {
  const part = { startRowIndex: 5, endRowIndex: 7, startColumnIndex: 0, endColumnIndex: 2 };
  await tab.resize({ rowCount: 50, columnCount: 10 });
  await tab.updateProperties({ title: "Renamed", gridProperties: { frozenRowCount: 1 } });
  await tab.updateDimensionProperties("COLUMNS", { pixelSize: 200 }, { startIndex: 0, endIndex: 2 });
  await tab.mergeCells(part);
  await tab.unmergeCells(part);
  await tab.insertDimension("ROWS", { startIndex: 1, endIndex: 3 });
  await book.addNamedRange("ours", { sheetId: tab.sheetId, ...part });
  const twin = await tab.duplicate({ title: "Twin" });
  await twin.delete();
  await book.loadInfo();
  assert.deepEqual(book.sheetsByIndex.map((one) => one.title), ["Sheet1", "Renamed"]);
  assert.equal(book.sheetsByTitle.Renamed.gridProperties.frozenRowCount, 1);
}

async function files(book) {
  const csv = Buffer.from(await book.sheetsByTitle.Renamed.downloadAsCSV()).toString();
  assert.equal(csv.split("\r\n")[0], "name,phone,sum");
  assert.equal(Buffer.from(await book.downloadAsXLSX()).subarray(0, 2).toString(), "PK");
  await book.share("ann@example.com", { role: "writer", emailMessage: false });
  const roles = (await book.listPermissions()).map((one) => one.role);
  assert.deepEqual(roles.sort(), ["owner", "writer"]);
  await book.delete();
}

async function main() {
  const title = { title: "By Node", locale: "en_US" };
  const book = await GoogleSpreadsheet.createNewSpreadsheetDocument({ token }, title);
  const tab = await rows(book);
  await cells(tab);
  await structure(book, tab);
  await files(book);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
