from runbooks.check import advice
from runbooks.load import loads
from tests.runbooks.documents import spoilt


def told(*changes: tuple[str, str]) -> list[tuple[str, str]]:
    """The advice on secrets: where it stands, and the sentence."""
    found = advice(loads(spoilt(*changes)).runbook)
    return [(".".join(map(str, one.path)), one.sentence) for one in found if "secret" in one.sentence]


def test_a_secret_of_the_other_region_is_no_help_when_that_one_fails() -> None:
    """One for both regions is kept in one of them; and what tells people should not be in the one that fails."""
    notify = "notify: [{uses: notify.apprise, settings: {url: 'aws-ssm://us-east-1/mail'}}]\nchecks:"
    assert told(('"env://DB"', '"aws-ssm://us-east-1/db"'), ("checks:", notify)) == [
        (
            "resources.db.settings.eu-west-1",
            (
                "db needs a secret in eu-west-1 that us-east-1 keeps, which may be the region that fails: "
                "replicate it, and refer to the one in eu-west-1"
            ),
        ),
        (
            "notify.0",
            "this notice needs a secret that us-east-1 keeps: when that region fails nobody is told by it",
        ),
    ]


def test_each_region_with_its_own_is_well() -> None:
    """And so is one that a third region keeps."""
    own = [
        ('"env://DB"', '"aws-ssm://eu-central-1/db"'),
        ("host: pg.use1", 'power_token: "aws-ssm://us-east-1/p", host: pg.use1'),
        ("host: pg.euw1", 'power_token: "aws-ssm://eu-west-1/p", host: pg.euw1'),
    ]
    assert told(*own) == []
