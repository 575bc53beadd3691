//! Serving until told to stop, and ending in good order.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsAcceptor;

use super::Bound;
use super::gate::Gate;
use crate::{Shared, jobs, router};

/// How long the head of a request may take: a sender that drips bytes is cut off.
const HEAD: Duration = Duration::from_secs(15);

/// How long a connection may wait for its next request.
const IDLE: Duration = Duration::from_secs(60);

/// How long requests under way may take to finish after the stop.
const GRACE: Duration = Duration::from_secs(10);

impl Bound {
    /// Serves, with all jobs, until `shutdown` is there. Then live streams end, requests under way
    /// finish within ten seconds, jobs end, and this returns.
    pub async fn serve(
        self,
        app: Shared,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let jobs = jobs::start(&app);
        let handle = Handle::new();
        let stop = {
            let (app, handle) = (app.clone(), handle.clone());
            tokio::spawn(async move {
                shutdown.await;
                tracing::info!("stopping");
                app.stop();
                handle.graceful_shutdown(Some(GRACE));
            })
        };
        let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let mut server =
            axum_server::from_tcp(self.listener)?.handle(handle).first_request_timeout(HEAD).http1_only();
        server.http_builder().http1().header_read_timeout(IDLE).keep_alive(true);
        let gate = Gate::new(app.config.max_connections, self.behind_proxy);
        let served = match self.tls {
            None => server.acceptor(gate).serve(service).await,
            Some(tls) => server.acceptor(RustlsAcceptor::new(tls).acceptor(gate)).serve(service).await,
        };
        stop.abort();
        app.stop();
        jobs.finished().await;
        served
    }
}
