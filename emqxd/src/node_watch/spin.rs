//! A worker that is made to spin, in test builds and on request only: tests show by it that a stuck worker is noticed.
//!
//! `EMQXD_TEST_SPIN_WORKER=NUMBER:FILE`: the worker with this number makes no turn as long as the file exists.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::node::NodeShared;

/// How often the file is looked for.
const INTERVAL: Duration = Duration::from_millis(10);

/// Looks for the file as long as the node runs.
pub async fn run(node: Arc<NodeShared>) {
    let request = std::env::var("EMQXD_TEST_SPIN_WORKER").unwrap_or_default();
    let Some((number, file)) = request.split_once(':') else {
        return;
    };
    let file = PathBuf::from(file);
    let worker = number.parse().ok().and_then(|number| node.worker(number));
    let Some(worker) = worker else { return };
    loop {
        tokio::time::sleep(INTERVAL).await;
        if file.exists() {
            let file = file.clone();
            let _it_may_have_stopped = worker
                .run(move |_| {
                    while file.exists() {
                        std::hint::spin_loop();
                    }
                })
                .await;
        }
    }
}
