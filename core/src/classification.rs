//! How sensitive a piece of data is: it travels with audit records and is bound into ciphertexts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Kind};

/// The three classes of the records and of the cipher. The default is the strictest.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Classification {
    /// May be shown to anybody.
    Public,
    /// For the organisation.
    Internal,
    /// Protected health information, privileged or financial data.
    #[default]
    Sensitive,
}

impl Classification {
    /// Days that stored data of this class are kept: 365, 180 and 90.
    pub fn retention_days(self) -> u32 {
        match self {
            Self::Public => 365,
            Self::Internal => 180,
            Self::Sensitive => 90,
        }
    }

    /// `PUBLIC`, `INTERNAL` or `SENSITIVE`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "PUBLIC",
            Self::Internal => "INTERNAL",
            Self::Sensitive => "SENSITIVE",
        }
    }
}

impl fmt::Display for Classification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Classification {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Public, Self::Internal, Self::Sensitive]
            .into_iter()
            .find(|class| text.eq_ignore_ascii_case(class.as_str()))
            .ok_or_else(|| {
                Error::new(
                    Kind::InvalidArgument,
                    "unknown classification; hint: use `PUBLIC`, `INTERNAL` or `SENSITIVE`",
                )
            })
    }
}
