"""The local Sheets server: Google's REST for spreadsheets on loopback, on one SQLite file."""
