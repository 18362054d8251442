//! Turns the coefficients of `tokens/coefficients.csv` into a constant table, one row for each token family.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rust_decimal::Decimal;

/// Coefficients are stored as whole numbers of this fraction of a token.
const FRACTION: u32 = 10_000;

pub(crate) fn rust(file: &Path) -> Result<String, Box<dyn Error>> {
    let text = fs::read_to_string(file)?;
    let mut lines = text.lines();
    let header = lines.next().ok_or("no header")?;
    let families: Vec<&str> = header.split(',').skip(1).collect();
    let mut rows: Vec<String> = vec![String::new(); families.len()];
    let mut features = String::new();
    let mut count = 0;
    for line in lines {
        let (name, values) = line
            .split_once(',')
            .ok_or_else(|| format!("no value: {line}"))?;
        let values: Vec<&str> = values.split(',').collect();
        if values.len() != families.len() {
            return Err(
                format!("{} values for {name}, not {}", values.len(), families.len()).into(),
            );
        }
        for (row, value) in rows.iter_mut().zip(values) {
            let value: Decimal = value.parse()?;
            let scaled = (value * Decimal::from(FRACTION)).normalize();
            if scaled.scale() != 0 {
                return Err(format!("{name}: {value} has more than four decimals").into());
            }
            write!(row, "{}, ", scaled.mantissa())?;
        }
        write!(features, "\"{name}\", ")?;
        count += 1;
    }
    let mut code = format!(
        "/// Names of the features, in order.\n#[cfg(test)]\npub(super) static FEATURE_NAMES: [&str; {count}] = [{features}];\n\
         /// Names of the token families, in order.\n#[cfg(test)]\npub(super) static FAMILY_NAMES: [&str; {}] = {families:?};\n\
         /// What a coefficient of one token is written as.\npub(super) const FRACTION: i64 = {FRACTION};\n\
         /// Coefficients by family and feature.\npub(super) static COEFFICIENTS: [[i32; {count}]; {}] = [\n",
        families.len(),
        families.len(),
    );
    for row in rows {
        writeln!(code, "    [{row}],")?;
    }
    code.push_str("];\n");
    Ok(code)
}
