from sqlalchemy import Column, TIMESTAMP, func


class TimestampsMixin:
    created_at = Column("created_at", TIMESTAMP, nullable=False)
    updated_at = Column("updated_at", TIMESTAMP, onupdate=func.now(), nullable=False)
