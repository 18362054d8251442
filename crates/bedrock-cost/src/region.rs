//! AWS regions: validated names, and what is known about each (billing prefix, display name, geographies).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::names::{Shown, named, nearest};

/// An AWS region such as `us-east-1`.
///
/// Any name of the right form is a region, because AWS opens new ones; [`Region::facts`] tells what is known about it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Cow<'static, str>);

/// Why a text is not a region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// The text does not have the form of a region name.
    #[error("{} is not a region name like us-east-1{}", Shown(.given), Nearest(.nearest))]
    Malformed {
        /// The text as it was given.
        given: String,
        /// Known regions that look like it, nearest first.
        nearest: Vec<&'static str>,
    },
    /// The name has the right form but no such region is known.
    #[error("unknown region {}{}", Shown(.given), Nearest(.nearest))]
    Unknown {
        /// The text as it was given.
        given: String,
        /// Known regions that look like it, nearest first.
        nearest: Vec<&'static str>,
    },
}

struct Nearest<'a>(&'a [&'static str]);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, ", nearest: {}", self.0.join(", "))
    }
}

named! {
    /// A geography that a cross-region inference profile stays inside, by the prefix it puts before a model id.
    pub enum Geography as "geography" {
        /// United States.
        Us = "us",
        /// AWS GovCloud (US).
        UsGov = "us-gov",
        /// Canada.
        Ca = "ca",
        /// Europe.
        Eu = "eu",
        /// Asia Pacific.
        Apac = "apac",
        /// Japan.
        Jp = "jp",
        /// Australia.
        Au = "au",
        /// India.
        In = "in",
    }
}

/// What is known about one region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionFacts {
    /// Region name, such as `us-east-1`.
    pub name: &'static str,
    /// AWS's display name, such as `US East (N. Virginia)`.
    pub display_name: &'static str,
    /// Prefix of this region's usage types, such as `USE1`.
    pub billing_prefix: &'static str,
    /// Geographies whose inference profiles the region belongs to, narrowest first; empty where none is known.
    pub geographies: &'static [Geography],
}

use Geography::{Apac, Au, Ca, Eu, In, Jp, Us, UsGov};

/// Regions that AWS bills, in AWS's order.
///
/// Source: AWS billing region codes, two independent copies, and the Price List of 2026-08-20; checked 2026-11-22.
/// Europe (Ireland) is billed as `EU`; `EUW1` is read as well.
#[rustfmt::skip]
const KNOWN: &[RegionFacts] = &[
    known("us-east-1", "US East (N. Virginia)", "USE1", &[Us]),
    known("us-east-2", "US East (Ohio)", "USE2", &[Us]),
    known("us-west-1", "US West (N. California)", "USW1", &[Us]),
    known("us-west-2", "US West (Oregon)", "USW2", &[Us]),
    known("ca-central-1", "Canada (Central)", "CAN1", &[Ca]),
    known("ca-west-1", "Canada West (Calgary)", "CAN2", &[Ca]),
    known("mx-central-1", "Mexico (Central)", "MXC1", &[]),
    known("sa-east-1", "South America (Sao Paulo)", "SAE1", &[]),
    known("eu-west-1", "Europe (Ireland)", "EU", &[Eu]),
    known("eu-west-2", "Europe (London)", "EUW2", &[Eu]),
    known("eu-west-3", "Europe (Paris)", "EUW3", &[Eu]),
    known("eu-central-1", "Europe (Frankfurt)", "EUC1", &[Eu]),
    known("eu-central-2", "Europe (Zurich)", "EUC2", &[Eu]),
    known("eu-north-1", "Europe (Stockholm)", "EUN1", &[Eu]),
    known("eu-south-1", "Europe (Milan)", "EUS1", &[Eu]),
    known("eu-south-2", "Europe (Spain)", "EUS2", &[Eu]),
    known("ap-northeast-1", "Asia Pacific (Tokyo)", "APN1", &[Jp, Apac]),
    known("ap-northeast-2", "Asia Pacific (Seoul)", "APN2", &[Apac]),
    known("ap-northeast-3", "Asia Pacific (Osaka)", "APN3", &[Jp, Apac]),
    known("ap-southeast-1", "Asia Pacific (Singapore)", "APS1", &[Apac]),
    known("ap-southeast-2", "Asia Pacific (Sydney)", "APS2", &[Au, Apac]),
    known("ap-south-1", "Asia Pacific (Mumbai)", "APS3", &[In, Apac]),
    known("ap-southeast-3", "Asia Pacific (Jakarta)", "APS4", &[Apac]),
    known("ap-south-2", "Asia Pacific (Hyderabad)", "APS5", &[In, Apac]),
    known("ap-southeast-4", "Asia Pacific (Melbourne)", "APS6", &[Au, Apac]),
    known("ap-southeast-5", "Asia Pacific (Malaysia)", "APS7", &[Apac]),
    known("ap-southeast-6", "Asia Pacific (New Zealand)", "APS8", &[Apac]),
    known("ap-southeast-7", "Asia Pacific (Thailand)", "APS9", &[Apac]),
    known("ap-east-1", "Asia Pacific (Hong Kong)", "APE1", &[Apac]),
    known("ap-east-2", "Asia Pacific (Taipei)", "APE2", &[Apac]),
    known("il-central-1", "Israel (Tel Aviv)", "ILC1", &[]),
    known("me-central-1", "Middle East (UAE)", "MEC1", &[]),
    known("me-south-1", "Middle East (Bahrain)", "MES1", &[]),
    known("af-south-1", "Africa (Cape Town)", "AFS1", &[]),
    known("us-gov-west-1", "AWS GovCloud (US-West)", "UGW1", &[UsGov]),
    known("us-gov-east-1", "AWS GovCloud (US-East)", "UGE1", &[UsGov]),
];

