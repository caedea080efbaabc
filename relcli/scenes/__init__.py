"""The world: scenes, their masked twins, pictures, questions and data sets on disk.

Needs numpy and Pillow only. Modules are imported where they are used, so that importing the package costs
nothing.
"""
