//! The messages of one client, a line each: a line that cannot be read is answered, and the next one is read.

use rmcp::{
    ErrorData, RoleServer,
    model::RequestId,
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::{Transport, async_rw::AsyncRwTransport},
};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::{fmt, io, pin::Pin};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader, Empty};

/// Memory that is kept for the next line; a longer line gives its memory back.
const KEPT: usize = 1 << 16;

type Answering = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// A transport like rmcp's own, which leaves a client that sends what it cannot read waiting for ever.
pub(super) struct Lines<R, W: AsyncWrite> {
    read: BufReader<R>,
    line: Vec<u8>,
    longest: usize,
    /// The rest of a line that is too long is on its way.
    discarding: bool,
    /// Writes; it has nothing to read.
    writer: AsyncRwTransport<RoleServer, Empty, W>,
    /// The answer to an unreadable line: kept here because `receive` is dropped whenever the server has to do
    /// something else.
    answering: Option<Answering>,
}

/// What the next line came to.
enum Line {
    Whole,
    TooLong,
    End,
}

impl<R, W> Lines<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    /// Lines longer than `longest` bytes are answered with an error and not kept.
    pub(super) fn new(read: R, write: W, longest: usize) -> Self {
        Self {
            read: BufReader::new(read),
            line: Vec::new(),
            longest,
            discarding: false,
            writer: AsyncRwTransport::new_server(tokio::io::empty(), write),
            answering: None,
        }
    }

    /// Reads up to the end of a line. Nothing is lost where this is dropped: what was taken from the input is in
    /// `self` before the next wait.
    async fn next_line(&mut self) -> io::Result<Line> {
        loop {
            let available = self.read.fill_buf().await?;
            if available.is_empty() {
                return Ok(Line::End);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(available.len(), |end| end + 1);
            let too_long = self.line.len() + taken > self.longest;
            if !self.discarding && !too_long {
                self.line
                    .extend_from_slice(available.get(..taken).unwrap_or_default());
            }
            self.read.consume(taken);
            if self.discarding {
                self.discarding = end.is_none();
            } else if too_long {
                self.discarding = end.is_none();
                return Ok(Line::TooLong);
            } else if end.is_some() {
                return Ok(Line::Whole);
            }
        }
    }

    fn answer(&mut self, error: ErrorData, id: Option<RequestId>) {
        tracing::info!(message = %error.message, "a line was not read");
        let answer = TxJsonRpcMessage::<RoleServer>::error(error, id);
        self.answering = Some(Box::pin(self.writer.send(answer)));
    }
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        self.writer.send(message)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            if let Some(answering) = &mut self.answering {
                let sent = answering.await;
                self.answering = None;
                sent.ok()?;
            }
            match self.next_line().await {
                Ok(Line::Whole) => {}
                Ok(Line::TooLong) => {
                    self.line = Vec::new();
                    let longest = self.longest;
                    let error = format!("a message is longer than {longest} bytes");
                    self.answer(ErrorData::invalid_request(error, None), None);
                    continue;
                }
                Ok(Line::End) => return None,
                Err(error) => {
                    tracing::error!(%error, "the input cannot be read");
                    return None;
                }
            }
            let read = message(&self.line);
            self.line.clear();
            self.line.shrink_to(KEPT);
            match read {
                Ok(Some(message)) => return Some(message),
                Ok(None) => {}
                Err(unreadable) => {
                    let (error, id) = *unreadable;
                    self.answer(error, id);
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        self.writer.close().await
    }
}

/// The error to answer with, and the request it is the answer to.
type Unreadable = Box<(ErrorData, Option<RequestId>)>;

/// Reads a line; nothing where it is blank or a notification of no known form, which JSON-RPC leaves unanswered.
fn message(line: &[u8]) -> Result<Option<RxJsonRpcMessage<RoleServer>>, Unreadable> {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let line = line.trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let error = match serde_json::from_slice(line) {
        Ok(message) => return Ok(Some(message)),
        Err(error) => error,
    };
    let envelope = Envelope::of(line);
    if envelope.whole && envelope.has_method && envelope.id.is_none() {
        return Ok(None);
    }
    Err(Box::new(refusal(line, &error, envelope.id)))
}

/// Says what is wrong with a message that could not be read, by its id where it has one.
pub(super) fn unreadable(message: &[u8]) -> Option<(ErrorData, Option<RequestId>)> {
    let error = serde_json::from_slice::<RxJsonRpcMessage<RoleServer>>(message).err()?;
    Some(refusal(message, &error, Envelope::of(message).id))
}

fn refusal(
    message: &[u8],
    error: &serde_json::Error,
    id: Option<RequestId>,
) -> (ErrorData, Option<RequestId>) {
    let answer = match serde_json::from_slice::<Value>(message) {
        Err(error) => {
            ErrorData::parse_error(format!("the message is not readable JSON: {error}"), None)
        }
        Ok(_) => {
            ErrorData::invalid_request(format!("the message has no known form: {error}"), None)
        }
    };
    (answer, id)
}

/// What can be told of a message that cannot be read: values are skipped without a look at what they hold.
#[derive(Debug, Default)]
struct Envelope {
    id: Option<RequestId>,
    has_method: bool,
    /// The object was read to its end.
    whole: bool,
}

impl Envelope {
    fn of(line: &[u8]) -> Self {
        let mut envelope = Self::default();
        let mut reader = serde_json::Deserializer::from_slice(line);
        envelope.whole = (&mut envelope).deserialize(&mut reader).is_ok();
        envelope
    }
}

impl<'de> DeserializeSeed<'de> for &mut Envelope {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Envelope {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(key) = fields.next_key::<String>()? {
            match key.as_str() {
                "id" => self.id = Some(fields.next_value()?),
                "method" => {
                    fields.next_value::<IgnoredAny>()?;
                    self.has_method = true;
                }
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &[u8], code: i32, id: Option<i64>) {
        let refused = message(line).err();
        let shown = String::from_utf8_lossy(line.get(..60).unwrap_or(line)).into_owned();
        let (found, found_id) =
            refused.map_or((0, None), |unreadable| (unreadable.0.code.0, unreadable.1));
        assert_eq!(found, code, "{shown}");
        assert_eq!(found_id, id.map(RequestId::Number), "{shown}");
    }

    fn nested(depth: usize) -> String {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(
            r#"{{"jsonrpc":"2.0","method":"tools/call","params":{{"arguments":{{"filters":{open}{close}}}}},"id":7}}"#
        )
    }

    #[test]
    fn unreadable_lines_are_answered_by_id_where_one_can_be_found() {
        for depth in [130, 200, 10_000] {
            check(nested(depth).as_bytes(), -32700, Some(7));
        }
        let call = r#"{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"budgets","arguments":"#;
        for value in [r#"{"limit":1e400}"#, r#"{"profile":"\ud800"}"#] {
            check(format!("{call}{value}}}}}").as_bytes(), -32700, Some(8));
        }
        let bad_text = [call.as_bytes(), b"{\"profile\":\"\xff\"}}}".as_slice()].concat();
        check(&bad_text, -32700, Some(8));
        check(call.as_bytes(), -32700, Some(8));
        check(b"{\"jsonrpc\":\"2.0\",\"meth", -32700, None);
        check(b"hello", -32700, None);
        check(b"[]", -32600, None);
        check(b"{\"id\":9}", -32600, Some(9));
    }

    #[test]
    fn blank_lines_and_notifications_are_not_answered() {
        let unreadable = nested(200).replace(",\"id\":7", "");
        for line in [b"".as_slice(), b" \r\n", unreadable.as_bytes()] {
            assert!(matches!(message(line), Ok(None)));
        }
    }

    #[test]
    fn readable_lines_are_read() {
        let line = b"\xEF\xBB\xBF{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r\n";
        assert!(matches!(
            message(line),
            Ok(Some(RxJsonRpcMessage::<RoleServer>::Request(_)))
        ));
    }
}
