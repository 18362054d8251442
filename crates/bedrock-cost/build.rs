//! Turns the authored price rows of `prices/*.toml` and the coefficients of `tokens/` into constant tables, and refuses
//! a row that cannot be right.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads files and the environment; the crate it builds does not"
)]

#[path = "build/authored.rs"]
mod authored;
#[path = "build/expand.rs"]
mod expand;
#[path = "build/generate.rs"]
mod generate;
#[path = "build/han.rs"]
mod han;
#[path = "build/other.rs"]
mod other;
#[path = "build/places.rs"]
mod places;
#[path = "build/tokens.rs"]
mod tokens;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Files of `prices/` that hold no models.
const SHARED: [&str; 3] = ["regions.toml", "sources.toml", "other.toml"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=prices");
    println!("cargo::rerun-if-changed=tokens");
    println!("cargo::rerun-if-changed=build");
    let manifest = env::var("CARGO_MANIFEST_DIR")?;
    let root = Path::new(&manifest);
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    fs::write(out.join("price_tables.rs"), tables(&root.join("prices"))?)?;
    let coefficients = tokens::rust(&root.join("tokens/coefficients.csv"))?;
    fs::write(out.join("token_coefficients.rs"), coefficients)?;
    fs::write(out.join("han.rs"), han::rust(&root.join("tokens/han.csv"))?)?;
    Ok(())
}

fn tables(prices: &Path) -> Result<String, Box<dyn Error>> {
    let context =
        places::Context::read(&prices.join("regions.toml"), &prices.join("sources.toml"))?;
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(prices)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let is_toml = path
            .extension()
            .is_some_and(|extension| extension == "toml");
        if is_toml && !SHARED.contains(&name) {
            files.push(path);
        }
    }
    files.sort();
    let mut models = Vec::new();
    for path in &files {
        models.extend(expand::provider(&authored::File::read(path)?, &context)?);
    }
    expand::check_names(&mut models)?;
    let other = other::expand(
        &authored::File::read(&prices.join("other.toml"))?,
        &context,
        &models,
    )?;
    Ok(generate::rust(&models, &other))
}
