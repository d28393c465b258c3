//! Classifications as numbers.

use cloister_core::Classification;

use crate::error::{Result, cloister_error};

/// How sensitive a piece of data is. Zero, where a number is received, means the default.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cloister_classification {
    /// May be shown to anybody.
    Public = 1,
    /// For the organisation.
    Internal = 2,
    /// Protected health information, privileged or financial data. The default.
    Sensitive = 3,
}

impl From<Classification> for cloister_classification {
    fn from(class: Classification) -> Self {
        match class {
            Classification::Public => Self::Public,
            Classification::Internal => Self::Internal,
            Classification::Sensitive => Self::Sensitive,
        }
    }
}

/// The classification of a number; `None` for zero.
pub(crate) fn classification(number: u32) -> Result<Option<Classification>> {
    const ALL: [Classification; 3] = [
        Classification::Public,
        Classification::Internal,
        Classification::Sensitive,
    ];
    if number == 0 {
        return Ok(None);
    }
    ALL.into_iter()
        .find(|class| cloister_classification::from(*class) as u32 == number)
        .map(Some)
        .ok_or_else(|| cloister_error::invalid("`classification` is not one; hint: use 0 to 3"))
}
