"""Makes the files of this folder: a smallest model file, and signatures over it by independent tools.

    python -m venv venv && venv/bin/pip install model-signing==1.1.1 pyOpenSSL py-minisign==0.21.1
    venv/bin/python make.py

The keys are thrown away, so that running it again makes other signatures; the tests do not depend on which.
"""

import base64
import datetime
import json
import pathlib
import struct
import tempfile

import minisign
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from model_signing import hashing, signing

HERE = pathlib.Path(__file__).parent
MODEL = HERE / "model.gguf"
PEM = serialization.Encoding.PEM
YEAR = datetime.timedelta(days=365)
NOW = datetime.datetime(2026, 1, 1)


def smallest_model() -> bytes:
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    entries = [
        ("general.architecture", struct.pack("<I", 8) + text("llama")),
        ("llama.block_count", struct.pack("<II", 4, 1)),
        ("llama.context_length", struct.pack("<II", 4, 64)),
        ("llama.embedding_length", struct.pack("<II", 4, 8)),
        ("tokenizer.ggml.model", struct.pack("<I", 8) + text("gemma4")),
        ("tokenizer.ggml.tokens", struct.pack("<IIQ", 9, 8, 1) + text("a")),
    ]
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, len(entries))
    header += b"".join(text(key) + value for key, value in entries)
    header += text("token_embd.weight") + struct.pack("<IQIQ", 1, 8, 0, 0)
    header += bytes(-len(header) % 32)
    return header + bytes(32)


def private(key) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def public(key) -> bytes:
    return key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def bundle(name: str, prepare, hasher=None, path=MODEL) -> None:
    config = prepare(signing.Config())
    if hasher is not None:
        config = config.set_hashing_config(hasher)
    config.sign(path, HERE / name)


def by_key(key):
    def prepare(config):
        with tempfile.NamedTemporaryFile(suffix=".pem", delete=False) as file:
            file.write(private(key))
        return config.use_elliptic_key_signer(private_key=file.name)

    return prepare


def by_certificate(key, certificate, chain):
    def prepare(config):
        folder = pathlib.Path(tempfile.mkdtemp())
        (folder / "key.pem").write_bytes(private(key))
        (folder / "certificate.pem").write_bytes(certificate.public_bytes(PEM))
        (folder / "chain.pem").write_bytes(b"".join(it.public_bytes(PEM) for it in chain))
        return config.use_certificate_signer(
            private_key=folder / "key.pem",
            signing_certificate=folder / "certificate.pem",
            certificate_chain=[folder / "chain.pem"],
        )

    return prepare


def certificate(name, key, issuer=None, issuer_key=None, authority=False, begin=NOW, end=NOW + 70 * YEAR, purpose=None, signs=True):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=signs and not authority,
                key_cert_sign=authority,
                crl_sign=authority,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=not signs,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if purpose:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    return builder.sign(issuer_key or key, hashes.SHA384() if authority else hashes.SHA256())


def ed25519_bundle(key) -> None:
    """model-signing has no Ed25519: the envelope is that of the P-256 bundle, signed anew."""
    document = json.loads((HERE / "p256.json").read_text())
    payload = base64.b64decode(document["dsseEnvelope"]["payload"])
    kind = document["dsseEnvelope"]["payloadType"]
    signed = key.sign(b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload))
    document["dsseEnvelope"]["signatures"][0]["sig"] = base64.b64encode(signed).decode()
    (HERE / "ed25519.json").write_text(json.dumps(document))


def main() -> None:
    MODEL.write_bytes(smallest_model())
    for name, curve in [("p256", ec.SECP256R1()), ("p384", ec.SECP384R1()), ("p521", ec.SECP521R1())]:
        key = ec.generate_private_key(curve)
        (HERE / f"{name}.pub").write_bytes(public(key))
        bundle(f"{name}.json", by_key(key))
        if name == "p256":
            blake = hashing.Config().use_file_serialization(hashing_algorithm="blake2")
            bundle("blake2.json", by_key(key), blake)
            shards = hashing.Config().use_shard_serialization(shard_size=100)
            bundle("shards.json", by_key(key), shards)
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                (folder / "README").write_text("about the model\n")
                (folder / "model.gguf").write_bytes(smallest_model())
                bundle("folder.json", by_key(key), path=folder)
    edwards = ed25519.Ed25519PrivateKey.generate()
    (HERE / "ed25519.pub").write_bytes(public(edwards))
    ed25519_bundle(edwards)

    root_key, middle_key, leaf_key = (ec.generate_private_key(ec.SECP384R1()) for _ in range(3))
    root = certificate("Root", root_key, authority=True)
    middle = certificate("Intermediate", middle_key, root, root_key, authority=True)
    (HERE / "root.pem").write_bytes(root.public_bytes(PEM))
    stranger_key = ec.generate_private_key(ec.SECP256R1())
    (HERE / "stranger.pem").write_bytes(certificate("Root", stranger_key, authority=True).public_bytes(PEM))
    signing_purpose = {"purpose": ExtendedKeyUsageOID.CODE_SIGNING}
    for name, options in {
        "certificate": signing_purpose,
        "expired": signing_purpose | {"begin": NOW - 3 * YEAR, "end": NOW - 2 * YEAR},
        "server": {"purpose": ExtendedKeyUsageOID.SERVER_AUTH},
    }.items():
        leaf = certificate("Signer", leaf_key, middle, middle_key, **options)
        bundle(f"{name}.json", by_certificate(leaf_key, leaf, [middle]))
    # The signer would not sign with it: a certificate that is for agreeing on keys only.
    leaf = certificate("Signer", leaf_key, middle, middle_key, signs=False)
    bundle("agreement.json", by_certificate(leaf_key, leaf, [middle]))

    for name in ["minisign", "other_minisign"]:
        pair = minisign.KeyPair.generate()
        (HERE / f"{name}.pub").write_bytes(bytes(pair.public_key))
        with MODEL.open("rb") as file:
            signature = pair.secret_key.sign(file, prehash=True)
        (HERE / f"{name}.minisig").write_bytes(bytes(signature))
        if name == "minisign":
            with MODEL.open("rb") as file:
                (HERE / "older_form.minisig").write_bytes(bytes(pair.secret_key.sign(file, prehash=False)))


main()
