from oslo_db.sqlalchemy.types import SoftDeleteInteger
from sqlalchemy import Column, DateTime, func


class TimestampMixin:
    created_at = Column(DateTime)
    updated_at = Column(DateTime, onupdate=func.now())


class SoftDeleteMixin:
    deleted_at = Column(DateTime)
    deleted = Column(SoftDeleteInteger)
