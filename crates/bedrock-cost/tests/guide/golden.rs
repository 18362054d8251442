//! Golden vectors: the figure, the model, the day of its rate, the days of the month, and the arithmetic by hand.

use bedrock_cost::inference::{Commitment, Routing, Tier};
use bedrock_cost::price_book::PriceBook;
use bedrock_cost::region::Region;
use bedrock_cost::scenario::{
    BreakEven, CacheArguments, Direction, PlanKind, ProvisionedArguments, ScenarioArguments,
};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::workload::{
    BEFORE_EXTENDED_ACCESS, TODAY, chatbot, decimal, guardrail, monthly, on, percent_less, plan,
    ratio, sessions, today, tokens,
};

#[track_caller]
fn check(arguments: ScenarioArguments, day: Date, expected: &str, lines: &[&str]) {
    let estimate = on(day, arguments);
    let costs: Vec<String> = estimate
        .components
        .iter()
        .map(|component| component.cost.to_string())
        .collect();
    assert_eq!(estimate.monthly.to_string(), expected, "{costs:?}");
    assert_eq!(costs, lines);
}

#[test]
fn twenty_million_in_and_one_million_out() {
    // Nova Micro, 0.035/0.14 per 1M: 20 x 0.035 = 0.70; 1 x 0.14 = 0.14; 0.84.
    let of = |model| tokens(model, 1_000, 20_000, 1_000);
    check(of("Nova Micro"), TODAY, "0.84", &["0.7", "0.14"]);
    // Claude 3 Opus, 15/75: 20 x 15 = 300; 75; 375.00.
    check(of("Claude 3 Opus"), TODAY, "375", &["300", "75"]);
    // 375 / 0.84 = 446.4286.
    let times = ratio(monthly(of("Claude 3 Opus")), monthly(of("Nova Micro")));
    assert_eq!(times, decimal("446.43"));
    // Claude Opus 5.5 through the global profile, 4/20: 80 + 20 = 100.00; 100 / 0.84 = 119.0476.
    let opus = of("global.anthropic.claude-opus-5-5");
    check(opus.clone(), TODAY, "100", &["80", "20"]);
    assert_eq!(
        ratio(monthly(opus), monthly(of("Nova Micro"))),
        decimal("119.05")
    );
}

#[test]
fn the_chatbot_costs_17_280_in_30_days_not_in_workdays() {
    // 50 x 60 x 8 x 30 = 720,000 calls. Claude 3.5 Haiku, 0.80/4.00:
    // 720,000 x 25,000 = 18,000M x 0.80 = 14,400; 720,000 x 1,000 = 720M x 4.00 = 2,880; 17,280.
    let lines = ["14400", "2880"];
    check(
        chatbot("Claude 3.5 Haiku", 25_000, 30),
        TODAY,
        "17280",
        &lines,
    );
    // 21 workdays: 504,000 calls; 12,600M x 0.80 = 10,080; 504M x 4.00 = 2,016; 12,096.
    let lines = ["10080", "2016"];
    check(
        chatbot("Claude 3.5 Haiku", 25_000, 21),
        TODAY,
        "12096",
        &lines,
    );
    // 22 workdays: 528,000 calls; 10,560 + 2,112 = 12,672.
    let lines = ["10560", "2112"];
    check(
        chatbot("Claude 3.5 Haiku", 25_000, 22),
        TODAY,
        "12672",
        &lines,
    );
    let formula = "50 a minute x 60 x 8 hours x 30 days = 720000 requests a month";
    let scenario = bedrock_cost::scenario::Scenario::new(chatbot("x", 25_000, 30), TODAY).unwrap();
    assert_eq!(scenario.requests().formula(), formula);
    let estimate = today(chatbot("Claude 3.5 Haiku", 25_000, 30));
    assert_eq!(
        estimate.components.first().unwrap().formula(),
        "720000 requests x 25000 input tokens / 1000000 x 0.8 USD = 14400 USD"
    );
    // 25,000 x 0.80 / 1M = 0.02; 1,000 x 4.00 / 1M = 0.004.
    assert_eq!(estimate.per_request.to_string(), "0.024");
}

