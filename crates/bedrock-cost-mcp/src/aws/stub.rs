#[derive(Clone, Debug)]
pub(crate) struct SampleAccount;
impl SampleAccount {
    pub(crate) fn new(_: jiff::Timestamp) -> Self {
        Self
    }
    pub(crate) async fn respond(
        &self,
        _r: http::Request<bytes::Bytes>,
    ) -> Result<http::Response<bytes::Bytes>, std::io::Error> {
        Err(std::io::Error::other("x"))
    }
}
