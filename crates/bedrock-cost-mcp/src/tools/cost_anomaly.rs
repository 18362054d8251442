//! `cost_anomaly`: spend that AWS did not expect, with its root causes, and whether anything watches Bedrock at all.

mod rows;
mod window;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Cursor, Flag, Loose, Whole, quoted, shown, snake_case},
    asking, choices,
    cost_filter::{self, Misnamed},
    reply::{Reply, Warning},
    table::{MOST_ROWS, Page, Paging},
};
use crate::{
    aws::{
        Target,
        anomalies::{self, Anomaly, AnomalyQuery, ImpactFilter, Monitor},
        pages::Cut,
    },
    error::{CorrectedRequest, ToolError},
};
use bedrock_cost::{
    cost_scope::{BedrockCoverage, CostScope, Field, SERVICE},
    names::nearest,
    service_name::AMAZON_BEDROCK,
};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use window::Window;

/// Anomalies shown without `limit`.
const SHOWN: usize = 5;
/// Answers read without `max_pages`; each is billed.
const PAGES: usize = 5;
/// What AWS says about a root cause; other fields of a charge are not known here.
const CAUSE_FIELDS: [&str; 4] = [SERVICE, "REGION", "LINKED_ACCOUNT", "USAGE_TYPE"];
const FEEDBACK: [&str; 3] = ["YES", "NO", "PLANNED_ACTIVITY"];

/// Arguments of `cost_anomaly`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// At most 90 days ago
    start_date: Option<String>,
    /// Inclusive
    end_date: Option<String>,
    /// Cost Explorer expression
    filters: Option<Loose>,
    /// all or exact
    bedrock_scope: Option<String>,
    /// ARN or name
    monitor_arn: Option<String>,
    /// Yes, no or planned activity
    feedback: Option<String>,
    /// Least USD
    total_impact: Option<Loose>,
    max_pages: Option<Whole>,
    profile: Option<String>,
    dry_run: Option<Flag>,
    /// short or full
    detail: Option<String>,
    limit: Option<Whole>,
    cursor: Option<Cursor>,
}

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    window: Option<String>,
    monitors: Vec<String>,
    matching: Option<usize>,
    #[serde(flatten)]
    page: Page,
    cause_columns: Option<Vec<&'static str>>,
    cause_rows: Vec<Value>,
}

impl Tool for Arguments {
    const NAME: &'static str = "cost_anomaly";
    const TITLE: &'static str = "Cost anomalies";
    const DESCRIPTION: &'static str = "Spend that AWS Cost Anomaly Detection did not expect, with root causes (filters applies to these); says when no \
         monitor watches Bedrock. Costs 0.02 USD.";
    const TOOLSET: Toolset = Toolset::Billing;
    const ALIASES: Aliases = &[
        ("filter", "filters"),
        ("start", "start_date"),
        ("end", "end_date"),
        ("max_results", "limit"),
        ("monitor", "monitor_arn"),
    ];
    const STRUCTURED: &'static [&'static str] = &["filters", "total_impact"];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let query = Query::read(&self, call)?;
        let request = query.request();
        if self.dry_run.is_some_and(|flag| flag.0) {
            let price = Decimal::new(2, 2);
            return Ok(asking::dry_run(
                request,
                price,
                "two answers of Cost Explorer; 0.01 USD for each further page",
            ));
        }
        let target = Target {
            profile: self.profile.clone(),
            region: None,
        };
        let monitors =
            anomalies::monitors(&call.aws, &call.meter, &target, query.max_pages).await?;
        let mut warnings = coverage(&monitors.value);
        let asked = query.ask(&monitors.value)?;
        let mut answer = Answer {
            window: Some(query.window.to_string()),
            monitors: monitors.value.iter().map(described).collect(),
            ..Answer::default()
        };
        if monitors.value.is_empty() {
            // Without a monitor there is nothing to find, and asking would be billed.
            return Ok(Reply::new("no anomaly monitor exists", &answer)
                .warn(warnings)
                .effective(query.full.then_some(request)));
        }
        let found = anomalies::anomalies(
            &call.aws,
            &call.meter,
            &target,
            &asked,
            query.max_pages,
            |page, found| call.progress(page, None, format!("{found} anomalies read")),
        )
        .await?;
        for (cut, what) in [(&monitors.cut, "monitors"), (&found.cut, "anomalies")] {
            let advice = match cut {
                None => continue,
                Some(Cut::Limit(_)) => "raise max_pages for the rest",
                Some(Cut::Failed(..)) => "call again for the rest",
            };
            let cut = cut.iter().map(Cut::to_string).collect::<String>();
            warnings.push(Warning::new(
                "pages_cut",
                format!("of the {what} {cut}; {advice}"),
            ));
        }
        let matching = query.select(&found.value, &monitors.value);
        warnings.extend(query.bedrock_note(&found.value, &monitors.value));
        rows::fill(&mut answer, &query, &matching, &monitors.value);
        warnings.extend(answer.page.past_end.take());
        let headline = rows::headline(&matching, query.window);
        Ok(Reply::new(headline, &answer)
            .warn(warnings)
            .corrected(query.paging.correction())
            .effective(query.full.then_some(request)))
    }
}

