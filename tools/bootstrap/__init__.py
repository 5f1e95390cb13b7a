"""From a bare machine with Python to a running Proofline.

Only the standard library may be imported here: this code runs before anything is installed.
"""
