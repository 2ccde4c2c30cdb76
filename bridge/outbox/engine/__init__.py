"""The database itself: connections, transactions, named queries and migrations, for SQLite and PostgreSQL."""
