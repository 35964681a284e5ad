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
from workflow.prove import discover, promela, prove, unreached
from workflow.prove.certificate import certificate, write
from workflow.prove.report import Attack, Report, report, together
from workflow.prove.silent import guard_names
from workflow.prove.stories import Story, keep, read
from workflow.prove.theatre import House, Watched, playbill, watch

LANGUAGES = ("zh_Hans_CN", "en")


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
    for line in silences(without, reports):
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


def silences(without: Sequence[str], reports: Sequence[Report]) -> Iterator[str]:
    """Why nothing breaks without a guard, as the stories have it, where nothing does."""
    if any(one.attacks for one in reports):
        return
    for found in reports:
        bill = read(found.kind)
        for name in without:
            told = bill.stories.get(name) if bill else None
            if told is None:
                continue
            if told.claim:
                why = f"claim {told.claim} breaks in scope {told.scope}, which was not gone through"
            elif told.undone:
                why = (
                    "it refuses alone, but what has to follow from the act cannot come about without it: "
                    "the desk would take the act back"
                )
            elif told.beside:
                why = f"whenever it refuses, so does one of {', '.join(told.beside)}"
            elif told.refusal:
                why = f"it refuses alone in scope {told.scope}, and no claim speaks of what is done then"
            else:
                why = "nobody comes to where it would have to refuse alone: other guards, the form or the states are in the way"
            yield f"{found.kind:10} without {name} nothing breaks: {why}"


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
            bill = playbill(house(kind), watched)
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


def _comes_to(one: Story) -> str:
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
        for language in languages:
            with force_locale(language):
                yield from story_lines(found.kind, attack)


def story_lines(kind: str, attack: Attack) -> Iterator[str]:
    """An attack as a story in the language that is set."""
    yield f"{kind} · {attack.claim.name} ({attack.claim.clause}): {sentence(attack.claim.says)}"
    for number, step in enumerate(attack.story, 1):
        state = label("state", step.after) if step.after else say(Label("state", "not_opened"))
        yield f"  {number}. {say(step.says)} → {state}"
