"""The registry of device identifiers: which UDI-DI stands for which device, package and market."""
