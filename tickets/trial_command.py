"""`flask prove --mutants`: tries every mutant of each declaration, and names those to which no claim objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from multiprocessing import get_context
from random import Random

import click

from config import SHIPPED_CONTRACT
from workflow import discover as duties
from workflow.contract import load
from workflow.prove import charter, discover
from workflow.prove.charter import OnTrial
from workflow.prove.mutants import Mutant
from workflow.prove.trial import CLAIM, EQUIVALENT, SURVIVES, UNREACHED, UNSOUND, Trial, Verdict

_on_trial: tuple[Trial, Sequence[Mutant]]
"""Of the process: what was explored once is handed on by forking, because it is large and made of functions."""


def trials(kinds: Sequence[str], scopes: Sequence[str], sample: int | None, seed: int, jobs: int) -> bool:
    """Tries the mutants of each duty that has a proof, within the scopes of it or those named; whether none survives."""
    workflows, contract, alive = duties(), load(SHIPPED_CONTRACT), 0
    for kind, proof in discover().items():
        if kinds and kind not in kinds:
            continue
        within = tuple(scope for scope in proof.scopes if not scopes or scope.name in scopes)
        on_trial = charter.discover()[kind]
        trial = Trial(workflows[kind], replace(proof, scopes=within), contract, workflows, on_trial)
        mutants = trial.mutants()
        if sample is not None and sample < len(mutants):
            mutants = Random(seed).sample(mutants, sample)  # noqa: S311 - which mutants are tried is no secret
        trial.prepare()
        found = list(_verdicts(trial, mutants, jobs))
        for line in (*_lines(kind, found), *_elsewhere(kind, on_trial)):
            click.echo(line)
        alive += sum(verdict.how == SURVIVES for verdict in found)
        for act, where in () if scopes else trial.lacking:
            click.echo(f"{kind:10} is given, and never seen: {act} ({where})")
            alive += 1
    return not alive


def _verdicts(trial: Trial, mutants: Sequence[Mutant], jobs: int) -> Iterator[Verdict]:
    global _on_trial
    _on_trial = trial, mutants
    with get_context("fork").Pool(jobs) as pool:
        yield from pool.imap(_verdict, range(len(mutants)), chunksize=4)


def _verdict(number: int) -> Verdict:
    trial, mutants = _on_trial
    return trial.verdict(mutants[number])


def _lines(kind: str, found: Sequence[Verdict]) -> Iterator[str]:
    how = Counter(verdict.how for verdict in found)
    yield (
        f"{kind:10} {len(found)} mutants: {how[UNSOUND]} do not import, {how[CLAIM]} break a claim, {how[UNREACHED]} leave "
        f"something unreached, {how[EQUIVALENT]} come to the same, {how[SURVIVES]} survive"
    )
    convicted = Counter(verdict.by for verdict in found if verdict.how == CLAIM)
    yield f"{kind:10} by claim: " + (
        ", ".join(f"{name} {times}" for name, times in sorted(convicted.items())) or "none"
    )
    reasons: dict[str, list[str]] = {}
    for verdict in found:
        if verdict.how == EQUIVALENT:
            reasons.setdefault(verdict.by, []).append(verdict.mutant)
    for reason, mutants in reasons.items():
        yield f"{kind:10} comes to the same: {reason}"
        yield from (f"{kind:10}   {mutant}" for mutant in mutants)
    yield from (f"{kind:10} survives: {verdict.mutant}" for verdict in found if verdict.how == SURVIVES)


def _elsewhere(kind: str, on_trial: OnTrial) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for act, reason in on_trial.elsewhere.items():
        reasons.setdefault(reason, []).append(act)
    for reason, acts in reasons.items():
        yield f"{kind:10} not on trial here: {', '.join(acts)}. {reason}"
