"""Customers, orders and touchpoints from other departments' files and programs.

For a program's batch: `support.imports.importing.import_rows(store, "orders", enumerate(rows, 1), name="batch")`.
"""
