//! The account on a loopback port, byte for byte.
#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

use std::io;
use std::net::SocketAddr;

use jiff::Timestamp;
use sample_account::SampleAccount;
use sample_account::program::{LoopbackListener, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

const REFUSED: &str = "{\"TimePeriod\": {\"Start\": \"2026-10-01\", \"End\": \"2026-11-01\"}, \
                       \"Granularity\": \"MONTHLY\", \"Metrics\": []}";

/// Runs the program until the sender is dropped.
async fn start() -> (
    SocketAddr,
    oneshot::Sender<()>,
    tokio::task::JoinHandle<io::Result<()>>,
) {
    let listener = LoopbackListener::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let address = listener.address().unwrap();
    let account = SampleAccount::new("2026-11-22T12:00:00Z".parse::<Timestamp>().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(serve(listener, account, async {
        stopped.await.ok();
    }));
    (address, stop, running)
}

fn aws_request(body: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nhost: ce\r\ncontent-type: application/x-amz-json-1.1\r\n\
         x-amz-target: AWSInsightsIndexService.GetCostAndUsage\r\nx-amz-date: 20261122T120000Z\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/ce/aws4_request, \
         SignedHeaders=host, Signature=00\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn own_request(method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// Sends a request and returns what one read brings.
async fn ask(stream: &mut TcpStream, request: &str) -> io::Result<String> {
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = vec![0; 65_536];
    let count = stream.read(&mut buffer).await?;
    buffer.truncate(count);
    Ok(String::from_utf8(buffer).unwrap())
}

#[tokio::test]
async fn answers_in_one_write_and_keeps_the_connection() {
    let (address, _stop, _) = start().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        let response = ask(&mut stream, &aws_request(REFUSED)).await.unwrap();
        assert!(
            response.starts_with("HTTP/1.1 400 Bad Request\r\n"),
            "{response}"
        );
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}", body.len())),
            "{response}"
        );
        assert!(
            body.contains("Selected metrics cannot be null."),
            "{response}"
        );
    }
}

#[tokio::test]
async fn faults_and_journal_have_an_interface_of_their_own() {
    let (address, _stop, _) = start().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let rules = r#"["ce:GetCostAndUsage#1=throttle"]"#;
    let response = ask(&mut stream, &own_request("POST", "/_sample/faults", rules))
        .await
        .unwrap();
    assert!(response.starts_with("HTTP/1.1 204"), "{response}");
    let response = ask(&mut stream, &aws_request(REFUSED)).await.unwrap();
    assert!(response.contains("LimitExceededException"), "{response}");
    let response = ask(&mut stream, &aws_request(REFUSED)).await.unwrap();
    assert!(response.contains("ValidationException"), "{response}");

    let journal = ask(&mut stream, &own_request("GET", "/_sample/requests", ""))
        .await
        .unwrap();
    assert!(
        journal.contains(r#""by_operation":{"ce:GetCostAndUsage":2}"#),
        "{journal}"
    );
    let response = ask(&mut stream, &own_request("DELETE", "/_sample/requests", ""))
        .await
        .unwrap();
    assert!(response.starts_with("HTTP/1.1 204"), "{response}");
    let journal = ask(&mut stream, &own_request("GET", "/_sample/requests", ""))
        .await
        .unwrap();
    assert!(journal.contains(r#""requests":0"#), "{journal}");

    for bad in ["", "{}", r#"["ce:GetTags"]"#, r#"["ce:GetTags=explode"]"#] {
        let response = ask(&mut stream, &own_request("POST", "/_sample/faults", bad))
            .await
            .unwrap();
        assert!(response.starts_with("HTTP/1.1 400"), "{bad}: {response}");
    }
}

#[tokio::test]
async fn a_reset_reaches_the_client_as_one() {
    let (address, _stop, _) = start().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    ask(
        &mut stream,
        &own_request("POST", "/_sample/faults", r#"["*#1=reset"]"#),
    )
    .await
    .unwrap();
    let error = ask(&mut stream, &aws_request(REFUSED)).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    // The next connection is untouched.
    let mut stream = TcpStream::connect(address).await.unwrap();
    let response = ask(&mut stream, &aws_request(REFUSED)).await.unwrap();
    assert!(response.contains("ValidationException"), "{response}");
}

#[tokio::test]
async fn a_cut_body_ends_before_its_length() {
    let (address, _stop, _) = start().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    ask(
        &mut stream,
        &own_request("POST", "/_sample/faults", r#"["*#1=half-body"]"#),
    )
    .await
    .unwrap();
    stream
        .write_all(aws_request(REFUSED).as_bytes())
        .await
        .unwrap();
    let mut response = String::new();
    // The connection may end with an end of file or a reset; either cuts the body.
    stream.read_to_string(&mut response).await.ok();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    let length: usize = length.parse().unwrap();
    assert_eq!(body.len(), length / 2, "{response}");
}

#[tokio::test]
async fn a_huge_body_is_refused_and_stop_ends_the_program() {
    let (address, stop, running) = start().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999\r\n\r\n";
    let response = ask(&mut stream, head).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 413"), "{response}");
    drop(stream);
    drop(stop);
    running.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