/// The arguments, checked.
struct Query {
    window: Window,
    /// The filter as asked, with `Amazon Bedrock` standing for all of Bedrock unless it was to be exact.
    scope: Option<CostScope>,
    /// The same filter read the other way.
    other_scope: Option<CostScope>,
    all_bedrock: bool,
    monitor: Option<String>,
    feedback: Option<String>,
    impact: Option<ImpactFilter>,
    max_pages: u32,
    full: bool,
    paging: Paging,
}

impl Query {
    fn read(arguments: &Arguments, call: &Call) -> Result<Self, ToolError> {
        let all_bedrock = choices::all_bedrock(arguments.bedrock_scope.as_deref())?;
        let scope = |all_bedrock| {
            arguments
                .filters
                .as_ref()
                .map(|filters| cost_filter::read(&filters.0, all_bedrock))
                .transpose()
        };
        let read = Self {
            scope: scope(all_bedrock)?,
            other_scope: scope(!all_bedrock)?,
            all_bedrock,
            monitor: arguments.monitor_arn.clone(),
            feedback: feedback(arguments.feedback.as_deref())?,
            impact: arguments
                .total_impact
                .as_ref()
                .map(|value| impact(&value.0))
                .transpose()?,
            max_pages: u32::try_from(choices::at_least(
                "max_pages",
                arguments.max_pages,
                1,
                PAGES,
            )?)
            .unwrap_or(u32::MAX),
            full: asking::wants_full(arguments.detail.as_deref())?,
            paging: Paging::read(arguments.limit, arguments.cursor.as_ref())?,
            // Last, so that a request offered in place of a wrong window is right in all else.
            window: Window::read(
                arguments.start_date.as_deref(),
                arguments.end_date.as_deref(),
                call.today(),
            )
            .map_err(|refused| refused.into_error(|window| arguments.with_window(window)))?,
        };
        for field in read.scope.iter().flat_map(CostScope::fields) {
            if !matches!(field, Field::Dimension(name) if CAUSE_FIELDS.contains(&name.as_str())) {
                return Err(ToolError::invalid(
                    format!(
                        "filters names {field}, which AWS does not give for the root cause of an anomaly"
                    ),
                    format!("filter by {}", CAUSE_FIELDS.join(", ")),
                ));
            }
        }
        let filters = arguments.filters.as_ref();
        match filters.and_then(|Loose(filters)| Misnamed::find(filters)) {
            None => Ok(read),
            Some(misnamed) => Err(misnamed.into_error(arguments.with_window(read.window))),
        }
    }

    fn request(&self) -> Value {
        let mut parameters = Map::new();
        parameters.insert(
            "DateInterval".into(),
            json!({"StartDate": self.window.start.to_string(), "EndDate": self.window.end.to_string()}),
        );
        if let Some(monitor) = &self.monitor {
            parameters.insert("MonitorArn".into(), monitor.clone().into());
        }
        if let Some(feedback) = &self.feedback {
            parameters.insert("Feedback".into(), feedback.clone().into());
        }
        if let Some(impact) = &self.impact {
            let mut filter = json!({
                "NumericOperator": impact.operator,
                "StartValue": super::reply::exact(impact.start),
            });
            if let (Some(end), Some(filter)) = (impact.end, filter.as_object_mut()) {
                filter.insert("EndValue".into(), super::reply::exact(end));
            }
            parameters.insert("TotalImpact".into(), filter);
        }
        let mut request = json!({
            "service": "ce",
            "operations": ["GetAnomalyMonitors", "GetAnomalies"],
            "parameters": parameters,
        });
        if let (Some(scope), Some(request)) = (&self.scope, request.as_object_mut()) {
            request.insert(
                "applied_here".into(),
                format!("a root cause has {scope}").into(),
            );
        }
        request
    }

    fn ask(&self, monitors: &[Monitor]) -> Result<AnomalyQuery, ToolError> {
        let monitor_arn = self
            .monitor
            .as_deref()
            .map(|given| find_monitor(given, monitors))
            .transpose()?;
        Ok(AnomalyQuery {
            start: self.window.start,
            end: self.window.end,
            monitor_arn,
            feedback: self.feedback.clone(),
            impact: self.impact.clone(),
        })
    }

