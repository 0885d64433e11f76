from advanced_alchemy import base, mixins
from advanced_alchemy.base import *
from advanced_alchemy.mixins import *
