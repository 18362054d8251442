//! Tokens per feature and family, fitted beforehand; `tokens/README.md` says on what and how well.

include!(concat!(env!("OUT_DIR"), "/token_coefficients.rs"));
