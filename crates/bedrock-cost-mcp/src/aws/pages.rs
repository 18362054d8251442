//! Answers that come in pages: read to the last one, to a limit, or to one that fails.

use crate::error::ToolError;
use std::pin::Pin;

/// One page on its way: what it holds, and the token of the next.
pub(super) type Page<'a, T> =
    Pin<Box<dyn Future<Output = Result<(Vec<T>, Option<String>), ToolError>> + Send + 'a>>;

/// An answer, and why it is not all there is.
#[derive(Clone, Debug)]
pub(crate) struct Paged<T> {
    pub(crate) value: T,
    pub(crate) cut: Option<Cut>,
}

/// Why pages were left unread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cut {
    /// As many were read as the caller wants to pay for.
    Limit(u32),
    /// After so many, one failed: what was read is kept, as it may have been billed.
    Failed(u32, ToolError),
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Limit(pages) => write!(f, "only the first {pages} pages were read"),
            Self::Failed(pages, error) => {
                write!(
                    f,
                    "page {} could not be read ({error})",
                    pages.saturating_add(1)
                )
            }
        }
    }
}

/// Reads pages; `ask` sends one request, `read` is told after each how many pages and items there are.
///
/// # Errors
///
/// Only what keeps the first page from being read.
pub(super) async fn read<'p, T>(
    max_pages: u32,
    mut read: impl FnMut(u32, usize),
    ask: impl Fn(Option<String>) -> Page<'p, T>,
) -> Result<Paged<Vec<T>>, ToolError> {
    let mut all = Paged {
        value: Vec::new(),
        cut: None,
    };
    let (mut pages, mut token) = (0, None);
    loop {
        match ask(token.take()).await {
            Ok((part, next)) => {
                all.value.extend(part);
                token = next.filter(|token| !token.is_empty());
            }
            Err(error) if pages == 0 => return Err(error),
            Err(error) => {
                all.cut = Some(Cut::Failed(pages, error));
                return Ok(all);
            }
        }
        pages += 1;
        read(pages, all.value.len());
        if token.is_none() {
            return Ok(all);
        }
        if pages >= max_pages {
            all.cut = Some(Cut::Limit(pages));
            return Ok(all);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    /// Five pages of one number each, the page at `fails` an error.
    async fn pages(max: u32, fails: u32) -> (Result<Paged<Vec<u32>>, ToolError>, u32) {
        let mut told = 0;
        let found = read(
            max,
            |pages, _| told = pages,
            |token| {
                Box::pin(async move {
                    let page: u32 = token.map_or(0, |token| token.parse().unwrap());
                    if page == fails {
                        return Err(ToolError::Cancelled);
                    }
                    Ok((vec![page], (page < 4).then(|| (page + 1).to_string())))
                })
            },
        )
        .await;
        (found, told)
    }

    #[tokio::test]
    async fn what_was_read_is_kept_whatever_ends_it() {
        for (max, fails, value, cut) in [
            (9, 9, vec![0, 1, 2, 3, 4], None),
            (5, 9, vec![0, 1, 2, 3, 4], None),
            (2, 9, vec![0, 1], Some(Cut::Limit(2))),
            (9, 1, vec![0], Some(Cut::Failed(1, ToolError::Cancelled))),
        ] {
            let (found, told) = pages(max, fails).await;
            let found = found.unwrap();
            assert_eq!(usize::try_from(told).unwrap(), value.len());
            assert_eq!((found.value, found.cut), (value, cut));
        }
        assert_eq!(pages(9, 0).await.0.unwrap_err(), ToolError::Cancelled);
    }
}
