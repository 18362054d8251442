//! How a request is served and billed: routing, service tier, and the inference mode with its commitment.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::names::{UnknownName, named};

named! {
    /// Where a request may run, which decides its rate.
    pub enum Routing as "routing" {
        /// In the region, or in its geography through a profile such as `us.`: both bill the rate of the source region.
        Regional = "regional" | "in_region" | "geo" | "geographic" | "cross_region",
        /// In any commercial region, through a `global.` profile.
        Global = "global" | "cross_region_global",
    }
}

named! {
    /// The tier whose rate a token is billed at.
    pub enum Tier as "tier" {
        /// On-demand, the default.
        Standard = "standard" | "default" | "on_demand",
        /// On-demand at a lower rate, for work that can wait.
        Flex = "flex",
        /// On-demand at a higher rate, served first.
        Priority = "priority",
        /// Batch inference.
        Batch = "batch",
        /// On-demand with latency-optimized inference.
        LatencyOptimized = "latency_optimized" | "optimized",
    }
}

named! {
    /// The tier of a request that is answered at once.
    pub enum OnDemandTier as "on-demand tier" {
        /// The default.
        Standard = "standard" | "default",
        /// Lower rate, for work that can wait.
        Flex = "flex",
        /// Higher rate, served first.
        Priority = "priority",
        /// Latency-optimized inference.
        LatencyOptimized = "latency_optimized" | "optimized",
    }
}

named! {
    /// How long a provisioned model unit is committed to.
    pub enum Commitment as "commitment" {
        /// Billed by the hour and ended at any time.
        None = "none" | "no_commit" | "no_commitment",
        /// One month.
        OneMonth = "1_month" | "1_month_commit" | "one_month",
        /// Six months.
        SixMonths = "6_months" | "6_months_commit" | "six_months" | "6_month",
    }
}

named! {
    /// How long reserved tokens per minute are committed to.
    pub enum ReservedTerm as "reserved term" {
        /// One month.
        OneMonth = "1_month" | "one_month",
        /// Three months.
        ThreeMonths = "3_months" | "three_months" | "3_month",
    }
}

/// The mode in which a model is used and billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InferenceMode {
    /// Each token billed as it is used, answered at once.
    OnDemand(OnDemandTier),
    /// Each token billed, answered within hours.
    Batch,
    /// Model units billed by the hour whether used or not.
    Provisioned(Commitment),
    /// Tokens per minute billed by the hour whether used or not.
    Reserved(ReservedTerm),
}

impl InferenceMode {
    /// Returns the tier whose token rate applies, or `None` where capacity is billed instead of tokens.
    #[must_use]
    pub const fn tier(self) -> Option<Tier> {
        match self {
            Self::OnDemand(OnDemandTier::Standard) => Some(Tier::Standard),
            Self::OnDemand(OnDemandTier::Flex) => Some(Tier::Flex),
            Self::OnDemand(OnDemandTier::Priority) => Some(Tier::Priority),
            Self::OnDemand(OnDemandTier::LatencyOptimized) => Some(Tier::LatencyOptimized),
            Self::Batch => Some(Tier::Batch),
            Self::Provisioned(_) | Self::Reserved(_) => None,
        }
    }
}

impl From<Tier> for InferenceMode {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Standard => Self::OnDemand(OnDemandTier::Standard),
            Tier::Flex => Self::OnDemand(OnDemandTier::Flex),
            Tier::Priority => Self::OnDemand(OnDemandTier::Priority),
            Tier::LatencyOptimized => Self::OnDemand(OnDemandTier::LatencyOptimized),
            Tier::Batch => Self::Batch,
        }
    }
}

impl fmt::Display for InferenceMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnDemand(tier) => write!(f, "on_demand/{tier}"),
            Self::Batch => f.write_str("batch"),
            Self::Provisioned(commitment) => write!(f, "provisioned/{commitment}"),
            Self::Reserved(term) => write!(f, "reserved/{term}"),
        }
    }
}

impl FromStr for InferenceMode {
    type Err = UnknownName;

