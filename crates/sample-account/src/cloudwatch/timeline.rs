//! The timestamps of a request, and how long CloudWatch keeps data at which resolution.
//!
//! Source: `GetMetricStatistics`, CloudWatch API reference, 2026-11-22.

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Data kept at a resolution (seconds) for so many days.
const RETENTION: [(i64, i64); 3] = [(MINUTE, 15), (5 * MINUTE, 63), (HOUR, 455)];

/// A time range cut into periods.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeline {
    /// The first timestamp, rounded down as AWS does by its age, in epoch seconds.
    pub(super) start: i64,
    /// The end, which is not part of the range.
    pub(super) end: i64,
    /// The instant of the request.
    pub(super) now: i64,
}

impl Timeline {
    /// Rounds the start down: to the minute within 15 days, to 5 minutes within 63, else to the
    /// hour.
    pub(super) fn new(start: i64, end: i64, now: i64) -> Self {
        let age = now - start;
        let resolution = RETENTION
            .iter()
            .find(|(_, days)| age <= days * DAY)
            .map_or(HOUR, |(resolution, _)| *resolution);
        Self {
            start: start.div_euclid(resolution) * resolution,
            end,
            now,
        }
    }

    /// The timestamps of a period within the range and not after now.
    pub(super) fn grid(&self, period: i64) -> impl Iterator<Item = i64> + use<> {
        let period = period.max(MINUTE);
        let (start, end) = (self.start, self.end.min(self.now));
        (0..)
            .map(move |step| start + step * period)
            .take_while(move |time| *time < end)
    }

    /// Tells whether data of a period is still kept for a timestamp.
    pub(super) fn is_kept(&self, time: i64, period: i64) -> bool {
        let age = self.now - time;
        RETENTION
            .iter()
            .filter(|(resolution, _)| period % resolution == 0)
            .any(|(_, days)| age <= days * DAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn data_fades_with_age() {
        let line = Timeline::new(0, NOW, NOW);
        let check = |age_days: i64, period: i64, expected: bool| {
            let kept = line.is_kept(NOW - age_days * DAY, period);
            assert_eq!(kept, expected, "{age_days} days, {period} s");
        };
        for (period, days) in [
            (60, 15),
            (120, 15),
            (300, 63),
            (900, 63),
            (3_600, 455),
            (DAY, 455),
        ] {
            check(days, period, true);
            check(days + 1, period, false);
        }
    }

    #[test]
    fn the_start_is_rounded_by_its_age() {
        let check = |age: i64, resolution: i64| {
            let start = NOW - age + 59;
            let line = Timeline::new(start, NOW, NOW);
            assert_eq!(line.start, start / resolution * resolution);
        };
        check(DAY, MINUTE);
        check(20 * DAY, 5 * MINUTE);
        check(100 * DAY, HOUR);
    }

    #[test]
    fn a_grid_ends_before_the_end_and_before_now() {
        let grid = |end: i64| Timeline::new(NOW - 180, end, NOW).grid(60).count();
        assert_eq!((grid(NOW), grid(NOW - 60), grid(NOW + 600)), (3, 2, 3));
    }
}