const fn known(
    name: &'static str,
    display_name: &'static str,
    billing_prefix: &'static str,
    geographies: &'static [Geography],
) -> RegionFacts {
    RegionFacts {
        name,
        display_name,
        billing_prefix,
        geographies,
    }
}

impl Region {
    /// US East (N. Virginia), where AWS offers Bedrock models first.
    pub const US_EAST_1: Self = Self(Cow::Borrowed("us-east-1"));

    /// Returns every known region with its facts.
    #[must_use]
    pub const fn known() -> &'static [RegionFacts] {
        KNOWN
    }

    /// Reads a region name that must be known, in any case.
    ///
    /// # Errors
    ///
    /// Names the nearest known regions when the text is malformed or the region is not known.
    pub fn parse_known(text: &str) -> Result<Self, RegionError> {
        let region: Self = text.parse()?;
        if region.facts().is_some() {
            return Ok(region);
        }
        Err(RegionError::Unknown {
            given: text.to_owned(),
            nearest: nearest_regions(text),
        })
    }

    /// Returns the region whose usage types start with this billing prefix, such as `USE1` or `EU`.
    #[must_use]
    pub fn from_billing_prefix(prefix: &str) -> Option<Self> {
        let prefix = if prefix == "EUW1" { "EU" } else { prefix };
        KNOWN
            .iter()
            .find(|facts| facts.billing_prefix == prefix)
            .map(Self::of)
    }

    /// Returns the region with this display name, as the Price List and the console write it.
    ///
    /// Reads both `Europe (Ireland)` and the Price List's older `EU (Ireland)`.
    #[must_use]
    pub fn from_display_name(name: &str) -> Option<Self> {
        let name = name.trim();
        KNOWN
            .iter()
            .find(|facts| {
                facts.display_name.eq_ignore_ascii_case(name)
                    || facts
                        .display_name
                        .strip_prefix("Europe ")
                        .zip(name.strip_prefix("EU "))
                        .is_some_and(|(known, given)| known.eq_ignore_ascii_case(given))
            })
            .map(Self::of)
    }

    const fn of(facts: &RegionFacts) -> Self {
        Self(Cow::Borrowed(facts.name))
    }

    /// Returns the region name, such as `us-east-1`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what is known about this region, or `None` for one that is newer than this crate.
    #[must_use]
    pub fn facts(&self) -> Option<&'static RegionFacts> {
        facts_of(&self.0)
    }

    /// Returns the prefix of this region's usage types.
    #[must_use]
    pub fn billing_prefix(&self) -> Option<&'static str> {
        self.facts().map(|facts| facts.billing_prefix)
    }

    /// Returns the geographies whose inference profiles the region belongs to, narrowest first.
    #[must_use]
    pub fn geographies(&self) -> &'static [Geography] {
        self.facts().map_or(&[], |facts| facts.geographies)
    }

    /// Tells whether the region is in AWS GovCloud (US), which has prices of its own.
    #[must_use]
    pub fn is_gov_cloud(&self) -> bool {
        self.0.starts_with("us-gov-")
    }
}

fn facts_of(name: &str) -> Option<&'static RegionFacts> {
    KNOWN.iter().find(|facts| facts.name == name)
}

/// Regions that are offered for an area or a city that several have.
const MOST_NAMED: usize = 8;

/// The regions whose name or display name begins one of its words so, such as `eu` or `Ireland`, else those that look
/// like it.
fn nearest_regions(text: &str) -> Vec<&'static str> {
    let lower = text.trim().to_ascii_lowercase();
    let begins = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.match_indices(&lower).any(|(at, _)| {
            let before = name.get(..at).and_then(|head| head.chars().next_back());
            before.is_none_or(|c| !c.is_ascii_alphanumeric())
        })
    };
    let named: Vec<&'static str> = KNOWN
        .iter()
        .filter(|facts| lower.len() > 1 && (begins(facts.name) || begins(facts.display_name)))
        .map(|facts| facts.name)
        .take(MOST_NAMED)
        .collect();
    if !named.is_empty() {
        return named;
    }
    nearest(
        &text.to_ascii_lowercase(),
        KNOWN.iter().map(|facts| facts.name),
        3,
    )
}

