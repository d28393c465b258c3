"""The texts that the contestants read: generated, or the source of Python's standard library."""

from __future__ import annotations

import random
import string
import sysconfig
from pathlib import Path

from contestant import SEPARATOR

SEED = 20260101

FINDINGS = [
    "presented with two days of worsening shortness of breath and a productive cough",
    "was admitted with crushing substernal chest pain radiating to the left arm",
    "is seen in follow-up for poorly controlled hypertension and hyperlipidaemia",
    "underwent laparoscopic cholecystectomy without complication and is tolerating a regular diet",
    "complains of intermittent headache without visual change, fever or neck stiffness",
]
EXAMINATION = [
    "Lungs: crackles at both bases, no wheeze. Heart: regular rate and rhythm without murmur.",
    "Abdomen soft and not tender, bowel sounds present in all four quadrants, no masses.",
    "Cranial nerves intact, strength five of five throughout, reflexes brisk and symmetric.",
    "Skin warm and dry, capillary refill brisk, no peripheral oedema, pulses palpable.",
    "The wound edges are well approximated and there is no erythema, drainage or dehiscence.",
]
PLAN = [
    "Continue lisinopril 10 mg daily, increase metformin to 1000 mg twice a day, and recheck in 6 weeks.",
    "Start ceftriaxone 1 g every 24 hours and azithromycin 500 mg, and follow the cultures.",
    "Discharge home with physical therapy; no lifting of more than 10 pounds for 4 weeks.",
    "Obtain an echocardiogram, serial troponins and a lipid panel; aspirin 81 mg was given.",
    "The risks and benefits were discussed in detail, and the patient agrees with the plan.",
]
FIRST = ["Maria", "James", "Aisha", "Peter", "Wei", "Elena", "Robert", "Ingrid", "Samuel", "Lucia"]
LAST = ["Keller", "Alvarez", "Nguyen", "Okafor", "Lindqvist", "Moreau", "Petrov", "Sullivan", "Haddad", "Tanaka"]


def note(chance: random.Random) -> str:
    """A clinical note of about 1.2 kB with the identifiers that such notes have at their head and end."""
    digits = lambda count: "".join(chance.choices(string.digits, k=count))  # noqa: E731
    first, last = chance.choice(FIRST), chance.choice(LAST)
    return (
        f"Patient: {first} {last}  MRN: {digits(8)}  DOB: {chance.randint(1, 12):02}/{chance.randint(1, 28):02}/19{chance.randint(30, 99)}\n"
        f"The patient is a {chance.randint(20, 88)}-year-old who {chance.choice(FINDINGS)}. "
        f"Blood pressure {chance.randint(95, 180)}/{chance.randint(55, 105)}, pulse {chance.randint(55, 120)}, "
        f"temperature {chance.randint(36, 39)}.{chance.randint(0, 9)}, oxygen saturation {chance.randint(88, 99)} per cent on room air.\n"
        f"{' '.join(chance.sample(EXAMINATION, 3))}\n"
        f"Laboratory data: sodium {chance.randint(130, 145)}, potassium {chance.randint(3, 5)}.{chance.randint(0, 9)}, "
        f"creatinine {chance.randint(0, 2)}.{chance.randint(1, 9)}, white cell count {chance.randint(4, 18)}.{chance.randint(0, 9)}.\n"
        f"{' '.join(chance.sample(PLAN, 3))}\n"
        f"Dictated by Dr. {chance.choice(LAST)}; call 617-555-{digits(4)} with questions. Copy to {last.lower()}@example.com.\n\n"
    )


def clinical(size: int) -> str:
    """Notes, one after the other, each a document."""
    chance = random.Random(SEED)
    notes: list[str] = []
    length = 0
    while length < size:
        notes.append(note(chance))
        length += len(notes[-1])
    return SEPARATOR.join(notes)


def configuration(size: int) -> str:
    """Settings in the manner of `.env`, YAML and JSON files, with a credential in every other line."""
    chance = random.Random(SEED)
    token = lambda letters, count: "".join(chance.choices(letters, k=count))  # noqa: E731
    alphanumeric, upper, lower_hex = string.ascii_letters + string.digits, string.ascii_uppercase + "234567", "0123456789abcdef"
    parts: list[str] = []
    length = 0
    while length < size:
        part = (
            f"REGION=eu-central-{chance.randint(1, 3)}\nAWS_ACCESS_KEY_ID=AKIA{token(upper, 16)}\n"
            f"AWS_SECRET_ACCESS_KEY={token(alphanumeric + '+/', 40)}\nLOG_LEVEL=info\n"
            f"DATABASE_URL=postgres://app:{token(alphanumeric, 20)}@db{chance.randint(1, 9)}.internal:5432/main\n"
            f"STRIPE_KEY=sk_live_{token(alphanumeric, 24)}\nWORKERS={chance.randint(1, 64)}\n"
            f"smtp:\n  host: mail.example.com\n  password: \"{token(alphanumeric + '!%&', 16)}\"\n  timeout: {chance.randint(1, 99)}\n"
            f"  api_key: {token(lower_hex, 32)}\n"
            f'{{"slack": "xoxb-{token(string.digits, 12)}-{token(string.digits, 12)}-{token(alphanumeric, 24)}", "retries": {chance.randint(1, 9)},\n'
            f' "github_token": "ghp_{token(alphanumeric, 36)}", "enabled": true}}\n'
        )
        parts.append(part)
        length += len(part)
    return "".join(parts)


def source(size: int) -> str:
    """Modules of Python's standard library, each a document."""
    modules: list[str] = []
    length = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if length >= size:
            break
        if not {"site-packages", "test", "tests", "idlelib"} & set(path.parts):
            text = path.read_bytes().decode("utf-8", "replace").replace(SEPARATOR, " ")
            modules.append(text)
            length += len(text)
    return SEPARATOR.join(modules)
