"""Exhibit 21 of annual reports to the SEC: the subsidiaries of who files."""