    /// The anomalies with a root cause in the filter, the greatest impact first.
    fn select<'a>(&self, found: &'a [Anomaly], monitors: &[Monitor]) -> Vec<&'a Anomaly> {
        let mut matching: Vec<&Anomaly> = found
            .iter()
            .filter(|anomaly| matches(self.scope.as_ref(), anomaly, monitors))
            .collect();
        matching.sort_by_key(|anomaly| std::cmp::Reverse(anomaly.impact_usd));
        matching
    }

    /// Says what reading `Amazon Bedrock` widely or exactly changed.
    fn bedrock_note(&self, found: &[Anomaly], monitors: &[Monitor]) -> Option<Warning> {
        let scope = self.scope.as_ref()?;
        if !scope
            .services()
            .iter()
            .any(|name| name.eq_ignore_ascii_case(AMAZON_BEDROCK))
        {
            return None;
        }
        let differ = found
            .iter()
            .filter(|anomaly| {
                matches(Some(scope), anomaly, monitors)
                    != matches(self.other_scope.as_ref(), anomaly, monitors)
            })
            .count();
        if self.all_bedrock {
            Some(Warning::new(
                "bedrock_scope",
                format!(
                    "SERVICE = \"Amazon Bedrock\" was read as every service that Bedrock is billed under, \
                     \"... (Amazon Bedrock Edition)\" too: {differ} of the anomalies are there for that; \
                     bedrock_scope \"exact\" leaves them out"
                ),
            ))
        } else {
            (differ > 0).then(|| {
                Warning::new(
                    "spend_outside_filter",
                    format!(
                        "{differ} anomalies of models billed as \"... (Amazon Bedrock Edition)\" are left out by \
                         bedrock_scope \"exact\""
                    ),
                )
            })
        }
    }
}

impl Arguments {
    /// The same call with another window, and filters by the names that bills have.
    fn with_window(&self, window: Window) -> CorrectedRequest {
        let mut arguments = Map::new();
        arguments.insert("start_date".into(), window.start.to_string().into());
        arguments.insert("end_date".into(), window.end.to_string().into());
        let texts = [
            ("bedrock_scope", &self.bedrock_scope),
            ("monitor_arn", &self.monitor_arn),
            ("feedback", &self.feedback),
            ("profile", &self.profile),
            ("detail", &self.detail),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                arguments.insert(name.into(), text.clone().into());
            }
        }
        if let Some(Loose(value)) = &self.total_impact {
            arguments.insert("total_impact".into(), value.clone());
        }
        if let Some(Loose(value)) = &self.filters {
            // By the names that bills have: what is offered has to run.
            let meant = Misnamed::find(value).map(|misnamed| misnamed.meant);
            arguments.insert("filters".into(), meant.unwrap_or_else(|| value.clone()));
        }
        for (name, number) in [("max_pages", self.max_pages), ("limit", self.limit)] {
            if let Some(Whole(number)) = number {
                arguments.insert(name.into(), number.into());
            }
        }
        if let Some(Cursor(cursor)) = &self.cursor {
            arguments.insert("cursor".into(), cursor.clone().into());
        }
        if let Some(Flag(dry_run)) = self.dry_run {
            arguments.insert("dry_run".into(), dry_run.into());
        }
        CorrectedRequest {
            tool: Self::NAME,
            arguments,
        }
    }
}

/// The value of a field in one root cause, or in the anomaly itself where AWS gives no cause.
fn value_of<'a>(
    anomaly: &'a Anomaly,
    cause: Option<usize>,
    by_service: bool,
    field: &Field,
) -> Option<&'a str> {
    let cause = cause.and_then(|index| anomaly.causes.get(index));
    let Field::Dimension(name) = field else {
        return None;
    };
    match name.as_str() {
        SERVICE => cause
            .and_then(|cause| cause.service.as_deref())
            .or_else(|| anomaly.subject.as_deref().filter(|_| by_service)),
        "REGION" => cause?.region.as_deref(),
        "LINKED_ACCOUNT" => cause?.account.as_deref(),
        "USAGE_TYPE" => cause?.usage_type.as_deref(),
        _ => None,
    }
}

fn matches(scope: Option<&CostScope>, anomaly: &Anomaly, monitors: &[Monitor]) -> bool {
    anomaly.causes.is_empty() && cause_matches(scope, anomaly, None, monitors)
        || (0..anomaly.causes.len())
            .any(|index| cause_matches(scope, anomaly, Some(index), monitors))
}

fn cause_matches(
    scope: Option<&CostScope>,
    anomaly: &Anomaly,
    cause: Option<usize>,
    monitors: &[Monitor],
) -> bool {
    let by_service = monitor_of(anomaly, monitors).is_some_and(|monitor| monitor.by_service);
    scope.is_none_or(|scope| {
        scope.accepts(&|field: &Field| value_of(anomaly, cause, by_service, field))
    })
}

