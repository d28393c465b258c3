"""Builds table.bin, the gazetteer of core/src/scan/gazetteer, from the lists named below.

    python3 build.py LISTS SCOWL

LISTS holds ssa_first_names.tsv (name, count), census1990_dist.all.last.txt (name, share, cumulated share, rank) and two
extracts of GeoNames, geonames_us_cities5000.tsv (name, state, population) and geonames_cities15000.tsv (name, country,
population). SCOWL holds the files english-words.10 to .50 and their American and British fellows. The lists beside this
file add what those lack. The same lists give the same bytes.

The table maps a folded word, or the words of a place joined by spaces, to what is known of it. It is an XOR filter
(Graf and Lemire, 2020): the three cells of a key, XORed, are its fingerprint (11 bits, in front) and what is known (13
bits). A word that is not in the table is taken for one that is with a probability of 2^-11.

    cells per third (u32)  cells (3 bytes each); little-endian
"""

import struct
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
MASK = (1 << 64) - 1
ROLES = [
    "none", "title", "speech", "relation", "thing", "street", "facility", "institution",
    "company", "area", "patron", "calendar", "eponym", "people", "deed",
]
UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "t", "ß": "s", "æ": "a", "œ": "o", "ı": "i", "ħ": "h"})


def fold(word):
    """Small letters without accents and marks; spaces stay."""
    word = unicodedata.normalize("NFD", word.lower().translate(UNDECOMPOSED))
    return "".join(c for c in word if c in "abcdefghijklmnopqrstuvwxyz ")


def lists(path):
    """The sections of one of the lists beside this file; an underscore stands for a space."""
    sections, name = {}, ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line and not line.startswith("#"):
            sections.setdefault(name, []).extend(word.replace("_", " ") for word in line.split())
    return sections


class Entry:
    def __init__(self):
        self.given = self.family = self.ordinary = self.place = self.begins = self.role = 0

    def bits(self):
        return (
            self.given | self.family << 2 | self.ordinary << 4 | self.place << 6 | self.begins << 8 | self.role << 9
        )


def collect(source, scowl):
    entries = {}

    def entry(word):
        return entries.setdefault(word, Entry())

    def raise_to(word, field, level):
        if word:
            known = entry(word)
            setattr(known, field, max(getattr(known, field), level))

    for line in (source / "ssa_first_names.tsv").read_text().splitlines():
        name, count = line.split("\t")
        level = sum(int(count) >= least for least in (200, 5_000, 50_000))
        if level:
            raise_to(fold(name), "given", level)
    for line in (source / "census1990_dist.all.last.txt").read_text().splitlines():
        name, _, _, rank = line.split()
        level = sum(int(rank) <= most for most in (40_000, 10_000, 1_500))
        if level:
            raise_to(fold(name), "family", level)
    for field, long in (("given", 4), ("family", 3)):
        for word in lists(HERE / f"{field}.txt")[""]:
            word = fold(word)
            raise_to(word, field, 2 if len(word) >= long else 1)
    for tier, level in ((10, 3), (20, 3), (35, 2), (40, 1), (50, 1)):
        for variety in ("english", "american", "british"):
            path = scowl / f"{variety}-words.{tier}"
            if path.exists():
                for word in path.read_text(encoding="latin-1").split():
                    if "'" not in word:
                        raise_to(fold(word), "ordinary", level)
    for word in lists(HERE / "given.txt")["certain"]:
        entry(word).ordinary = 0
    for file in ("geonames_us_cities5000.tsv", "geonames_cities15000.tsv"):
        for line in (source / file).read_text(encoding="utf-8").splitlines():
            name, _, population = line.split("\t")
            for city in {fold(name.replace("-", " ")), fold(name.replace("-", " ").removesuffix(" City"))}:
                if len(city) > 2 and len(city.split()) <= 4 and not any(c in name for c in "(,/"):
                    raise_to(city, "place", 2 if int(population) >= 100_000 else 1)
    places = lists(HERE / "places.txt")
    for word in places["country"] + places["region"]:
        raise_to(fold(word), "place", 3)
    for role, words in {**lists(HERE / "context.txt"), "people": places["people"]}.items():
        for word in words:
            known = entry(fold(word))
            known.role = known.role or ROLES.index(role)
    for words in [words.split(" ") for words in entries if " " in words]:
        entry(words[0]).begins = 1
    return {word: known.bits() for word, known in entries.items() if known.bits()}


def hash_of(key):
    """FNV-1a over the bytes, then the finaliser of MurmurHash3."""
    value = 0xCBF29CE484222325
    for byte in key.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD & MASK
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53 & MASK
    return value ^ value >> 33


def places_of(value, third):
    """One cell in each third of the table."""
    parts = (value & 0xFFFFFFFF, value >> 16 & 0xFFFFFFFF, value >> 32)
    return [(part * third >> 32) + third * place for place, part in enumerate(parts)]


def build(entries):
    third = int(len(entries) * 1.23 / 3) + 11
    hashes = [(hash_of(word), bits) for word, bits in sorted(entries.items())]
    keys_of = [[] for _ in range(3 * third)]
    for number, (value, _) in enumerate(hashes):
        for place in places_of(value, third):
            keys_of[place].append(number)
    lone = [place for place, keys in enumerate(keys_of) if len(keys) == 1]
    order = []
    while lone:
        place = lone.pop()
        if len(keys_of[place]) == 1:
            number = keys_of[place][0]
            order.append((number, place))
            for other in places_of(hashes[number][0], third):
                keys_of[other].remove(number)
                if len(keys_of[other]) == 1:
                    lone.append(other)
    assert len(order) == len(hashes), "no acyclic assignment; change the number of cells"
    cells = [0] * (3 * third)
    for number, place in reversed(order):
        value, known = hashes[number]
        cell = (value & 0x7FF) << 13 | known
        for other in places_of(value, third):
            if other != place:
                cell ^= cells[other]
        cells[place] = cell
    return struct.pack("<I", third) + b"".join(cell.to_bytes(3, "little") for cell in cells)


def main():
    entries = collect(Path(sys.argv[1]), Path(sys.argv[2]))
    table = build(entries)
    (HERE / "table.bin").write_bytes(table)
    print(f"{len(entries)} words, {len(table)} bytes")


main()
