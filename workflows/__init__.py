"""WHEN: deterministic workflows. They call activities by name and import none."""
