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


# What stands in settings beside credentials, in the four manners of `.env`, YAML, INI and JSON files.
COMMENTS = [
    "Copy this file and fill in the values of your own installation.",
    "How long a session lives before the user has to sign in again, in seconds.",
    "Requests from these origins are allowed; separate several with a comma.",
    "Set to false behind a proxy that terminates TLS itself.",
    "Only in effect when the queue driver is redis.",
    "Changing this needs a restart of all workers.",
]
SETTINGS = [
    ("app_name", "billing-portal"), ("app_env", "production"), ("app_debug", "false"), ("app_url", "https://billing.example.com"),
    ("log_channel", "stack"), ("log_level", "info"), ("region", "eu-central-1"), ("timezone", "Europe/Vienna"),
    ("db_host", "db-primary.internal"), ("db_port", "5432"), ("db_name", "billing"), ("db_pool_size", "20"), ("db_timeout", "30s"),
    ("cache_driver", "redis"), ("cache_ttl", "3600"), ("cache_prefix", "billing_"), ("redis_host", "cache.internal"), ("redis_port", "6379"),
    ("queue_connection", "redis"), ("queue_retry_after", "90"), ("session_driver", "cookie"), ("session_lifetime", "120"),
    ("session_path", "/var/lib/billing/sessions"), ("mail_mailer", "smtp"), ("mail_host", "mail.example.com"), ("mail_port", "587"),
    ("mail_encryption", "tls"), ("mail_from_address", "no-reply@example.com"), ("bucket", "billing-exports"), ("bucket_path_style", "true"),
    ("workers", "8"), ("max_upload_mb", "25"), ("rate_limit_per_minute", "120"), ("allowed_origins", "https://example.com,https://admin.example.com"),
    ("feature_new_invoices", "true"), ("feature_dark_mode", "false"), ("metrics_enabled", "true"), ("metrics_port", "9102"),
    ("tracing_sample_rate", "0.05"), ("health_path", "/healthz"), ("tls_min_version", "1.2"), ("tls_cert_file", "/etc/ssl/certs/billing.pem"),
]


def credentials(chance: random.Random) -> list[tuple[str, str]]:
    """The names and values of what such files have in clear, though they should not."""
    token = lambda letters, count: "".join(chance.choices(letters, k=count))  # noqa: E731
    alphanumeric, upper, lower_hex = string.ascii_letters + string.digits, string.ascii_uppercase + "234567", "0123456789abcdef"
    return [
        ("aws_access_key_id", f"AKIA{token(upper, 16)}"), ("aws_secret_access_key", token(alphanumeric + "+/", 40)),
        ("database_url", f"postgres://app:{token(alphanumeric, 20)}@db{chance.randint(1, 9)}.internal:5432/main"),
        ("db_password", token(alphanumeric + "!*-", 16)), ("mail_password", token(alphanumeric, 12)), ("api_key", token(lower_hex, 32)),
        ("stripe_key", f"sk_live_{token(alphanumeric, 24)}"), ("github_token", f"ghp_{token(alphanumeric, 36)}"),
        ("slack_bot", f"xoxb-{token(string.digits, 12)}-{token(string.digits, 12)}-{token(alphanumeric, 24)}"),
        ("session_secret", token(alphanumeric, 48)), ("admin_password", f"{chance.choice(LAST)}{chance.randint(10, 99)}!x"),
    ]


def settings_file(chance: random.Random) -> str:
    """One file: some thirty settings, among them one to four credentials, and comments."""
    entries = chance.sample(SETTINGS, 28) + chance.sample(credentials(chance), chance.randint(1, 4))
    chance.shuffle(entries)
    comment = lambda: chance.choice(COMMENTS)  # noqa: E731
    match chance.randrange(4):
        case 0:
            lines = [f"{name.upper()}={value}" for name, value in entries]
            return "".join(f"# {comment()}\n{line}\n" if chance.random() < 0.3 else f"{line}\n" for line in lines) + "\n"
        case 1:
            lines = [f"  {name}: {value}" if value.isalnum() else f'  {name}: "{value}"' for name, value in entries]
            return f"# {comment()}\nbilling:\n" + "\n".join(lines) + "\n\n"
        case 2:
            lines = [f"{name} = {value}" for name, value in entries]
            return f"; {comment()}\n[billing]\n" + "\n".join(lines) + "\n\n"
        case _:
            lines = [f'    "{name}": "{value}"' for name, value in entries]
            return '{\n  "billing": {\n' + ",\n".join(lines) + "\n  }\n}\n\n"


def configuration(size: int) -> str:
    """Settings files with a credential in one line of about thirteen, far more than a repository has, one after the other."""
    chance = random.Random(SEED)
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(settings_file(chance))
        length += len(parts[-1])
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
