//! Bulk files of the Price List: what an overlay takes of them, what it leaves out by name, and what it changes.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use bedrock_cost::inference::{Routing, Tier};
use bedrock_cost::price_book::{Overlay, OverlayKey, PriceBook, RateQuery};
use bedrock_cost::price_list::{OfferFile, Reading, difference, read_offer_file, reading};
use bedrock_cost::region::Region;
use bedrock_cost::tokens::TokenKind;
use jiff::civil::{Date, date};

const READ: Date = date(2026, 12, 15);

fn native() -> OfferFile {
    read_offer_file(include_str!("price_list/AmazonBedrock.json")).unwrap()
}

fn marketplace() -> OfferFile {
    read_offer_file(include_str!("price_list/AmazonBedrockFoundationModels.csv")).unwrap()
}

fn read(files: &[OfferFile]) -> Reading {
    let prices: Vec<_> = files.iter().flat_map(|file| file.prices.clone()).collect();
    reading(&prices, READ, "AWS Price List file")
}

/// `model region routing tier token: rate`.
fn lines(overlay: &Overlay) -> Vec<String> {
    let name = |key: &OverlayKey| {
        format!(
            "{} {} {} {} {}",
            key.model,
            key.region.as_str(),
            key.routing,
            key.tier,
            key.kind
        )
    };
    overlay
        .rates
        .iter()
        .map(|rate| format!("{}: {}", name(&rate.key), rate.rate))
        .collect()
}

#[test]
fn both_forms_of_the_bulk_file_say_what_they_are() {
    let (json, csv) = (native(), marketplace());
    assert_eq!(
        (json.service_code.as_str(), json.published),
        ("AmazonBedrock", date(2026, 12, 15))
    );
    assert_eq!(
        (csv.service_code.as_str(), csv.published),
        ("AmazonBedrockFoundationModels", date(2026, 12, 16))
    );
    // The reserved term and the price in yuan are none of the four.
    assert_eq!(csv.prices.len(), 4);
}

/// Rates of 2026-08-26 by hand: 0.00096 per 1K is 0.96 per 1M; 1.10 per 1M stays, by that name or as bare units.
#[test]
fn a_thousand_and_a_million_tokens_come_out_alike() {
    let made = read(&[native(), marketplace()]);
    assert_eq!(
        lines(&made.overlay),
        [
            "amazon.nova-micro-v1:0 us-east-1 regional standard output: 0.14",
            "amazon.nova-pro-v1:0 ap-northeast-1 regional standard input: 0.96",
            "amazon.nova-pro-v1:0 ap-northeast-1 regional standard cache_read: 0.24",
            "amazon.nova-pro-v1:0 ap-northeast-1 regional batch input: 0.48",
            "amazon.nova-pro-v1:0 us-east-1 regional standard input: 0.72",
            "anthropic.claude-haiku-4-5-20251001-v1:0 us-east-1 regional standard input: 1.1",
            "anthropic.claude-haiku-4-5-20251001-v1:0 us-east-1 regional standard output: 5.5",
            "anthropic.claude-haiku-4-5-20251001-v1:0 us-east-1 regional batch input: 0.55",
            "anthropic.claude-haiku-4-5-20251001-v1:0 us-east-1 global standard input: 1",
            "zai.glm-5 ap-northeast-1 regional flex input: 0.6",
        ]
    );
}

#[test]
fn what_is_not_understood_is_counted_and_named() {
    let made = read(&[native()]);
    let found: Vec<String> = made
        .left_out
        .iter()
        .map(|left| {
            let names: Vec<&str> = left.names.iter().map(String::as_str).collect();
            format!("{} {}: {}", left.prices, left.why, names.join(", "))
        })
        .collect();
    assert_eq!(
        found,
        [
            "1 a customized model: USE1-NovaPro-input-tokens-custom-model",
            "1 not a token rate: guardrail content_filters",
            "1 not yet in force: USE1-NovaMicro-output-tokens",
            "1 the model is not in the price book: Nova Ultra",
            "1 the unit is not one of tokens: USE1-NovaLite-input-tokens per Megatokens",
            "1 the usage type is not understood: USE1-Something:Else",
            "1 the usage type is of another region than the product: APN1-NovaLite-output-tokens",
            "1 tokens of speech, images or video: USE1-NovaSonic-speech-input-tokens",
            "1 two prices for the same: amazon.nova-lite-v1:0 regional standard in us-east-1 output: 0.24 or 0.3",
        ]
    );
    // Two prices contradict each other and give no rate: 16 prices, 6 rates, 8 named, and that one of two.
    assert_eq!((made.prices, made.overlay.rates.len()), (16, 6));
}

#[test]
fn changes_new_rates_and_what_stays_are_told_apart() {
    let diff = difference(None, &read(&[native(), marketplace()]).overlay);
    let [change] = diff.changed.as_slice() else {
        unreachable!("{:?}", diff.changed)
    };
    // Nova Pro in us-east-1: 0.80 to 0.72.
    assert_eq!(change.key.model, "amazon.nova-pro-v1:0");
    assert_eq!(
        (change.was.unwrap().to_string(), change.now.to_string()),
        ("0.8".to_owned(), "0.72".to_owned())
    );
    assert_eq!(diff.large().count(), 0);
    assert_eq!(diff.same + diff.new.len(), 9);
    // A file older than the built-in rows changes none of them; flex of GLM 5 in Tokyo has none to be older than.
    let mut old = read(&[native()]).overlay;
    for rate in &mut old.rates {
        rate.read = date(2020, 1, 1);
    }
    let diff = difference(None, &old);
    assert_eq!(
        (diff.changed.len(), diff.outdated, diff.new.len()),
        (0, 5, 1)
    );
}

