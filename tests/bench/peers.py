"""The peers as contestants; runs in an environment of its own, in which `requirements.txt` is installed."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import logging
import sys
import time
import types
from pathlib import Path

from contestant import Task, serve


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
    """The two classes of attune-ai by themselves: the package would load a good deal more."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder = importlib.metadata.distribution("attune-ai").locate_file("attune/memory/security")
    package = types.ModuleType("attune_security")
    package.__path__ = [str(folder)]
    sys.modules["attune_security"] = package
    scrub = importlib.import_module("attune_security.pii_scrubber").PIIScrubber().scrub
    detect = importlib.import_module("attune_security.secrets_detector").SecretsDetector().detect
    tasks: dict[str, Task] = {
        "attune-identifiers": lambda text: len(scrub(text)[1]),
        "attune-secrets": lambda text: len(detect(text)),
        "attune-all": lambda text: len(scrub(text)[1]) + len(detect(text)),
    }
    return tasks[name]


def kingfisher() -> Task:
    """All of Kingfisher's rules."""
    from kingfisher_sdk import Scanner

    scan = Scanner().scan
    return lambda text: len(scan(text))


def task_of(name: str) -> Task:
    """By the peer's name."""
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
