//! `LOG`, `NFLOG`, `TRACE`, ...: written down, and on.

use crate::{Action, Ends};

use super::{Target, written};

pub(super) const LOG: Target = Target {
    options: &[
        "--log-level",
        "--log-prefix",
        "--log-tcp-sequence",
        "--log-tcp-options",
        "--log-ip-options",
        "--log-uid",
        "--log-macdecode",
        "--nflog-group",
        "--nflog-prefix",
        "--nflog-range",
        "--nflog-size",
        "--nflog-threshold",
        "--type",
    ],
    read: |name, options, _| Some(Action::Log(written(name, options))),
    ends: Ends::GoesOn,
};
