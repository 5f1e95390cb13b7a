"""Operations and pages of people, roles, sites and tokens.

The tables stand in ``erp.accounts``, below everything that has a permission; what changes them is
declared here, above the door.
"""
