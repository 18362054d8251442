//! What a chart shows, read back from its pixels.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use proptest::prelude::*;

const BLUE: [u8; 3] = [0, 114, 178];
const ORANGE: [u8; 3] = [230, 159, 0];
const RED: [u8; 3] = [213, 94, 0];

fn usd(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

fn bars(amounts: &[i64]) -> Chart {
    let named = |(index, cents): (usize, &i64)| (format!("model {index}"), usd(*cents));
    Chart {
        title: "Bedrock by model".to_owned(),
        unit: Unit::Usd,
        shape: Shape::Bars(amounts.iter().enumerate().map(named).collect()),
    }
}

struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    fn of(chart: &Chart) -> Self {
        let png = chart.png().unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(png))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        Self {
            width: usize::try_from(info.width).unwrap(),
            height: usize::try_from(info.height).unwrap(),
            pixels,
        }
    }

    fn count(&self, colour: [u8; 3]) -> usize {
        self.pixels
            .chunks(3)
            .filter(|pixel| *pixel == colour)
            .count()
    }

    /// The longest run of a colour in each line of pixels that has it.
    fn runs(&self, colour: [u8; 3]) -> Vec<usize> {
        self.pixels
            .chunks(self.width * 3)
            .map(|line| line.chunks(3).filter(|pixel| *pixel == colour).count())
            .filter(|run| *run > 0)
            .collect()
    }
}

#[test]
fn bars_are_as_long_as_their_amounts() {
    let runs = Picture::of(&bars(&[40_000, 10_000])).runs(BLUE);
    let (long, short) = (runs[0], *runs.last().unwrap());
    // A pixel is all that rounding may cost.
    assert!(long.abs_diff(4 * short) <= 4, "{long} and {short}");
}

#[test]
fn what_is_given_back_goes_the_other_way() {
    let picture = Picture::of(&bars(&[30_000, -10_000]));
    let (spent, given_back) = (picture.count(BLUE), picture.count(RED));
    assert!(
        spent.abs_diff(3 * given_back) < spent / 50,
        "{spent} and {given_back}"
    );
}

#[test]
fn parts_of_a_column_stand_on_each_other() {
    let shape = Shape::Columns {
        places: vec!["10-01".to_owned(), "10-02".to_owned()],
        series: vec![
            ("one".to_owned(), vec![usd(100), usd(300)]),
            ("other".to_owned(), vec![usd(200), usd(0)]),
        ],
    };
    let chart = Chart { shape, ..bars(&[]) };
    let picture = Picture::of(&chart);
    // The legend has a square of each.
    let legend = 13 * 13;
    let (one, other) = (picture.count(BLUE) - legend, picture.count(ORANGE) - legend);
    assert!(one.abs_diff(2 * other) < other / 10, "{one} and {other}");
}

#[test]
fn more_names_than_can_be_told_apart_are_summed_up() {
    let chart = bars(&[1, 900, 800, 700, 600, 500, 400, 300, 2, 3]).summed_up();
    let Shape::Bars(bars) = chart.shape else {
        unreachable!("bars stay bars")
    };
    let names: Vec<&str> = bars.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "model 1", "model 2", "model 3", "model 4", "model 5", "model 6", "model 7", "3 more"
        ]
    );
    assert_eq!(bars.last().unwrap().1, usd(6));
}

#[test]
fn labels_have_the_digits_that_count() {
    for (amount, usd, tokens) in [
        ("0.000123456", "$0.000123", "0.000123"),
        ("12.3", "$12.30", "12.3"),
        ("5787.62676153", "$5787.63", "5.79k"),
        ("-1500", "-$1500.00", "-1.5k"),
        ("31823.31", "$31.8k", "31.8k"),
        ("6961072290", "$6.96B", "6.96B"),
        ("0", "$0", "0"),
    ] {
        let amount = amount.parse().unwrap();
        assert_eq!(Unit::Usd.label(amount), usd);
        assert_eq!(Unit::Tokens.label(amount), tokens);
    }
}

#[test]
fn an_empty_chart_is_a_picture_too() {
    let none = Shape::Columns {
        places: Vec::new(),
        series: Vec::new(),
    };
    for chart in [
        bars(&[]),
        bars(&[0]),
        Chart {
            shape: none,
            ..bars(&[])
        },
    ] {
        let picture = Picture::of(&chart);
        assert!(picture.width > 0 && picture.height > 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_names_and_amounts_make_a_picture(
        named in proptest::collection::vec((".{0,200}", -i64::MAX..i64::MAX), 0..40),
        title in ".{0,300}",
    ) {
        let named = named.into_iter().map(|(name, cents)| (name, usd(cents))).collect();
        let chart = Chart { title, unit: Unit::Tokens, shape: Shape::Bars(named) };
        prop_assert!(chart.png().is_ok());
    }
}
