//! The spool itself.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::format::{HEADER, HeaderRead, VERSION, frame, header, read_header};
use crate::pending::Frames;
use crate::{Damage, Error, Mark, Pending, disk, lock};

/// How large a spool may grow, in bytes: an append beyond is refused.
pub const MAX_SPOOL: u64 = 256 * 1_048_576;

/// An open spool; dropping it lets others in.
#[derive(Debug)]
pub struct Spool {
    dir: PathBuf,
    path: PathBuf,
    acknowledged_path: PathBuf,
    file: File,
    /// Before it all is acknowledged.
    start: Mark,
    /// Behind the last good frame.
    end: u64,
    is_broken: bool,
    damage: Vec<Damage>,
    _lock: File,
}

impl Spool {
    /// Opens the spool `name` in the folder `dir`, both made when absent, and mends what a crash left.
    ///
    /// Waits up to three seconds for another process that has it open.
    pub fn open(dir: &Path, name: &str) -> Result<Spool, Error> {
        let is_letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(is_letter) {
            return Err(Error::Name(name.chars().take(64).collect()));
        }
        disk::make_folder(dir)?;
        let lock = lock::take(&dir.join(format!("{name}.lock")))?;
        let path = dir.join(format!("{name}.spool"));
        let mut file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                disk::replace(dir, &path, &[&header(fresh_generation())])?
            }
            Err(error) => return Err(Error::io("open", &path)(error)),
        };
        let found = examine(&mut file, &path)?;
        let mut spool = Spool {
            dir: dir.to_owned(),
            acknowledged_path: dir.join(format!("{name}.acknowledged")),
            path,
            file,
            start: Mark { generation: found.generation.unwrap_or_else(fresh_generation), offset: HEADER },
            end: found.len,
            is_broken: false,
            damage: Vec::new(),
            _lock: lock,
        };
        spool.recover(found)?;
        Ok(spool)
    }

    /// What was found damaged when it was opened; the bytes are kept beside the spool.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// Whether everything is acknowledged.
    pub fn is_empty(&self) -> bool {
        self.start.offset == self.end
    }

    /// How many bytes wait, frames included.
    pub fn waiting_bytes(&self) -> u64 {
        self.end - self.start.offset
    }

    /// Appends a payload; it is on disk when this returns, and not there at all when this fails.
    pub fn append(&mut self, payload: &[u8]) -> Result<Mark, Error> {
        if self.is_broken {
            return Err(Error::Broken { path: self.path.clone() });
        }
        let frame = frame(payload).ok_or(Error::Payload { len: payload.len() })?;
        let end = self.end + frame.len() as u64;
        if end > MAX_SPOOL {
            return Err(Error::Full { path: self.path.clone(), bytes: self.waiting_bytes() });
        }
        let written = (|| {
            self.file.seek(SeekFrom::Start(self.end))?;
            self.file.write_all(&frame)?;
            self.file.sync_data()
        })();
        if let Err(error) = written {
            let taken_back = self.file.set_len(self.end).and_then(|()| self.file.sync_data());
            self.is_broken = taken_back.is_err();
            return Err(Error::io("append to", &self.path)(error));
        }
        self.end = end;
        Ok(Mark { generation: self.start.generation, offset: end })
    }

    /// What was appended and not acknowledged, oldest first.
    pub fn pending(&self) -> Result<Pending<'_>, Error> {
        let frames = Frames::from(&self.file, self.start, self.end).map_err(Error::io("read", &self.path))?;
        Ok(Pending::new(frames, &self.path))
    }

    /// Notes that everything up to a mark of [`Spool::pending`] or [`Spool::append`] has arrived.
    ///
    /// A mark from before the spool was emptied, or one that others have passed, changes nothing.
    /// When all is acknowledged the file is replaced by an empty one, so that what was shipped
    /// doesn't stay on this disk.
    pub fn acknowledge(&mut self, upto: Mark) -> Result<(), Error> {
        if upto.generation != self.start.generation || upto.offset <= self.start.offset {
            return Ok(());
        }
        if upto.offset >= self.end {
            return self.renew(&[]);
        }
        let line = format!("deadstick-spool {VERSION} {} {}\n", upto.generation, upto.offset);
        disk::replace(&self.dir, &self.acknowledged_path, &[line.as_bytes()])?;
        self.start = upto;
        Ok(())
    }

    /// Replaces the file by one of the next generation with these frames.
    fn renew(&mut self, frames: &[u8]) -> Result<(), Error> {
        let generation = self.start.generation.wrapping_add(1);
        self.file = disk::replace(&self.dir, &self.path, &[&header(generation), frames])?;
        self.start = Mark { generation, offset: HEADER };
        self.end = HEADER + frames.len() as u64;
        Ok(())
    }

    fn recover(&mut self, found: Examined) -> Result<(), Error> {
        let acknowledged = match found.generation {
            Some(generation) => acknowledged(&self.acknowledged_path, generation)?,
            None => None,
        };
        let first = acknowledged.unwrap_or(HEADER);
        if found.generation.is_none() {
            self.damage.push(Damage { what: "the header is damaged", offset: 0, bytes: 0, kept_in: None });
        }
        if first > found.len {
            let what = "the file ends before what was acknowledged";
            self.damage.push(Damage { what, offset: found.len, bytes: 0, kept_in: None });
            return self.renew(&[]);
        }
        self.start.offset = first;
        let good = good_end(&self.file, self.start, found.len).map_err(Error::io("read", &self.path))?;
        if good == found.len && found.generation.is_some() {
            return Ok(());
        }
        if good < found.len {
            let damage = self.set_aside(good, found.len)?;
            self.damage.push(damage);
        }
        let frames = self.bytes(first, good)?;
        self.renew(&frames)
    }

    /// Copies bytes that are no frames into a file of their own.
    fn set_aside(&self, from: u64, to: u64) -> Result<Damage, Error> {
        let bytes = self.bytes(from, to)?;
        let digest = crc32fast::hash(&bytes);
        let kept_in = self.path.with_extension(format!("damaged-{}-{digest:08x}", self.start.generation));
        disk::replace(&self.dir, &kept_in, &[&bytes])?;
        let what = "no whole frame begins";
        Ok(Damage { what, offset: from, bytes: to - from, kept_in: Some(kept_in) })
    }

    fn bytes(&self, from: u64, to: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let read = (|| {
            let mut file = &self.file;
            file.seek(SeekFrom::Start(from))?;
            file.take(to.saturating_sub(from)).read_to_end(&mut bytes)
        })();
        read.map_err(Error::io("read", &self.path))?;
        Ok(bytes)
    }
}

