#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns .decode tables into a C decoder, a disassembly table and a coverage list.

A .decode file is lines of words; # starts a comment.

  args NAME field...              fields a handler gets, as struct ArgsNAME
  format NAME ARGS field=bits...  where they lie; bits is one of
        12                        a constant
        [s](11-7,4)[<<n][+n]      bit ranges, most significant first; s: signed
  extension A|B or A&B            when the lines that follow exist (EXT_A ...,
                                  or another --prefix); -: always
  NAME bits... FORMAT [rv32|rv64] [todo|reserved] [=HANDLER] [: assembly]

Bits are 0, 1 or . and add up to 16 or 32; the handler of c.add is tr_c_add
(or with another --handler) unless =add names another. Where two lines match, the one with more fixed bits
wins; if its extension is absent the next one is tried. A todo line is known
(named in coverage and disassembly) and decodes as illegal; so does a reserved
one, which nobody misses.

  decodegen.py --isa NAME [--prefix EXT_] [--handler tr_] --header OUT.h --source OUT.c FILE.decode...
  decodegen.py --coverage FILE.decode...
"""
import argparse
import re
import sys


class Bad(Exception):
    pass


class Format:
    def __init__(self, name, args, fields):
        self.name, self.args, self.fields = name, args, fields


class Insn:
    def __init__(self, name, bits, fmt, ext):
        self.name, self.fmt, self.ext = name, fmt, ext
        self.width = len(bits)
        self.mask = int("".join("0" if b == "." else "1" for b in bits), 2)
        self.match = int("".join("1" if b == "1" else "0" for b in bits), 2)
        self.handler = re.sub(r"\W", "_", name)
        self.xlen = 0
        self.todo = False
        self.reserved = False
        self.asm = ""

    def fixed(self):
        return bin(self.mask).count("1")


class Table:
    def __init__(self):
        self.args, self.formats, self.insns = {}, {}, []

    def read(self, path):
        ext = ""
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                words = line.split("#")[0].split()
                try:
                    if not words:
                        continue
                    if words[0] == "args":
                        self.args[words[1]] = words[2:]
                    elif words[0] == "format":
                        self.add_format(words[1:])
                    elif words[0] == "extension":
                        ext = "" if words[1] == "-" else words[1]
                    else:
                        self.add_insn(words, ext)
                except (Bad, KeyError, IndexError) as error:
                    raise Bad(f"{path}:{number}: {error}") from error

    def add_format(self, words):
        name, args = words[0], words[1]
        fields = dict(w.split("=", 1) for w in words[2:])
        if set(fields) != set(self.args[args]):
            raise Bad(f"format {name} does not give the fields of {args}")
        self.formats[name] = Format(name, args, fields)

    def add_insn(self, words, ext):
        bits, i = "", 1
        while len(bits) < 32 and i < len(words) and re.fullmatch("[01.]+", words[i]):
            bits += words[i]
            i += 1
        if len(bits) not in (16, 32):
            raise Bad(f"{words[0]} has {len(bits)} bits")
        insn = Insn(words[0], bits, self.formats[words[i]], ext)
        rest = words[i + 1 :]
        if ":" in rest:
            at = rest.index(":")
            rest, insn.asm = rest[:at], " ".join(rest[at + 1 :])
        for word in rest:
            if word in ("rv32", "rv64"):
                insn.xlen = int(word[2:])
            elif word == "todo":
                insn.todo = True
            elif word == "reserved":
                insn.reserved = True
            elif word[0] == "=":
                insn.handler = word[1:]
            else:
                raise Bad(f"unknown word {word}")
        self.insns.append(insn)

    def check(self):
        """Two lines that match the same word must differ in what wins."""
        for i, a in enumerate(self.insns):
            for b in self.insns[i + 1 :]:
                common = a.mask & b.mask
                if (
                    a.width == b.width
                    and (a.match ^ b.match) & common == 0
                    and a.fixed() == b.fixed()
                    and (not a.xlen or not b.xlen or a.xlen == b.xlen)
                    and a.ext == b.ext
                ):
                    raise Bad(f"{a.name} and {b.name} overlap")


def has_handler(insn):
    return not insn.todo and not insn.reserved


def bits_expression(text):
    """C for one field's bits of the variable insn."""
    if re.fullmatch(r"-?\d+", text):
        return text
    m = re.fullmatch(r"(s?)\(([\d,-]+)\)(?:<<(\d+))?(?:\+(\d+))?", text)
    if not m:
        raise Bad(f"cannot read bits {text}")
    parts, width = [], 0
    for piece in reversed(m[2].split(",")):
        high, _, low = piece.partition("-")
        high, low = int(high), int(low or high)
        count = high - low + 1
        part = f"((insn >> {low}) & {hex((1 << count) - 1)})"
        parts.insert(0, part if width == 0 else f"({part} << {width})")
        width += count
    value = " | ".join(parts)
    if m[1]:
        value = f"((int32_t)(({value}) << {32 - width}) >> {32 - width})"
    else:
        value = f"(int32_t)({value})"
    if m[3]:
        value = f"({value} * {1 << int(m[3])})"
    if m[4]:
        value = f"({value} + {m[4]})"
    return value


