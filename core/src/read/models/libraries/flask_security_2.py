from flask_security.models.fsqla import FsModels, FsRoleMixin as Role, FsUserMixin as User
from sqlalchemy import Column, String, Text


class FsRoleMixin(Role):
    pass


class FsUserMixin(User):
    username = Column(String(255), unique=True)
    us_totp_secrets = Column(Text)
    us_phone_number = Column(String(128))
