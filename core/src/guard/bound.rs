//! A vault outside of a conversation, on behalf of a session.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError, Weak};

use super::session::{Door, Session, Shared};
use crate::access::permission;
use crate::pii::Vault;
use crate::{Error, Kind, Result};

/// What a vault is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultUse {
    /// Counting what is in it, or forgetting it: nobody is asked.
    Count,
    /// Putting values in or back, for which a bound vault asks for `read_phi`.
    Read,
    /// Exporting it or saving it to a file, for which a bound vault asks for `write_phi`.
    Store,
}

/// A vault that any number of threads may hold, and that is used by one of them at a time.
///
/// Until it is bound, whoever has it may use it. Bound to a session, each use asks that session, its tables and its subject as
/// [`Session::restore`] does, and the vault is wiped when the session ends.
pub struct BoundVault {
    vault: Arc<Mutex<Vault>>,
    session: OnceLock<Weak<Shared>>,
}

impl BoundVault {
    /// A vault that is not bound yet.
    pub fn new(vault: Vault) -> Self {
        Self {
            vault: Arc::new(Mutex::new(vault)),
            session: OnceLock::new(),
        }
    }

    /// Binds it for good.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidArgument`] if it is bound already; [`Kind::Denied`] without the permission `read_phi`; [`Kind::Closed`]
    /// if the session has ended.
    pub fn bind(&self, session: &Session) -> Result<()> {
        let shared = &session.shared;
        let mut state = session.enter()?;
        shared.admit(&state, Door::default(), state.about(permission::READ_PHI))?;
        self.session.set(Arc::downgrade(shared)).map_err(|_| {
            Error::new(
                Kind::InvalidArgument,
                "the vault is bound to a session already; hint: make another vault",
            )
        })?;
        let vault = Arc::downgrade(&self.vault);
        state.call_at_end(Box::new(move || {
            if let Some(vault) = vault.upgrade() {
                vault.lock().unwrap_or_else(PoisonError::into_inner).clear();
            }
        }));
        Ok(())
    }

    /// The vault, when whoever uses it just now has finished; wiped if it has expired.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`], which is recorded; [`Kind::Closed`] once the session that it is bound to has ended; [`Kind::Busy`]
    /// while that session is in a call, a chat for example; [`Kind::Audit`] if a refusal cannot be recorded; [`Kind::Closed`]
    /// also after a panic in a use of it.
    pub fn lock(&self, wanted: VaultUse) -> Result<MutexGuard<'_, Vault>> {
        self.ask(wanted)?;
        Ok(swept(self.vault.lock().map_err(|_| half_changed())?))
    }

    /// [`BoundVault::lock`], but [`Kind::Busy`] where somebody uses it just now.
    ///
    /// # Errors
    ///
    /// As [`BoundVault::lock`].
    pub fn try_lock(&self, wanted: VaultUse) -> Result<MutexGuard<'_, Vault>> {
        self.ask(wanted)?;
        let vault = self.vault.try_lock().map_err(|error| match error {
            TryLockError::Poisoned(_) => half_changed(),
            TryLockError::WouldBlock => Error::new(
                Kind::Busy,
                "the vault is in use; hint: use it from one thread at a time",
            ),
        })?;
        Ok(swept(vault))
    }

    fn ask(&self, wanted: VaultUse) -> Result<()> {
        let permission = match wanted {
            VaultUse::Count => return Ok(()),
            VaultUse::Read => permission::READ_PHI,
            VaultUse::Store => permission::WRITE_PHI,
        };
        let Some(session) = self.session.get() else {
            return Ok(());
        };
        let session = session.upgrade().ok_or_else(|| {
            Error::new(
                Kind::Closed,
                "the session of the vault was ended; hint: begin a new one",
            )
        })?;
        // A callback of the session's own chat would wait for itself.
        let Some(mut state) = session.lock_soon() else {
            return Err(Error::new(
                Kind::Busy,
                "the session of the vault is in use; hint: use the vault after its chat",
            ));
        };
        session.use_now(&mut state)?;
        session
            .admit(&state, Door::default(), state.about(permission))
            .map(drop)
    }
}

fn half_changed() -> Error {
    Error::new(
        Kind::Closed,
        "an earlier call with this vault failed in the middle; hint: begin a new one",
    )
}

fn swept(mut vault: MutexGuard<'_, Vault>) -> MutexGuard<'_, Vault> {
    vault.sweep();
    vault
}

impl fmt::Debug for BoundVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundVault")
            .field("is_bound", &self.session.get().is_some())
            .finish_non_exhaustive()
    }
}
