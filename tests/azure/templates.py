"""Templates of Azure Resource Manager, as tests write them to a file."""

import json
from pathlib import Path
from typing import Any

SCALE_SET = "Microsoft.Compute/virtualMachineScaleSets"
_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def written(folder: Path, name: str = "llm", **more: Any) -> str:
    """A scale set whose capacity is a parameter, which an output tells: the file. More: replaces parts of it."""
    template = {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"standbySize": {"type": "int"}, "password": {"type": "securestring", "defaultValue": "none"}},
        "resources": [
            {
                "type": SCALE_SET,
                "apiVersion": "2026-04-01",
                "name": name,
                "location": "westeurope",
                "sku": {"name": "Standard_NC24ads_A100_v4", "capacity": "[parameters('standbySize')]"},
                "properties": {"adminPassword": "[parameters('password')]"},
            }
        ],
        "outputs": {"standbySize": {"type": "int", "value": "[parameters('standbySize')]"}},
        **more,
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(template))
    return str(path)