fn monitor_of<'a>(anomaly: &Anomaly, monitors: &'a [Monitor]) -> Option<&'a Monitor> {
    monitors
        .iter()
        .find(|monitor| monitor.arn == anomaly.monitor_arn)
}

fn find_monitor(given: &str, monitors: &[Monitor]) -> Result<String, ToolError> {
    let given = given.trim();
    if let Some(monitor) = monitors
        .iter()
        .find(|monitor| monitor.arn == given || monitor.name.eq_ignore_ascii_case(given))
    {
        return Ok(monitor.arn.clone());
    }
    let names = || monitors.iter().map(|monitor| monitor.name.as_str());
    let mut near = nearest(given, names(), 3);
    if near.is_empty() {
        near = names().take(5).collect();
    }
    Err(ToolError::invalid(
        format!("there is no anomaly monitor {}", quoted(given)),
        if near.is_empty() {
            "the account has no anomaly monitor; leave monitor_arn out".to_owned()
        } else {
            format!("monitors of the account are {}", near.join(", "))
        },
    ))
}

fn described(monitor: &Monitor) -> String {
    let what = if monitor.by_service {
        "each service".to_owned()
    } else {
        monitor.scope.to_string()
    };
    format!("{}: {what}", monitor.name)
}

fn coverage(monitors: &[Monitor]) -> Vec<Warning> {
    if monitors.is_empty() {
        return vec![Warning::new(
            "no_monitor",
            "the account has no anomaly monitor, so AWS looks for no anomalies: none found does not mean none happened",
        )];
    }
    let covered = monitors
        .iter()
        .any(|monitor| monitor.scope.bedrock_coverage() != BedrockCoverage::None);
    if covered {
        Vec::new()
    } else {
        vec![Warning::new(
            "no_bedrock_monitor",
            "no anomaly monitor covers Bedrock: none found does not mean none happened",
        )]
    }
}

fn feedback(given: Option<&str>) -> Result<Option<String>, ToolError> {
    let Some(given) = given else {
        return Ok(None);
    };
    let word = snake_case(given).to_ascii_uppercase();
    if FEEDBACK.contains(&word.as_str()) {
        Ok(Some(word))
    } else {
        Err(ToolError::invalid(
            format!("feedback {} is not known", quoted(given)),
            format!("feedback is {}", FEEDBACK.join(", ")),
        ))
    }
}

fn impact(value: &Value) -> Result<ImpactFilter, ToolError> {
    let accepted = || {
        format!(
            "total_impact is a number of USD, or {{\"NumericOperator\": ..., \"StartValue\": ..., \"EndValue\": ...}} with {}",
            ImpactFilter::OPERATORS.join(", ")
        )
    };
    let number = |value: &Value| {
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.trim().to_owned(),
            _ => String::new(),
        };
        let number = text.parse::<Decimal>().map_err(|_| {
            ToolError::invalid(
                format!("total_impact holds {} and not a number", shown(value)),
                accepted(),
            )
        })?;
        if number.is_sign_negative() && !number.is_zero() {
            return Err(ToolError::invalid(
                format!(
                    "total_impact is {number}, and an anomaly costs more than was expected, never less"
                ),
                "total_impact is 0 or more USD",
            ));
        }
        Ok(number)
    };
    let Value::Object(fields) = value else {
        return Ok(ImpactFilter {
            operator: "GREATER_THAN_OR_EQUAL".to_owned(),
            start: number(value)?,
            end: None,
        });
    };
    let mut filter = ImpactFilter {
        operator: "GREATER_THAN_OR_EQUAL".to_owned(),
        start: Decimal::ZERO,
        end: None,
    };
    for (name, value) in fields {
        match snake_case(name).as_str() {
            "numeric_operator" => {
                let word = snake_case(value.as_str().unwrap_or_default()).to_ascii_uppercase();
                if !ImpactFilter::OPERATORS.contains(&word.as_str()) {
                    return Err(ToolError::invalid(
                        format!("NumericOperator {} is not known", shown(value)),
                        accepted(),
                    ));
                }
                filter.operator = word;
            }
            "start_value" => filter.start = number(value)?,
            "end_value" => filter.end = Some(number(value)?),
            _ => {
                return Err(ToolError::invalid(
                    format!("total_impact has no {}", quoted(name)),
                    accepted(),
                ));
            }
        }
    }
    if filter.operator == "BETWEEN" && filter.end.is_none_or(|end| end < filter.start) {
        return Err(ToolError::invalid(
            "BETWEEN needs an EndValue that is not below StartValue",
            accepted(),
        ));
    }
    Ok(filter)
}

#[cfg(test)]
mod tests;
