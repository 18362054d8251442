//! Files that a call names: read only below the folders that the server was started with.

use crate::error::ToolError;
use std::{
    fs::{File, Metadata},
    io::{ErrorKind, Read as _},
    path::{Component, Path, PathBuf},
    sync::Arc,
};

/// The largest file that is read: some ten million tokens, more than any model takes.
pub(crate) const MOST_BYTES: u64 = 64 << 20;

/// The folders of `--allow-dir`; none by default.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedFolders(Arc<[PathBuf]>);

impl AllowedFolders {
    pub(crate) fn new(folders: Vec<PathBuf>) -> Self {
        Self(folders.into())
    }

    /// Reads a file, given by its full path or by the one from an allowed folder. It waits on the disk.
    ///
    /// # Errors
    ///
    /// What is outside of the folders, where a link leads there too; what is no file; what is too large.
    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, ToolError> {
        let file = open(&self.find(path)?)?;
        let size = file.metadata().map_err(|error| unreadable(&error))?.len();
        read_up_to(file, size, MOST_BYTES)
            .map_err(|error| unreadable(&error))?
            .ok_or_else(|| too_large(size))
    }

    /// The file without links, below an allowed folder without links.
    fn find(&self, path: &str) -> Result<PathBuf, ToolError> {
        if self.0.is_empty() {
            return Err(ToolError::invalid(
                "path: this server was started without a folder that files may be read from",
                "start it with --allow-dir DIR, or send the text itself as text",
            ));
        }
        let path = Path::new(path.trim());
        // Outside of the folders it is not even said what is there.
        let is_below = path.is_relative() || self.roots().any(|root| path.starts_with(root));
        let climbs = path.components().any(|part| part == Component::ParentDir);
        if !is_below || climbs || path.as_os_str().is_empty() {
            return Err(outside());
        }
        let mut missing = None;
        for root in self.roots() {
            match root.join(path).canonicalize() {
                Ok(found) if self.roots().any(|root| found.starts_with(root)) => return Ok(found),
                Ok(_) => return Err(outside()),
                Err(error) => missing = Some(error),
            }
        }
        Err(missing.map_or_else(outside, |error| unreadable(&error)))
    }

    /// The folders as given and as they are without links.
    fn roots(&self) -> impl Iterator<Item = PathBuf> {
        self.0
            .iter()
            .filter_map(|folder| {
                folder
                    .canonicalize()
                    .ok()
                    .map(|plain| [folder.clone(), plain])
            })
            .flatten()
    }
}

fn open(path: &Path) -> Result<File, ToolError> {
    // To open a pipe waits for somebody to write to it.
    let kind = path
        .symlink_metadata()
        .map_err(|error| unreadable(&error))?;
    if kind.is_dir() {
        return Err(ToolError::invalid(
            "path names a folder",
            "name one file in it",
        ));
    }
    if !kind.is_file() {
        return Err(ToolError::invalid(
            "path names a pipe, a socket or a device, not a file",
            "name a file, or send the text itself as text",
        ));
    }
    if kind.len() > MOST_BYTES {
        return Err(too_large(kind.len()));
    }
    let file = open_at_once(path, Links::Refused).map_err(|error| unreadable(&error))?;
    // What was looked at may have been replaced since by a link that leads out, and by what was there once more.
    let opened = file.metadata().map_err(|error| unreadable(&error))?;
    let still = path.canonicalize().map_err(|error| unreadable(&error))?;
    let now = still
        .symlink_metadata()
        .map_err(|error| unreadable(&error))?;
    if still != path || !opened.is_file() || !is_same(&opened, &kind) || !is_same(&opened, &now) {
        return Err(outside());
    }
    Ok(file)
}

/// Reads a file that the person who started the program named, up to a size. Links are followed.
///
/// # Errors
///
/// What is no file, such as a pipe that nobody writes to or a device without an end; what is larger; what cannot be read.
pub(crate) fn read_named(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let no_file = || std::io::Error::other("it is a folder, a pipe or a device, not a file");
    // To open some devices does something, so that it is looked at first.
    if !std::fs::metadata(path)?.is_file() {
        return Err(no_file());
    }
    let file = open_at_once(path, Links::Followed)?;
    let opened = file.metadata()?;
    if !opened.is_file() {
        return Err(no_file());
    }
    let size = opened.len();
    read_up_to(file, size, most)?
        .ok_or_else(|| std::io::Error::other(format!("it has more than {most} bytes")))
}

/// The largest file of arguments or calls that a person names on the command line.
const MOST_GIVEN: u64 = 16 << 20;

