//! The arguments, checked: which regions, since when, in how much detail.

use super::Arguments;
use crate::{
    error::ToolError,
    tools::{
        Call, asking,
        metered::{self, Depth, MOST_REGIONS, Place, Wanted, Window},
        reply::Correction,
        table::Paging,
    },
};
use bedrock_cost::region::Region;
use jiff::Timestamp;
use serde_json::{Value, json};

/// What is asked.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) window: Window,
    /// None for the configured one.
    regions: Vec<Region>,
    pub(super) full: bool,
    /// With a picture of the rows.
    pub(super) chart: bool,
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
        let regions = asking::regions(arguments.region.as_ref(), MOST_REGIONS)?;
        let question = Self {
            window,
            regions,
            full: asking::wants_full(arguments.detail.as_deref())?,
            chart: arguments.chart.unwrap_or_default().0,
            paging,
        };
        Ok((question, corrections))
    }

    /// Whether the call names these regions and no other, and wants no more than it takes.
    pub(super) fn names(&self, regions: &[String]) -> bool {
        !self.full && self.regions.len() == regions.len()
    }

    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            window: self.window,
            depth: Depth::All,
        }
    }

    /// Where to ask.
    pub(super) async fn places(&self, call: &Call, profile: Option<&String>) -> Vec<Place> {
        metered::places(call, &self.regions, profile).await
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
