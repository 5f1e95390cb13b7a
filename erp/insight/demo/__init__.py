"""The demonstration plant: a believable maker of two devices, told through the operations
themselves.
"""
