//! What an overlay changes, for a person to review: one line for all regions in which the same changes.

use crate::{cli::output, tools::reply::exact};
use bedrock_cost::{
    money::TokenRate,
    price_book::{Overlay, OverlayKey, OverlayRate},
    price_list::{Change, Diff},
};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt::Write as _};

/// Regions that one line names.
const REGIONS_SHOWN: usize = 4;

/// The changes as text; `against` is what they are compared with.
pub(super) fn text(overlay: &Overlay, diff: &Diff, against: &str) -> String {
    let mut text = format!(
        "{} rates of the {}, against {against}: {} changed, {} new, {} the same",
        overlay.rates.len(),
        overlay.origin(),
        diff.changed.len(),
        diff.new.len(),
        diff.same
    );
    if diff.outdated > 0 {
        let _ = write!(
            text,
            "; {} are older than those that stand, which stay",
            diff.outdated
        );
    }
    if diff.untouched > 0 {
        let _ = write!(
            text,
            "; {} kept before are not in this reading and stay",
            diff.untouched
        );
    }
    for (name, changes) in [("changed", &diff.changed), ("new", &diff.new)] {
        if !changes.is_empty() {
            let _ = write!(text, "\n\n{name}, USD per 1M tokens\n{}", table(changes));
        }
    }
    if !diff.unlisted.is_empty() {
        let _ = write!(
            text,
            "\n\nnot listed any more beside rates that are, and kept with the day they were read, USD per 1M tokens\n{}",
            unlisted(&diff.unlisted)
        );
    }
    text
}

type Group<'a> = (&'a str, String, String, Option<TokenRate>, TokenRate, bool);

fn table(changes: &[Change]) -> String {
    let mut groups: BTreeMap<Group<'_>, Vec<&str>> = BTreeMap::new();
    for change in changes {
        let key = &change.key;
        let served = format!("{} {}", key.routing, key.tier);
        groups
            .entry((
                key.model,
                served,
                token(key),
                change.was,
                change.now,
                change.is_large(),
            ))
            .or_default()
            .push(key.region.as_str());
    }
    let mut table = output::table(&[
        "model", "served", "token", "was", "now", "change", "regions",
    ]);
    for ((model, served, token, was, now, large), regions) in groups {
        let mut shown = regions
            .iter()
            .copied()
            .take(REGIONS_SHOWN)
            .collect::<Vec<_>>()
            .join(", ");
        if regions.len() > REGIONS_SHOWN {
            let _ = write!(shown, " and {} more", regions.len() - REGIONS_SHOWN);
        }
        table.add_row([
            model.to_owned(),
            served,
            token,
            was.map_or_else(String::new, |was| was.to_string()),
            now.to_string(),
            was.map_or_else(String::new, |was| relative(was, now, large)),
            shown,
        ]);
    }
    table.to_string()
}

/// One line for each: there are few.
fn unlisted(rates: &[OverlayRate]) -> String {
    let mut table = output::table(&["model", "served", "token", "rate", "read", "region"]);
    for rate in rates {
        let key = &rate.key;
        table.add_row([
            key.model.to_owned(),
            format!("{} {}", key.routing, key.tier),
            token(key),
            rate.rate.to_string(),
            rate.read.to_string(),
            key.region.to_string(),
        ]);
    }
    table.to_string()
}

fn token(key: &OverlayKey) -> String {
    let long = if key.long_context {
        ", long prompt"
    } else {
        ""
    };
    format!("{}{long}", key.kind)
}

/// `+10%`, or `x1000 (!)` where a unit was likely misread.
fn relative(was: TokenRate, now: TokenRate, large: bool) -> String {
    let Some(ratio) = now.usd().checked_div(was.usd()) else {
        return "from nothing (!)".to_owned();
    };
    if large {
        return format!("x{} (!)", ratio.round_dp(6).normalize());
    }
    let percent = (ratio - Decimal::ONE) * Decimal::ONE_HUNDRED;
    format!("{:+}%", percent.round_dp(1).normalize())
}

/// Every change with its figures.
pub(super) fn json(overlay: &Overlay, diff: &Diff) -> Value {
    let all = |changes: &[Change]| -> Vec<Value> { changes.iter().map(change).collect() };
    let unlisted = diff.unlisted.iter().map(|rate| {
        let mut out = of(&rate.key);
        out.insert("was".into(), exact(rate.rate.usd()));
        out.insert("read".into(), rate.read.to_string().into());
        Value::Object(out)
    });
    let readings = overlay.readings().into_iter();
    let days: Vec<String> = readings.map(|(day, _)| day.to_string()).collect();
    json!({
        "overlay": {"read": days.last(), "oldest_read": days.first(), "source": overlay.origin(), "rates": overlay.rates.len()},
        "changed": all(&diff.changed),
        "new": all(&diff.new),
        "same": diff.same,
        "outdated": diff.outdated,
        "kept_before_and_not_read": diff.untouched,
        "unlisted": unlisted.collect::<Vec<_>>(),
    })
}

/// What a rate is of.
fn of(key: &OverlayKey) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("model".into(), key.model.into());
    out.insert("region".into(), key.region.as_str().into());
    out.insert("routing".into(), key.routing.as_str().into());
    out.insert("tier".into(), key.tier.as_str().into());
    out.insert("token".into(), key.kind.name().into());
    if key.long_context {
        out.insert("prompt".into(), "long".into());
    }
    out
}

fn change(change: &Change) -> Value {
    let mut out = of(&change.key);
    if let Some(was) = change.was {
        out.insert("was".into(), exact(was.usd()));
    }
    out.insert("now".into(), exact(change.now.usd()));
    if change.is_large() {
        out.insert("large".into(), true.into());
    }
    Value::Object(out)
}