/// Tells whether the text reads `xx-xxxx-n`, with more letter parts between as in `us-gov-west-1`.
fn is_region_form(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(area), Some(number)) = (parts.next(), parts.next_back()) else {
        return false;
    };
    let mut middle = 0;
    for part in parts {
        if !(2..=16).contains(&part.len()) || !part.bytes().all(|b| b.is_ascii_lowercase()) {
            return false;
        }
        middle += 1;
    }
    (1..=2).contains(&middle)
        && (2..=4).contains(&area.len())
        && area.bytes().all(|b| b.is_ascii_lowercase())
        && (1..=2).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
}

impl FromStr for Region {
    type Err = RegionError;

    /// Reads a region name in any case; it must have the form of one but need not be known.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim().to_ascii_lowercase();
        if let Some(facts) = facts_of(&name) {
            return Ok(Self::of(facts));
        }
        if is_region_form(&name) {
            return Ok(Self(Cow::Owned(name)));
        }
        Err(RegionError::Malformed {
            given: text.to_owned(),
            nearest: nearest_regions(text),
        })
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn check(text: &str, expected: Result<&str, &str>) {
        let found = Region::parse_known(text);
        let found = found
            .as_ref()
            .map(Region::as_str)
            .map_err(ToString::to_string);
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn cities_and_areas_name_their_regions() {
        for (given, expected) in [
            (
                "Ireland",
                "\"Ireland\" is not a region name like us-east-1, nearest: eu-west-1",
            ),
            (
                "frankfurt",
                "\"frankfurt\" is not a region name like us-east-1, nearest: eu-central-1",
            ),
            (
                "Virginia",
                "\"Virginia\" is not a region name like us-east-1, nearest: us-east-1",
            ),
        ] {
            assert_eq!(
                Region::parse_known(given).unwrap_err().to_string(),
                expected
            );
        }
        let europe = Region::parse_known("eu").unwrap_err().to_string();
        assert!(
            europe.contains("eu-west-1") && europe.contains("eu-central-1"),
            "{europe}"
        );
        assert!(!europe.contains("us-west"), "{europe}");
    }

    #[test]
    fn known_regions_are_read_and_others_name_the_nearest() {
        check("us-east-1", Ok("us-east-1"));
        check(" EU-West-1 ", Ok("eu-west-1"));
        check("us-gov-west-1", Ok("us-gov-west-1"));
        check(
            "us-east-9",
            Err(r#"unknown region "us-east-9", nearest: us-east-1, us-east-2, us-west-1"#),
        );
        check(
            "us_east_1",
            Err(
                r#""us_east_1" is not a region name like us-east-1, nearest: us-east-1, us-east-2, us-west-1"#,
            ),
        );
        check("", Err(r#""" is not a region name like us-east-1"#));
        check("moon", Err(r#""moon" is not a region name like us-east-1"#));
    }

    #[test]
    fn a_new_region_is_a_region_without_facts() {
        let region: Region = "ap-southeast-8".parse().unwrap();
        assert_eq!(region.facts(), None);
        assert_eq!(region.billing_prefix(), None);
        for text in [
            "us-east",
            "us-east-",
            "u-east-1",
            "us-east-1-2",
            "us-é-1",
            "us-east-123",
            "-east-1",
        ] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
    }

    #[test]
    fn billing_prefixes_name_regions() {
        for (prefix, region) in [
            ("USE1", Some("us-east-1")),
            ("EU", Some("eu-west-1")),
            ("EUW1", Some("eu-west-1")),
            ("APS3", Some("ap-south-1")),
            ("APS7", Some("ap-southeast-5")),
            ("UGW1", Some("us-gov-west-1")),
            ("CAN2", Some("ca-west-1")),
            ("use1", None),
            ("XXX1", None),
        ] {
            let found = Region::from_billing_prefix(prefix);
            assert_eq!(found.as_ref().map(Region::as_str), region, "{prefix}");
        }
    }

    #[test]
    fn display_names_name_regions() {
        for (name, region) in [
            ("US East (N. Virginia)", Some("us-east-1")),
            ("EU (Ireland)", Some("eu-west-1")),
            ("Europe (Ireland)", Some("eu-west-1")),
            ("Asia Pacific (Tokyo)", Some("ap-northeast-1")),
            ("Atlantis (Deep)", None),
        ] {
            let found = Region::from_display_name(name);
            assert_eq!(found.as_ref().map(Region::as_str), region, "{name}");
        }
    }

    #[test]
    fn the_table_is_one_to_one_and_its_names_are_well_formed() {
        let known = Region::known();
        assert_eq!(
            known.len(),
            known
                .iter()
                .map(|facts| facts.name)
                .collect::<BTreeSet<_>>()
                .len()
        );
        assert_eq!(
            known.len(),
            known
                .iter()
                .map(|facts| facts.billing_prefix)
                .collect::<BTreeSet<_>>()
                .len()
        );
        assert_eq!(
            known.len(),
            known
                .iter()
                .map(|facts| facts.display_name)
                .collect::<BTreeSet<_>>()
                .len()
        );
        for facts in known {
            assert!(is_region_form(facts.name), "{}", facts.name);
            assert_eq!(
                Region::from_billing_prefix(facts.billing_prefix)
                    .unwrap()
                    .as_str(),
                facts.name
            );
        }
    }
}
