//! `subscriptions list|show|add|del`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum SubscriptionsCommand {
    /// All subscriptions of this node
    List,
    /// Those of one client
    Show {
        #[arg(value_name = "CLIENTID")]
        client_id: String,
    },
    /// Subscribe a client
    Add {
        #[arg(value_name = "CLIENTID")]
        client_id: String,
        #[arg(value_name = "FILTER")]
        topic: String,
        /// 0, 1 or 2
        #[arg(value_name = "QOS")]
        qos: String,
    },
    /// Unsubscribe a client
    Del {
        #[arg(value_name = "CLIENTID")]
        client_id: String,
        #[arg(value_name = "FILTER")]
        topic: String,
    },
}