#[test]
fn nova_lite_is_92_75_percent_cheaper_not_95() {
    let haiku = monthly(chatbot("Claude 3.5 Haiku", 25_000, 30));
    // Nova Lite, 0.06/0.24: 18,000 x 0.06 = 1,080; 720 x 0.24 = 172.80; 1,252.80. 1 - 1,252.80/17,280 = 0.9275.
    let lite = chatbot("Nova Lite", 25_000, 30);
    check(lite.clone(), TODAY, "1252.8", &["1080", "172.8"]);
    assert_eq!(percent_less(haiku, monthly(lite)), decimal("92.75"));
    // Nova Micro, 0.035/0.14: 630 + 100.80 = 730.80. 1 - 730.80/17,280 = 0.957708.
    let micro = chatbot("Nova Micro", 25_000, 30);
    check(micro.clone(), TODAY, "730.8", &["630", "100.8"]);
    assert_eq!(percent_less(haiku, monthly(micro)), decimal("95.77"));
}

#[test]
fn caching_cannot_save_85_percent_there() {
    // Even if the same 25,000 tokens came first in all 720,000 calls and were written once:
    // 1 x 25,000 x 1.00/1M = 0.025; 719,999 x 25,000 x 0.08/1M = 1,439.998; output 2,880; 4,320.023.
    // 1 - 4,320.023/17,280 = 0.74999867: under 75%, because the output is 2,880 of 17,280.
    let all = ScenarioArguments {
        cache: Some(CacheArguments {
            prefix_tokens: 25_000.into(),
            reads_per_write: 719_999.into(),
            ttl: None,
        }),
        ..chatbot("Claude 3.5 Haiku", 25_000, 30)
    };
    check(
        all.clone(),
        TODAY,
        "4320.023",
        &["0.025", "1439.998", "2880"],
    );
    let estimate = today(all);
    let without = plan(&estimate, PlanKind::WithoutCache);
    assert_eq!(without.monthly.to_string(), "17280");
    assert_eq!(without.saving.to_string(), "-12959.977");
    let saved = (decimal("17280") - estimate.monthly.amount()) / decimal("17280");
    assert!(saved < decimal("0.75") && saved > decimal("0.74999"));
}

#[test]
fn the_stacked_levers_do_not_give_80_percent() {
    let haiku = decimal("17280");
    // 40% fewer input tokens: 720,000 x 15,000 = 10,800M x 0.80 = 8,640; 2,880; 11,520: a third less.
    check(
        chatbot("Claude 3.5 Haiku", 15_000, 30),
        TODAY,
        "11520",
        &["8640", "2880"],
    );
    assert_eq!(percent_less(haiku, decimal("11520")), decimal("33.33"));
    // Nova Lite, 15,000 tokens, all batch at 0.03/0.12: 10,800 x 0.03 = 324; 720 x 0.12 = 86.40; 410.40: 97.625% less.
    let levers = ScenarioArguments {
        tier: Some(Tier::Batch),
        ..chatbot("Nova Lite", 15_000, 30)
    };
    check(levers, TODAY, "410.4", &["324", "86.4"]);
    assert_eq!(percent_less(haiku, decimal("410.4")), decimal("97.63"));
    // The guide's result is 17,280 x 0.2 and none of these.
    assert_eq!(haiku * decimal("0.2"), decimal("3456"));
}

#[test]
fn the_prompt_example_is_at_claude_2_rates() {
    let of = |model| tokens(model, 1_000, 113, 352);
    // Claude 2.1, 8/24: 113,000 x 8/1M = 0.904; 352,000 x 24/1M = 8.448; 9.352.
    check(of("Claude 2.1"), TODAY, "9.352", &["0.904", "8.448"]);
    // The good prompt: 1 - 2.84/9.35 = 0.69626.
    assert_eq!(
        percent_less(decimal("9.35"), decimal("2.84")),
        decimal("69.63")
    );
    // Claude 3.5 Haiku, 0.80/4.00: 0.0904 + 1.408 = 1.4984.
    check(
        of("Claude 3.5 Haiku"),
        TODAY,
        "1.4984",
        &["0.0904", "1.408"],
    );
    // Claude 3.5 Sonnet on 2025-11-30, 3/15: 0.339 + 5.28 = 5.619.
    check(
        of("Claude 3.5 Sonnet"),
        BEFORE_EXTENDED_ACCESS,
        "5.619",
        &["0.339", "5.28"],
    );
    // Claude 3 Opus, 15/75: 1.695 + 26.4 = 28.095.
    check(of("Claude 3 Opus"), TODAY, "28.095", &["1.695", "26.4"]);
}

