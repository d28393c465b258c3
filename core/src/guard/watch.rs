//! The thread that ends sessions which nobody uses any more.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::emergency::Emergency;
use super::session::Shared;

/// A session that is in use just now is looked at again after this time.
const IN_USE: Duration = Duration::from_secs(1);
/// The clock on the wall may be set meanwhile, and the machine may sleep.
const LONGEST: Duration = Duration::from_mins(1);

/// The sessions of the process that has the thread.
static SESSIONS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());
static CHANGED: Condvar = Condvar::new();
/// The process that has the thread; 0 for none.
static WATCHED: AtomicU32 = AtomicU32::new(0);

/// Has the session ended when its time is over. In a forked child it ends when it is used after that.
pub(super) fn over(session: &Arc<Shared>) {
    let process = std::process::id();
    let watched = WATCHED.load(Ordering::Acquire);
    // A forked child may have inherited the lock while another thread held it.
    if watched != 0 && watched != process {
        return;
    }
    let mut sessions = SESSIONS.lock();
    if watched == 0 {
        if WATCHED.load(Ordering::Acquire) == 0 {
            let thread = std::thread::Builder::new().name("cloister-watch".to_owned());
            // A process that may start no threads still looks at the clocks at each use.
            if thread.spawn(watch).is_err() {
                return;
            }
        }
        WATCHED.store(process, Ordering::Release);
    }
    sessions.push(Arc::downgrade(session));
    CHANGED.notify_one();
}

fn watch() {
    let mut sessions = SESSIONS.lock();
    loop {
        let living: Vec<Arc<Shared>> = sessions.iter().filter_map(Weak::upgrade).collect();
        sessions.retain(|session| session.strong_count() > 0);
        // Whoever begins a session does not wait for records about others.
        let next = parking_lot::MutexGuard::unlocked(&mut sessions, || {
            living.iter().filter_map(|session| look_at(session)).min()
        });
        drop(living);
        CHANGED.wait_for(&mut sessions, next.unwrap_or(LONGEST).min(LONGEST));
    }
}

/// Ends a session whose time is over, and says how long to wait otherwise.
fn look_at(session: &Shared) -> Option<Duration> {
    let Some(mut state) = session.state.try_lock() else {
        return Some(IN_USE);
    };
    session.end_if_over(&mut state);
    if state.limits.end().is_some() {
        return None;
    }
    let emergency = state.emergency.as_ref().and_then(Emergency::left);
    state.limits.left().into_iter().chain(emergency).min()
}
