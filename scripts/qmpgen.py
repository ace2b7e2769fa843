#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""qmpgen.py tables|handlers|man SCHEMA.json [VERSION]: QMP's tables as C, the
handlers' prototypes, or the reference as a manual page, to stdout.

The schema's own first line says what its lines are.
"""
import json
import re
import sys
from pathlib import Path

I64 = 2 ** 63
BUILTINS = {  # name: (kind, min, max, type in the introspection)
    "str": ("STRING", 0, 0, "string"),
    "bool": ("BOOLEAN", 0, 0, "boolean"),
    "number": ("NUMBER", 0, 0, "number"),
    "null": ("NULL", 0, 0, "null"),
    "any": ("ANY", 0, 0, "value"),
    "int": ("INTEGER", -I64, I64 - 1, "int"),
    "size": ("INTEGER", 0, 2 * I64 - 1, "int"),
}
for bits in (8, 16, 32, 64):
    BUILTINS[f"int{bits}"] = ("INTEGER", -2 ** (bits - 1), 2 ** (bits - 1) - 1,
                              "int")
    BUILTINS[f"uint{bits}"] = ("INTEGER", 0, 2 ** bits - 1, "int")
EMPTY = "q_empty"
INTERVAL_MS = 1000


def names_in(path):
    """The first strings of a table's rows, each a line."""
    return re.findall(r'^\w+\("([^"]+)"', path.read_text(encoding="utf-8"),
                      re.M)


class Schema:
    """The file's lines by kind; anonymous argument lists get names."""

    def __init__(self, path):
        self.types, self.commands, self.events, self.sections = {}, [], [], []
        self.types[EMPTY] = {"struct": EMPTY, "members": {}}
        with open(path, encoding="utf-8") as f:
            lines = json.load(f)
        for line in lines:
            if "values-of" in line:
                line["values"] = names_in(Path(path).parent / line["values-of"])
            self.add(line)
        for t in list(self.types.values()):
            for name in self.uses(t):
                self.check(name)
        self.commands.sort(key=lambda c: c["command"])

    def add(self, line):
        for kind in ("enum", "struct", "union"):
            if kind in line:
                self.types[line[kind]] = line
        if "section" in line:
            self.sections.append((line["section"], []))
        for kind, where, member in (("command", self.commands, "args"),
                                    ("event", self.events, "data")):
            if kind not in line:
                continue
            given = line.get(member, EMPTY)
            if isinstance(given, dict):
                name = f"q_obj_{line[kind]}-arg"
                self.types[name] = {"struct": name, "members": given,
                                    "open": "open" in line.get("flags", [])}
                given = name
            line[member] = given
            where.append(line)
            self.sections[-1][1].append(line)

    @staticmethod
    def uses(t):
        yield from t.get("members", {}).values()
        yield from t.get("variants", {}).values()

    def check(self, name):
        if isinstance(name, list):
            name = name[0]
        if name not in self.types and name not in BUILTINS:
            sys.exit(f"qmpgen: there is no type '{name}'")


def c_name(name):
    if isinstance(name, list):
        return c_name(name[0]) + "_list"
    return "".join(c if c.isalnum() else "_" for c in name)


def c_string(text):
    return json.dumps(text)


def split(name):
    """(name, optional) of a member."""
    return (name[1:], True) if name.startswith("*") else (name, False)


# ---- tables ----

def reachable(schema):
    """Types of arguments, each behind what it uses."""
    seen, order = set(), []

    def visit(name):
        key = c_name(name)
        if key in seen:
            return
        seen.add(key)
        if isinstance(name, list):
            visit(name[0])
        elif name in schema.types:
            for used in Schema.uses(schema.types[name]):
                visit(used)
        order.append(name)

    for command in schema.commands:
        visit(command["args"])
    return order


