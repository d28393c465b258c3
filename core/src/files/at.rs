//! Reading and writing at a place in a file, without moving where it stands.

#[cfg(unix)]
pub(crate) use std::os::unix::fs::FileExt;

/// What `std::os::unix::fs::FileExt` is on Unix. Here the calls do move where the file stands, which nobody relies on.
#[cfg(windows)]
pub(crate) trait FileExt {
    /// Reads from `offset` on; fewer bytes than asked for are no error.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> std::io::Result<usize>;

    /// Fills `bytes`.
    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> std::io::Result<()>;

    /// Writes all of `bytes`.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> std::io::Result<()>;
}

#[cfg(windows)]
impl FileExt for std::fs::File {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> std::io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, bytes, offset)
    }

    fn read_exact_at(&self, mut bytes: &mut [u8], mut offset: u64) -> std::io::Result<()> {
        while !bytes.is_empty() {
            match self.read_at(bytes, offset)? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                count => {
                    bytes = &mut bytes[count..];
                    offset += count as u64;
                }
            }
        }
        Ok(())
    }

    fn write_all_at(&self, mut bytes: &[u8], mut offset: u64) -> std::io::Result<()> {
        while !bytes.is_empty() {
            match std::os::windows::fs::FileExt::seek_write(self, bytes, offset)? {
                0 => return Err(std::io::ErrorKind::WriteZero.into()),
                count => {
                    bytes = &bytes[count..];
                    offset += count as u64;
                }
            }
        }
        Ok(())
    }
}
