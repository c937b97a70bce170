"""What is told of a Secret that the API server refused: who did it, and nothing of its content.

The answers are those of a kube-apiserver 1.36.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thegrid_operator.kube import KubeRefused
from thegrid_operator.secret_refusals import why_refused
from thegrid_operator.status import report_of_a_refusal

OURS = 'secrets "app-grid" is forbidden: '
MARKED = "sk-Marked+Secret/1"
ANSWERS = {
    "a quota": (
        OURS + "exceeded quota: team, requested: secrets=1, used: secrets=3, limited: secrets=3",
        "ResourceQuota team is used up",
    ),
    "a policy that says no, and quotes": (
        OURS + f"ValidatingAdmissionPolicy 'no-keys' with binding 'all' denied request: {MARKED}",
        "ValidatingAdmissionPolicy no-keys denies it",
    ),
    "a policy that cannot change what it wants to": (
        "policy 'labels' with binding 'all' denied request: expression resulted in error: no key",
        "MutatingAdmissionPolicy labels denies it",
    ),
    "a webhook that says no, and quotes": (
        f'admission webhook "deny.example.com" denied the request: {MARKED}',
        "admission webhook deny.example.com denies it",
    ),
    "a webhook that nobody answers": (
        'Internal error occurred: failed calling webhook "deny.example.com": failed to call '
        "webhook: dial tcp 127.0.0.1:9: connect: connection refused",
        "admission webhook deny.example.com cannot be called",
    ),
    "a full disk": ("etcdserver: mvcc: database space exceeded", "etcd is out of space"),
    "what etcd does not take": ("etcdserver: request is too large", "it is too large for etcd"),
    "a body too large": ("Request entity too large: limit is 3145728", "it is too large"),
    "a malformed Secret": (f' "" is invalid: patch: Invalid value: "{MARKED}"', ""),
    "a label that is none": (
        f'Secret "app-grid" is invalid: metadata.labels: Invalid value: "{MARKED}"',
        "",
    ),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_who_refused_a_secret_is_named(answer):
    message, words = ANSWERS[answer]

    assert why_refused({"message": message}) == words


@pytest.mark.parametrize("field", ["metadata.annotations", "data"])
def test_a_part_that_would_be_too_long_is_named(field):
    cause = {"reason": "FieldValueTooLong", "field": field, "message": MARKED}

    assert why_refused({"details": {"causes": [cause]}}) == f"{field} would be too long"


texts = st.sampled_from([message for message, _ in ANSWERS.values()])


@given(texts, st.integers(min_value=0, max_value=200), st.sampled_from(["", "'", '"', ", "]))
def test_wherever_an_answer_quotes_a_secret_nothing_of_it_is_told(text, place, quote):
    quoting = f"{text[:place]}{quote}{MARKED}{quote}{text[place:]}"
    cause = {"reason": "FieldValueTooLong", "field": MARKED, "message": MARKED}

    assert MARKED not in why_refused({"message": quoting, "details": {"causes": [cause]}})


@pytest.mark.parametrize(
    ("status", "why", "told"),
    [
        (403, "ResourceQuota team is used up", "403 Forbidden ResourceQuota team is used up"),
        (422, "data would be too long", "data would be too long"),
        (422, "", "a quota or an admission policy"),
        (500, "admission webhook deny.example.com cannot be called", "cannot be called"),
        (500, "etcd is out of space", None),
        (500, "", None),
        (503, "", None),
    ],
)
def test_a_refusal_that_lasts_stands_in_the_status(status, why, told):
    refusal = KubeRefused("PATCH /secrets/app-grid", status, "Forbidden", why)

    report = report_of_a_refusal(refusal)

    assert (report is None) is (told is None)
    assert told is None or told in report.message