def put_type(schema, name):
    fields = [f".name = {c_string(name if isinstance(name, str) else 'list')}"]
    me = c_name(name)
    if isinstance(name, list):
        fields += [".kind = QMP_ARRAY", f".element = &type_{c_name(name[0])}"]
    elif name in BUILTINS:
        kind, low, high, _ = BUILTINS[name]
        fields.append(f".kind = QMP_{kind}")
        if kind == "INTEGER":
            low = "INT64_MIN" if low == -I64 else low
            fields += [f".min = {low}", f".max = UINT64_C({high})"]
    else:
        t = schema.types[name]
        if "enum" in t:
            values = ", ".join(c_string(v) for v in t["values"])
            print(f"static const char *const values_{me}[] = "
                  f"{{{values}, NULL}};")
            fields += [".kind = QMP_ENUM", f".values = values_{me}"]
        else:
            print(f"static const QmpMember members_{me}[] = {{")
            for member, kind in t["members"].items():
                plain, optional = split(member)
                print(f"    {{{c_string(plain)}, &type_{c_name(kind)}, "
                      f"{str(optional).lower()}}},")
            print("    {NULL, NULL, false},\n};")
            fields += [".kind = QMP_OBJECT", f".members = members_{me}"]
            if t.get("open"):
                fields.append(".open = true")
        if "variants" in t:
            print(f"static const QmpVariant variants_{me}[] = {{")
            for value, kind in t["variants"].items():
                print(f"    {{{c_string(value)}, &type_{c_name(kind)}}},")
            print("    {NULL, NULL},\n};")
            fields += [f".tag = {c_string(t['tag'])}",
                       f".variants = variants_{me}"]
    print(f"static const QmpType type_{me} = {{\n    "
          + ",\n    ".join(fields) + ",\n};")


def put_tables(schema):
    print("/* made by scripts/qmpgen.py out of control/qmp/schema.json */")
    print('#include "qmp-handlers.h"\n')
    for name in reachable(schema):
        put_type(schema, name)
    print("\nconst QmpCommand qmp_commands[] = {")
    for c in schema.commands:
        guest = c_string(c["for"]) if "for" in c else "NULL"
        flags = c.get("flags", [])
        print(f"    {{{c_string(c['command'])}, qmp_{c_name(c['command'])}, "
              f"&type_{c_name(c['args'])}, {guest}, "
              f"{str('preconfig' in flags).lower()}, "
              f"{str('oob' in flags).lower()},\n     {c_string(c['doc'])}}},")
    print("    {NULL},\n};\n\nconst QmpEvent qmp_events[] = {")
    for e in schema.events:
        each = c_string(e["limit-each"]) if "limit-each" in e else "NULL"
        limited = "limit" in e.get("flags", []) or "limit-each" in e
        print(f"    {{{c_string(e['event'])}, "
              f"{INTERVAL_MS if limited else 0}, {each}}},")
    print("    {NULL},\n};\n\nconst char qmp_schema_text[] =")
    for entity in introspect(schema):
        print(f"    {c_string(entity)}")
    print("    ;")


def put_handlers(schema):
    print("/* made by scripts/qmpgen.py out of control/qmp/schema.json */")
    print("#ifndef CUTTLE_CONTROL_QMP_HANDLERS_H")
    print("#define CUTTLE_CONTROL_QMP_HANDLERS_H\n")
    print('#include "control/qmp/table.h"\n')
    for c in schema.commands:
        print(f"QmpHandler qmp_{c_name(c['command'])};")
    print("\n#endif")


# ---- introspection ----

class Introspection:
    """Entities by the names they go by outside: types are numbers."""

    def __init__(self, schema):
        self.schema, self.numbers, self.out = schema, {}, []

    def ref(self, name):
        if isinstance(name, list):
            inner = self.ref(name[0])
            key = f"[{inner}]"
            if key not in self.numbers:
                self.numbers[key] = key
                self.out.append({"name": key, "meta-type": "array",
                                 "element-type": inner})
            return key
        if name in BUILTINS:
            kind = BUILTINS[name][3]
            plain = {"string": "str", "boolean": "bool",
                     "value": "any"}.get(kind, kind)
            if plain not in self.numbers:
                self.numbers[plain] = plain
                self.out.append({"name": plain, "meta-type": "builtin",
                                 "json-type": kind})
            return plain
        if name not in self.numbers:
            self.numbers[name] = str(len(self.numbers))
            entity = {"name": self.numbers[name]}
            self.out.append(entity)
            self.fill(entity, self.schema.types[name])
        return self.numbers[name]

    def fill(self, entity, t):
        if "enum" in t:
            entity["meta-type"] = "enum"
            entity["members"] = [{"name": v} for v in t["values"]]
            entity["values"] = t["values"]
            return
        entity["meta-type"] = "object"
        entity["members"] = []
        for member, kind in t["members"].items():
            plain, optional = split(member)
            shown = {"name": plain, "type": self.ref(kind)}
            if optional:
                shown["default"] = None
            entity["members"].append(shown)
        if "variants" in t:
            entity["tag"] = t["tag"]
            entity["variants"] = [{"case": v, "type": self.ref(k)}
                                  for v, k in t["variants"].items()]


