//! Identifiers: finding them, replacing them, and putting them back.
//!
//! A [`Scrubber`] finds with a [`crate::scan::Scanner`] and replaces as a [`Policy`] says, by an [`Operator`] for each
//! kind. A [`Vault`] remembers what was replaced by placeholders and surrogates, and puts it back into what a model has
//! made of them.

mod date;
mod generalise;
mod keyed;
mod mask;
mod month;
mod operator;
mod policy;
mod replace;
mod scrubber;
mod shift;
mod stream;
mod surrogate;
mod vault;
mod zip3;

pub use mask::Mask;
pub use operator::{DateShift, Generalise, Operator, Surrogate};
pub use policy::Policy;
pub use replace::replace;
pub use scrubber::{Scrubbed, Scrubber, Style};
pub use stream::{ScrubStream, ScrubbedPart};
pub use vault::{RestoreState, Restorer, Vault, VaultOptions};
