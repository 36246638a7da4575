//! The life of a simulator's HTTP server: bind, serve, stop.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a graceful stop waits for requests under way.
const STOP_TIME_MAX: Duration = Duration::from_secs(5);

/// A running server. Dropping it drops the sender, which is the stop signal: the server takes no
/// more connections and ends when the requests under way are answered.
pub(crate) struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Tells a serving task when to stop.
pub(crate) struct StopSignal(oneshot::Receiver<()>);

impl StopSignal {
    pub(crate) async fn received(self) {
        // An error means that the sender is gone, which is the signal.
        self.0.await.ok();
    }
}

impl Server {
    /// Serves `router` on `listen`; port 0 takes any free one.
    pub(crate) async fn start(listen: SocketAddr, router: Router) -> io::Result<Self> {
        Self::start_at(listen, |_| router).await
    }

    /// As [`Server::start`], for a router that has to know its URL.
    pub(crate) async fn start_at(
        listen: SocketAddr,
        router: impl FnOnce(&str) -> Router,
    ) -> io::Result<Self> {
        Self::start_with(listen, |listener, stop| {
            let url = listener
                .local_addr()
                .map(|address| format!("http://{address}"));
            let router = router(&url.unwrap_or_default());
            async move {
                // Without this, a small answer written in two parts waits for the client's delayed
                // ACK.
                let listener = listener.tap_io(|connection| {
                    connection.set_nodelay(true).ok();
                });
                axum::serve(listener, router)
                    .with_graceful_shutdown(stop.received())
                    .await
                    .ok();
            }
        })
        .await
    }

    /// As [`Server::start`], for a stand-in that brings its own serving loop.
    pub(crate) async fn start_with<F>(
        listen: SocketAddr,
        serve: impl FnOnce(TcpListener, StopSignal) -> F,
    ) -> io::Result<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if !listen.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("a simulator listens on loopback only, not on {listen}"),
            ));
        }
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(listener, StopSignal(stopped)));
        Ok(Self {
            address,
            stop,
            task,
        })
    }

    /// The base URL, without a trailing slash.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more connections and waits for the requests under way, for at most
    /// [`STOP_TIME_MAX`].
    pub(crate) async fn stop(self) {
        drop(self.stop);
        let task = self.task.abort_handle();
        if tokio::time::timeout(STOP_TIME_MAX, self.task)
            .await
            .is_err()
        {
            task.abort();
        }
    }
}
