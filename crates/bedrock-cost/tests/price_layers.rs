//! An overlay and private rates over the embedded price book: which rate wins, on which day, and what its basis says.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use bedrock_cost::inference::{Commitment, Routing, Tier};
use bedrock_cost::price_book::{
    Agreement, ListOrigin, Overlay, OverlayKey, OverlayRate, PriceBook, PrivateRates, RateQuery,
    Rates,
};
use bedrock_cost::region::Region;
use bedrock_cost::tokens::TokenKind;
use jiff::civil::Date;

const TODAY: &str = "2026-11-23";
const SONNET: &str = "anthropic.claude-sonnet-5";
const MICRO: &str = "amazon.nova-micro-v1:0";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn private(rows: &str) -> &'static PriceBook {
    let text = format!("title = \"Example agreement\"\ndate = 2026-10-01\n{rows}");
    PriceBook::layered(None, Some(PrivateRates::from_toml(&text).unwrap()))
}

fn find(book: &PriceBook, model: &str, region: &str, routing: Routing, on: &str) -> Option<Rates> {
    let model = book.resolve(model).unwrap().model;
    model.rates_if_listed(&RateQuery {
        region: Region::parse_known(region).unwrap(),
        routing,
        tier: Tier::Standard,
        date: day(on),
    })
}

/// The regional rates of us-east-1.
fn rates(book: &PriceBook, model: &str, on: &str) -> Rates {
    find(book, model, "us-east-1", Routing::Regional, on).unwrap()
}

fn rate(rates: &Rates, kind: TokenKind) -> String {
    rates.get(kind).unwrap().to_string()
}

#[test]
fn without_layers_it_is_the_embedded_book() {
    assert!(std::ptr::eq(
        PriceBook::layered(None, None),
        PriceBook::embedded()
    ));
    assert_eq!(
        rates(PriceBook::embedded(), SONNET, TODAY).basis.origin(),
        "embedded"
    );
}

#[test]
fn a_list_rate_is_stale_after_ninety_days() {
    // Read on 2026-07-24: 7 days of July, 31, 30 and 22 make 90.
    let basis = rates(PriceBook::embedded(), "Claude 3.5 Sonnet", TODAY).basis;
    assert_eq!(basis.checked, day("2026-07-24"));
    assert!(!basis.is_stale(day("2026-10-22")));
    assert!(basis.is_stale(day("2026-10-23")));
}

/// List rates of the facts: Nova Micro 0.035 in, 0.14 out, 0.00875 cached; Claude Sonnet 5 2.20 in, 11 out.
#[test]
fn the_narrowest_discount_applies_and_only_it() {
    let book = private(
        "[[discount]]\npercent = 12.5\n\
         [[discount]]\nprovider = \"anthropic\"\npercent = \"20\"\n\
         [[discount]]\nmodel = \"Claude Opus 5\"\npercent = 30\n",
    );
    let micro = rates(book, MICRO, TODAY);
    // 0.035 x 0.875, 0.14 x 0.875, 0.00875 x 0.875.
    assert_eq!(rate(&micro, TokenKind::Input), "0.030625");
    assert_eq!(rate(&micro, TokenKind::Output), "0.1225");
    assert_eq!(rate(&micro, TokenKind::CacheRead), "0.00765625");
    let sonnet = rates(book, SONNET, TODAY);
    // 2.20 x 0.8, 11 x 0.8: the 12.5% are not taken as well.
    assert_eq!(rate(&sonnet, TokenKind::Input), "1.76");
    assert_eq!(rate(&sonnet, TokenKind::Output), "8.8");
    // 5.50 x 0.7.
    let opus = rates(book, "Claude Opus 5", TODAY);
    assert_eq!(rate(&opus, TokenKind::Input), "3.85");
    assert_eq!(opus.basis.origin(), "private");
    assert_eq!(opus.basis.list, Some(ListOrigin::Embedded));
    assert_eq!(
        opus.basis.private.unwrap().to_string(),
        "Example agreement of 2026-10-01: 30% off the list rate"
    );
}