#[test]
fn the_html_and_csv_example_is_at_claude_2_rates() {
    let of = |input, output| tokens("Claude 2.1", 1_000, input, output);
    // 16,161,000 x 8/1M = 129.288; 45,000 x 24/1M = 1.08; 130.368. With 44: 1.056; 130.344. The guide: 130.36.
    check(of(16_161, 45), TODAY, "130.368", &["129.288", "1.08"]);
    check(of(16_161, 44), TODAY, "130.344", &["129.288", "1.056"]);
    // 1,709,000 x 8/1M = 13.672; 161,000 x 24/1M = 3.864; 17.536. The guide: 17.54.
    check(of(1_709, 161), TODAY, "17.536", &["13.672", "3.864"]);
    // 824,000 x 8/1M = 6.592; 177,000 x 24/1M = 4.248; 10.84 exactly.
    check(of(824, 177), TODAY, "10.84", &["6.592", "4.248"]);
    // 1 - 10.84/130.36 = 0.91685; tokens 1 - 824/16,161 = 0.94901.
    assert_eq!(
        percent_less(decimal("130.36"), decimal("10.84")),
        decimal("91.68")
    );
    assert_eq!(
        percent_less(decimal("16161"), decimal("824")),
        decimal("94.90")
    );
}

#[test]
fn the_guardrail_example_holds_with_pii_on_input_only() {
    // 500 x 10 x 21 = 105,000 requests; 1,500 characters are 2 text units, 400 are 1.
    // Content 0.00015: 210,000 -> 31.50 in, 105,000 -> 15.75 out; topics the same; PII 0.00010: 21.00 in, 10.50 out.
    let input = ["31.5", "15.75", "31.5", "15.75", "21"];
    check(guardrail(Direction::Input), TODAY, "115.5", &input);
    let both = ["31.5", "15.75", "31.5", "15.75", "21", "10.5"];
    check(guardrail(Direction::Both), TODAY, "126", &both);
    let output = ["31.5", "15.75", "31.5", "15.75", "10.5"];
    check(guardrail(Direction::Output), TODAY, "105", &output);
}

#[test]
fn the_decision_matrix_costs_this_on_demand() {
    // 5M requests: 15,000M tokens in, 2,500M out.
    check(
        sessions("Claude 2.1"),
        TODAY,
        "180000",
        &["120000", "60000"],
    );
    check(
        sessions("Claude Instant"),
        TODAY,
        "18000",
        &["12000", "6000"],
    );
    check(sessions("Claude 3 Haiku"), TODAY, "6875", &["3750", "3125"]);
    check(
        sessions("Claude 3.5 Haiku"),
        TODAY,
        "22000",
        &["12000", "10000"],
    );
    let sonnet = sessions("Claude 3.5 Sonnet");
    check(
        sonnet.clone(),
        BEFORE_EXTENDED_ACCESS,
        "82500",
        &["45000", "37500"],
    );
    // Public Extended Access since 2025-12-01, 6/30: twice as much.
    check(sonnet.clone(), TODAY, "165000", &["90000", "75000"]);
    let notes = today(sonnet).notes;
    let extended = notes.iter().find(|note| note.code == "extended_access");
    assert_eq!(
        extended.unwrap().text,
        "Public Extended Access since 2025-12-01: input 6 instead of 3, output 30 instead of 15 USD per 1M tokens, \
         82500 USD of the monthly cost"
    );
    check(
        sessions("Claude 3 Opus"),
        TODAY,
        "412500",
        &["225000", "187500"],
    );
    check(sessions("Nova Lite"), TODAY, "1500", &["900", "600"]);
    let sonnet = sessions("global.anthropic.claude-sonnet-5-5");
    check(sonnet, TODAY, "55000", &["30000", "25000"]);
    // Batch inference: half of 22,000.
    let haiku = today(sessions("Claude 3.5 Haiku"));
    let batch = plan(&haiku, PlanKind::Tier(Tier::Batch));
    assert_eq!(batch.monthly.to_string(), "11000");
    assert_eq!(batch.saving.to_string(), "11000");
}

