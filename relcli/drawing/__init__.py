"""Pictures and colours, the same for the commands, the terminal application and files.

Below every interface: numpy, Pillow and rich, nothing of a terminal's state.
"""