#[test]
fn discounts_reach_long_prompts_images_guardrails_and_capacity() {
    let book = private(
        "[[discount]]\npercent = 10\n[[discount]]\ndimension = \"guardrails\"\npercent = 50\n\
         [[discount]]\nprovider = \"Meta\"\npercent = 20\n",
    );
    // Claude Haiku 5.5, global: 0.10 in, and 0.50 above 100,000 tokens.
    let haiku = find(
        book,
        "Claude Haiku 5.5",
        "us-east-1",
        Routing::Global,
        TODAY,
    )
    .unwrap();
    assert_eq!(rate(&haiku, TokenKind::Input), "0.09");
    let long = haiku.for_prompt(100_001).input.unwrap();
    assert_eq!(long.to_string(), "0.45");
    let region = Region::US_EAST_1;
    // Stable Diffusion 3.5 Large: 0.08 an image.
    let image = book.resolve("Stable Diffusion 3.5 Large").unwrap().model;
    let images = image.unit_rates(&region, day(TODAY));
    assert_eq!(images.first().unwrap().rate.usd.to_string(), "0.072");
    // Content filters: 0.00015 a text unit.
    let filters = book
        .other("guardrails", "content_filters", &region, day(TODAY))
        .unwrap();
    assert_eq!(filters.rate.usd.to_string(), "0.000075");
    assert_eq!(filters.basis.origin(), "private");
    // Llama 3.1 without commitment: 24 an hour; the provider's discount goes before the general one.
    let (hourly, row) = book
        .provisioned(
            "meta.llama3-1-70b-instruct-v1:0",
            Commitment::None,
            &region,
            day(TODAY),
        )
        .unwrap();
    assert_eq!(hourly.to_string(), "19.2");
    assert_eq!(row.rate.usd.to_string(), "19.2");
}

#[test]
fn private_rates_begin_and_end_on_their_days() {
    let book = private(
        "[[discount]]\npercent = 10\nfrom = 2026-10-01\nuntil = 2026-12-31\n\
         [[discount]]\npercent = 20\nfrom = 2026-12-01\n",
    );
    for (on, input) in [
        ("2026-09-30", "2.2"),
        ("2026-10-01", "1.98"),
        ("2026-11-30", "1.98"),
        ("2026-12-01", "1.76"),
        ("2027-06-01", "1.76"),
    ] {
        assert_eq!(
            rate(&rates(book, SONNET, on), TokenKind::Input),
            input,
            "{on}"
        );
    }
}

#[test]
fn own_rates_win_over_discounts_where_they_are_given() {
    let book = private(
        "[[discount]]\npercent = 10\n\
         [[rate]]\nmodel = \"anthropic.claude-sonnet-5\"\ninput = \"1.5\"\n\
         [[rate]]\nmodel = \"anthropic.claude-sonnet-5\"\nregion = \"eu-west-1\"\nrouting = \"regional\"\n\
         input = 1.4\nsource = \"order form 7\"\n\
         [[rate]]\nmodel = \"amazon.nova-micro-v1:0\"\ntier = \"priority\"\nregion = \"us-west-1\"\n\
         input = 0.05\noutput = 0.2\n",
    );
    let east = rates(book, SONNET, TODAY);
    assert_eq!(rate(&east, TokenKind::Input), "1.5");
    // 11 x 0.9.
    assert_eq!(rate(&east, TokenKind::Output), "9.9");
    assert_eq!(
        east.basis.private.unwrap().to_string(),
        "Example agreement of 2026-10-01: rates of its own, 10% off the list rate of the others"
    );
    // The list rate behind the output still ages with its source.
    assert_eq!(east.basis.list, Some(ListOrigin::Embedded));
    let ireland = find(book, SONNET, "eu-west-1", Routing::Regional, TODAY).unwrap();
    assert_eq!(rate(&ireland, TokenKind::Input), "1.4");
    assert_eq!(
        ireland.basis.private.unwrap().source(),
        Some("order form 7")
    );
    let global = find(book, SONNET, "eu-west-1", Routing::Global, TODAY).unwrap();
    assert_eq!(rate(&global, TokenKind::Input), "1.5");
    // A rate that no list has.
    let micro = book.resolve(MICRO).unwrap().model;
    let query = RateQuery {
        region: Region::parse_known("us-west-1").unwrap(),
        routing: Routing::Regional,
        tier: Tier::Priority,
        date: day(TODAY),
    };
    let listed = PriceBook::embedded().resolve(MICRO).unwrap().model;
    assert!(listed.rates_if_listed(&query).is_none());
    let made = micro.rates(&query).unwrap();
    assert_eq!(rate(&made, TokenKind::Output), "0.2");
    assert_eq!(
        (made.basis.list, made.basis.checked),
        (None, day("2026-10-01"))
    );
    assert!(!made.basis.is_stale(day("2028-01-01")));
    let offers = micro.offers();
    assert!(
        offers
            .iter()
            .any(|offer| offer.tier == Tier::Priority && offer.places.contains(&"us-west-1"))
    );
}

