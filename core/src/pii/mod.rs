//! Identifiers: finding them, replacing them, and putting them back.

mod replace;
mod scrubber;
mod stream;
mod vault;

pub use replace::replace;
pub use scrubber::{Scrubbed, Scrubber, Style};
pub use stream::{ScrubStream, ScrubbedPart};
pub use vault::{Restorer, Vault};