def condition(insn, prefix):
    tests = []
    if insn.xlen:
        tests.append("t->rv64" if insn.xlen == 64 else "!t->rv64")
    if insn.ext:
        joint = "&&" if "&" in insn.ext else "||"
        have = [f"has(t, {prefix}{e.upper()})" for e in re.split("[|&]", insn.ext)]
        tests.append(have[0] if len(have) == 1 else "(" + f" {joint} ".join(have) + ")")
    return tests


def emit_leaf(out, insns, known, pad, prefix):
    """Tests what the switches above have not, most specific line first."""
    for insn in sorted(insns, key=lambda i: -i.fixed()):
        tests = condition(insn, prefix)
        if insn.mask & ~known:
            tests.insert(0, f"(insn & {insn.mask:#x}) == {insn.match:#x}")
        inner = pad
        if tests:
            out.append(f"{pad}if ({' && '.join(tests)}) {{")
            inner += "    "
        if insn.todo or insn.reserved:
            out.append(f"{inner}return false; /* {insn.name} */")
        else:
            out.append(f"{inner}return call_{insn.handler}_{insn.fmt.name}(t, insn);")
        if not tests:
            return
        out.append(f"{pad}}}")
    out.append(f"{pad}return false;")


def runs(mask):
    """Contiguous runs of set bits, as (low, count)."""
    low = 0
    while mask >> low:
        if not (mask >> low) & 1:
            low += 1
            continue
        count = 0
        while (mask >> (low + count)) & 1:
            count += 1
        yield low, count
        low += count


def emit_tree(out, insns, known, pad, prefix):
    """A switch over the run of fixed bits that splits best, and so on."""
    common = ~known & 0xFFFFFFFF
    for insn in insns:
        common &= insn.mask

    def groups(run):
        keys = {}
        for insn in insns:
            keys.setdefault((insn.match >> run[0]) & ((1 << run[1]) - 1), []).append(insn)
        return keys

    best = max(runs(common), key=lambda r: len(groups(r)), default=None)
    if len(insns) < 3 or best is None or len(groups(best)) < 2:
        emit_leaf(out, insns, known, pad, prefix)
        return
    field = ((1 << best[1]) - 1) << best[0]
    out.append(f"{pad}switch ((insn >> {best[0]}) & {hex((1 << best[1]) - 1)}) {{")
    for key, members in sorted(groups(best).items()):
        out.append(f"{pad}case {hex(key)}:")
        emit_tree(out, members, known | field, pad + "    ", prefix)
    out.append(f"{pad}default:")
    out.append(f"{pad}    return false;")
    out.append(f"{pad}}}")


def field_names(table):
    return sorted({f for fields in table.args.values() for f in fields})


