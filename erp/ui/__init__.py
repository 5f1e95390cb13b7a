"""What every page is made of: record page, list page, operation dialog, components, template
tags.
"""