/// Claude Haiku 5.5, global: 0.10 in, and 0.50 above 100,000 tokens.
#[test]
fn long_prompts_have_own_rates_where_they_are_given_and_are_said_where_not() {
    let haiku = |rows: &str| {
        let book = private(rows);
        find(
            book,
            "Claude Haiku 5.5",
            "us-east-1",
            Routing::Global,
            TODAY,
        )
        .unwrap()
    };
    let input = |rates: &Rates, tokens: u64| rates.for_prompt(tokens).input.unwrap().to_string();
    let without = haiku("[[rate]]\nmodel = \"Claude Haiku 5.5\"\ninput = 0.08\n");
    assert_eq!(input(&without, 100_000), "0.08");
    assert_eq!(input(&without, 100_001), "0.5");
    assert_eq!(
        without.basis.private.unwrap().to_string(),
        "Example agreement of 2026-10-01: rates of its own; long prompts stay at the list rate"
    );
    let discounted =
        haiku("[[discount]]\npercent = 10\n[[rate]]\nmodel = \"Claude Haiku 5.5\"\ninput = 0.08\n");
    assert_eq!(input(&discounted, 100_001), "0.45");
    assert_eq!(
        discounted.basis.private.unwrap().to_string(),
        "Example agreement of 2026-10-01: rates of its own, 10% off the list rate of the others, \
         those of long prompts among them"
    );
    let with = haiku("[[rate]]\nmodel = \"Claude Haiku 5.5\"\ninput = 0.08\nlong_input = 0.4\n");
    assert_eq!(input(&with, 100_000), "0.08");
    assert_eq!(input(&with, 100_001), "0.4");
    assert_eq!(
        with.basis.private.unwrap().to_string(),
        "Example agreement of 2026-10-01: rates of its own"
    );
    let table = "# title: Example agreement\n# date: 2026-10-01\n\
                 model,token,prompt,usd_per_million\n\
                 Claude Haiku 5.5,input,,0.08\nClaude Haiku 5.5,input,long,0.4\n";
    let document = "title = \"Example agreement\"\ndate = 2026-10-01\n[[rate]]\n\
                    model = \"Claude Haiku 5.5\"\ninput = 0.08\nlong_input = 0.4\n";
    assert_eq!(
        PrivateRates::from_csv(table).unwrap(),
        PrivateRates::from_toml(document).unwrap()
    );
    refused(
        "[[rate]]\nmodel = \"Nova Micro\"\nlong_input = 1",
        "line 3: amazon.nova-micro-v1:0 has no rates of long prompts",
    );
    let odd = table.replace(",long,", ",short,");
    assert_eq!(
        PrivateRates::from_csv(&odd).unwrap_err().to_string(),
        "line 5: prompt is \"short\", neither empty nor long"
    );
}

#[test]
fn a_table_and_a_document_say_the_same() {
    let table = "# title: Example agreement\n# date: 2026-10-01\n\
                 model,region,routing,token,usd_per_million,source\n\
                 Claude Sonnet 5,us-east-1,regional,input,1.40,order form 7\n\
                 Claude Sonnet 5,us-east-1,regional,output,7,order form 7\n";
    let document = "title = \"Example agreement\"\ndate = 2026-10-01\n[[rate]]\n\
                    model = \"Claude Sonnet 5\"\nregion = \"us-east-1\"\nrouting = \"regional\"\n\
                    input = 1.4\noutput = 7\nsource = \"order form 7\"\n";
    assert_eq!(
        PrivateRates::from_csv(table).unwrap(),
        PrivateRates::from_toml(document).unwrap()
    );
}

