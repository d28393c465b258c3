//! Credentials: found whole, reported without being repeated.

mod detector;
mod snippet;

pub use detector::{Detector, Secret};
