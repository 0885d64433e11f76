"""Runs a package's own migrations with real Alembic, or its models' `create_all`, in a live PostgreSQL: what Relata's readers are held against.

    run.py URL migrations FOLDER [METADATA] [--before MODULE:METADATA] [--stub MODULE:NAME]... [--stand-ins]
    run.py URL models MODULE:METADATA[,MODULE]... [--stand-ins]

FOLDER is the versions folder below site-packages; METADATA is what its env.py gives as `target_metadata`, `MODULE:ATTRIBUTE`, where that has a
naming convention; what `--before` names is made first, as the program itself does before it migrates. `--stub` names a function that only moves data, or asks a running program; it is replaced by one that does nothing. With
`--stand-ins` modules that are not installed can be imported: what a package imports at its top is seldom what its migrations use.
"""

import asyncio
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import pathlib
import pkgutil
import sys
import sysconfig
import types
from unittest import mock


class StandIn(types.ModuleType):
    """A module that has whatever is asked of it."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        # A class, so that others can extend it, and call it.
        made = type(name, (mock.MagicMock,), {})
        setattr(self, name, made)
        return made


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds what no other finder has found and the package itself asks for; others try modules to see whether they are there."""

    def __init__(self, package):
        self.package = package

    def find_spec(self, fullname, path=None, target=None):
        parent = fullname.rpartition(".")[0]
        if parent and not isinstance(sys.modules.get(parent), StandIn):
            return None
        frame = sys._getframe(1)
        while frame and frame.f_globals.get("__name__", "").startswith("importlib"):
            frame = frame.f_back
        asks = frame.f_globals.get("__name__", "").partition(".")[0] if frame else ""
        if asks != self.package and not parent:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


def resolve(name):
    """`module:attribute.of.it`."""
    module, _, attributes = name.partition(":")
    found = importlib.import_module(module)
    for attribute in filter(None, attributes.split(".")):
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


def migrations(url, folder, metadata, before, stubs):
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    for stub in stubs:
        module, _, attribute = stub.partition(":")
        *path, last = attribute.split(".")
        setattr(resolve(f"{module}:{'.'.join(path)}"), last, lambda *_, **__: mock.MagicMock(scheduler=None))
    versions = pathlib.Path(sysconfig.get_paths()["purelib"], folder)
    if not versions.is_dir():
        versions = pathlib.Path(folder)
    script = ScriptDirectory(str(versions.parent), version_locations=[str(versions)])
    upgrade = lambda revision, _: script._upgrade_revs("heads", revision)  # noqa: E731, what alembic.command.upgrade does
    target = resolve(metadata) if metadata else None

    def migrate(connection):
        with EnvironmentContext(Config(), script, fn=upgrade, destination_rev="heads") as environment:
            environment.configure(connection=connection, target_metadata=target, transaction_per_migration=True)
            with environment.begin_transaction():
                environment.run_migrations()

    run = connected(url)
    if before:
        run(lambda connection: resolve(before).create_all(connection))
    run(migrate)


def models(url, names):
    import sqlalchemy

    first, *others = names.split(",")
    # What defines tables is imported before the metadata is asked for them.
    for name in others:
        package = importlib.import_module(name.removesuffix(".*"))
        if name.endswith(".*"):
            for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
                importlib.import_module(module.name)
    metadata = resolve(first)

    def create(connection):
        for schema in sorted({table.schema for table in metadata.tables.values() if table.schema}):
            connection.execute(sqlalchemy.schema.CreateSchema(schema, if_not_exists=True))
        metadata.create_all(connection)

    connected(url)(create)


def main(arguments):
    url, what, first, *rest = arguments
    if "--stand-ins" in rest:
        sys.meta_path.append(StandIns(first.replace("/", ".").replace(":", ".").partition(".")[0]))
    if what == "models":
        return models(url, first)
    def given(option):
        return [rest[at + 1] for at, word in enumerate(rest) if word == option]

    metadata = rest[0] if rest and not rest[0].startswith("--") else None
    return migrations(url, first, metadata, next(iter(given("--before")), None), given("--stub"))


if __name__ == "__main__":
    main(sys.argv[1:])
