//! Panics end here: they never unwind into C, and their message, which may quote a patient, is never printed.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// Something panicked. It says no more than that on purpose.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Runs `body`; a panic becomes [`Panicked`].
pub(crate) fn caught<T>(body: impl FnOnce() -> T) -> Result<T, Panicked> {
    install_hook();
    panic::catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        // A payload with a panicking destructor must not get out either.
        std::mem::forget(payload);
        Panicked
    })
}

/// Replaces the panic hook of this copy of the standard library, once. The shared library has a copy of its own, so a
/// host that is written in Rust keeps its hook.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| panic::set_hook(Box::new(report_location)));
}

#[expect(
    clippy::print_stderr,
    reason = "standard error is all that is left to a library that panics"
)]
fn report_location(info: &PanicHookInfo<'_>) {
    // On stable Rust there is always a location.
    if let Some(place) = info.location() {
        eprintln!(
            "cloister: panic at {}:{}:{}; hint: this is a defect of the library, please report it",
            place.file(),
            place.line(),
            place.column()
        );
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_panic_is_caught_and_the_next_call_works() {
        assert_eq!(caught(|| panic!("once")), Err::<(), _>(Panicked));
        assert_eq!(caught(|| 7), Ok(7));
    }

    #[test]
    #[cfg_attr(miri, ignore = "starts a process")]
    fn only_the_place_of_a_panic_is_printed() {
        const CHILD: &str = "CLOISTER_TEST_PANICS";
        if std::env::var_os(CHILD).is_some() {
            let _ = caught(|| panic!("Patient John Doe, SSN 123-45-6789"));
            return;
        }
        let output = Command::new(std::env::current_exe().expect("the path of this test"))
            .args([
                "--exact",
                "panics::tests::only_the_place_of_a_panic_is_printed",
                "--nocapture",
            ])
            .env(CHILD, "1")
            .output()
            .expect("this test starts again");
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(printed.contains("panics.rs:"), "{printed}");
        assert!(
            !printed.contains("John Doe") && !printed.contains("123-45-6789"),
            "{printed}"
        );
    }
}
