"""The peers as contestants; runs in an environment of its own, in which `requirements.txt` is installed."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import logging
import os
import sys
import time
import types
from pathlib import Path

from contestant import SAMPLING, Task, serve


def presidio() -> Task:
    """Presidio's own patterns for English; no model of names."""
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        """Tokens and nothing else."""

        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

    # It would ask the network for a list of domains at every address.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
    tldextract.extract = tldextract.tldextract.TLD_EXTRACTOR
    logging.disable(logging.ERROR)
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    analyzer = AnalyzerEngine(nlp_engine=Blank(), registry=registry, supported_languages=["en"])
    return lambda text: len(analyzer.analyze(text, language="en"))


def attune(name: str) -> Task:
    """The two classes of attune-ai by themselves."""
    package = attune_package()
    scrub = importlib.import_module(f"{package}.pii_scrubber").PIIScrubber().scrub
    detect = importlib.import_module(f"{package}.secrets_detector").SecretsDetector().detect
    tasks: dict[str, Task] = {
        "attune-identifiers": lambda text: len(scrub(text)[1]),
        "attune-secrets": lambda text: len(detect(text)),
        "attune-all": lambda text: len(scrub(text)[1]) + len(detect(text)),
    }
    return tasks[name]


def attune_package() -> str:
    """The security modules of attune-ai by themselves: the package would load a good deal more."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder = importlib.metadata.distribution("attune-ai").locate_file("attune/memory/security")
    package = types.ModuleType("attune_security")
    package.__path__ = [str(folder)]
    sys.modules["attune_security"] = package
    return "attune_security"


def kingfisher() -> Task:
    """All of Kingfisher's rules."""
    from kingfisher_sdk import Scanner

    scan = Scanner().scan
    return lambda text: len(scan(text))


def attune_audit() -> Task:
    """A request recorded by attune-ai's logger, in the directory that the document names."""
    package = attune_package()
    loggers: dict[str, object] = {}

    def record(folder: str) -> int:
        logger = loggers.get(folder)
        if logger is None:
            module = importlib.import_module(f"{package}.audit_logger")
            logger = loggers[folder] = module.AuditLogger(log_dir=folder, log_filename="theirs.jsonl")
        logger.log_llm_request(  # type: ignore[attr-defined]
            user_id="doctor@hospital.com",
            empathy_level=3,
            provider="local",
            model="smollm2",
            memory_sources=[],
            pii_count=2,
            secrets_count=0,
            request_size_bytes=1200,
            duration_ms=350,
            session_id="ses_1",
        )
        return 1

    return record


def cobblestone() -> Task:
    """The document as a message of `cryptography`'s implementation."""
    encryptor = importlib.import_module("cryptography.cobblestone").Cobblestone256Encryptor
    key = bytes(range(32))

    def seal(text: str) -> int:
        one = encryptor(key, b"")
        return len(one.update(text.encode()) + one.finalize())

    return seal


def llama_cpp_python() -> Task:
    """`chat` of `contestant.py` by llama-cpp-python, which begins each conversation anew, as that one does."""
    from llama_cpp import Llama

    engine = Llama(os.environ["CLOISTER_TEST_MODEL"], n_ctx=2048, n_threads=1, n_threads_batch=1, verbose=False)

    def answer(question: str) -> int:
        text = ""
        engine.reset()
        messages = [{"role": "user", "content": question}]
        for part in engine.create_chat_completion(messages, stream=True, max_tokens=128, **SAMPLING):
            text += part["choices"][0]["delta"].get("content") or ""
        return len(engine.tokenize(text.encode(), add_bos=False))

    return answer


def task_of(name: str) -> Task:
    """By the peer's name."""
    if name == "chat":
        return llama_cpp_python()
    if name == "attune-audit":
        return attune_audit()
    if name == "cobblestone":
        return cobblestone()
    if name == "presidio":
        return presidio()
    return kingfisher() if name == "kingfisher" else attune(name)


def start() -> None:
    """What Kingfisher's scanner costs a fresh process, as one JSON line."""
    before = resident()
    begin = time.process_time()
    task = kingfisher()
    spent = time.process_time() - begin
    print(json.dumps({"milliseconds": spent * 1e3, "megabytes": resident() - before, "findings": task("")}))


def resident() -> float:
    """Resident memory of this process in megabytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


if __name__ == "__main__":
    if sys.argv[1:] == ["start"]:
        start()
    else:
        serve(task_of)
