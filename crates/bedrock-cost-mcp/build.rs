//! Links the Linux program so that it is small and starts soon.

use std::{
    env::{var, var_os},
    path::PathBuf,
    process::{Command, Stdio},
};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |name: &str| var(name).unwrap_or_default();
    let linux = target("CARGO_CFG_TARGET_OS") == "linux" && target("CARGO_CFG_TARGET_ENV") == "gnu";
    if linux && target("CARGO_CFG_TARGET_ARCH") == "x86_64" {
        // At a fixed address: relocating the program at every start would take longer than its own work.
        println!("cargo::rustc-link-arg-bins=-no-pie");
        // Functions that came out the same are kept once: generic code of the SDK's services often does.
        let fold = "-Wl,--icf=all";
        if var("PROFILE").is_ok_and(|profile| profile == "release") && links_with(fold) {
            println!("cargo::rustc-link-arg-bins={fold}");
        }
    }
}

/// Whether the linker that will be used takes a flag: lld, rustc's own on this target, does; the oldest does not.
fn links_with(flag: &str) -> bool {
    let (Some(rustc), Some(folder)) = (var_os("RUSTC"), var_os("OUT_DIR").map(PathBuf::from))
    else {
        return false;
    };
    let source = folder.join("empty.rs");
    if std::fs::write(&source, "fn main() {}").is_err() {
        return false;
    }
    let mut command = Command::new(rustc);
    command.arg(source).arg("-o").arg(folder.join("empty"));
    command.args(["-C", &format!("link-arg={flag}")]);
    if let Ok(linker) = var("RUSTC_LINKER") {
        command.args(["-C", &format!("linker={linker}")]);
    }
    if let Ok(flags) = var("CARGO_ENCODED_RUSTFLAGS") {
        command.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    }
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
