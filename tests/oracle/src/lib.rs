//! Nothing but tests: see `tests/access.rs`.
