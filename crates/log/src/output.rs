//! Where lines go.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{PollFd, PollFlags, poll};

/// Takes lines. One thread writes at a time.
pub trait Output: Send + Sync {
    /// Writes as much of `bytes` as is taken without waiting, where that can be known. The rest is left to
    /// [`write`](Self::write), errors included.
    fn write_at_once(&self, bytes: &[u8]) -> usize;

    /// Writes some of `bytes`, and waits until it is taken.
    ///
    /// # Errors
    /// Where nothing will take it as things are.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;
}

/// Standard output.
pub(crate) struct StandardOutput {
    file: File,
    kind: OutputKind,
    /// Whether the system can write to a stream without waiting, as far as is known.
    can_skip_waiting: AtomicBool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OutputKind {
    /// A file or a device, which takes or fails, and waits for no reader.
    File,
    /// A pipe, a socket or a terminal: a reader may have it wait.
    Stream,
    /// The null device, which says that it takes a line and keeps none. A process that is started with standard output
    /// closed has it there too: Rust's runtime opens it in its place.
    Null,
}

impl StandardOutput {
    pub(crate) fn open() -> io::Result<Self> {
        let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let (found, null) = (file.metadata()?, std::fs::metadata("/dev/null"));
        let is_device = found.file_type().is_char_device();
        let kind = match null {
            Ok(null) if is_device && found.rdev() == null.rdev() => OutputKind::Null,
            _ if found.is_file() || (is_device && !file.is_terminal()) => OutputKind::File,
            _ => OutputKind::Stream,
        };
        Ok(Self { file, kind, can_skip_waiting: AtomicBool::new(cfg!(target_os = "linux")) })
    }

    /// `RWF_NOWAIT` is of this one call, where `O_NONBLOCK` would be of every process that shares the pipe. Named pipes
    /// and older kernels do not have it: then nothing is taken at once.
    #[cfg(target_os = "linux")]
    fn write_without_waiting(&self, bytes: &[u8]) -> usize {
        use rustix::io::{Errno, ReadWriteFlags, pwritev2};
        if !self.can_skip_waiting.load(Ordering::Relaxed) {
            return 0;
        }
        let written = pwritev2(&self.file, &[io::IoSlice::new(bytes)], u64::MAX, ReadWriteFlags::NOWAIT);
        if matches!(written, Err(Errno::OPNOTSUPP | Errno::NOSYS)) {
            self.can_skip_waiting.store(false, Ordering::Relaxed);
        }
        written.unwrap_or(0)
    }

    #[cfg(not(target_os = "linux"))]
    fn write_without_waiting(&self, _: &[u8]) -> usize {
        0
    }
}

impl Output for StandardOutput {
    fn write_at_once(&self, bytes: &[u8]) -> usize {
        match self.kind {
            OutputKind::File => (&self.file).write(bytes).unwrap_or(0),
            OutputKind::Stream => self.write_without_waiting(bytes),
            OutputKind::Null => 0,
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        if self.kind == OutputKind::Null {
            return Err(io::Error::other("standard output is closed, or the null device"));
        }
        loop {
            match (&self.file).write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Whoever shares the descriptor has made it one that does not wait.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    poll(&mut [PollFd::new(&self.file, PollFlags::OUT)], None)?;
                }
                other => return other,
            }
        }
    }
}
