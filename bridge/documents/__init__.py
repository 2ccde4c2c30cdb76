"""What users write, read by one loader: YAML that knows its places, the usual accidents, and findings by a schema.

Mappings, their examples, presets and the sandbox's account file all go this way. The one home of the YAML and the
JSON Schema libraries.
"""

from __future__ import annotations

from bridge.documents.document import Document, Path, path_text
from bridge.documents.dump import dump
from bridge.documents.folder import read_below, read_text, yaml_files
from bridge.documents.load import load
from bridge.documents.scalars import scalars
from bridge.documents.schema_errors import Meanings, Schema, check, compile_schema
from bridge.documents.suggestions import closest, did_you_mean, flow, quoted, unknown_name

__all__ = [
    "Document",
    "Meanings",
    "Path",
    "Schema",
    "check",
    "closest",
    "compile_schema",
    "did_you_mean",
    "dump",
    "flow",
    "load",
    "path_text",
    "quoted",
    "read_below",
    "read_text",
    "scalars",
    "unknown_name",
    "yaml_files",
]
