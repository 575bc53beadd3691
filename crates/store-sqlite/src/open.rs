//! Opening a data directory, and the store as a whole.

use std::fmt;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use fact::{IdentityKey, Timestamp};
use rusqlite::Connection;
use store::{Commit, Head, StoreError};
use tokio::sync::{broadcast, mpsc};

use crate::birth::{self, Stillborn};
use crate::failure::failure;
use crate::lock::{Lock, Locked, lock};
use crate::read::Late;
use crate::readers::Readers;
use crate::schema;
use crate::writer::{Checkpointer, Job, Parts, Tip, Writer};

/// How a store is opened.
pub struct Options {
    /// Tells when facts are recorded.
    pub clock: Box<dyn Fn() -> Timestamp + Send>,
    /// How many reads run side by side.
    pub readers: usize,
    /// How many commits a subscriber may be behind before it is told that it missed some.
    pub backlog: usize,
    /// Whether an acknowledged fact survives a power cut. Only a test that shows that tests would
    /// notice turns this off.
    pub durable: bool,
}

impl Options {
    /// The usual ones, with this clock.
    pub fn new(clock: impl Fn() -> Timestamp + Send + 'static) -> Self {
        Options { clock: Box::new(clock), readers: 4, backlog: 1_024, durable: true }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("readers", &self.readers).finish_non_exhaustive()
    }
}

/// A data directory can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory can't be made or written to.
    #[error("the data directory {} can't be used: check that it exists and that this user may write there", dir.display())]
    Directory {
        /// Which.
        dir: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another server works on it.
    #[error("the data directory {} is in use by {}: stop it first, or choose another directory",
        dir.display(), holder(*pid))]
    InUse {
        /// Which.
        dir: PathBuf,
        /// By which process, if it can be told.
        pid: Option<u32>,
    },
    /// The database was made by a newer version of this program.
    #[error("the log in {} has format {found}, newer than {known}, the newest this version knows: use a newer version",
        dir.display(), known = schema::VERSION)]
    TooNew {
        /// Which.
        dir: PathBuf,
        /// Its format.
        found: i64,
    },
    /// The log is not whole.
    #[error("the log in {} is damaged: {what}; run `deadstick verify`", dir.display())]
    Damaged {
        /// Which.
        dir: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// The system gives no random bytes.
    #[error("the system's random source does not answer")]
    Random,
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or("another process".into(), |pid| format!("process {pid}"))
}

/// The store: one log in one directory.
#[derive(Debug)]
pub struct SqliteStore {
    pub(crate) dir: PathBuf,
    pub(crate) key: IdentityKey,
    pub(crate) readers: Arc<Readers>,
    pub(crate) late: Arc<Late>,
    pub(crate) jobs: Option<mpsc::Sender<Job>>,
    pub(crate) commits: broadcast::Sender<Commit>,
    pub(crate) head: Arc<Mutex<Head>>,
    writer: Option<std::thread::JoinHandle<()>>,
    _lock: Lock,
}

impl SqliteStore {
    /// Opens the log in `dir`, making both if they are not there.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        let Options { clock, readers, backlog, durable } = options;
        let unusable = |source| OpenError::Directory { dir: dir.into(), source };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(unusable)?;
        let lock = lock(dir).map_err(|locked| match locked {
            Locked::By(pid) => OpenError::InUse { dir: dir.into(), pid },
            Locked::Io(source) => unusable(source),
        })?;
        let opening = |error| failure("opening the log", dir, error);
        let (file, synchronous) = (dir.join(schema::DATABASE), if durable { "FULL" } else { "OFF" });
        birth::ensure(dir, durable).map_err(|why| match why {
            Stillborn::Io(source) => unusable(source),
            Stillborn::Database(error) => opening(error).into(),
            Stillborn::Random => OpenError::Random,
        })?;
        let mut db = schema::writer(&file, synchronous).map_err(opening)?;
        match schema::version(&db).map_err(opening)? {
            // An empty file, or one whose making an earlier version did not finish.
            0 => {
                let mut key = [0; 32];
                getrandom::fill(&mut key).map_err(|_| OpenError::Random)?;
                schema::create(&mut db, &key).map_err(opening)?;
            }
            schema::VERSION => {}
            found => return Err(OpenError::TooNew { dir: dir.into(), found }),
        }
        let (key, head) = log_row(&db).map_err(opening)?;
        let tip = Tip::load(&db).map_err(opening)?;
        if (tip.peaks.size(), tip.peaks.root()) != (head.size, head.root) {
            let what = format!("its head speaks of {} facts, and there are {}", head.size, tip.peaks.size());
            let what =
                if head.size == tip.peaks.size() { "its head does not fit its facts".into() } else { what };
            return Err(OpenError::Damaged { dir: dir.into(), what });
        }
        let (jobs, queue) = mpsc::channel(1_024);
        let (commits, _) = broadcast::channel(backlog.max(1));
        let head = Arc::new(Mutex::new(head));
        let moving = schema::checkpointer(&file, synchronous).map_err(opening)?;
        let checkpointer = Checkpointer::start(moving, dir.into()).map_err(unusable)?;
        let parts = Parts {
            db,
            dir: dir.into(),
            clock,
            key: key.clone(),
            tip,
            checkpointer,
            commits: commits.clone(),
            head: Arc::clone(&head),
        };
        let writer = Writer::new(parts).map_err(opening)?;
        let writer = std::thread::Builder::new()
            .name("log-writer".into())
            .spawn(move || writer.run(queue))
            .map_err(unusable)?;
        Ok(SqliteStore {
            dir: dir.into(),
            key,
            readers: Readers::new(dir.into(), readers),
            late: Arc::default(),
            jobs: Some(jobs),
            commits,
            head,
            writer: Some(writer),
            _lock: lock,
        })
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) async fn send(&self, job: Job) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(job).await.map_err(|_| StoreError::Closed)
    }
}

impl Drop for SqliteStore {
    /// Waits until what was queued is written, then closes the files.
    fn drop(&mut self) {
        self.readers.close();
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// The log's key and head.
pub(crate) fn log_row(db: &Connection) -> rusqlite::Result<(IdentityKey, Head)> {
    db.query_row("SELECT identity_key, size, root FROM log WHERE one = 1", [], |row| {
        let head = Head { size: crate::row::position(row.get(1)?), root: fact::Digest(row.get(2)?) };
        Ok((IdentityKey(row.get(0)?), head))
    })
}
