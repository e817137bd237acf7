# SPDX-License-Identifier: MIT
"""Checks objects against OCSF's own schema of a class, as github.com/ocsf/ocsf-schema publishes it.

In the vector an attribute has 't' (its type, or the name of an object), 'r' (required, recommended, optional), 'e'
(what its number may be), 'a' (it is a list), 'p' (it is there only with that profile).
"""

import json
import pathlib
import re

VECTOR = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "ocsf_compliance_finding.json"
WHOLE = {"integer_t": 1 << 31, "long_t": 1 << 63}
FORMS = {"datetime_t": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "url_t": r"[a-z]+://\S+",
         "email_t": r"[^@\s]+@[^@\s]+"}

# The vector holds the enumerations of the base class for these.
OWN_NUMBERS = {"class_uid": 2003, "category_uid": 2}


class Schema:
    def __init__(self, path=VECTOR):
        made = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        self.of_class, self.objects, self.types = made["class"], made["objects"], made["types"]

    def faults(self, thing):
        """What is wrong with one object of the class, as lines; [] if it is valid."""
        profiles = set((thing.get("metadata") or {}).get("profiles", []))
        found = list(self._of_object("", thing, self.of_class, profiles))
        found += [f"{name} is {thing.get(name)}" for name, number in OWN_NUMBERS.items() if thing.get(name) != number]
        if thing.get("type_uid") != thing.get("class_uid", 0) * 100 + thing.get("activity_id", 0):
            found.append(f"type_uid is {thing.get('type_uid')}")
        return found

    def _of_object(self, path, thing, definition, profiles):
        if not isinstance(thing, dict):
            yield f"{path or 'it'} is not an object"
            return
        attributes = definition["attributes"]
        for name, value in thing.items():
            if name not in attributes:
                yield f"{path}{name} is not in the schema"
            elif attributes[name].get("p") and attributes[name]["p"] not in profiles:
                yield f"{path}{name} needs the profile {attributes[name]['p']}"
            else:
                yield from self._of_attribute(path + name, value, attributes[name], profiles)
        for name, attribute in attributes.items():
            wanted = attribute["r"] == "required" and (not attribute.get("p") or attribute["p"] in profiles)
            if wanted and name not in thing:
                yield f"{path}{name} is missing"
        yield from self._constraints(path, thing, definition.get("constraints") or {})

    @staticmethod
    def _constraints(path, thing, constraints):
        for kind, names in constraints.items():
            there = sum(name in thing for name in names)
            if (kind == "at_least_one" and there < 1) or (kind == "just_one" and there != 1):
                yield f"{path or 'it'} must have {kind.replace('_', ' ')} of {', '.join(names)}"

    def _of_attribute(self, path, value, attribute, profiles):
        values = [value]
        if attribute.get("a"):
            if not isinstance(value, list):
                yield f"{path} is not a list"
                return
            values = value
        for each in values:
            yield from self._of_value(path, each, attribute, profiles)

    def _of_value(self, path, value, attribute, profiles):
        kind = attribute["t"]
        if kind in self.objects:
            yield from self._of_object(path + ".", value, self.objects[kind], profiles)
            return
        base = self.types.get(kind, kind)
        if base == "string_t" and not isinstance(value, str):
            yield f"{path} is not a text: {value!r}"
        elif base in WHOLE and not (isinstance(value, int) and not isinstance(value, bool) and abs(value) < WHOLE[base]):
            yield f"{path} is not a whole number: {value!r}"
        elif base == "boolean_t" and not isinstance(value, bool):
            yield f"{path} is not true or false: {value!r}"
        elif base == "float_t" and (isinstance(value, bool) or not isinstance(value, (int, float))):
            yield f"{path} is not a number: {value!r}"
        elif kind in FORMS and not re.fullmatch(FORMS[kind], value):
            yield f"{path} is not of the form of {kind}: {value!r}"
        if "e" in attribute and base in WHOLE and str(value) not in attribute["e"] and path not in OWN_NUMBERS:
            yield f"{path} is {value!r}, none of {', '.join(attribute['e'])}"
