"""Files of reports: Excel workbooks, web pages, pictures."""
