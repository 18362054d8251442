//! Tests of how a filter is read.

use super::*;

fn leaf(key: &str, values: &[&str], match_options: &[&str]) -> RawLeaf {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    RawLeaf {
        key: Some(key.to_owned()),
        values: owned(values),
        match_options: owned(match_options),
    }
}

fn check(raw: &RawFilter, expected: Result<&str, &str>) {
    let found = Filter::read(raw, &mut Vec::new());
    let found = found
        .map(|filter| format!("{filter:?}"))
        .map_err(|error| error.to_string());
    assert_eq!(
        found,
        expected.map(str::to_owned).map_err(str::to_owned),
        "{raw:?}"
    );
}

/// Checks what the values of a filter by SERVICE become, and as how many corrections.
fn check_services(values: &[&str], options: &[&str], expected: &[&str], corrected: usize) {
    let raw = RawFilter {
        dimensions: Some(leaf("SERVICE", values, options)),
        ..RawFilter::default()
    };
    let mut corrections = Vec::new();
    let Ok(Filter::Dimensions(read)) = Filter::read(&raw, &mut corrections) else {
        unreachable!("a filter by SERVICE")
    };
    assert_eq!(read.values, expected);
    assert_eq!(corrections.len(), corrected, "{corrections:?}");
    for (correction, (from, to)) in corrections
        .iter()
        .zip(values.iter().zip(expected).filter(|(from, to)| from != to))
    {
        let Correction {
            field,
            from: f,
            to: t,
        } = correction;
        assert_eq!((*field, f.as_str(), t.as_str()), ("filters", *from, *to));
    }
}

#[test]
fn service_names_are_written_in_the_case_of_aws() {
    check_services(
        &["amazon bedrock", "Amazon Bedrock", "AMAZON EC2"],
        &[],
        &["Amazon Bedrock", "Amazon Bedrock", "AMAZON EC2"],
        1,
    );
    check_services(
        &["claude SONNET 5 (amazon bedrock edition)", "Claude Code"],
        &["EQUALS"],
        &["Claude Sonnet 5 (Amazon Bedrock Edition)", "Claude Code"],
        1,
    );
    check_services(
        &["amazon bedrock"],
        &["CASE_SENSITIVE"],
        &["amazon bedrock"],
        0,
    );
}

#[test]
fn filters_keep_the_rules() {
    let service = || RawFilter {
        dimensions: Some(leaf("service", &["Amazon Bedrock"], &["equals"])),
        ..RawFilter::default()
    };
    let absent = || RawFilter {
        tags: Some(leaf("App", &[], &["ABSENT"])),
        ..RawFilter::default()
    };
    let service_read = r#"Dimensions(FilterLeaf { key: Service, values: ["Amazon Bedrock"], match_options: [Equals] })"#;
    let absent_read = r#"Tags(FilterLeaf { key: "App", values: [], match_options: [Absent] })"#;
    check(&service(), Ok(service_read));
    check(
        &RawFilter {
            and: Some(vec![
                service(),
                RawFilter {
                    not: Some(Box::new(absent())),
                    ..RawFilter::default()
                },
            ]),
            ..RawFilter::default()
        },
        Ok(&format!("And([{service_read}, Not({absent_read})])")),
    );
    let roots = "a filter has exactly one of And, Or, Not, Dimensions, Tags, CostCategories, ProductAttributes";
    check(&RawFilter::default(), Err(&format!("{roots}; 0 found")));
    check(
        &RawFilter {
            tags: absent().tags,
            ..service()
        },
        Err(&format!("{roots}; 2 found")),
    );
    check(
        &RawFilter {
            or: Some(vec![service()]),
            ..RawFilter::default()
        },
        Err("Or needs at least 2 operands, 1 found"),
    );
    check(
        &RawFilter {
            dimensions: Some(leaf("SERVICE", &["x"], &["CONTAINS"])),
            ..RawFilter::default()
        },
        Err(
            "a filter by Dimensions does not take MatchOptions CONTAINS, expected EQUALS, CASE_SENSITIVE",
        ),
    );
    check(
        &RawFilter {
            dimensions: Some(leaf("SERVICE", &[], &[])),
            ..RawFilter::default()
        },
        Err("the filter by Dimensions \"SERVICE\" needs Values"),
    );
    check(
        &RawFilter {
            tags: Some(RawLeaf::default()),
            ..RawFilter::default()
        },
        Err("a filter by Tags needs a Key"),
    );
    check(
        &RawFilter {
            dimensions: Some(leaf("SERVCE", &["x"], &[])),
            ..RawFilter::default()
        },
        Err("unknown dimension \"SERVCE\", nearest: SERVICE, SERVICE_CODE"),
    );
    let many = vec!["x"; 6_001];
    check(
        &RawFilter {
            dimensions: Some(leaf("SERVICE", &many, &[])),
            ..RawFilter::default()
        },
        Err("a filter holds at most 6000 values"),
    );
    let deep = (0..16).fold(service(), |inner, _| RawFilter {
        not: Some(Box::new(inner)),
        ..RawFilter::default()
    });
    check(&deep, Err("a filter holds at most 16 levels"));
}

#[test]
fn a_service_that_no_bill_has_is_refused_with_the_names_that_bills_have() {
    let service = |value: &str| RawFilter {
        dimensions: Some(leaf("service", &["AWS Lambda", value], &[])),
        ..RawFilter::default()
    };
    for (given, named) in [
        ("Bedrock", "\"Amazon Bedrock\""),
        (
            "Claude Sonnet 5",
            "\"Claude Sonnet 5 (Amazon Bedrock Edition)\"",
        ),
    ] {
        let mut nested = RawFilter {
            or: Some(vec![
                service("Amazon Bedrock"),
                RawFilter {
                    not: Some(Box::new(service(given))),
                    ..RawFilter::default()
                },
            ]),
            ..RawFilter::default()
        };
        let problem = Filter::read(&nested, &mut Vec::new()).map_err(|error| error.to_string());
        let problem = problem.err().unwrap_or_default();
        assert!(problem.contains(&format!("\"{given}\"")), "{problem}");
        assert!(
            problem.ends_with(&format!("Bills say {named}")),
            "{problem}"
        );
        nested.name_services();
        let read = Filter::read(&nested, &mut Vec::new());
        let read = read.map(|filter| format!("{filter:?}")).unwrap_or_default();
        assert!(read.contains(named), "{read}");
        assert!(read.contains("\"AWS Lambda\""), "{read}");
    }
}

#[test]
fn a_region_or_tag_may_be_called_like_a_model() {
    let raw = RawFilter {
        tags: Some(leaf("team", &["Bedrock"], &[])),
        ..RawFilter::default()
    };
    assert!(Filter::read(&raw, &mut Vec::new()).is_ok());
}
