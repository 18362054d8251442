//! Statistics: one number out of what a metric counted in a period.

use super::series::Bucket;

/// A statistic of CloudWatch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// A percentile, 0 to 100, such as `p99`.
    Percentile(f64),
    /// The mean of the samples between two percentiles, such as `tm90`, `TM(10%:90%)` or `IQM`.
    TrimmedMean(f64, f64),
}

impl Statistic {
    /// Reads a statistic's name.
    ///
    /// # Errors
    ///
    /// A sentence fragment for a name that is none, or that these metrics do not keep.
    pub(super) fn parse(name: &str) -> Result<Self, String> {
        let plain = match name {
            "SampleCount" => Some(Self::SampleCount),
            "Average" => Some(Self::Average),
            "Sum" => Some(Self::Sum),
            "Minimum" => Some(Self::Minimum),
            "Maximum" => Some(Self::Maximum),
            "IQM" => Some(Self::TrimmedMean(25.0, 75.0)),
            _ => None,
        };
        plain
            .or_else(|| percent(name.strip_prefix('p')?).map(Self::Percentile))
            .or_else(|| percent(name.strip_prefix("tm")?).map(|to| Self::TrimmedMean(0.0, to)))
            .or_else(|| {
                let range = name.strip_prefix("TM(")?.strip_suffix(')')?;
                let (from, to) = range.split_once(':')?;
                let bound = |text: &str, default: f64| match text {
                    "" => Some(default),
                    text => percent(text.strip_suffix('%')?),
                };
                let (from, to) = (bound(from, 0.0)?, bound(to, 100.0)?);
                (from < to).then_some(Self::TrimmedMean(from, to))
            })
            .ok_or_else(|| format!("the statistic '{name}' is not available for this metric"))
    }

    /// The statistic of a period.
    pub(super) fn of(self, bucket: &Bucket) -> f64 {
        match self {
            Self::SampleCount => float(bucket.count),
            Self::Average => float(bucket.sum) / float(bucket.count),
            Self::Sum => float(bucket.sum),
            Self::Minimum => float(bucket.minimum),
            Self::Maximum => float(bucket.maximum),
            Self::Percentile(percent) => quantile(bucket, percent),
            Self::TrimmedMean(from, to) => {
                let steps = 50_u32;
                let total: f64 = (0..steps)
                    .map(|step| {
                        let place = (f64::from(step) + 0.5) / f64::from(steps);
                        quantile(bucket, from + (to - from) * place)
                    })
                    .sum();
                total / f64::from(steps)
            }
        }
    }
}

fn percent(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (0.0..=100.0).contains(&number).then_some(number)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "CloudWatch sends doubles; counts stay far below 2^53"
)]
fn float(count: u64) -> f64 {
    count as f64
}

/// The value below which a part of the samples lies: a curve with a long upper tail from the
/// least sample over the median, a little below the mean, to the greatest.
fn quantile(bucket: &Bucket, percent: f64) -> f64 {
    let (low, high) = (float(bucket.minimum), float(bucket.maximum));
    let mean = float(bucket.sum) / float(bucket.count);
    let median = (mean * 0.92).clamp(low, high.max(low));
    if percent <= 50.0 {
        low + (median - low) * (percent / 50.0).powf(0.7)
    } else {
        median + (high - median) * ((percent - 50.0) / 50.0).powi(4)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::*;

    const BUCKET: Bucket = Bucket {
        count: 4,
        sum: 1_000,
        minimum: 100,
        maximum: 500,
    };

    fn check(name: &str, expected: f64) {
        let found = Statistic::parse(name).unwrap().of(&BUCKET);
        assert!((found - expected).abs() < 1e-9, "{name}: {found}");
    }

    #[test]
    fn plain_statistics_are_exact() {
        check("SampleCount", 4.0);
        check("Sum", 1_000.0);
        check("Average", 250.0);
        check("Minimum", 100.0);
        check("Maximum", 500.0);
    }

    #[test]
    fn percentiles_rise_from_the_least_to_the_greatest() {
        check("p0", 100.0);
        check("p50", 230.0);
        check("p100", 500.0);
        let values: Vec<f64> = (0..=100)
            .map(|percent| quantile(&BUCKET, f64::from(percent)))
            .collect();
        assert!(values.is_sorted());
        let trimmed = Statistic::parse("tm90").unwrap().of(&BUCKET);
        assert!(100.0 < trimmed && trimmed < quantile(&BUCKET, 90.0));
    }

    #[test]
    fn other_names_are_refused() {
        for name in ["sum", "p101", "px", "", "TM(90%:10%)", "PR(:300)", "p"] {
            assert!(Statistic::parse(name).is_err(), "{name}");
        }
    }
}
