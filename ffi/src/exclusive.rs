//! Objects that one thread uses at a time, and what happens to whoever forgets it.

use std::sync::{Mutex, MutexGuard, TryLockError};

use crate::error::{Result, cloister_error, cloister_status};

/// The content of an object that one thread uses at a time. Whoever breaks that rule gets an error instead of a data
/// race; so does whoever goes on after a panic.
pub(crate) fn exclusively<'a, T>(object: &'a Mutex<T>, name: &str) -> Result<MutexGuard<'a, T>> {
    object.try_lock().map_err(|failure| match failure {
        TryLockError::WouldBlock => cloister_error::new(
            cloister_status::Busy,
            format!("`{name}` is in use; hint: use it from one thread at a time"),
        ),
        TryLockError::Poisoned(_) => cloister_error::new(
            cloister_status::Closed,
            format!("`{name}` was in use when the library panicked; hint: free it"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panics;

    #[test]
    fn an_object_in_use_is_busy_and_one_that_saw_a_panic_is_closed() {
        let object = Mutex::new(0);
        let first = exclusively(&object, "object").expect("nobody uses it");
        let busy = exclusively(&object, "object").expect_err("it is in use");
        assert_eq!(busy.status(), cloister_status::Busy);
        drop(first);

        let _ = panics::caught(|| {
            let _used = exclusively(&object, "object").expect("nobody uses it");
            panic!("in the middle")
        });
        let closed = exclusively(&object, "object").expect_err("it may be half changed");
        assert_eq!(closed.status(), cloister_status::Closed);
    }
}
