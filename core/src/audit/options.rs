//! How a log is kept.

use crate::Sensitive;

/// When a record counts as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Handed to the operating system: survives a crash of the process.
    #[default]
    Os,
    /// On the disk: survives a crash of the machine. Every record waits for `fdatasync`.
    Each,
}

/// How a log is kept. All writers of one log must use the same options.
#[derive(Clone, Debug)]
pub struct AuditOptions {
    /// Rotate before a record would make the file larger than this. Default 100 MiB; 0 = never.
    pub max_file_bytes: u64,
    /// Days that rotated files are kept, counted from their rotation. Default 2192 (six years); 0 = for ever.
    ///
    /// Older ones are deleted when the log is opened or rotated, after a `retention_delete` record was written.
    pub retention_days: u32,
    /// When a record counts as written.
    pub durability: Durability,
    /// 32 bytes: the chain becomes an HMAC that nobody without the key can recompute.
    pub key: Option<Sensitive<Vec<u8>>>,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self {
            max_file_bytes: 100 << 20,
            retention_days: 2192,
            durability: Durability::Os,
            key: None,
        }
    }
}
