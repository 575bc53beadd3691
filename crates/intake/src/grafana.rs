//! Grafana's alerting webhook, of alerting contact points since Grafana 9.
//!
//! Alertmanager's shape with values, links and a rendered message besides; its version says "1".

use crate::alerts;
use crate::json::Body;
use crate::telling::Telling;
use crate::{Delivery, Diagnostic};

/// Reads a delivery.
pub fn read(delivery: &Delivery<'_>, body: &Body<'_>) -> Result<Vec<Telling>, Diagnostic> {
    alerts::read(delivery, body)
}