#[track_caller]
fn refused(rows: &str, expected: &str) {
    let text = format!("title = \"T\"\ndate = 2026-10-01\n{rows}");
    let error = PrivateRates::from_toml(&text).unwrap_err().to_string();
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn what_cannot_be_right_is_refused_by_line_and_reason() {
    refused("", "line 1: there is no discount and no rate");
    refused(
        "[[discount]]\npercent = 101",
        "line 3: percent 101 is outside 0 to 100",
    );
    refused(
        "[[discount]]\npercent = -1",
        "line 3: percent -1 is outside 0 to 100",
    );
    refused(
        "[[discount]]\npercent = \"ten\"",
        "line 4: invalid value: string \"ten\"",
    );
    refused(
        "[[discount]]\npercent = 1.23456",
        "line 3: percent 1.23456 has more than 4",
    );
    refused(
        "[[discount]]\npercent = 5\nsku = 3",
        "line 5: unknown field `sku`",
    );
    refused(
        "[[discount]]\nprovider = \"Antropic\"\npercent = 5",
        "line 3: unknown provider \"Antropic\"; nearest: Anthropic",
    );
    refused(
        "[[discount]]\nmodel = \"claude-sonet-5\"\npercent = 5",
        "line 3: unknown model \"claude-sonet-5\"",
    );
    refused(
        "[[discount]]\npercent = 5\n[[discount]]\npercent = 6",
        "line 5: a second discount on the same in the same time",
    );
    refused(
        "[[rate]]\nmodel = \"Nova Micro\"\ninput = 10001",
        "line 5: 10001 USD per million tokens is outside 0 to 10000",
    );
    refused(
        "[[rate]]\nmodel = \"Nova Micro\"\nregion = \"us-eest-1\"\ninput = 1",
        "line 3: unknown region \"us-eest-1\"",
    );
    refused(
        "[[rate]]\nmodel = \"us.amazon.nova-micro-v1:0\"\ninput = 1",
        "line 3: \"us.amazon.nova-micro-v1:0\" names a profile or a region",
    );
    refused(
        "[[rate]]\nmodel = \"Nova Micro\"\ninput = 1\n[[rate]]\nmodel = \"Nova Micro\"\ninput = 2",
        "line 6: a second input rate of amazon.nova-micro-v1:0",
    );
    refused(
        "[[rate]]\nmodel = \"Nova Micro\"\ninput = 1\nfrom = 2026-02-01\nuntil = 2026-01-01",
        "line 3: until 2026-01-01 is before 2026-02-01",
    );
    refused(
        "[[rate]]\nmodel = \"Nova Micro\"",
        "line 3: a rate without input, output",
    );
    let table = |rows: &str| {
        let text = format!("# title: T\n# date: 2026-10-01\nmodel,token,usd_per_million\n{rows}");
        PrivateRates::from_csv(&text).unwrap_err().to_string()
    };
    assert_eq!(
        table("Nova Micro,input,1\nNova Micro,inputs,1\n"),
        "line 5: \"inputs\" is not a kind of token: input"
    );
    assert_eq!(
        table("Nova Micro,input,free\n"),
        "line 4: `free` is not a decimal number of dollars"
    );
    assert_eq!(
        table("Nova Micro,input\n"),
        "line 4: 2 cells, and the table has 3 columns"
    );
    assert_eq!(
        PrivateRates::from_csv("model,token,usd_per_million\n")
            .unwrap_err()
            .to_string(),
        "line 1: there is no line `# title: ...` above the table"
    );
}

fn overlay(read: &str, rows: &[(&'static str, &str, Routing, TokenKind, &str)]) -> Overlay {
    Overlay {
        rates: rows
            .iter()
            .map(|(model, region, routing, kind, usd)| OverlayRate {
                key: OverlayKey {
                    model,
                    region: Region::parse_known(region).unwrap(),
                    routing: *routing,
                    tier: Tier::Standard,
                    kind: *kind,
                    long_context: false,
                },
                rate: usd.parse().unwrap(),
                in_force_since: Some(day("2026-11-01")),
                read: day(read),
                source: "AWS Price List".to_owned(),
            })
            .collect(),
    }
}

#[test]
fn the_overlay_wins_from_its_first_day_on_and_where_it_is_the_fresher() {
    use Routing::{Global, Regional};
    use TokenKind::{Input, Output};
    let list = overlay(
        "2026-12-01",
        &[
            // Cheaper than the embedded 2.20 and 11.
            (SONNET, "us-east-1", Regional, Input, "1.10"),
            (SONNET, "us-east-1", Regional, Output, "5.50"),
            // As embedded, for all regions at once.
            (SONNET, "eu-west-1", Global, Input, "2"),
            (SONNET, "eu-west-1", Global, Output, "10"),
        ],
    );
    let book = PriceBook::layered(Some(&list), None);
    let east = rates(book, SONNET, "2026-12-02");
    assert_eq!(rate(&east, Input), "1.1");
    assert_eq!(rate(&east, Output), "5.5");
    // The list has no cache rates: those stay, and the card is as old as they are.
    assert_eq!(rate(&east, TokenKind::CacheRead), "0.22");
    assert_eq!(east.basis.list, Some(ListOrigin::Both));
    assert_eq!(
        east.basis.checked,
        rates(PriceBook::embedded(), SONNET, TODAY).basis.checked
    );
    assert_eq!(east.basis.agreement, Agreement::SingleOfficial);
    let note = east.basis.note.unwrap();
    assert!(
        note.starts_with("one source: AWS Price List of 2026-12-01; the embedded rates, checked")
            && note.ends_with("are input 2.2, output 11"),
        "{note}"
    );
    // Before AWS lists it, it is not in force.
    assert_eq!(rate(&rates(book, SONNET, "2026-10-31"), Input), "2.2");
    // Elsewhere nothing changes.
    let west = find(book, SONNET, "us-west-2", Regional, "2026-12-02").unwrap();
    assert_eq!(
        (rate(&west, Input), west.basis.origin()),
        ("2.2".to_owned(), "embedded")
    );
    // What the list confirms, it confirms.
    let ireland = find(book, SONNET, "eu-west-1", Global, "2026-12-02").unwrap();
    assert_eq!(ireland.basis.agreement, Agreement::Agree);
    assert_eq!(rate(&ireland, Input), "2");

    // An overlay that is older than the embedded row does not touch it.
    let mut old = list.clone();
    for rate in &mut old.rates {
        rate.read = day("2026-01-01");
    }
    let book = PriceBook::layered(Some(&old), None);
    assert_eq!(rates(book, SONNET, "2026-12-02").basis.origin(), "embedded");

    // Private rates are taken off the overlay: 1.10 x 0.5.
    let half = "title = \"T\"\ndate = 2026-10-01\n[[discount]]\npercent = 50\n";
    let half = PrivateRates::from_toml(half).unwrap();
    let book = PriceBook::layered(Some(&list), Some(half));
    let east = rates(book, SONNET, "2026-12-02");
    assert_eq!(
        (rate(&east, Input), east.basis.origin()),
        ("0.55".to_owned(), "private")
    );
}

#[test]
fn every_card_in_force_is_found_with_its_layers() {
    let list = overlay(
        "2026-12-01",
        &[
            (
                MICRO,
                "ca-west-1",
                Routing::Regional,
                TokenKind::Input,
                "0.04",
            ),
            (
                MICRO,
                "us-east-1",
                Routing::Regional,
                TokenKind::Input,
                "0.03",
            ),
        ],
    );
    let book = PriceBook::layered(Some(&list), None);
    let placed = book
        .resolve(MICRO)
        .unwrap()
        .model
        .in_force(day("2026-12-02"));
    let at = |place: &str| {
        let mut here = placed
            .iter()
            .filter(|placed| placed.place == place && placed.rates.tier == Tier::Standard);
        let found = here.next().unwrap();
        assert!(here.next().is_none(), "{place} stands twice");
        (
            rate(&found.rates, TokenKind::Input),
            found.rates.basis.origin(),
        )
    };
    assert_eq!(at("ca-west-1"), ("0.04".to_owned(), "refreshed"));
    assert_eq!(
        at("us-east-1"),
        ("0.03".to_owned(), "refreshed and embedded")
    );
    // 0.041 in Ireland would do as well: what matters is that it is the embedded row.
    assert_eq!(at("eu-west-1").1, "embedded");
    // A request finds what the list shows, for every model and place that is a region.
    for model in PriceBook::embedded().models() {
        for placed in model.in_force(day(TODAY)) {
            let Ok(region) = Region::parse_known(placed.place) else {
                continue;
            };
            let query = RateQuery {
                region,
                routing: placed.routing,
                tier: placed.rates.tier,
                date: day(TODAY),
            };
            let found = model.rates(&query).unwrap();
            let in_region = found.scope == placed.rates.scope;
            assert!(
                !in_region || found == placed.rates,
                "{} {placed:?}",
                model.id()
            );
        }
    }
}

#[test]
fn an_overlay_reads_back_from_its_own_text() {
    let list = overlay(
        "2026-12-01",
        &[(
            MICRO,
            "us-east-1",
            Routing::Regional,
            TokenKind::Input,
            "0.03",
        )],
    );
    let text = list.to_text();
    assert_eq!(Overlay::from_text(&text).unwrap(), list);
    let refused = |from: &str, to: &str| {
        Overlay::from_text(&text.replace(from, to))
            .unwrap_err()
            .to_string()
    };
    assert!(refused("overlay 2", "overlay 3").starts_with("line 1: the first line is not"));
    assert_eq!(
        refused("2026-12-01", "soon"),
        "line 3: \"soon\" is not a date such as 2026-10-01"
    );
    assert_eq!(
        refused(",0.03,", ",0.03x,"),
        "line 3: `0.03x` is not a decimal number of dollars"
    );
    assert_eq!(refused("us-east-1", "*"), "line 3: no region");
    // A model of a later version is passed over.
    let unknown = text.replace(MICRO, "amazon.nova-9");
    assert_eq!(Overlay::from_text(&unknown).unwrap().rates, []);
}
