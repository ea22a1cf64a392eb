"""What IAM calls an operation of AWS's interface: mostly the same word, with exceptions.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

_PREFIXES = {
    "bedrock-runtime": "bedrock",
    "docdb": "rds",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "neptune": "rds",
    "opensearch": "es",
    "sagemaker-runtime": "sagemaker",
    "service-quotas": "servicequotas",
    "stepfunctions": "states",
}
_ACTIONS = {
    "bedrock:Converse": "bedrock:InvokeModel",
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
}


def iam_action(service: str, operation: str) -> str:
    """`iam_action("elbv2", "DescribeTargetHealth")` is `elasticloadbalancing:DescribeTargetHealth`."""
    action = f"{_PREFIXES.get(service, service)}:{operation}"
    return _ACTIONS.get(action, action)
