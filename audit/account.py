"""What an auditor is told of a record: who, what, when, why, promised against measured, what was lost, and the proof.

One account, written as a page, a PDF or text: so they cannot say different things. Pure.
"""

from audit.account_parts import Account
from audit.account_report import of_report
from audit.account_run import of_run
from audit.bundle import Bundle
from audit.verify import Checked


def account(bundle: Bundle, checked: Checked) -> Account:
    """The account of a record, whatever can be read of it."""
    state, report = bundle.state(), bundle.report()
    if state is not None:
        return of_run(bundle, state, checked)
    return of_report(bundle, report, checked)