    /// Reads `on_demand`, `on_demand/flex`, `batch`, `provisioned/1_month`, `reserved/3_months`, or a tier alone.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (mode, detail) = match text.split_once('/') {
            Some((mode, detail)) => (mode, Some(detail)),
            None => (text, None),
        };
        if let (Ok(tier), None) = (mode.parse::<Tier>(), detail) {
            return Ok(tier.into());
        }
        let mode = mode.parse::<ModeName>().map_err(|error| UnknownName {
            given: text.to_owned(),
            ..error
        })?;
        match (mode, detail) {
            (ModeName::OnDemand, detail) => {
                Ok(Self::OnDemand(detail.unwrap_or("standard").parse()?))
            }
            (ModeName::Batch, None) => Ok(Self::Batch),
            (ModeName::Batch, Some(_)) => Err(UnknownName {
                what: "inference mode",
                given: text.to_owned(),
                allowed: ModeName::NAMES,
            }),
            (ModeName::Provisioned, detail) => {
                Ok(Self::Provisioned(detail.unwrap_or("none").parse()?))
            }
            (ModeName::Reserved, detail) => {
                Ok(Self::Reserved(detail.unwrap_or("1_month").parse()?))
            }
        }
    }
}

named! {
    /// The first word of an inference mode's text.
    pub enum ModeName as "inference mode" {
        /// Tokens, at once.
        OnDemand = "on_demand",
        /// Tokens, within hours.
        Batch = "batch",
        /// Model units by the hour.
        Provisioned = "provisioned" | "provisioned_throughput",
        /// Tokens per minute by the hour.
        Reserved = "reserved",
    }
}

impl Serialize for InferenceMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for InferenceMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<InferenceMode, &str>) {
        assert_eq!(
            text.parse::<InferenceMode>().map_err(|e| e.to_string()),
            expected.map_err(str::to_owned),
            "{text}"
        );
    }

    #[test]
    fn modes_are_read_from_text() {
        check(
            "on-demand",
            Ok(InferenceMode::OnDemand(OnDemandTier::Standard)),
        );
        check(
            "on_demand/flex",
            Ok(InferenceMode::OnDemand(OnDemandTier::Flex)),
        );
        check(
            "latency-optimized",
            Ok(InferenceMode::OnDemand(OnDemandTier::LatencyOptimized)),
        );
        check("Batch", Ok(InferenceMode::Batch));
        check(
            "provisioned",
            Ok(InferenceMode::Provisioned(Commitment::None)),
        );
        check(
            "provisioned/6_months",
            Ok(InferenceMode::Provisioned(Commitment::SixMonths)),
        );
        check(
            "reserved/3_months",
            Ok(InferenceMode::Reserved(ReservedTerm::ThreeMonths)),
        );
        check(
            "spot",
            Err(
                r#"unknown inference mode "spot", expected one of on_demand, batch, provisioned, reserved"#,
            ),
        );
        check(
            "batch/flex",
            Err(
                r#"unknown inference mode "batch/flex", expected one of on_demand, batch, provisioned, reserved"#,
            ),
        );
        check(
            "reserved/6_months",
            Err(r#"unknown reserved term "6_months", expected one of 1_month, 3_months"#),
        );
    }

    #[test]
    fn every_mode_reads_back_from_its_own_text() {
        let on_demand = OnDemandTier::ALL
            .iter()
            .copied()
            .map(InferenceMode::OnDemand);
        let provisioned = Commitment::ALL
            .iter()
            .copied()
            .map(InferenceMode::Provisioned);
        let reserved = ReservedTerm::ALL
            .iter()
            .copied()
            .map(InferenceMode::Reserved);
        for mode in on_demand
            .chain(provisioned)
            .chain(reserved)
            .chain([InferenceMode::Batch])
        {
            check(&mode.to_string(), Ok(mode));
        }
    }

    #[test]
    fn every_tier_is_the_tier_of_its_mode() {
        for tier in Tier::ALL.iter().copied() {
            assert_eq!(InferenceMode::from(tier).tier(), Some(tier));
            assert_eq!(tier.to_string().parse(), Ok(tier));
        }
        assert_eq!("Cross-Region".parse(), Ok(Routing::Regional));
        assert_eq!("GLOBAL".parse(), Ok(Routing::Global));
    }
}
