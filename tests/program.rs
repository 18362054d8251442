//! Starts the binary under test in an environment that holds nothing of this machine's.

use crate::account::Account;
use std::{
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Long enough for a busy machine; a test that reaches it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The binary with no more of the environment than an account to ask, and credentials it takes. It keeps nothing, unless
/// `--state` is given again.
pub(crate) fn command(account: Option<&Account>) -> Command {
    let mut command = keeping(account);
    command.args(["--state", "none"]);
    command
}

/// The same, where it keeps its state as it does for its users.
pub(crate) fn keeping(account: Option<&Account>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-cost-mcp"));
    let absent = Path::new(env!("CARGO_TARGET_TMPDIR")).join("absent");
    command
        .env_clear()
        .env("AWS_CONFIG_FILE", &absent)
        .env("AWS_SHARED_CREDENTIALS_FILE", &absent)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", "us-east-1")
        .env("XDG_DATA_HOME", &absent)
        .current_dir(root());
    if let Some(account) = account {
        command
            .env("AWS_ENDPOINT_URL", account.url())
            .env("AWS_ACCESS_KEY_ID", "AKIDTEST000000000000")
            .env("AWS_SECRET_ACCESS_KEY", "not-a-secret")
            .args(["--as-of", &account.as_of().to_string()]);
    }
    command
}

/// A started program whose stderr is read as it comes.
pub(crate) struct Running {
    pub(crate) child: Child,
    stderr: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let seen = Arc::clone(&stderr);
        let reader = thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut seen = seen.lock().unwrap();
                seen.push_str(&line);
                seen.push('\n');
            }
        });
        Self {
            child,
            stderr,
            reader: Some(reader),
        }
    }

    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Waits for a line on stderr that holds the text.
    pub(crate) fn wait_for_stderr(&self, text: &str) -> String {
        wait(&format!("{text:?} on stderr"), || {
            let seen = self.stderr();
            seen.lines()
                .find(|line| line.contains(text))
                .map(str::to_owned)
        })
    }

    /// Waits for the program to end by itself, and for the last it has to say.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let status = wait("the program to end", || self.child.try_wait().unwrap());
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Asks again and again until there is an answer.
#[track_caller]
pub(crate) fn wait<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// What a program that runs to its end did.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program to its end, with nothing on stdin.
pub(crate) fn run(account: Option<&Account>, arguments: &[&str]) -> Ended {
    let mut command = command(account);
    command.args(arguments);
    ended(command)
}

/// Runs a command to its end, with nothing on stdin.
pub(crate) fn ended(command: Command) -> Ended {
    let mut running = Running::start(command);
    drop(running.child.stdin.take());
    let mut stdout = String::new();
    let mut out = running.child.stdout.take().unwrap();
    out.read_to_string(&mut stdout).unwrap();
    let code = running.ended().code();
    Ended {
        code,
        stdout,
        stderr: running.stderr(),
    }
}
