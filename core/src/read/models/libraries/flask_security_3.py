from flask_security.models.fsqla_v2 import FsModels, FsRoleMixin as Role, FsUserMixin as User
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import declared_attr
from sqlalchemy.sql import func


class FsRoleMixin(Role):
    pass


class FsUserMixin(User):
    fs_webauthn_user_handle = Column(String(64), unique=True)
    mf_recovery_codes = Column(Text)
    password = Column(String(255))
    us_phone_number = Column(String(128), unique=True)


class FsWebAuthnMixin:
    id = Column(Integer, primary_key=True)
    credential_id = Column(LargeBinary(1024), index=True, unique=True, nullable=False)
    public_key = Column(LargeBinary, nullable=False)
    sign_count = Column(Integer)
    transports = Column(Text)
    backup_state = Column(Boolean, nullable=False)
    device_type = Column(String(64), nullable=False)
    extensions = Column(String(255))
    create_datetime = Column(DateTime, nullable=False, server_default=func.now())
    lastuse_datetime = Column(DateTime, nullable=False)
    name = Column(String(64), nullable=False)
    usage = Column(String(64), nullable=False)

    @declared_attr
    def user_id(cls):
        return Column(Integer, ForeignKey(f"{FsModels.user_table_name}.id", ondelete="CASCADE"), nullable=False)
