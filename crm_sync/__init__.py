"""Keeps a company's client spreadsheets and one SQLite store in two-way agreement."""

__version__ = "0.1.0"