def introspect(schema):
    """The text of query-qmp-schema's answer in pieces."""
    i = Introspection(schema)
    for c in schema.commands:
        entity = {"name": c["command"], "meta-type": "command",
                  "arg-type": i.ref(c["args"]),
                  "ret-type": i.ref(c.get("ret", EMPTY))}
        if "oob" in c.get("flags", []):
            entity["allow-oob"] = True
        i.out.append(entity)
    for e in schema.events:
        i.out.append({"name": e["event"], "meta-type": "event",
                      "arg-type": i.ref(e["data"])})
    texts = [json.dumps(e) for e in i.out]
    yield "["
    yield from (t + "," for t in texts[:-1])
    yield texts[-1] + "]"


# ---- the manual page ----

def roff(text):
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")


def type_text(name):
    return f"[{name[0]}]" if isinstance(name, list) else name


def put_members(t):
    for member, kind in t["members"].items():
        plain, optional = split(member)
        print(f".br\n{'' if not optional else '['}\\fB{roff(plain)}\\fR: "
              f"{roff(type_text(kind))}{']' if optional else ''}")
    for value, kind in t.get("variants", {}).items():
        print(f".br\nif {t['tag']} is {roff(value)}: also {roff(kind)}")


def put_entry(schema, line):
    event = "event" in line
    name = line["event" if event else "command"]
    print(f".TP\n.B {roff(name)}{' (event)' if event else ''}\n"
          f"{roff(line['doc'])}")
    if "for" in line:
        print(f".br\nOnly for {line['for']}.")
    put_members(schema.types[line["data" if event else "args"]])
    if "ret" in line:
        print(f".br\nreturns {roff(type_text(line['ret']))}")


def put_types(schema):
    for name, t in schema.types.items():
        if name.startswith("q_"):
            continue
        print(f".TP\n.B {roff(name)}")
        if "enum" in t:
            print("one of " + roff(", ".join(t["values"])))
        elif t["members"] or "variants" in t:
            print("object with")
            put_members(t)
        else:
            print("object without members")


def put_man(schema, version):
    print('.\\" made by scripts/qmpgen.py out of control/qmp/schema.json')
    print(f'.TH CUTTLE-QMP 7 "" "Cuttle {version}" "Control protocol"')
    print(""".SH NAME
cuttle-qmp \\- the control protocol of cuttle\\-system
.SH DESCRIPTION
JSON objects over a socket or terminal that
.B \\-qmp
or
.B \\-mon
names. The server greets; the client sends
.B qmp_capabilities
first. A command is {"execute": NAME, "arguments": {...}, "id": ANY}, its answer
{"return": VALUE, "id": ANY} or {"error": {"class": CLASS, "desc": TEXT}, "id":
ANY}. Events come at any time: {"event": NAME, "data": {...}, "timestamp":
{...}}. With the capability oob, "exec\\-oob" instead of "execute" overtakes
commands that wait; commands marked so take it. A member in brackets may be left
out, [T] as a type is a list. A client that does not read its answers is
disconnected.""")
    for title, lines in schema.sections:
        print(f".SH {title.upper()}")
        for line in lines:
            put_entry(schema, line)
    print(".SH TYPES")
    put_types(schema)
    print(".SH SEE ALSO\n.BR cuttle\\-system (1)")


def main():
    what, path, *rest = sys.argv[1:]
    schema = Schema(path)
    if what == "tables":
        put_tables(schema)
    elif what == "handlers":
        put_handlers(schema)
    else:
        put_man(schema, *rest)


if __name__ == "__main__":
    main()
