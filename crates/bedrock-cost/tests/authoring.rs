//! The build script's reading of price rows: what it derives, and the wrong rows it refuses by file and line.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(
    dead_code,
    reason = "the build script's modules are more than is tested here"
)]

#[path = "../build/authored.rs"]
mod authored;
#[path = "../build/expand.rs"]
mod expand;
#[path = "../build/places.rs"]
mod places;

use std::path::Path;

use expand::Model;

fn context() -> places::Context {
    let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("prices");
    places::Context::read(&prices.join("regions.toml"), &prices.join("sources.toml")).unwrap()
}

/// Reads a provider with one model of these rows.
fn read(rows: &str) -> Result<Model, String> {
    let text = format!(
        "provider = \"Test\"\nchecked = \"2026-11-22\"\n[[model]]\nid = \"test.model\"\nname = \"Test Model\"\nrates = [\n{rows}\n]\n"
    );
    let file = authored::File::parse("prices/test.toml", text)?;
    Ok(expand::provider(&file, &context())?.remove(0))
}

fn refused(rows: &str, problem: &str) {
    let error = read(rows)
        .err()
        .unwrap_or_else(|| format!("accepted: {rows}"));
    assert!(
        error.starts_with("prices/test.toml:") && error.contains(problem),
        "{error}"
    );
}

#[test]
fn wrong_rows_are_refused_where_they_stand() {
    let good = r#"{ in = "us-east-1", input = "1.00", output = "2.00", sources = "page" },"#;
    assert!(read(good).is_ok());
    refused(
        r#"{ in = "us-east-9", input = "1.00", sources = "page" },"#,
        ":7: unknown region `us-east-9`",
    );
    refused(
        r#"{ in = "us-east-1", input = "-1.00", sources = "page" },"#,
        "price -1 is outside 0 to 10000",
    );
    refused(
        r#"{ in = "us-east-1", input = "10001", sources = "page" },"#,
        "price 10001 is outside 0 to 10000",
    );
    refused(
        r#"{ in = "us-east-1", input = "0.000000001", sources = "page" },"#,
        "more than 8 decimal places",
    );
    refused(
        r#"{ in = "us-east-1", input = "0.00", sources = "page" },"#,
        "a rate of 0",
    );
    refused(
        r#"{ in = "us-east-1", input = "a dollar", sources = "page" },"#,
        "price `a dollar`",
    );
    refused(r#"{ in = "us-east-1", input = "1.00" },"#, "no source");
    refused(
        r#"{ in = "us-east-1", input = "1.00", sources = "hearsay" },"#,
        "unknown source `hearsay`",
    );
    refused(
        r#"{ in = "us-east-1", input = "1.00", sources = "page", agreement = "disagree" },"#,
        "without a note",
    );
    refused(
        r#"{ input = "1.00", sources = "page" },"#,
        "without `global`, `regional`, `in` or `geo`",
    );
    refused(
        r#"{ in = "europe -us-east-1", input = "1.00", sources = "page" },"#,
        "excludes what is not in the set",
    );
    refused(
        r#"{ in = "us-main us-east-1", input = "1.00", sources = "page" },"#,
        "stands twice",
    );
    refused(
        r#"{ in = "us-east-1", times = "0.5", sources = "page" },"#,
        "a row gives rates, or",
    );
    refused(
        r#"{ tier = "batch", in = "us-east-1", times = "0.5", sources = "page" },"#,
        "no standard rate in us-east-1",
    );
    refused(
        r#"{ in = "us-east-1", times_global = "1.1", sources = "page" },"#,
        "no global rate",
    );
    refused(&good.repeat(2), "two rates for test.model in us-east-1");
    refused(
        r#"{ in = "us-east-1", inptu = "1.00", sources = "page" },"#,
        "unknown field `inptu`",
    );
}

#[test]
fn a_tier_is_superseded_with_the_rate_it_is_derived_from() {
    let base = r#"{ in = "us-east-1", input = "1.00", sources = "page" },
        { tier = "batch", in = "us-east-1", times = "0.5", sources = "page" },
        { from = 2026-01-01, in = "us-east-1", input = "2.00", sources = "page" },"#;
    refused(base, "superseded, but not that of its tier");
    let batch = r#"{ tier = "batch", from = 2026-01-01, in = "us-east-1", times = "0.5", sources = "page" },"#;
    let model = read(&format!("{base}{batch}")).unwrap();
    let inputs: Vec<String> = model
        .rows
        .iter()
        .map(|row| row.card.rates.input.unwrap().to_string())
        .collect();
    assert_eq!(inputs, ["1", "2", "0.5", "1"]);
}

#[test]
fn rules_are_exact_and_agreement_follows_the_sources() {
    let model = read(
        r#"{ global = "*", input = "0.10", output = "0.50", cache_write_1h = "0.20", long_context = { above = 100_000, input = "0.35" }, sources = "litellm genai-prices" },
        { in = "us-east-1", times_global = "1.1", sources = "price-list" },
        { geo = "eu", times_global = "1.1", sources = "litellm" },
        { tier = "priority", in = "us-east-1", times = "1.75", sources = "page litellm" },"#,
    )
    .unwrap();
    let row = |place: &str, tier| {
        model
            .rows
            .iter()
            .find(|row| row.place == place && row.tier == tier)
            .unwrap()
    };
    let us = row("us-east-1", authored::Tier::Standard);
    assert_eq!(us.card.rates.input.unwrap().to_string(), "0.11");
    assert_eq!(us.card.rates.cache_write_1h.unwrap().to_string(), "0.22");
    let (above, long) = us.card.long_context.unwrap();
    assert_eq!(
        (above, long.input.unwrap().to_string().as_str()),
        (100_000, "0.385")
    );
    let priority = row("us-east-1", authored::Tier::Priority);
    assert_eq!(priority.card.rates.input.unwrap().to_string(), "0.1925");
    assert_eq!(
        (
            priority.card.rates.cache_write_1h,
            priority.card.long_context
        ),
        (None, None)
    );
    assert_eq!(
        (us.basis.agreement, us.basis.checked),
        ("SingleOfficial", (2026, 8, 20))
    );
    assert_eq!(
        row("eu", authored::Tier::Standard).basis.agreement,
        "Single"
    );
    assert_eq!(row("*", authored::Tier::Standard).basis.agreement, "Agree");
    assert_eq!(
        us.basis.note.as_deref(),
        Some("one source: AWS Price List of 2026-08-20")
    );
}
