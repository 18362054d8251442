//! Faults on request: what goes wrong, for which operation, on which of its requests.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest delay: a day, far beyond any client's patience.
const LONGEST_DELAY: Duration = Duration::from_hours(24);

/// A way for a request to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disturbance {
    /// `throttle`: `LimitExceededException` from Cost Explorer, `ThrottlingException` elsewhere.
    Throttle,
    /// `error-500`: an internal failure of the service.
    Error500,
    /// `error-503`: the service is unavailable.
    Error503,
    /// `delay-1500`: the answer comes that many milliseconds later.
    Delay(Duration),
    /// `reset`: the connection is reset without an answer.
    Reset,
    /// `half-body`: the connection ends in the middle of the answer's body.
    HalfBody,
    /// `wrong-content`: status 200 with an HTML page, as a proxy or captive portal answers.
    WrongContent,
    /// `expired-token`: the credentials have expired.
    ExpiredToken,
    /// `data-unavailable`: Cost Explorer's `DataUnavailableException`.
    DataUnavailable,
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttle => f.write_str("throttle"),
            Self::Error500 => f.write_str("error-500"),
            Self::Error503 => f.write_str("error-503"),
            Self::Delay(time) => write!(f, "delay-{}", time.as_millis()),
            Self::Reset => f.write_str("reset"),
            Self::HalfBody => f.write_str("half-body"),
            Self::WrongContent => f.write_str("wrong-content"),
            Self::ExpiredToken => f.write_str("expired-token"),
            Self::DataUnavailable => f.write_str("data-unavailable"),
        }
    }
}

impl FromStr for Disturbance {
    type Err = FaultRuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || FaultRuleError::Disturbance(text.to_owned());
        Ok(match text {
            "throttle" => Self::Throttle,
            "error-500" => Self::Error500,
            "error-503" => Self::Error503,
            "reset" => Self::Reset,
            "half-body" => Self::HalfBody,
            "wrong-content" => Self::WrongContent,
            "expired-token" => Self::ExpiredToken,
            "data-unavailable" => Self::DataUnavailable,
            other => {
                let milliseconds = other.strip_prefix("delay-").ok_or_else(unknown)?;
                let time = Duration::from_millis(milliseconds.parse().map_err(|_| unknown())?);
                if time > LONGEST_DELAY {
                    return Err(unknown());
                }
                Self::Delay(time)
            }
        })
    }
}

/// One disturbance with the requests it meets.
///
/// Its text form is `OPERATION[#FIRST[-LAST]]=DISTURBANCE`, where `OPERATION` is
/// `ce:GetCostAndUsage`, `ce:*` or `*`, and the ordinals count the requests that match it,
/// from 1, since the rule was made. `#2` is the second only, `#2-` the second and all after it.
///
/// ```
/// use sample_account::FaultRule;
/// let rule: FaultRule = "ce:GetCostAndUsage#2=throttle".parse()?;
/// assert_eq!(rule.to_string(), "ce:GetCostAndUsage#2=throttle");
/// # Ok::<(), sample_account::FaultRuleError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    operation: String,
    first: u64,
    last: u64,
    disturbance: Disturbance,
}

impl FaultRule {
    /// A rule for every request of `operation` (`ce:GetCostAndUsage`, `ce:*` or `*`).
    pub fn every(operation: impl Into<String>, disturbance: Disturbance) -> Self {
        Self {
            operation: operation.into(),
            first: 1,
            last: u64::MAX,
            disturbance,
        }
    }

    /// A rule for one request of `operation`: the `ordinal`-th from now, counted from 1.
    pub fn nth(operation: impl Into<String>, ordinal: u64, disturbance: Disturbance) -> Self {
        Self {
            first: ordinal,
            last: ordinal,
            ..Self::every(operation, disturbance)
        }
    }

    fn meets(&self, service: &str, operation: &str) -> bool {
        match self.operation.split_once(':') {
            None => self.operation == "*",
            Some((wanted, "*")) => wanted == service,
            Some((wanted, name)) => wanted == service && name == operation,
        }
    }
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.operation)?;
        match (self.first, self.last) {
            (1, u64::MAX) => {}
            (first, u64::MAX) => write!(f, "#{first}-")?,
            (first, last) if first == last => write!(f, "#{first}")?,
            (first, last) => write!(f, "#{first}-{last}")?,
        }
        write!(f, "={}", self.disturbance)
    }
}

