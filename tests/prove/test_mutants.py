"""The claims are on trial: each way to declare a duty a little wrong breaks a named claim, or is told as what survives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from tests.desk.visit import ALLOWED, INSIDE, workflow
from tests.prove.test_a_small_duty import CLAIMS, CONTRACT, SCOPE, changed
from workflow import discover as duties
from workflow.declare import SUPPLIER, Guard, Missing
from workflow.declare import Proof as ReliedOn
from workflow.guards import done, identified
from workflow.prove import Claim, Proof, charter, discover
from workflow.prove.certificate import declared
from workflow.prove.charter import OnTrial
from workflow.prove.claims import can_always
from workflow.prove.mutants import Mutant, mutants
from workflow.prove.scope import Scope, cast
from workflow.prove.trial import CLAIM, COUNTED, EQUIVALENT, GUARDED, SURVIVES, UNREACHED, UNSOUND, Trial, Verdict


def tried(claims: tuple[Claim, ...] = CLAIMS, equivalent: Mapping[str, str] | None = None) -> Trial:
    proof = Proof("visit", (replace(SCOPE, lapses=()),), claims)
    trial = Trial(workflow, proof, CONTRACT, {"visit": workflow}, OnTrial(equivalent=equivalent or {}))
    trial.prepare()
    return trial


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    trial = tried()
    return {mutant.name: trial.verdict(mutant) for mutant in trial.mutants()}


def test_every_mutant_has_a_name_of_its_own() -> None:
    names = Counter(mutant.name for mutant in mutants(workflow))
    assert len(names) > 90
    assert set(names.values()) == {1}


@pytest.mark.parametrize(
    ("mutant", "how", "by"),
    [
        ("enter also from requested", CLAIM, "V2"),
        ("enter also from inside", CLAIM, "V4"),
        ("note_overstay leads to left", CLAIM, "G15"),
        ("allow without identified", CLAIM, "G14"),
        ("refuse leads to allowed", UNSOUND, "visit: state 'refused' cannot be reached"),
        ("limit overstay is not there", UNSOUND, "visit: no deadline calls the clock's 'note_overstay'"),
        ("note_overstay also from requested", EQUIVALENT, "No limit that calls the clock here can run in that state."),
        ("refuse does not tell the client", SURVIVES, ""),
    ],
)
def test_each_is_convicted_by_the_claim_that_it_breaks(
    verdicts: dict[str, Verdict], mutant: str, how: str, by: str
) -> None:
    assert verdicts[mutant] == Verdict(mutant, how, by)


def test_what_is_explored_from_the_ground_convicts_as_an_exploration_from_nothing_does(
    verdicts: dict[str, Verdict],
) -> None:
    trial = tried()
    for mutant in trial.mutants():
        verdict = verdicts[mutant.name]
        if verdict.how in (CLAIM, UNREACHED, SURVIVES) and not mutant.limit:
            found = trial._in_full(mutant.made(), trial.proof.scopes, [])
            assert (found[0] if found else SURVIVES) == verdict.how, mutant.name


def test_without_the_claim_the_mutant_survives() -> None:
    trial = tried(tuple(claim for claim in CLAIMS if claim.name != "V2"))
    mutant = next(one for one in trial.mutants() if one.name == "enter also from requested")
    assert trial.verdict(mutant).how == SURVIVES
    assert ALLOWED in workflow.sources(workflow.actions["enter"])


def test_what_a_claim_leaves_out_convicts_nobody() -> None:
    """Also of what is not explored anew, but taken over from the ground."""
    excused = can_always(
        "V6", "C9.6", "Nobody is let in twice.", acts="allow", states=(INSIDE,), unless=lambda world: True
    )
    trial = tried((*CLAIMS, excused))
    assert excused in trial.claims
    mutant = next(one for one in trial.mutants() if one.name == "refuse does not tell the client")
    assert trial.verdict(mutant).how == SURVIVES


def test_a_reason_excuses_only_what_survives() -> None:
    told, broken = "refuse does not tell the client", "enter also from requested"
    trial = tried(equivalent={told: "Nobody is told of it.", broken: "No reason at all."})
    verdicts = {mutant.name: trial.verdict(mutant) for mutant in trial.mutants()}
    assert verdicts[told] == Verdict(told, EQUIVALENT, "Nobody is told of it.")
    assert verdicts[broken].how == CLAIM


def test_a_second_guard_in_the_way_is_told_as_such() -> None:
    """Of two guards that ask for the same each is needed by nobody, as long as the other one stands."""
    again = replace(identified, name="identified_again")
    twice = copy(workflow)
    allow = workflow.actions["allow"]
    twice.actions = {**workflow.actions, "allow": replace(allow, guards=(*allow.guards, again))}
    trial = Trial(twice, Proof("visit", (replace(SCOPE, lapses=()),), CLAIMS), CONTRACT, {"visit": twice})
    trial.prepare()
    mutant = next(one for one in trial.mutants() if one.name == "allow without identified_again")
    assert trial.verdict(mutant) == Verdict(mutant.name, EQUIVALENT, GUARDED)


def guarded(act: str, guard: Guard, *scopes: Scope) -> Trial:
    """The trial of a duty whose act asks for one thing more, without any claim."""
    duty = changed(**{act: lambda one: replace(one, guards=(*one.guards, guard))})
    trial = Trial(
        duty, Proof("visit", tuple(replace(scope, lapses=()) for scope in scopes), ()), CONTRACT, {"visit": duty}
    )
    trial.prepare()
    return trial


def verdict_on(trial: Trial, name: str) -> Verdict:
    return trial.verdict(next(one for one in trial.mutants() if one.name == name))


REMARKED = done("remark", "C9.6")
OF_THE_SUPPLIER = Guard(
    "of_the_supplier", "C9.6", "The supplier acts.",
    lambda attempt: ReliedOn("party") if attempt.actor.party == SUPPLIER else Missing("Only the supplier can do this."),
)  # fmt: skip
WITH_AN_APPROVER = replace(SCOPE, name="approver", cast=(*SCOPE.cast, *cast(approver="client.approver")))


def test_that_nothing_comes_of_it_acquits_only_where_others_can_do_the_act() -> None:
    """Who else is let in plays where nobody remarks: there the act is done by nobody, whoever may do it."""
    name, nobody_can = "allow also by client.approver", replace(WITH_AN_APPROVER, leaves_out=("remark",))
    assert verdict_on(guarded("allow", REMARKED, SCOPE, nobody_can), name).how == SURVIVES
    assert verdict_on(guarded("allow", OF_THE_SUPPLIER, WITH_AN_APPROVER), name) == Verdict(name, EQUIVALENT, GUARDED)


def test_that_nothing_comes_of_it_in_one_world_says_nothing_of_those_that_it_stands_for() -> None:
    """Once it is allowed nobody asks for a remark: worlds with and without one are taken for one, until a mutant asks."""
    name = "refuse also from allowed"
    assert verdict_on(guarded("refuse", REMARKED, SCOPE), name).how == SURVIVES
    never = Guard("before_it_is_allowed", "C9.6", "Nobody has allowed it.",
                  lambda attempt: Missing("Allowed.") if attempt.last("allow") else ReliedOn("allow"))  # fmt: skip
    assert verdict_on(guarded("refuse", never, SCOPE), name) == Verdict(name, EQUIVALENT, GUARDED)


def test_a_try_that_counts_is_that_of_whose_act_it_is() -> None:
    """Whoever may answer may answer wrongly: one role too many locks out those whose part it is, though all are refused."""
    trial = on_trial("reboot", "spoken")
    verdict = verdict_on(trial, "verify_identity also by client.approver")
    assert verdict == Verdict(verdict.mutant, CLAIM, COUNTED)


# --- the duties -------------------------------------------------------------------------------------------------------

DUTIES, PROOFS, ON_TRIAL = duties(), discover(), charter.discover()


def on_trial(kind: str, *scopes: str) -> Trial:
    """The trial of a duty, within those scopes, or all."""
    within = tuple(scope for scope in PROOFS[kind].scopes if not scopes or scope.name in scopes)
    trial = Trial(DUTIES[kind], replace(PROOFS[kind], scopes=within), CONTRACT, DUTIES, ON_TRIAL[kind])
    trial.prepare()
    return trial


def drawn(trial: Trial, count: int) -> list[Mutant]:
    """Some mutants: others as soon as anything is declared otherwise, the same until then."""
    return Random(declared(trial.proof.kind, CONTRACT)).sample(trial.mutants(), count)


@pytest.mark.parametrize(("kind", "count"), [("complaint", 40)])
def test_of_a_sample_none_survives(kind: str, count: int) -> None:
    trial = on_trial(kind)
    assert trial.lacking == []
    verdicts = [trial.verdict(mutant) for mutant in drawn(trial, count)]
    assert [one.mutant for one in verdicts if one.how == SURVIVES] == []
    assert sum(one.how == CLAIM for one in verdicts) > count // 3


OTHERWISE = (" also by ", " leads to ", " does not tell ", " signs nothing", " files no paper", " computes nothing")


WHERE_EVERYBODY_TRIES = {
    "change": ("everybody", "everybody_renews", "renewal"),
    "fault": ("everybody", "report", "receipt"),
    "reboot": ("everybody",),
}


@pytest.mark.parametrize("kind", WHERE_EVERYBODY_TRIES)
def test_of_a_sample_no_act_is_anybody_elses_leads_elsewhere_or_is_kept_from_anybody(kind: str) -> None:
    """Within the scopes in which everybody tries everything (and the client's own renewal, of which more is computed): to go
    through them all takes half a minute before the first mutant is tried. `flask prove --mutants` and the long form do."""
    trial = on_trial(kind, *WHERE_EVERYBODY_TRIES[kind])
    done = {act for ground in trial.grounds for act, _ in ground.done}
    otherwise = [one for one in trial.mutants() if one.acts <= done and any(said in one.name for said in OTHERWISE)]
    order = Random(declared(kind, CONTRACT)).sample(otherwise, len(otherwise))
    tried = (verdict for one in order if (verdict := trial.verdict(one)).how != UNSOUND)
    verdicts = list(islice(tried, 10))
    assert [one.mutant for one in verdicts if one.how == SURVIVES] == []
    assert sum(one.how == CLAIM for one in verdicts) > 1


@pytest.mark.whole
@pytest.mark.parametrize("kind", PROOFS)
def test_every_mutant_is_killed_by_a_named_claim_or_listed_with_its_reason(kind: str) -> None:
    trial = on_trial(kind)
    verdicts = {mutant.name: trial.verdict(mutant) for mutant in trial.mutants()}
    assert [one for one, verdict in verdicts.items() if verdict.how == SURVIVES] == []
    assert trial.lacking == []
    listed = ON_TRIAL[kind].equivalent
    assert {one: verdicts[one].by for one in listed} == dict(listed), "a reason stands there that is not needed"


@pytest.mark.parametrize("kind", PROOFS)
def test_reasons_are_given_for_mutants_that_there_are(kind: str) -> None:
    assert set(ON_TRIAL[kind].equivalent) <= {mutant.name for mutant in mutants(DUTIES[kind])}
