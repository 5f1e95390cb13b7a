"""What the installation is to the world outside."""

from __future__ import annotations

from erp.config.settings.env import text

GS1_COMPANY_PREFIX = text("PROOFLINE_GS1_COMPANY_PREFIX")
"""The digits GS1 gave the company; own SSCCs begin with them."""
