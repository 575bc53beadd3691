//! Wire types of the HTTP API and problem codes; shared by server and command line.
//!
//! Commands travel as [`::incident::Envelope`]; what is here are the answers. The shapes of
//! [`Incident`], [`TimelineFact`], [`Done`] and [`SourceAdded`] are contracts with scripts: exactly
//! these fields, in this order. Richer answers (`?view=full`) are types of their own.

mod brief;
mod credentials;
mod delivered;
mod done;
mod export;
mod fact_view;
mod health;
mod incident;
mod now;
mod people;
mod place;
mod problem;
mod server;
mod source;
mod timeline;

pub use brief::{Brief, BriefAction, BriefResult};
pub use credentials::{Invited, NewToken, Session, Token, TokenScope};
pub use delivered::{Delivered, LineReply, LineStatus};
pub use done::{Done, RedactionDone, RedactionRequest};
pub use export::{Export, ExportedFact, ExportedSource, FORMAT, Imported};
pub use fact_view::{FactView, Revision};
pub use health::{HealthState, SourceHealth};
pub use incident::{
    AcceptedOrUndone, Detection, Impact, Incident, IncidentView, Loose, Question, RoleHolder, StatusUpdate,
    TemporaryMeasure,
};
pub use now::{Firing, Now, Unassigned};
pub use people::{Alike, Person, PersonRef};
pub use place::{ParsePlaceError, Place};
pub use problem::Problem;
pub use server::{ConfigView, HeadView, ServerHealth};
pub use source::{SourceAdded, SourceView};
pub use timeline::{
    Amended, Amendment, Count, ExpiredNote, Gap, News, Proposal, ProposalState, ResultOf, Row, SpanState,
    TemporaryState, Timeline, TimelineFact,
};