/// A generation that no mark and no note of an earlier file of this name has: they count from the
/// time at which their file was made.
fn fresh_generation() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX / 2)
}

/// What the file is.
struct Examined {
    /// `None` when the header is damaged.
    generation: Option<u64>,
    len: u64,
}

fn examine(file: &mut File, path: &Path) -> Result<Examined, Error> {
    let mut head = Vec::new();
    let read = (|| {
        file.seek(SeekFrom::Start(0))?;
        (&*file).take(HEADER).read_to_end(&mut head)?;
        Ok(file.metadata()?.len())
    })();
    let len = read.map_err(Error::io("read", path))?;
    match read_header(&head) {
        HeaderRead::Good(generation) => Ok(Examined { generation: Some(generation), len }),
        HeaderRead::Damaged => Ok(Examined { generation: None, len: len.max(HEADER) }),
        HeaderRead::Other(version) => Err(Error::Version { path: path.to_owned(), version }),
    }
}

/// Up to which byte a spool of this generation is acknowledged.
fn acknowledged(path: &Path, generation: u64) -> Result<Option<u64>, Error> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::InvalidData].contains(&error.kind()) => {
            return Ok(None);
        }
        Err(error) => return Err(Error::io("read", path)(error)),
    };
    let mut words = text.strip_suffix('\n').unwrap_or_default().split(' ');
    let is_ours = words.next() == Some("deadstick-spool") && words.next() == Some("1");
    let same = words.next().and_then(|word| word.parse().ok()) == Some(generation);
    let offset = words.next().and_then(|word| word.parse().ok()).filter(|offset| *offset >= HEADER);
    // Anything else acknowledges nothing: what is sent twice is recognised by its id.
    Ok(offset.filter(|_| is_ours && same && words.next().is_none()))
}

/// Behind the last good frame.
fn good_end(file: &File, start: Mark, len: u64) -> io::Result<u64> {
    let mut frames = Frames::from(file, start, len)?;
    while frames.next_frame()?.is_some() {}
    Ok(frames.offset)
}