/// Reads the text that a person named on the command line: a file, `-` for standard input, or a pipe that the shell made.
///
/// A pipe of the shell (`@<(...)`, `/dev/stdin`) is open already and has a writer, so that reading it ends; a pipe that
/// lies in a folder may have none, and is refused.
///
/// # Errors
///
/// What [`read_named`] refuses, and what is no UTF-8.
pub(crate) fn read_given(path: &Path) -> std::io::Result<String> {
    let bytes = if path == Path::new("-") {
        bounded(std::io::stdin().lock())?
    } else if is_of_the_shell(path) {
        bounded(File::open(path)?)?
    } else {
        read_named(path, MOST_GIVEN)?
    };
    String::from_utf8(bytes).map_err(|_| std::io::Error::other("it is not UTF-8 text"))
}

/// Tells whether a path is of a file that this process has open: what the shell makes of `<(...)`, and standard input.
fn is_of_the_shell(path: &Path) -> bool {
    path == Path::new("/dev/stdin")
        || ["/dev/fd", "/proc/self/fd"]
            .iter()
            .any(|folder| path.parent() == Some(Path::new(folder)))
}

fn bounded(from: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(MOST_GIVEN + 1).read_to_end(&mut bytes)?;
    if u64::try_from(read).is_ok_and(|read| read <= MOST_GIVEN) {
        return Ok(bytes);
    }
    Err(std::io::Error::other(format!(
        "it has more than {MOST_GIVEN} bytes"
    )))
}

/// Reads a file to its end, or nothing of one that is larger. A file can grow while it is read.
fn read_up_to(file: File, size: u64, most: u64) -> std::io::Result<Option<Vec<u8>>> {
    if size > most {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    let read = file.take(most + 1).read_to_end(&mut bytes)?;
    let is_whole = u64::try_from(read).is_ok_and(|read| read <= most);
    Ok(is_whole.then_some(bytes))
}

/// What is done with a link in the place of the file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Links {
    Followed,
    Refused,
}

/// Opens a file without waiting: a pipe in its place would be waited for until somebody writes to it.
#[cfg(unix)]
fn open_at_once(path: &Path, links: Links) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let links = match links {
        Links::Followed => 0,
        Links::Refused => libc::O_NOFOLLOW,
    };
    File::options()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | links)
        .open(path)
}

#[cfg(not(unix))]
fn open_at_once(path: &Path, links: Links) -> std::io::Result<File> {
    if links == Links::Refused && path.symlink_metadata()?.is_symlink() {
        return Err(std::io::Error::other("it is a link"));
    }
    File::open(path)
}

/// Tells whether both are of one file.
#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Without a number of the file, what is known of both has to agree.
#[cfg(not(unix))]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.len() == other.len() && one.modified().ok() == other.modified().ok()
}

fn outside() -> ToolError {
    ToolError::invalid(
        "path is not below a folder that files may be read from, or a link in it leads out",
        "name a file below a folder given as --allow-dir, without `..`, or send the text itself as text",
    )
}

fn too_large(size: u64) -> ToolError {
    ToolError::invalid(
        format!("the file has {size} bytes, more than {MOST_BYTES}"),
        "name a part of it, and multiply what it comes to",
    )
}

