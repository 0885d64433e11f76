from sqlalchemy import JSON, Column, DateTime, Integer, String
from sqlalchemy.orm import declared_attr


class OAuthConsumerMixin:
    @declared_attr
    def __tablename__(cls):
        return f"flask_dance_{cls.__name__.lower()}"

    id = Column(Integer, primary_key=True)
    provider = Column(String(50), nullable=False)
    created_at = Column(DateTime, nullable=False)
    token = Column(JSON, nullable=False)