impl FromStr for FaultRule {
    type Err = FaultRuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || FaultRuleError::Form(text.to_owned());
        let (target, disturbance) = text.split_once('=').ok_or_else(form)?;
        let (operation, ordinals) = match target.split_once('#') {
            Some((operation, ordinals)) => (operation, Some(ordinals)),
            None => (target, None),
        };
        let (first, last) = match ordinals {
            None => (1, u64::MAX),
            Some(ordinals) => {
                let number = |text: &str| text.parse::<u64>().map_err(|_| form());
                match ordinals.split_once('-') {
                    None => (number(ordinals)?, number(ordinals)?),
                    Some((first, "")) => (number(first)?, u64::MAX),
                    Some((first, last)) => (number(first)?, number(last)?),
                }
            }
        };
        let named = operation == "*"
            || operation
                .split_once(':')
                .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !named || first == 0 || last < first {
            return Err(form());
        }
        Ok(Self {
            operation: operation.to_owned(),
            first,
            last,
            disturbance: disturbance.parse()?,
        })
    }
}

impl Serialize for FaultRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FaultRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Why a text is no [`FaultRule`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultRuleError {
    /// It is not of the form `OPERATION[#FIRST[-LAST]]=DISTURBANCE`.
    Form(String),
    /// The disturbance is not known.
    Disturbance(String),
}

impl fmt::Display for FaultRuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(text) => write!(
                f,
                "{text:?} is not of the form OPERATION[#FIRST[-LAST]]=FAULT, \
                 for example ce:GetCostAndUsage#2=throttle"
            ),
            Self::Disturbance(text) => write!(
                f,
                "{text:?} is none of throttle, error-500, error-503, delay-MILLISECONDS, reset, \
                 half-body, wrong-content, expired-token, data-unavailable"
            ),
        }
    }
}

impl std::error::Error for FaultRuleError {}

/// The faults to come. An empty plan, the default, disturbs nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<FaultRule>", into = "Vec<FaultRule>")]
pub struct FaultPlan {
    rules: Vec<(FaultRule, u64)>,
}

impl FaultPlan {
    /// The disturbance of this request: that of the first rule whose turn it is.
    pub(crate) fn next(&mut self, service: &str, operation: &str) -> Option<Disturbance> {
        let mut found = None;
        for (rule, seen) in &mut self.rules {
            if rule.meets(service, operation) {
                *seen += 1;
                if found.is_none() && (rule.first..=rule.last).contains(seen) {
                    found = Some(rule.disturbance);
                }
            }
        }
        found
    }
}

impl From<Vec<FaultRule>> for FaultPlan {
    fn from(rules: Vec<FaultRule>) -> Self {
        rules.into_iter().collect()
    }
}

impl From<FaultPlan> for Vec<FaultRule> {
    fn from(plan: FaultPlan) -> Self {
        plan.rules.into_iter().map(|(rule, _)| rule).collect()
    }
}

impl FromIterator<FaultRule> for FaultPlan {
    fn from_iter<I: IntoIterator<Item = FaultRule>>(rules: I) -> Self {
        Self {
            rules: rules.into_iter().map(|rule| (rule, 0)).collect(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: &str, want: [bool; 4]) {
        let mut plan = FaultPlan::from(vec![rule.parse().unwrap()]);
        let got = [(); 4].map(|()| plan.next("ce", "GetCostAndUsage").is_some());
        assert_eq!(got, want, "{rule}");
        assert_eq!(rule.parse::<FaultRule>().unwrap().to_string(), rule);
    }

    #[test]
    fn rules_meet_the_requests_they_name() {
        check("*=reset", [true; 4]);
        check("ce:*#2=delay-50", [false, true, false, false]);
        check("ce:GetCostAndUsage#2-=throttle", [false, true, true, true]);
        check(
            "ce:GetCostAndUsage#2-3=half-body",
            [false, true, true, false],
        );
        check("pricing:*=error-500", [false; 4]);
        check("ce:GetTags=wrong-content", [false; 4]);
    }

    #[test]
    fn the_first_rule_wins_but_every_rule_counts() {
        let rules = ["ce:*#1=reset", "ce:*#1-2=throttle"].map(|rule| rule.parse().unwrap());
        let mut plan = FaultPlan::from(rules.to_vec());
        let got = [(); 3].map(|()| plan.next("ce", "GetTags"));
        assert_eq!(
            got,
            [Some(Disturbance::Reset), Some(Disturbance::Throttle), None]
        );
    }

    #[test]
    fn refuses_other_texts() {
        for text in [
            "",
            "reset",
            "GetTags=reset",
            "ce:=reset",
            ":GetTags=reset",
            "*#0=reset",
            "*#3-2=reset",
            "*#x=reset",
            "*=explode",
            "*=delay-",
            "*=delay-99999999999",
        ] {
            assert!(text.parse::<FaultRule>().is_err(), "{text:?}");
        }
    }
}
