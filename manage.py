#!/usr/bin/env python3
"""Django's command line for Proofline."""

import os
import sys


def main() -> None:
    """Run the named management command with Proofline's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