#[test]
fn a_slip_of_the_unit_is_seen() {
    // 1.10 per 1K instead of per 1M: 1,100, a thousand times as much.
    let slip = read_offer_file(include_str!("price_list/unit_slip.csv")).unwrap();
    let diff = difference(None, &read(&[slip]).overlay);
    let large: Vec<String> = diff
        .large()
        .map(|change| format!("{} {} {}", change.key.kind, change.was.unwrap(), change.now))
        .collect();
    assert_eq!(large, ["input 1.1 1100"]);
    let mut change = diff.large().next().unwrap().clone();
    // Tenfold is not more than tenfold, up or down.
    for (now, large) in [
        ("11", false),
        ("11.01", true),
        ("0.11", false),
        ("0.1", true),
    ] {
        change.now = now.parse().unwrap();
        assert_eq!(change.is_large(), large, "{now}");
    }
}

fn input(book: &PriceBook, model: &str, on: Date) -> (String, Date) {
    let rates = book.resolve(model).unwrap().model.rates(&RateQuery {
        region: Region::US_EAST_1,
        routing: Routing::Regional,
        tier: Tier::Standard,
        date: on,
    });
    let rates = rates.unwrap();
    (rates.tokens.input.unwrap().to_string(), rates.basis.checked)
}

#[test]
fn one_reading_after_another_keeps_what_the_second_has_no_word_of() {
    let (first, second) = (READ, date(2026, 12, 16));
    let of = |file: OfferFile, day| reading(&file.prices, day, "AWS Price List file").overlay;
    let (native, marketplace) = (of(native(), first), of(marketplace(), second));
    let diff = difference(Some(&native), &marketplace);
    assert_eq!(
        (diff.changed.len(), diff.untouched, diff.unlisted.len()),
        (0, 6, 0)
    );
    let both = native.clone().with(&marketplace);
    assert_eq!(both.rates.len(), 10);
    let book = PriceBook::layered(Some(&both), None);
    // The first file's 0.72 for Nova Pro, and the second's 1.10 for Haiku 4.5.
    assert_eq!(input(book, "Nova Pro", second).0, "0.72");
    assert_eq!(input(book, "Claude Haiku 4.5", second).0, "1.1");
    assert_eq!(book.refreshed(), Some((first, second)));
    // The other way around it is the same: the day of a rate decides, not when it was kept.
    assert_eq!(marketplace.with(&native), both);
    assert_eq!(Overlay::from_text(&both.to_text()).unwrap(), both);
}

#[test]
fn the_later_reading_of_a_rate_stands_and_what_it_lacks_is_named() {
    let older = read(&[native()]).overlay;
    let mut newer = older.clone();
    // The batch rate of Tokyo stands alone in its card; the cache rate is listed beside an input rate.
    newer
        .rates
        .retain(|rate| rate.key.kind == TokenKind::Input && rate.key.tier == Tier::Standard);
    for rate in &mut newer.rates {
        rate.read = date(2027, 1, 10);
        if rate.key.region == Region::US_EAST_1 {
            rate.rate = "0.7".parse().unwrap();
        }
    }
    let diff = difference(Some(&older), &newer);
    let changed: Vec<String> = diff
        .changed
        .iter()
        .map(|change| {
            format!(
                "{} {} {}",
                change.key.model,
                change.was.unwrap(),
                change.now
            )
        })
        .collect();
    assert_eq!(changed, ["amazon.nova-pro-v1:0 0.72 0.7"]);
    let unlisted: Vec<String> = diff
        .unlisted
        .iter()
        .map(|rate| format!("{} {}", rate.key.kind, rate.rate))
        .collect();
    assert_eq!(unlisted, ["cache_read 0.24"]);
    assert_eq!(diff.untouched, older.rates.len() - newer.rates.len());

    let merged = older.clone().with(&newer);
    assert_eq!(merged.rates.len(), older.rates.len());
    let book = PriceBook::layered(Some(&merged), None);
    assert_eq!(input(book, "Nova Pro", date(2027, 1, 11)).0, "0.7");
    // Read again from the older file, nothing goes back.
    let diff = difference(Some(&merged), &older);
    assert_eq!((diff.changed.len(), diff.outdated), (0, newer.rates.len()));
    assert_eq!(merged.clone().with(&older), merged);
}

#[test]
fn what_is_no_bulk_file_is_refused() {
    for (text, problem) in [
        ("", "no offercode"),
        ("a,b\n", "no offercode"),
        ("{}", "missing field `offerCode`"),
        (
            "\"FormatVersion\",\"v1.0\"\n\"Disclaimer\",\"\"\n\"Publication Date\",\"soon\"\n\"Version\",\"1\"\n\"OfferCode\",\"AmazonBedrock\"\n\"SKU\"\n",
            "the publication date is not one",
        ),
        (
            "\"FormatVersion\",\"v1.0\"\n\"Disclaimer\",\"\"\n\"Publication Date\",\"2026-12-16T09:00:00Z\"\n\"Version\",\"1\"\n\"OfferCode\",\"AmazonBedrock\"\n\"SKU\"\n",
            "the table has no column TermType",
        ),
    ] {
        let error = read_offer_file(text).unwrap_err().to_string();
        assert!(error.contains(problem), "{text:?}: {error}");
    }
}

#[test]
fn an_overlay_of_files_survives_its_own_file() {
    let made = read(&[native(), marketplace()]).overlay;
    assert_eq!(Overlay::from_text(&made.to_text()).unwrap(), made);
    let nova = made
        .rates
        .iter()
        .find(|rate| rate.key.tier == Tier::Batch && rate.key.routing == Routing::Regional)
        .unwrap();
    assert_eq!(nova.in_force_since, Some(date(2026, 11, 1)));
}
