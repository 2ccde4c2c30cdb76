"""The second stage: an event and its hook's mapping become leadinfo (Subscribe) and details (Trigger Leads)."""

from __future__ import annotations

from bridge.mapping.actions.action import Action
from bridge.mapping.apply import apply
from bridge.mapping.compile import HOOK_NAME, load_mapping
from bridge.mapping.context import Place
from bridge.mapping.each import expand
from bridge.mapping.examples import ExampleResult, Payload, action_in_short, run_examples
from bridge.mapping.explain import Explanation, explain
from bridge.mapping.hook_mapping import HookMapping, PresetSummary
from bridge.mapping.mapped import Mapped, mapped_as_json
from bridge.mapping.schema import AccountNames
from bridge.mapping.schema import as_text as schema_text
from bridge.mapping.values.fields import Field

__all__ = [
    "HOOK_NAME",
    "AccountNames",
    "Action",
    "ExampleResult",
    "Explanation",
    "Field",
    "HookMapping",
    "Mapped",
    "Payload",
    "Place",
    "PresetSummary",
    "action_in_short",
    "apply",
    "expand",
    "explain",
    "load_mapping",
    "mapped_as_json",
    "run_examples",
    "schema_text",
]
