//! The arguments, checked: which regions, since when, in how much detail.

use super::Arguments;
use crate::{
    aws::{HOME_REGION, Target},
    error::ToolError,
    tools::{
        Call, asking,
        metered::{Depth, Place, Wanted, Window},
        reply::Correction,
        table::Paging,
    },
};
use bedrock_cost::region::Region;
use jiff::Timestamp;
use serde_json::{Value, json};

/// More regions than Bedrock workloads of one account are spread over.
const MOST_REGIONS: usize = 20;

/// What is asked.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) window: Window,
    /// None for the configured one.
    regions: Vec<Region>,
    pub(super) full: bool,
    pub(super) paging: Paging,
}

impl Question {
    pub(super) fn read(
        arguments: &Arguments,
        now: Timestamp,
    ) -> Result<(Self, Vec<Correction>), ToolError> {
        let bounds = (
            arguments.start_time.as_deref(),
            arguments.end_time.as_deref(),
        );
        let (window, mut corrections) = Window::read(bounds.0, bounds.1, now)?;
        let paging = Paging::read(arguments.limit, arguments.cursor.as_ref())?;
        corrections.extend(paging.correction());
        let mut regions: Vec<Region> = Vec::new();
        for text in arguments.region.iter().flat_map(|list| &list.0) {
            let region = Region::parse_known(text.trim()).map_err(|error| {
                ToolError::invalid(error.to_string(), "region is one or more such as us-east-1")
            })?;
            if !regions.contains(&region) {
                regions.push(region);
            }
        }
        if regions.len() > MOST_REGIONS {
            return Err(ToolError::invalid(
                format!("{} regions were given", regions.len()),
                format!("ask for at most {MOST_REGIONS} regions in one call"),
            ));
        }
        let question = Self {
            window,
            regions,
            full: asking::wants_full(arguments.detail.as_deref())?,
            paging,
        };
        Ok((question, corrections))
    }

    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            window: self.window,
            depth: Depth::All,
        }
    }

    /// Where to ask: each region given, or the configured one.
    pub(super) async fn places(&self, call: &Call, profile: Option<&String>) -> Vec<Place> {
        let target = |region: Option<&Region>| Target {
            profile: profile.cloned(),
            region: region.map(|region| region.as_str().to_owned()),
        };
        if self.regions.is_empty() {
            let target = target(None);
            let name = call.aws.region(&target).await;
            let region = Region::parse_known(&name)
                .or_else(|_| Region::parse_known(HOME_REGION))
                .unwrap_or(Region::US_EAST_1);
            return vec![Place {
                target,
                region,
                also: Vec::new(),
            }];
        }
        self.regions
            .iter()
            .map(|region| Place {
                target: target(Some(region)),
                region: region.clone(),
                also: Vec::new(),
            })
            .collect()
    }

    /// The requests as AWS names them.
    pub(super) fn shown(&self) -> Value {
        let regions: Vec<&str> = self.regions.iter().map(Region::as_str).collect();
        json!({
            "regions": if regions.is_empty() { vec!["(the configured one)"] } else { regions },
            "range": self.window.range.to_string(),
            "requests_of_each_region": [
                "cloudwatch:ListMetrics of AWS/Bedrock",
                "bedrock:ListProvisionedModelThroughputs",
                "bedrock:ListInferenceProfiles, where a metric names an application profile",
                "cloudwatch:GetMetricData, 500 metrics each",
            ],
        })
    }
}
