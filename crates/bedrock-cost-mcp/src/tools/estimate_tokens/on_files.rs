//! Estimates of files, and of texts so long that others must not wait for them.

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::super::tests::{ask, number, rows};
    use crate::{aws::Aws, files::AllowedFolders, tools::on_sample};
    use serde_json::{Map, Value, json};
    use std::{
        fs,
        path::PathBuf,
        time::{Duration, Instant},
    };

    /// A folder with one file, gone when the test ends, and an account whose calls may name it.
    struct Folder(PathBuf);

    impl Folder {
        fn with(name: &str, file: &str, content: &[u8]) -> (Self, Aws) {
            let name = format!("bedrock-cost-estimate-{name}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join(file), content).unwrap();
            let allowed = AllowedFolders::new(vec![path.clone()]);
            (Self(path), on_sample::account_with("2026-11-22", allowed))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[tokio::test]
    async fn a_file_is_estimated_as_its_text_is() {
        let text = "The invoice was three times what the team had planned for.";
        let (_folder, aws) = Folder::with("file", "prompt.txt", text.as_bytes());
        let call = async |arguments| on_sample::call(&aws, "estimate_tokens", arguments).await;
        let by_path = call(json!({"path": "prompt.txt", "models": "anthropic.claude-opus-4-8"}))
            .await
            .unwrap();
        let by_text = call(json!({"text": text, "models": "anthropic.claude-opus-4-8"}))
            .await
            .unwrap();
        assert_eq!(by_path, by_text);
    }

    #[tokio::test]
    async fn binary_data_is_said_to_be_none() {
        let bytes: Vec<u8> = (0..=255_u8).cycle().take(4_000).collect();
        let (_folder, aws) = Folder::with("binary", "a.bin", &bytes);
        let answer = on_sample::call(
            &aws,
            "estimate_tokens",
            json!({"path": "a.bin", "models": "anthropic.claude-opus-4-8"}),
        )
        .await
        .unwrap();
        assert_eq!(rows(&answer, "warnings")[0]["code"], "binary_text");
        assert!(number(&rows(&answer, "estimates")[0], "tokens") > 0);
    }

    #[tokio::test]
    async fn fifty_megabytes_are_estimated() {
        let line = "2026-11-22T10:00:00Z INFO request 8f3a served in 120 ms\n";
        let text = line.repeat(50_000_000 / line.len());
        let (_folder, aws) = Folder::with("large", "app.log", text.as_bytes());
        let models = "anthropic.claude-opus-4-8";
        // While the file is read, everything else on this thread goes on.
        let pause = Duration::from_millis(5);
        let done = tokio_util::sync::CancellationToken::new();
        let watched = done.clone();
        let watching = tokio::spawn(async move {
            let mut longest = Duration::ZERO;
            while !watched.is_cancelled() {
                let before = Instant::now();
                tokio::time::sleep(pause).await;
                longest = longest.max(before.elapsed());
            }
            longest
        });
        tokio::time::sleep(pause).await;
        let started = Instant::now();
        let arguments = json!({"path": "app.log", "models": models});
        let answer = on_sample::call(&aws, "estimate_tokens", arguments)
            .await
            .unwrap();
        let took = started.elapsed();
        done.cancel();
        let longest = watching.await.unwrap();
        assert!(longest * 3 < took, "{longest:?} of {took:?} without a turn");
        let one = ask(json!({"text": line, "models": models})).await.unwrap();
        let tokens = |answer: &Map<String, Value>| number(&rows(answer, "estimates")[0], "tokens");
        let lines = u64::try_from(text.len() / line.len()).unwrap();
        // The frame of the one line is six tokens, and the band of a line some more.
        let expected = (tokens(&one) - 6) * lines;
        assert!(tokens(&answer).abs_diff(expected) < expected / 20);
        assert_eq!(rows(&answer, "estimates")[0]["context_window"], 1_000_000);
    }

    #[tokio::test]
    async fn a_calibration_scales_the_estimate_and_is_named() {
        let table = "model,estimated_tokens,input_tokens\nus.amazon.nova-lite-v1:0,1000,1200\nnova,500,600\nnova,1,90\n";
        let (_folder, aws) = Folder::with("calibration", "counts.csv", table.as_bytes());
        let text = "The invoice was three times what the team had planned for. ".repeat(100);
        let call = async |calibration: Value| {
            let arguments = json!({
                "text": text, "models": ["amazon.nova-lite-v1:0", "anthropic.claude-opus-4-8"], "calibration": calibration,
            });
            on_sample::call(&aws, "estimate_tokens", arguments)
                .await
                .unwrap()
        };
        let tokens = |answer: &Map<String, Value>, row: usize| {
            number(&rows(answer, "estimates")[row], "tokens")
        };
        let plain = call(json!(null)).await;
        let by_factor = call(json!("1.2")).await;
        let by_file = call(json!("counts.csv")).await;
        for calibrated in [&by_factor, &by_file] {
            let ratio = tokens(calibrated, 0) * 1_000 / tokens(&plain, 0);
            assert!((1_195..=1_205).contains(&ratio), "{ratio}");
            let method = rows(calibrated, "estimates")[0]["method"].as_str().unwrap();
            assert!(method.contains("calibrated x 1.2"), "{method}");
        }
        assert!(tokens(&by_factor, 1) > tokens(&plain, 1));
        assert_eq!(tokens(&by_file, 1), tokens(&plain, 1));
        let codes: Vec<&Value> = rows(&by_file, "warnings")
            .iter()
            .map(|warning| &warning["code"])
            .collect();
        assert_eq!(codes, ["counts_left_out", "not_calibrated"]);
    }
}
