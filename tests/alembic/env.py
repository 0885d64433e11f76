# The environment of a project whose database the test names, as `alembic init` writes it with nothing but what is needed.
import os

from alembic import context
from sqlalchemy import URL, create_engine, pool

url = URL.create(
    "postgresql+psycopg",
    username=os.environ["PGUSER"],
    database=os.environ["RELATA_DATABASE"],
    query={"host": os.environ["PGHOST"]},
)
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
