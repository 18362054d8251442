//! Names of models: ids, cross-region inference profiles and ARNs, validated and never guessed.

use std::fmt;
use std::str::FromStr;

use crate::inference::Routing;
use crate::names::Shown;
use crate::region::{Geography, Region};

/// A Bedrock model id: `anthropic.claude-opus-5`, `amazon.nova-lite-v1:0`.
///
/// Any id of the right form is accepted, because AWS adds models every week; the price book knows which are listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(String);

/// The longest model id accepted: that of the Bedrock API.
const MAX_ID_BYTES: usize = 140;

impl ModelId {
    /// Reads a model id, in any case.
    ///
    /// # Errors
    /// When the text does not have the form `provider.model`.
    pub fn new(text: &str) -> Result<Self, ModelReferenceError> {
        let id = text.trim().to_ascii_lowercase();
        let malformed = || ModelReferenceError::Malformed {
            given: text.to_owned(),
        };
        let (provider, model) = id.split_once('.').ok_or_else(malformed)?;
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_id = id.len() <= MAX_ID_BYTES
            && !provider.is_empty()
            && provider.bytes().all(|byte| is_word(byte) || byte == b'-')
            && model.bytes().next().is_some_and(is_word)
            && model
                .bytes()
                .all(|byte| is_word(byte) || matches!(byte, b'-' | b'.' | b':' | b'_'))
            && ProfileScope::from_prefix(provider).is_none();
        if is_id {
            Ok(Self(id))
        } else {
            Err(malformed())
        }
    }

    /// Returns the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the first dot: `anthropic`.
    #[must_use]
    pub fn provider(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }

    /// Returns the id without the context length that provisioned throughput appends (`:200k`), if it has one.
    #[must_use]
    pub fn without_context_length(&self) -> Option<&str> {
        let (id, length) = self.0.rsplit_once(':')?;
        let digits = length.strip_suffix('k')?;
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ModelId {
    type Err = ModelReferenceError;
    fn from_str(text: &str) -> Result<Self, ModelReferenceError> {
        Self::new(text)
    }
}

impl serde::Serialize for ModelId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for ModelId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

/// Where a cross-region inference profile may send a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProfileScope {
    /// Regions of one geography.
    Geography(Geography),
    /// Every commercial region.
    Global,
}

impl ProfileScope {
    /// Returns the prefix it puts in front of a model id: `us`, `global`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Geography(geography) => geography.as_str(),
            Self::Global => "global",
        }
    }

    /// Returns the routing whose rates apply.
    #[must_use]
    pub const fn routing(self) -> Routing {
        match self {
            Self::Geography(_) => Routing::Regional,
            Self::Global => Routing::Global,
        }
    }

    fn from_prefix(prefix: &str) -> Option<Self> {
        if prefix == "global" {
            return Some(Self::Global);
        }
        Geography::ALL
            .iter()
            .copied()
            .find(|geography| geography.as_str() == prefix)
            .map(Self::Geography)
    }
}

/// A cross-region inference profile: `us.anthropic.claude-opus-5`, `global.amazon.nova-2-lite-v1:0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InferenceProfile {
    /// Where it may send a request.
    pub scope: ProfileScope,
    /// The model behind it.
    pub model: ModelId,
}

impl fmt::Display for InferenceProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.scope.as_str(), self.model)
    }
}

impl FromStr for InferenceProfile {
    type Err = ModelReferenceError;
    fn from_str(text: &str) -> Result<Self, ModelReferenceError> {
        let id = text.trim().to_ascii_lowercase();
        let parts = id
            .split_once('.')
            .and_then(|(prefix, model)| Some((ProfileScope::from_prefix(prefix)?, model)));
        let (scope, model) = parts.ok_or_else(|| ModelReferenceError::Malformed {
            given: text.to_owned(),
        })?;
        Ok(Self {
            scope,
            model: ModelId::new(model)?,
        })
    }
}

/// What a text that stands for a model turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelReference {
    /// A model id.
    Model(ModelId),
    /// A cross-region inference profile.
    Profile(InferenceProfile),
    /// An application inference profile; its id says nothing about the model.
    ApplicationProfile,
    /// A reference inside an ARN that names a region.
    InRegion(Box<Self>, Region),
    /// Anything else: a display name.
    Name(String),
}

/// Why a text cannot name a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelReferenceError {
    /// Not of the form of an id.
    #[error("{} is not a model id like anthropic.claude-opus-5 or us.anthropic.claude-opus-5", Shown(.given))]
    Malformed {
        /// The text as it was given.
        given: String,
    },
    /// Nothing was given.
    #[error("no model was named")]
    Empty,
    /// An ARN of something that is not a listed model. The ARN itself is not repeated: it holds an account id.
    #[error("an ARN of {} does not name a listed model: foundation-model, inference-profile and application-inference-profile do", Shown(.resource))]
    OtherArn {
        /// The resource type: `provisioned-model`.
        resource: String,
    },
    /// A text that begins as an ARN and is not one of Bedrock.
    #[error("the text begins as an ARN and is not one of Amazon Bedrock")]
    MalformedArn,
}

impl FromStr for ModelReference {
    type Err = ModelReferenceError;

    /// Reads a model id, a profile id, an ARN, or else a display name.
    fn from_str(text: &str) -> Result<Self, ModelReferenceError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ModelReferenceError::Empty);
        }
        if text
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("arn:"))
        {
            return arn(text);
        }
        if let Ok(profile) = text.parse() {
            return Ok(Self::Profile(profile));
        }
        Ok(ModelId::new(text).map_or_else(|_| Self::Name(text.to_owned()), Self::Model))
    }
}

