"""Settings, by concern. Everything that differs between installations comes from the
environment.
"""

from pathlib import Path

from erp.config.settings import env
from erp.config.settings.apps import *  # noqa: F403
from erp.config.settings.database import *  # noqa: F403
from erp.config.settings.exchange import *  # noqa: F403
from erp.config.settings.identification import *  # noqa: F403
from erp.config.settings.jobs import *  # noqa: F403
from erp.config.settings.language import *  # noqa: F403
from erp.config.settings.plant import *  # noqa: F403
from erp.config.settings.security import *  # noqa: F403
from erp.config.settings.web import *  # noqa: F403

BASE_DIR: Path = env.BASE_DIR