#[test]
fn provisioned_throughput_for_230_000_is_dearer_than_on_demand() {
    // 5 model units of Claude 2 at 63.00 an hour (1 month) x 730 hours = 229,950; on-demand is 180,000.
    let of = |units: i64, commitment| ScenarioArguments {
        provisioned: Some(ProvisionedArguments {
            model_units: units.into(),
            commitment,
        }),
        ..sessions("Claude 2.1")
    };
    let estimate = today(of(5, Commitment::OneMonth));
    let month = plan(&estimate, PlanKind::Provisioned(Commitment::OneMonth));
    assert_eq!(month.monthly.to_string(), "229950");
    assert_eq!(month.saving.to_string(), "-49950");
    // 229,950 / 0.036 a request = 6,387,500 requests; 6,387,500 / 5,000,000 = 1.2775.
    assert_eq!(
        month.break_even,
        Some(BreakEven::Requests {
            a_month: decimal("6387500"),
            times_given: decimal("1.2775")
        })
    );
    // 9 units at 35.00 (6 months) x 730 = 229,950 as well: the guide's figure does not say which.
    let estimate = today(of(9, Commitment::SixMonths));
    let months = plan(&estimate, PlanKind::Provisioned(Commitment::SixMonths));
    assert_eq!(months.monthly.to_string(), "229950");
    // The guide's range of 35 to 230 an hour: listed are 4.11 to 158.40.
    let rates: Vec<Decimal> = PriceBook::embedded()
        .others("provisioned_throughput", TODAY)
        .map(|row| row.rate.usd.amount())
        .collect();
    assert_eq!(rates.iter().min(), Some(&decimal("4.11")));
    assert_eq!(rates.iter().max(), Some(&decimal("158.40")));
}

#[test]
fn a_typical_request_does_not_cost_15_millionths() {
    // 0.000015 / 0.035 per 1M = 428.57 input tokens of Nova Micro and no output.
    check(
        tokens("Nova Micro", 1, 428, 0),
        TODAY,
        "0.00001498",
        &["0.00001498"],
    );
    check(
        tokens("Nova Micro", 1, 429, 0),
        TODAY,
        "0.000015015",
        &["0.000015015"],
    );
    // One call of the guide's own chatbot: 0.024; 0.024 / 0.000015 = 1,600.
    assert_eq!(
        ratio(decimal("0.024"), decimal("0.000015")),
        decimal("1600")
    );
}

#[test]
fn the_cheapest_input_is_nova_micro_not_nova_lite() {
    // Per 1,000 tokens: 0.035 / 1,000 = 0.000035; 0.06 / 1,000 = 0.00006.
    check(
        tokens("Nova Micro", 1, 1_000, 0),
        TODAY,
        "0.000035",
        &["0.000035"],
    );
    check(
        tokens("Nova Lite", 1, 1_000, 0),
        TODAY,
        "0.00006",
        &["0.00006"],
    );
    // 0.075 output over 0.000035 input = 2,142.857; like for like 15/0.035 = 428.571, 75/0.14 = 535.714.
    for (of, to, expected) in [
        ("75", "0.035", "2142.86"),
        ("15", "0.035", "428.57"),
        ("75", "0.14", "535.71"),
    ] {
        assert_eq!(ratio(decimal(of), decimal(to)), decimal(expected));
    }
}

#[test]
fn caching_saves_90_percent_of_cached_input_on_some_models() {
    let check = |model: &str, read: &str, ttl: &str, reads: &str| {
        let estimate = today(ScenarioArguments {
            region: Some(Region::US_EAST_1),
            routing: model.starts_with("global").then_some(Routing::Global),
            ..tokens(model, 1_000, 1_000, 100)
        });
        let known = estimate
            .cache_break_even
            .iter()
            .find(|known| known.ttl.as_str() == ttl);
        let known = known.unwrap();
        let [input, _, cached] = known.rates;
        assert_eq!(percent_less(input, cached), decimal(read), "{model}");
        assert_eq!(known.reads, decimal(reads), "{model} {ttl}");
    };
    // Claude: write 1.25 x, read 0.10 x: 0.25/0.90 = 0.27778; 1 hour: write 2 x: 1/0.90 = 1.11111; rounded up.
    check("Claude 3.5 Haiku", "90", "5m", "0.2778");
    check("global.anthropic.claude-sonnet-4-6", "90", "5m", "0.2778");
    check("global.anthropic.claude-sonnet-4-6", "90", "1h", "1.1112");
    // Opus 5.5: read 0.05 x: 0.25/0.95 = 0.263157.
    check("global.anthropic.claude-opus-5-5", "95", "5m", "0.2632");
    // Fable 5.1: read 0.025 x: 0.25/0.975 = 0.256410.
    check("global.anthropic.claude-fable-5-1", "97.5", "5m", "0.2565");
    // Nova: writes are free, reads 0.25 x.
    check("Nova Lite", "75", "5m", "0");
}
