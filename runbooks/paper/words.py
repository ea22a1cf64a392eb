"""What each procedure and each verb does, for people who have never run one."""

from runbooks.models import Procedure
from runbooks.steps import Verb

PROCEDURES: dict[Procedure, str] = {
    Procedure.FAILOVER: (
        "The region is presumed dead. The former writer is fenced, so that it can take no more writes even if it lives "
        "on; the best standby is promoted, checked from inside, and only then are clients led there. What the lost "
        "region had not copied is lost; how much that is, is stated before anybody is asked."
    ),
    Procedure.SWITCHOVER: (
        "The region is alive. Everything is made ready elsewhere first; then writes stop, the standby gets everything, "
        "and takes over. Nothing is lost. If anything cannot be seen, nothing is moved."
    ),
    Procedure.FAILBACK: (
        "The former primary is made a standby again, proved equal, and then everything moves home to it as in a "
        "switchover. What only the former primary has is saved to a file for review before it is overwritten."
    ),
    Procedure.DRILL: (
        "The isolated drill: groups are scaled and asked, and copies of the standbys are promoted aside and removed. "
        "Neither traffic nor any writer is touched."
    ),
}

VERBS: dict[Verb, str] = {
    Verb.DETECT: "look at it, and change nothing",
    Verb.FENCE: "make sure that the former writer can take no more writes",
    Verb.SCALE: "bring a group to the number of replicas that it needs",
    Verb.CATCH_UP: "wait until a standby has what its primary has",
    Verb.PROMOTE: "make a standby the primary: from here on it takes the writes",
    Verb.CUT_OVER: "lead clients to another region",
    Verb.VERIFY: "ask whether it works",
    Verb.SALVAGE: "save what only a former primary has, for review",
    Verb.RESEED: "make a server follow its primary again, whatever it was before",
    Verb.COMPARE: "prove that a standby holds the same data as its primary",
    Verb.RESTORE: "restore the newest backup aside, ask it, and remove it",
    Verb.REHEARSE: "promote a copy of a standby aside, ask it, and remove it",
    Verb.NOTIFY: "tell people",
    Verb.RUN: "run a command of the team's own",
}


def first_line(thing: type | object) -> str:
    """The first line of what the code says of itself."""
    return (thing.__doc__ or "").strip().partition("\n")[0]
