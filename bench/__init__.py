"""Measurements. They are no tests: how fast a machine is says nothing about whether the desk is right."""
