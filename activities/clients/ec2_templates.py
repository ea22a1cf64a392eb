"""What a launch template starts.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html
"""

from collections.abc import Mapping
from typing import Any

from activities.clients.aws import Aws
from activities.errors import StepError


async def type_of_template(there: Aws, template: Mapping[str, Any] | None, version: str | None) -> tuple[str, ...]:
    """Its instance type; none when it cannot be read, or leaves that open."""
    if template is None:
        return ()
    named = {key: template[key] for key in ("LaunchTemplateId", "LaunchTemplateName") if key in template}
    wanted = version or str(template.get("Version") or "$Default")
    try:
        answer = await there.read("ec2", "describe_launch_template_versions", Versions=[wanted], **named)
    except StepError:
        return ()
    found = answer["LaunchTemplateVersions"]
    name = found[0]["LaunchTemplateData"].get("InstanceType") if found else None
    return (name,) if name else ()