fn unreadable(error: &std::io::Error) -> ToolError {
    let problem = match error.kind() {
        ErrorKind::NotFound => {
            "there is no such file below the folders that files may be read from"
        }
        ErrorKind::PermissionDenied => "the file may not be read by this server",
        _ => "the file cannot be read",
    };
    ToolError::invalid(problem, "check path, or send the text itself as text")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use std::fs;

    /// A folder that is gone when the test ends.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let name = format!("bedrock-cost-files-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            fs::create_dir_all(folder.join("allowed/inner")).unwrap();
            fs::create_dir_all(folder.join("allowed-not")).unwrap();
            fs::write(folder.join("allowed/prompt.txt"), "a prompt").unwrap();
            fs::write(folder.join("allowed/inner/deep.txt"), "deep").unwrap();
            fs::write(folder.join("allowed-not/secret.txt"), "secret").unwrap();
            Self(folder)
        }

        fn path(&self, name: &str) -> String {
            self.0.join(name).to_str().unwrap().to_owned()
        }

        fn allowed(&self) -> AllowedFolders {
            AllowedFolders::new(vec![self.0.join("allowed")])
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[track_caller]
    fn refused(folders: &AllowedFolders, path: &str, says: &str) {
        let text = folders.read(path).unwrap_err().to_text();
        assert!(text.contains(says), "{path}: {text}");
        assert!(!text.contains("secret"), "{text}");
    }

    #[test]
    fn files_below_an_allowed_folder_are_read() {
        let scratch = Scratch::new("read");
        let folders = scratch.allowed();
        for path in [
            "prompt.txt",
            "./prompt.txt",
            &scratch.path("allowed/prompt.txt"),
        ] {
            assert_eq!(folders.read(path).unwrap(), b"a prompt", "{path}");
        }
        assert_eq!(folders.read("inner/deep.txt").unwrap(), b"deep");
    }

    #[test]
    fn whatever_is_outside_is_refused_alike() {
        let scratch = Scratch::new("outside");
        let folders = scratch.allowed();
        let not_below = "not below a folder";
        refused(&folders, "/etc/passwd", not_below);
        refused(&folders, "/no/such/file", not_below);
        refused(&folders, &scratch.path("allowed-not/secret.txt"), not_below);
        refused(&folders, "../allowed-not/secret.txt", not_below);
        refused(
            &folders,
            &scratch.path("allowed/../allowed-not/secret.txt"),
            not_below,
        );
        refused(&folders, "", not_below);
        refused(&folders, "missing.txt", "no such file");
        refused(&folders, "a\0b", "cannot be read");
        refused(&folders, ".", "names a folder");
        refused(&folders, "inner", "names a folder");
        refused(&AllowedFolders::default(), "prompt.txt", "--allow-dir");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_are_followed_only_as_far_as_allowed() {
        use std::os::unix::fs::symlink;
        let scratch = Scratch::new("links");
        let folders = scratch.allowed();
        let inside = scratch.0.join("allowed");
        symlink(
            scratch.0.join("allowed-not/secret.txt"),
            inside.join("out.txt"),
        )
        .unwrap();
        symlink(scratch.0.join("allowed-not"), inside.join("out")).unwrap();
        symlink(inside.join("prompt.txt"), inside.join("in.txt")).unwrap();
        symlink(inside.join("round.txt"), inside.join("round.txt")).unwrap();
        refused(&folders, "out.txt", "leads out");
        refused(&folders, "out/secret.txt", "leads out");
        refused(&folders, "round.txt", "cannot be read");
        assert_eq!(folders.read("in.txt").unwrap(), b"a prompt");

        // The folder itself may be reached by a link.
        symlink(&inside, scratch.0.join("link")).unwrap();
        let by_link = AllowedFolders::new(vec![scratch.0.join("link")]);
        assert_eq!(
            by_link.read(&scratch.path("link/prompt.txt")).unwrap(),
            b"a prompt"
        );
        assert_eq!(
            by_link.read(&scratch.path("allowed/prompt.txt")).unwrap(),
            b"a prompt"
        );

        let made = std::process::Command::new("mkfifo")
            .arg(inside.join("pipe"))
            .status();
        if made.is_ok_and(|status| status.success()) {
            refused(&folders, "pipe", "a pipe");
            let error = read_named(&inside.join("pipe"), 10).unwrap_err();
            assert!(error.to_string().contains("a pipe"), "{error}");
            // Where a pipe takes the place of the file after it was looked at, opening it does not wait.
            let opened = open_at_once(&inside.join("pipe"), Links::Refused).unwrap();
            assert!(!opened.metadata().unwrap().is_file());
        }
        assert!(open_at_once(&inside.join("in.txt"), Links::Refused).is_err());
        let (prompt, deep) = (inside.join("prompt.txt"), inside.join("inner/deep.txt"));
        let known = |path: &Path| fs::metadata(path).unwrap();
        assert!(is_same(&known(&prompt), &known(&prompt)));
        assert!(!is_same(&known(&prompt), &known(&deep)));
        let devices = AllowedFolders::new(vec![PathBuf::from("/dev")]);
        refused(&devices, "zero", "a device");
    }

    #[test]
    fn a_named_file_is_read_up_to_its_bound() {
        let scratch = Scratch::new("named");
        let prompt = scratch.0.join("allowed/prompt.txt");
        assert_eq!(read_named(&prompt, 8).unwrap(), b"a prompt");
        let says = |path: &Path, most: u64, part: &str| {
            let error = read_named(path, most).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        says(&prompt, 7, "more than 7 bytes");
        says(&scratch.0, 7, "not a file");
        #[cfg(unix)]
        says(Path::new("/dev/zero"), 7, "not a file");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_of_the_shell_is_read_and_one_in_a_folder_is_not() {
        use std::{io::Write as _, os::fd::AsRawFd as _};
        let scratch = Scratch::new("given");
        let prompt = scratch.0.join("allowed/prompt.txt");
        assert_eq!(read_given(&prompt).unwrap(), "a prompt");
        let (read, mut write) = std::io::pipe().unwrap();
        write.write_all(b"{}").unwrap();
        drop(write);
        let path = format!("/dev/fd/{}", read.as_raw_fd());
        assert_eq!(read_given(Path::new(&path)).unwrap(), "{}");
        let pipe = scratch.0.join("allowed/given");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        // Nobody writes to it: to open it would wait for ever.
        let error = read_given(&pipe).unwrap_err().to_string();
        assert!(error.contains("a pipe"), "{error}");
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_before_it_is_read() {
        let scratch = Scratch::new("large");
        let file = File::create(scratch.0.join("allowed/large.txt")).unwrap();
        // It takes no room on the disk.
        file.set_len(MOST_BYTES + 1).unwrap();
        refused(&scratch.allowed(), "large.txt", "67108865 bytes");
    }
}
