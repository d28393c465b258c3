//! Identifiers: finding them, replacing them, and putting them back.

mod replace;
mod scrubber;
mod vault;

pub use replace::replace;
pub use scrubber::{Scrubbed, Scrubber, Style};
pub use vault::{Restorer, Vault};
