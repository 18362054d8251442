//! What produces usage: a volume curve, and the lines that its usage is billed on.

use super::calendar::{Day, Shape, noise, share};
use super::line::Tokens;
use super::stream::Surge;

/// Something that produces usage: a volume curve with the lines it is billed on.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) seed: u64,
    pub(super) volume: &'static [(Day, u64)],
    pub(super) until: Day,
    pub(super) shape: Shape,
    pub(super) offset: u64,
    pub(super) surge: Option<Surge>,
    pub(super) meters: Vec<Meter>,
}

/// A line that a source is billed on.
#[derive(Debug)]
pub(super) struct Meter {
    pub(super) line: usize,
    /// Smallest units for a thousand requests.
    pub(super) per_thousand: u64,
    /// Seeds the noise on tokens per request; 0 for none.
    pub(super) jitter: u64,
    pub(super) from: Day,
    pub(super) tokens: Option<Tokens>,
}

impl Source {
    pub(super) fn is_live(&self, day: Day) -> bool {
        self.volume.first().is_some_and(|(first, _)| *first <= day) && day < self.until
    }

    pub(super) fn requests(&self, day: Day) -> u64 {
        if !self.is_live(day) {
            return 0;
        }
        let volume = interpolate(self.volume, day);
        let surge = self
            .surge
            .filter(|surge| surge.from <= day && day < surge.from.plus(surge.days))
            .map_or(1, |surge| surge.factor);
        volume * self.shape.day_permille(day, self.seed) / 1_000 * surge
    }
}

impl Meter {
    pub(super) fn units(&self, requests: u64, day: Day) -> u64 {
        if day < self.from {
            return 0;
        }
        let jitter = if self.jitter == 0 {
            1_000
        } else {
            960 + noise(self.jitter, day.0.unsigned_abs().into()) % 80
        };
        requests * self.per_thousand / 1_000 * jitter / 1_000
    }
}

fn interpolate(volume: &[(Day, u64)], day: Day) -> u64 {
    let mut before = None;
    for &(at, value) in volume {
        if at > day {
            return before.map_or(0, |(start, low): (Day, u64)| {
                let part = u64::from((day.0 - start.0).unsigned_abs());
                let whole = u64::from((at.0 - start.0).unsigned_abs());
                if value >= low {
                    low + share(value - low, part, whole)
                } else {
                    low - share(low - value, part, whole)
                }
            });
        }
        before = Some((at, value));
    }
    before.map_or(0, |(_, value)| value)
}
