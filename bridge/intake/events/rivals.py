"""The e-mail questions of a form among which only a person can choose: said to authors before two addresses differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.intake.events.contact_texts import texts_of
from bridge.intake.events.questions import named_field
from bridge.model import Answer

if TYPE_CHECKING:
    from bridge.intake.events.recipe import Recipe
    from bridge.model import Event


def rival_email_questions(recipe: Recipe, event: Event) -> tuple[str, ...]:
    """The questions of equal rank that ask for the person's address, by label or key; none where one alone does.

    They are refused once their answers differ, whether or not those of this event do. None either where the preset
    finds the address at a place that is not a question.
    """
    answered = {answer.key for answer in event.answers}
    unanswered = [Answer(one.key, None, one.label, "", one.aliases) for one in event.questions or ()]
    all_questions = [*event.answers, *(one for one in unanswered if one.key not in answered)]
    positions = recipe.positions_of[
        tuple([named_field(one.key, one.label, one.type, one.aliases) for one in all_questions])
    ]
    for way in recipe.contact.parts.get("email", ()):
        groups = () if way.number is None else positions.places[way.number].groups
        if groups:
            rivals = {all_questions[place].key: all_questions[place] for place in groups[0]}
            found = [text for one in rivals.values() for text in texts_of("email", one.value)]
            is_elsewhere = event.contact.email is not None and event.contact.email not in found
            return () if is_elsewhere or len(rivals) == 1 else tuple([one.label or one.key for one in rivals.values()])
    return ()
