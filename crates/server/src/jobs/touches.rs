//! Writes down once a minute, and at the end, when sessions and tokens were used last.

use std::time::Duration;

use crate::Shared;

pub(super) async fn run(app: Shared) {
    loop {
        let goes_on = super::pause(&app, Duration::from_secs(60)).await;
        if let Err(error) = app.write_touches().await {
            tracing::warn!(%error, "can't note when sessions and tokens were used");
        }
        if !goes_on {
            return;
        }
    }
}
