"""The only owner of customer data: models, repositories, read queries, migrations."""
