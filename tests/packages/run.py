"""Runs a package's own migrations with real Alembic, or its models' `create_all`, in a live PostgreSQL: what Relata's readers are held against.

    run.py URL migrations FOLDER [NAME=VALUE]...
    run.py URL models MODULE[:METADATA][,MODULE[:METADATA]]...

FOLDER is the versions folder below site-packages. NAME=VALUE is what its env.py configures: `metadata`, the `MODULE:ATTRIBUTE` that it gives as
`target_metadata`, where that has a naming convention; `version_table`. Of models all metadata named are created, and the other modules imported before.
"""

import asyncio
import importlib
import pathlib
import pkgutil
import sys
import sysconfig


def resolve(name):
    """`module:attribute.of.it`."""
    module, _, attributes = name.partition(":")
    found = importlib.import_module(module)
    for attribute in attributes.split("."):
        found = getattr(found, attribute)
    return found


def connected(url):
    """What runs a function with a connection; of a driver that knows only `async`, too."""
    import sqlalchemy

    if "+asyncpg" not in url:

        def run(function):
            with sqlalchemy.create_engine(url).connect() as connection:
                function(connection)
                connection.commit()

        return run
    from sqlalchemy.ext.asyncio import create_async_engine

    async def run_async(function):
        async with create_async_engine(url).connect() as connection:
            await connection.run_sync(function)
            await connection.commit()

    return lambda function: asyncio.run(run_async(function))


def migrations(url, folder, *settings):
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    versions = pathlib.Path(sysconfig.get_paths()["purelib"], folder)
    script = ScriptDirectory(str(versions.parent), version_locations=[str(versions)])
    upgrade = lambda revision, _: script._upgrade_revs("heads", revision)  # noqa: E731, what alembic.command.upgrade does
    given = dict(setting.split("=", 1) for setting in settings)
    configured = {"target_metadata": resolve(given.pop("metadata")) if "metadata" in given else None, **given}

    def migrate(connection):
        with EnvironmentContext(Config(), script, fn=upgrade, destination_rev="heads") as environment:
            environment.configure(connection=connection, transaction_per_migration=True, **configured)
            with environment.begin_transaction():
                environment.run_migrations()

    connected(url)(migrate)


def models(url, names):
    import sqlalchemy

    names = names.split(",")
    # What defines tables is imported before the metadata is asked for them.
    for name in (name for name in names if ":" not in name):
        package = importlib.import_module(name.removesuffix(".*"))
        if name.endswith(".*"):
            for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
                importlib.import_module(module.name)

    def create(connection):
        for metadata in (resolve(name) for name in names if ":" in name):
            for schema in sorted({table.schema for table in metadata.tables.values() if table.schema}):
                connection.execute(sqlalchemy.schema.CreateSchema(schema, if_not_exists=True))
            metadata.create_all(connection)

    connected(url)(create)


def main(url, what, *arguments):
    {"migrations": migrations, "models": models}[what](url, *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