def write_header(table, isa, tr, path):
    guard = f"CUTTLE_GENERATED_{isa.upper()}_DECODE_H"
    out = ["/* Made by scripts/decodegen.py. */", f"#ifndef {guard}", f"#define {guard}", ""]
    out += ["#include <stdbool.h>", "#include <stdint.h>", "", "struct Trans;", ""]
    for name, fields in table.args.items():
        members = "".join(f" int32_t {f};" for f in fields) or " int32_t none;"
        out.append(f"typedef struct {{{members} }} Args{name};")
    out.append("")
    handlers = {i.handler: i.fmt.args for i in table.insns if has_handler(i)}
    for handler, args in sorted(handlers.items()):
        out.append(f"bool {tr}{handler}(struct Trans *t, const Args{args} *a);")
    fields = field_names(table)
    out += [
        "",
        "/* False: not an instruction of this CPU. */",
        f"bool {isa}_decode16(struct Trans *t, uint32_t insn);",
        f"bool {isa}_decode32(struct Trans *t, uint32_t insn);",
        "",
        "/* One line of the tables, for disassembly and coverage. */",
        "typedef struct {",
        "    const char *name, *assembly, *extension;",
        "    uint32_t mask, match;",
        "    uint8_t width, xlen; /* xlen 0: both */",
        "    bool todo;",
        "    void (*fields)(uint32_t insn, int32_t *out);",
        f"}} {isa.capitalize()}Insn;",
        f"extern const {isa.capitalize()}Insn {isa}_insns[];",
        f"extern const unsigned {isa}_n_insns;",
        f"enum {{ {isa.upper()}_N_FIELDS = {len(fields)} }};",
        f"extern const char *const {isa}_field_names[];",
        "",
        "#endif",
    ]
    save(path, out)


def write_source(table, isa, prefix, tr, path):
    fields = field_names(table)
    out = ["/* Made by scripts/decodegen.py. */", f'#include "target/{isa}/translate.h"', ""]
    used = {i.fmt.name for i in table.insns}
    for name, fmt in table.formats.items():
        if name not in used:
            continue
        sets = [f".{f} = {bits_expression(b)}" for f, b in fmt.fields.items()]
        out.append(f"static inline Args{fmt.args} args_{name}(uint32_t insn)")
        out.append(f"{{\n    return (Args{fmt.args}){{ {', '.join(sets) or '0'} }};\n}}\n")
        out.append(f"static void fields_{name}(uint32_t insn, int32_t *out)\n{{")
        for f, b in fmt.fields.items():
            out.append(f"    out[{fields.index(f)}] = {bits_expression(b)};")
        out.append("}\n")
    seen = set()
    for insn in table.insns:
        key = (insn.handler, insn.fmt.name)
        if not has_handler(insn) or key in seen:
            continue
        seen.add(key)
        out.append(f"static bool call_{key[0]}_{key[1]}(Trans *t, uint32_t insn)\n{{")
        out.append(f"    Args{insn.fmt.args} a = args_{key[1]}(insn);\n")
        out.append(f"    return {tr}{key[0]}(t, &a);\n}}\n")
    for width in (16, 32):
        insns = [i for i in table.insns if i.width == width]
        out.append(f"bool {isa}_decode{width}(Trans *t, uint32_t insn)\n{{")
        emit_tree(out, insns, 0, "    ", prefix)
        out.append("}\n")
    out.append(f"const {isa.capitalize()}Insn {isa}_insns[] = {{")
    real = [i for i in table.insns if not i.reserved]
    for i in sorted(real, key=lambda i: -i.fixed()):
        out.append(
            f'    {{ "{i.name}", "{i.asm}", "{i.ext}", {i.mask:#x}, {i.match:#x}, '
            f"{i.width}, {i.xlen}, {str(i.todo).lower()}, fields_{i.fmt.name} }},"
        )
    out.append("};\n")
    out.append(f"const unsigned {isa}_n_insns = {len(real)};")
    names = ", ".join(f'"{f}"' for f in fields)
    out.append(f"const char *const {isa}_field_names[] = {{ {names} }};")
    save(path, out)


def save(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def print_coverage(table):
    total = {}
    for insn in table.insns:
        if insn.reserved:
            continue
        done, missing = total.setdefault(insn.ext or "-", ([], []))
        (missing if insn.todo else done).append(insn.name)
    for ext, (done, missing) in sorted(total.items()):
        print(f"{ext:16} {len(done):4} of {len(done) + len(missing):4}")


def main():
    parser = argparse.ArgumentParser(description="C decoders from .decode tables")
    parser.add_argument("--isa")
    parser.add_argument("--prefix", default="EXT_")
    parser.add_argument("--handler", default="tr_")
    parser.add_argument("--header")
    parser.add_argument("--source")
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    table = Table()
    try:
        for path in options.files:
            table.read(path)
        table.check()
        if options.coverage:
            print_coverage(table)
        if options.header:
            write_header(table, options.isa, options.handler, options.header)
        if options.source:
            write_source(table, options.isa, options.prefix, options.handler, options.source)
    except (Bad, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
