//! What the server does by itself, at start and from time to time.

mod expiry;
mod touches;

use std::time::Duration;

use tokio::task::JoinSet;

use crate::Shared;

/// The jobs that run.
#[derive(Debug)]
pub struct Jobs(JoinSet<()>);

impl Jobs {
    /// Waits until all have ended; they do when the app is told to stop.
    pub async fn finished(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}

/// Starts all jobs.
pub fn start(app: &Shared) -> Jobs {
    let mut jobs = JoinSet::new();
    jobs.spawn(touches::run(app.clone()));
    jobs.spawn(expiry::run(app.clone()));
    Jobs(jobs)
}

/// Waits; `false` when the server is told to stop meanwhile.
async fn pause(app: &Shared, pause: Duration) -> bool {
    tokio::select! {
        () = app.stopped() => false,
        () = tokio::time::sleep(pause) => true,
    }
}
