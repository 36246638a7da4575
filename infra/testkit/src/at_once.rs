use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::TestApp;

impl TestApp {
    /// Makes `count` requests at once, on every thread of the runtime; answers what each answered.
    pub async fn at_once<T, F>(
        self: &Arc<Self>,
        count: usize,
        request: impl Fn(Arc<Self>, usize) -> F,
    ) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let start = Arc::new(Barrier::new(count));
        let mut requests = JoinSet::new();
        for number in 0..count {
            let start = Arc::clone(&start);
            let request = request(Arc::clone(self), number);
            requests.spawn(async move {
                start.wait().await;
                request.await
            });
        }
        requests.join_all().await
    }
}
