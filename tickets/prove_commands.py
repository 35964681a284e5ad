"""`flask prove`: explores every duty, holds every claim against it, and tells the story of what does not hold."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from time import perf_counter

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from config import SHIPPED_CONTRACT
from tickets import second_opinion, trial_command
from tickets.speech import label, say, sentence
from workflow import discover as duties
from workflow.contract import load
from workflow.declare import Label
from workflow.prove import discover, promela, prove, second_line, unreached
from workflow.prove.certificate import certificate, write
from workflow.prove.claims import Claim
from workflow.prove.report import Report, Saying, report, together
from workflow.prove.silent import guard_names
from workflow.prove.stories import STATE, Beat, Story, keep, read
from workflow.prove.story import Told
from workflow.prove.theatre import Attack, House, Watched, never_alone, playbill, watch

LANGUAGES = ("zh_Hans_CN", "en")
Steps = Sequence[Told] | Sequence[Beat]


@click.command("prove")
@click.option("--kind", "kinds", multiple=True, help="Only this duty; may be said more than once.")
@click.option("--scope", "scopes", multiple=True, help="Only within this scope; may be said more than once.")
@click.option("--without", multiple=True, metavar="GUARD", help="Take this guard away, and see what comes of it.")
@click.option("--certify", is_flag=True, help="Write the certificate, provided that everything holds.")
@click.option("--stories", is_flag=True, help="Find what would happen without each guard, and keep it for the theatre.")
@click.option("--language", type=click.Choice([*LANGUAGES, "both"]), default="both", help="In which stories are told.")
@click.option(
    "--mutants", is_flag=True, help="Put the claims on trial: each must object to some mutant of a declaration."
)
@click.option("--sample", type=int, help="With --mutants: try only so many, chosen by --seed.")
@click.option("--seed", type=int, default=1, show_default=True, help="With --sample.")
@click.option("--spin", is_flag=True, help="Ask the checker SPIN for a second opinion, where it is installed.")
@click.option("--jobs", default=2, show_default=True, help="How many duties are explored at once.")
@with_appcontext
def run_proof(
    kinds: Sequence[str], scopes: Sequence[str], without: Sequence[str], certify: bool, stories: bool, mutants: bool,
    sample: int | None, seed: int, language: str, spin: bool, jobs: int,
) -> None:  # fmt: skip
    """Proves that no path leads to what must never happen. Exit status 1 when something is violated."""
    if mutants:
        if not trial_command.trials(kinds, scopes, sample, seed, jobs):
            raise SystemExit(1)
        return
    if spin:
        if not second_opinions(kinds, scopes, without):
            raise SystemExit(1)
        return
    known = {scope.name for kind, proof in discover().items() if not kinds or kind in kinds for scope in proof.scopes}
    if strange := sorted({*kinds} - {*discover()}) + sorted({*scopes} - known):
        raise click.UsageError(f"there is no such duty or scope: {', '.join(strange)}")
    chosen = those_with(without, [kind for kind in discover() if not kinds or kind in kinds])
    if stories:
        keep_stories(chosen, jobs)
        return
    reports: list[Report] = []
    begun = perf_counter()
    told = LANGUAGES if language == "both" else (language,)
    for found in each_proved(chosen, scopes, without, jobs):
        reports.append(found)
        for line in lines(found, told):
            click.echo(line)
    whole = f"{sum(r.configurations for r in reports)} configurations, {sum(r.edges for r in reports)} edges, "
    claims = f"{sum(len(r.claims) for r in reports)} invariants, {perf_counter() - begun:.1f} s"
    click.echo(f"together: {whole}{claims}")
    for line in silences(without, reports, told):
        click.echo(line)
    if not all(found.holds for found in reports):
        raise SystemExit(1)
    if certify and not scopes and not without:
        write(certificate(reports, load(SHIPPED_CONTRACT)))
        click.echo("The certificate is written.")
        for kind in stale_stories(chosen):
            click.echo(f"{kind:10} its stories are of something else; renew them: flask prove --stories --kind {kind}")


def those_with(guards: Sequence[str], kinds: Sequence[str]) -> list[str]:
    """The duties that ask for one of these guards; all of them where none is named. A guard that none asks for is no guard."""
    declared = {kind: set(guard_names(duties()[kind])) for kind in kinds}
    unknown = [name for name in guards if not any(name in one for one in declared.values())]
    if unknown:
        raise click.UsageError(f"no guard of {', '.join(kinds) or 'any duty'} is called {', '.join(unknown)}")
    return [kind for kind in kinds if not guards or declared[kind] & set(guards)]


def silences(without: Sequence[str], reports: Sequence[Report], languages: Sequence[str]) -> Iterator[str]:
    """Why nothing breaks without a guard, as the stories have it, where nothing does; and the attack on a guard that never
    refuses alone, for which what stands beside it is taken away, too."""
    if any(one.attacks for one in reports):
        return
    for found in reports:
        bill = read(found.kind)
        for name in without:
            told = bill.stories.get(name) if bill else None
            if told is None:
                continue
            yield f"{found.kind:10} without {name} nothing breaks: {_why(told)}"
            if told.claim and told.beside:
                claim = next(one for one in discover()[found.kind].claims if one.name == told.claim)
                yield from in_each(languages, found.kind, claim, told.beats)


def _why(told: Story) -> str:
    if told.claim and told.beside:
        beside = ["the state" if one == STATE else one for one in told.beside]
        return f"it never refuses alone. Without {', '.join(beside)} as well, in scope {told.scope}:"
    if told.claim:
        return f"claim {told.claim} breaks in scope {told.scope}, which was not gone through"
    if told.undone:
        taken_back = "the desk would take the act back"
        return f"it refuses alone, but what has to follow from the act cannot come about without it: {taken_back}"
    if told.beside:
        return f"whenever it refuses, so does one of {', '.join(told.beside)}"
    if told.refusal:
        return f"it refuses alone in scope {told.scope}, and no claim speaks of what is done then"
    return "nobody comes to where it would have to refuse alone: other guards, the form or the states are in the way"


def second_opinions(kinds: Sequence[str], scopes: Sequence[str], without: Sequence[str]) -> bool:
    """Whether SPIN agrees on every duty that is told a second time. With guards taken away only SPIN is asked."""
    workflows, contract, proofs, agreed = duties(), load(SHIPPED_CONTRACT), discover(), True
    try:
        second_opinion.tools()
    except second_opinion.NoSpin as missing:
        click.echo(f"NO SECOND OPINION: {missing}. Nothing was compared.", err=True)
        return False
    for kind, abstract in promela.discover().items():
        chosen = [scope for scope in proofs[kind].scopes if scope.name in abstract.scopes]
        for scope in chosen:
            if (kinds and kind not in kinds) or (scopes and scope.name not in scopes):
                continue
            if without:
                said = second_opinion.asked(
                    second_opinion.without_guards(workflows[kind], without), scope, abstract, contract
                )
                told = f"{said.stored:6} states by SPIN, broken: {', '.join(said.broken) or 'nothing'}"
                agreed = agreed and not said.broken
            else:
                both = second_opinion.compared(workflows[kind], scope, abstract, contract, workflows)
                agreed = agreed and both.agrees
                told = (
                    f"{both.states:6} abstract states and {len(both.here)} edges here, {both.spin.stored} and "
                    f"{len(both.spin.edges)} by SPIN: {'the same' if both.agrees else 'NOT THE SAME'}, "
                    f"{len(abstract.assertions)} assertions, broken: {', '.join(both.spin.broken) or 'none'}"
                )
            click.echo(f"{kind:10} {scope.name:16} {told}")
    return agreed


def each_proved(kinds: Sequence[str], scopes: Sequence[str], without: Sequence[str], jobs: int) -> Iterator[Report]:
    """The proof of each duty. Scopes know nothing of one another and are gone through beside one another; where a guard is
    taken away they are gone through one by one, until one tells the attack."""
    proofs = discover()
    parts: dict[str, list[tuple[str, ...]]] = {
        kind: [(scope.name,) for scope in proofs[kind].scopes if not scopes or scope.name in scopes] for kind in kinds
    }
    if without:
        parts = {kind: [tuple(scopes)] for kind in kinds}
    asked = [(kind, names, tuple(without)) for kind in kinds for names in parts[kind]]
    with ProcessPoolExecutor(max_workers=jobs, initializer=seldom_collected) as pool:
        answers = pool.map(proved, asked)
        for kind in kinds:
            found = [next(answers) for _ in parts[kind]]
            if found:
                whole = together(found)
                lacking = () if scopes or without else unreached(duties()[kind], proofs[kind], whole.reached)
                yield replace(whole, unreached=lacking)


def seldom_collected() -> None:
    """Worlds hang together by no circles: looking for some among all that is remembered costs a tenth of the time."""
    gc.disable()


def proved(asked: tuple[str, tuple[str, ...], tuple[str, ...]]) -> Report:
    """What some scopes of one duty show (all, where none is named), in a process of its own."""
    kind, scopes, without = asked
    workflows, proof = duties(), discover()[kind]
    first = bool(without)
    found = prove(
        workflows[kind], proof, load(SHIPPED_CONTRACT), workflows, scopes=scopes, without=without, stop_at_first=first
    )
    return report(proof, found)


def keep_stories(kinds: Sequence[str], jobs: int) -> None:
    """Writes the stories of these duties beside their proofs. Scopes are gone through beside one another."""
    proofs = discover()
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        for kind in kinds:
            names = [scope.name for scope in proofs[kind].scopes]
            watched = dict(zip(names, pool.map(watched_in, [kind] * len(names), names), strict=True))
            guards = never_alone(watched)
            found = pool.map(found_behind, [kind] * len(names), names, [guards] * len(names)) if guards else ()
            bill = playbill(house(kind), watched, second_line.fewest(found))
            keep(kind, bill)
            told = Counter(_comes_to(one) for one in bill.stories.values())
            click.echo(
                f"{kind:10} {len(bill.stories)} guards: " + ", ".join(f"{told[one]} {one}" for one in sorted(told))
            )


def stale_stories(kinds: Sequence[str]) -> Iterator[str]:
    """The duties that have no stories, or those of another declaration."""
    contract = load(SHIPPED_CONTRACT)
    bills = ((kind, read(kind)) for kind in kinds)
    return (kind for kind, bill in bills if bill is None or not bill.is_of(kind, contract))


def house(kind: str) -> House:
    """What the stories of a duty are played on."""
    workflows = duties()
    return House(workflows[kind], discover()[kind], load(SHIPPED_CONTRACT), workflows)


def watched_in(kind: str, scope: str) -> Watched:
    """What one scope shows, in a process of its own."""
    return watch(house(kind), scope)


def found_behind(kind: str, scope: str, guards: frozenset[str]) -> dict[str, Attack]:
    """What one scope shows of guards that never refuse alone, in a process of its own."""
    return second_line.behind(house(kind), scope, guards)


def _comes_to(one: Story) -> str:
    if one.claim and one.beside:
        return "without which, and without what stands beside them, a claim breaks"
    if one.undone:
        return "without which nothing comes of it"
    if one.refusal is None:
        return "with another beside them" if one.beside else "never asked in vain"
    return "without which a claim breaks" if one.claim else "of which no claim speaks"


def lines(found: Report, languages: Sequence[str]) -> Iterator[str]:
    """What the command says of one duty."""
    for one in found.scopes:
        yield (
            f"{found.kind:10} {one.name:16} {one.configurations:7} configurations {one.edges:8} edges "
            f"{len(found.claims):3} invariants {one.seconds:7.1f} s"
        )
    for name in found.unreached:
        yield f"{found.kind:10} never reached: {name}"
    for attack in found.attacks:
        yield from in_each(languages, found.kind, attack.claim, attack.story)


def in_each(languages: Sequence[str], kind: str, claim: Claim | Saying, steps: Steps) -> Iterator[str]:
    """An attack as a story in each of these languages."""
    for language in languages:
        with force_locale(language):
            yield from story_lines(kind, claim, steps)


def story_lines(kind: str, claim: Claim | Saying, steps: Steps) -> Iterator[str]:
    """An attack as a story in the language that is set."""
    yield f"{kind} · {claim.name} ({claim.clause}): {sentence(claim.says)}"
    for number, step in enumerate((*steps,), 1):
        state = label("state", step.after) if step.after else say(Label("state", "not_opened"))
        yield f"  {number}. {say(step.says)} → {state}"
