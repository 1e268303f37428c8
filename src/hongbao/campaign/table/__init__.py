"""Tables as people keep them: CSV and XLSX, read row by row in constant memory."""