/// Reads `arn:PARTITION:bedrock:REGION:ACCOUNT:TYPE/NAME`; a name may hold colons.
fn arn(text: &str) -> Result<ModelReference, ModelReferenceError> {
    let mut parts = text.splitn(6, ':');
    let (_, partition, service) = (parts.next(), parts.next(), parts.next());
    let (region, _account, resource) = (parts.next(), parts.next(), parts.next());
    let is_bedrock = partition.is_some_and(|partition| partition.starts_with("aws"))
        && service == Some("bedrock");
    let (kind, name) = resource
        .filter(|_| is_bedrock)
        .and_then(|name| name.split_once('/'))
        .ok_or(ModelReferenceError::MalformedArn)?;
    let reference = match kind {
        "foundation-model" => ModelReference::Model(ModelId::new(name)?),
        "inference-profile" => ModelReference::Profile(name.parse()?),
        "application-inference-profile" => ModelReference::ApplicationProfile,
        _ => {
            return Err(ModelReferenceError::OtherArn {
                resource: kind.to_owned(),
            });
        }
    };
    match region
        .filter(|region| !region.is_empty())
        .map(str::parse::<Region>)
    {
        Some(Ok(region)) => Ok(ModelReference::InRegion(Box::new(reference), region)),
        Some(Err(_)) => Err(ModelReferenceError::MalformedArn),
        None => Ok(reference),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_ids_profiles_and_arns() {
        let id = |text| ModelReference::Model(ModelId::new(text).unwrap());
        let profile = |scope, text| {
            ModelReference::Profile(InferenceProfile {
                scope,
                model: ModelId::new(text).unwrap(),
            })
        };
        let in_region = |reference, region: &str| {
            ModelReference::InRegion(Box::new(reference), region.parse().unwrap())
        };
        let us_gov = ProfileScope::Geography(Geography::UsGov);
        let eu = ProfileScope::Geography(Geography::Eu);
        let check =
            |text: &str, expected: ModelReference| assert_eq!(text.parse(), Ok(expected), "{text}");
        check("anthropic.claude-opus-5", id("anthropic.claude-opus-5"));
        check(" Amazon.Nova-Lite-v1:0 ", id("amazon.nova-lite-v1:0"));
        check("moonshotai.kimi-k2.5", id("moonshotai.kimi-k2.5"));
        check(
            "eu.amazon.nova-pro-v1:0",
            profile(eu, "amazon.nova-pro-v1:0"),
        );
        check(
            "us-gov.anthropic.claude-opus-5",
            profile(us_gov, "anthropic.claude-opus-5"),
        );
        check(
            "global.anthropic.claude-opus-5",
            profile(ProfileScope::Global, "anthropic.claude-opus-5"),
        );
        check(
            "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0",
            in_region(id("amazon.nova-lite-v1:0"), "eu-west-1"),
        );
        check(
            "arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:inference-profile/us-gov.anthropic.claude-opus-5",
            in_region(profile(us_gov, "anthropic.claude-opus-5"), "us-gov-west-1"),
        );
        check(
            "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6",
            in_region(ModelReference::ApplicationProfile, "us-east-1"),
        );
        check(
            "Claude Opus 5",
            ModelReference::Name("Claude Opus 5".to_owned()),
        );
        check("us.", ModelReference::Name("us.".to_owned()));
    }

    #[test]
    fn refuses_other_arns_without_repeating_the_account() {
        let check = |text: &str, expected: &str| {
            assert_eq!(
                text.parse::<ModelReference>().unwrap_err().to_string(),
                expected
            );
        };
        check(
            "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abc",
            "an ARN of \"provisioned-model\" does not name a listed model: foundation-model, inference-profile and \
             application-inference-profile do",
        );
        let malformed = "the text begins as an ARN and is not one of Amazon Bedrock";
        check("arn:aws:s3:::bucket/key", malformed);
        check("arn:aws:bedrock:us-east-1:111122223333:nothing", malformed);
        check(
            "arn:aws:bedrock:moon:111122223333:foundation-model/amazon.nova-lite-v1:0",
            malformed,
        );
        check("  ", "no model was named");
    }

    #[test]
    fn knows_a_context_length_from_a_version() {
        let check = |id: &str, expected: Option<&str>| {
            assert_eq!(
                ModelId::new(id).unwrap().without_context_length(),
                expected,
                "{id}"
            );
        };
        check(
            "anthropic.claude-3-haiku-20240307-v1:0:200k",
            Some("anthropic.claude-3-haiku-20240307-v1:0"),
        );
        check("anthropic.claude-v2:1", None);
        check("amazon.nova-lite-v1:k", None);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_ids_round_trip(text in "\\PC{0,60}") {
            if let Ok(id) = ModelId::new(&text) {
                prop_assert_eq!(ModelId::new(id.as_str()).unwrap(), id);
            }
            let _ = text.parse::<ModelReference>();
        }

        #[test]
        fn profiles_print_as_they_are_read(prefix in "us|eu|apac|au|jp|in|ca|us-gov|global", id in "[a-z]{2,9}\\.[a-z][a-z0-9.:-]{0,30}") {
            prop_assume!(ModelId::new(&id).is_ok());
            let text = format!("{prefix}.{id}");
            prop_assert_eq!(text.parse::<InferenceProfile>().unwrap().to_string(), text);
        }
    }
}
