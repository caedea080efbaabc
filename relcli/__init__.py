"""relcli: does a vision-language model look at the right things?"""

__version__ = "0.1.0"
