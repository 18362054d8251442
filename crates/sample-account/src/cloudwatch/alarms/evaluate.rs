//! The state of an alarm, evaluated from the metrics it watches.

use jiff::Timestamp;
use serde_json::json;

use super::definitions::{Alarm, Missing};
use crate::cloudwatch::get_metric_data::series_of;
use crate::cloudwatch::math::TimeSeries;
use crate::cloudwatch::timeline::Timeline;
use crate::ledger::Ledger;

/// How far back history goes, in seconds: 30 days (user guide, 2026-11-22).
const HISTORY: i64 = 30 * 86_400;

/// The state of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    Alarm,
    InsufficientData,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// A change of state.
pub(super) struct Transition {
    /// Epoch seconds.
    pub(super) at: i64,
    pub(super) from: State,
    pub(super) to: State,
    /// The data of the history item, as JSON text.
    pub(super) data: String,
}

/// The state of an alarm and the way to it.
pub(super) struct Course {
    pub(super) state: State,
    /// When the state began, as far as history tells; epoch seconds.
    pub(super) since: i64,
    pub(super) reason: String,
    /// The data of the reason, as JSON text.
    pub(super) data: String,
    /// The oldest first.
    pub(super) transitions: Vec<Transition>,
}

/// What an evaluation looks at: the values of its periods, the oldest first.
struct Look {
    at: i64,
    periods: Vec<(i64, Option<f64>)>,
}

impl Look {
    fn new(alarm: &Alarm, series: &TimeSeries, at: i64) -> Self {
        let last = at.div_euclid(alarm.period) * alarm.period;
        let periods = (1..=alarm.periods)
            .rev()
            .map(|back| last - back * alarm.period)
            .map(|time| (time, series.points.get(&time).copied()))
            .collect();
        Self { at, periods }
    }

    fn values(&self) -> impl Iterator<Item = (i64, f64)> {
        self.periods
            .iter()
            .filter_map(|(time, value)| value.map(|value| (*time, value)))
    }

    fn breaching(&self, alarm: &Alarm) -> Vec<(i64, f64)> {
        self.values()
            .filter(|(_, value)| alarm.comparison.breaches(*value, alarm.threshold))
            .collect()
    }

    fn state(&self, alarm: &Alarm) -> State {
        let needed = usize::try_from(alarm.breaching_periods).unwrap_or(usize::MAX);
        if self.breaching(alarm).len() >= needed {
            State::Alarm
        } else if self.values().next().is_none() && alarm.missing == Missing::Missing {
            State::InsufficientData
        } else {
            State::Ok
        }
    }

    fn reason(&self, alarm: &Alarm) -> String {
        let state = self.state(alarm);
        let breaching = self.breaching(alarm);
        if state == State::InsufficientData {
            return format!(
                "Insufficient Data: {} datapoint was unknown.",
                self.periods.len()
            );
        }
        let shown = if state == State::Alarm {
            breaching
        } else {
            self.values().collect()
        };
        if shown.is_empty() {
            return "Threshold Crossed: no datapoints were received and 1 missing datapoint was \
                    treated as [NonBreaching]."
                .to_owned();
        }
        let points: Vec<String> = shown
            .iter()
            .map(|(time, value)| format!("{value:?} ({})", short(*time)))
            .collect();
        let not = if state == State::Alarm { "" } else { "not " };
        let from = if state == State::Alarm {
            "OK -> ALARM"
        } else {
            "ALARM -> OK"
        };
        format!(
            "Threshold Crossed: {} out of the last {} datapoints [{}] was {not}{} the threshold \
             ({:?}) (minimum {} datapoint for {from} transition).",
            shown.len(),
            self.periods.len(),
            points.join(", "),
            alarm.comparison.words(),
            alarm.threshold,
            alarm.breaching_periods,
        )
    }

    fn data(&self, alarm: &Alarm) -> String {
        let recent: Vec<f64> = self.values().map(|(_, value)| value).collect();
        let start = self.periods.first().map_or(self.at, |(time, _)| *time);
        json!({
            "version": "1.0",
            "queryDate": stamp(self.at),
            "startDate": stamp(start),
            "period": alarm.period,
            "recentDatapoints": recent,
            "threshold": alarm.threshold,
        })
        .to_string()
    }
}

/// An instant as reasons write it.
pub(super) fn stamp(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| seconds.to_string(),
        |at| at.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string(),
    )
}

fn short(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| seconds.to_string(),
        |at| at.strftime("%d/%m/%y %H:%M:%S").to_string(),
    )
}

/// The values of what an alarm watches, from so many seconds before now.
fn watched(ledger: &Ledger, alarm: &Alarm, reach: i64) -> TimeSeries {
    let now = ledger.as_of().as_second();
    let start = (now - reach).div_euclid(alarm.period) * alarm.period;
    let timeline = Timeline {
        start,
        end: now,
        now,
    };
    let queries = alarm.queries();
    series_of(ledger, alarm.region, timeline, &queries, alarm.watched_id()).unwrap_or_else(|| {
        TimeSeries {
            label: String::new(),
            period: alarm.period,
            points: [].into(),
        }
    })
}

/// The state of an alarm at the ledger's instant.
pub(super) fn state_now(ledger: &Ledger, alarm: &Alarm) -> State {
    let series = watched(ledger, alarm, (alarm.periods + 1) * alarm.period);
    Look::new(alarm, &series, ledger.as_of().as_second()).state(alarm)
}

/// The state of an alarm and its changes in the last 30 days.
pub(super) fn course(ledger: &Ledger, alarm: &Alarm) -> Course {
    let now = ledger.as_of().as_second();
    let made = alarm.made.start().as_second();
    let begin = made.max(now - HISTORY);
    let before = (alarm.periods + 1) * alarm.period;
    let series = watched(ledger, alarm, now - begin + before);
    // Evaluated at the end of each period, and now.
    let first = begin.div_euclid(alarm.period) + 1;
    let last = now.div_euclid(alarm.period);
    let mut look = Look::new(alarm, &series, begin);
    let mut state = look.state(alarm);
    let mut since = begin;
    let mut transitions = Vec::new();
    for step in first..=last {
        let next = Look::new(alarm, &series, step * alarm.period);
        let to = next.state(alarm);
        if to == state {
            continue;
        }
        transitions.push(Transition {
            at: next.at,
            from: state,
            to,
            data: json!({
                "version": "1.0",
                "oldState": { "stateValue": state.name(), "stateReason": look.reason(alarm) },
                "newState": { "stateValue": to.name(), "stateReason": next.reason(alarm) },
            })
            .to_string(),
        });
        since = next.at;
        state = to;
        look = next;
    }
    let latest = Look::new(alarm, &series, now);
    Course {
        state,
        since,
        reason: latest.reason(alarm),
        data: latest.data(alarm),
        transitions,
    }
}
