//! Reading what was not acknowledged yet.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use crate::Mark;
use crate::format::{FRAME, announced, crc};

/// A payload, and the mark with which to acknowledge it and all before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What was appended.
    pub payload: Vec<u8>,
    /// Behind it.
    pub upto: Mark,
}

/// Payloads that were not acknowledged yet, oldest first.
#[derive(Debug)]
pub struct Pending<'a> {
    frames: Frames<'a>,
    spool: &'a std::path::Path,
}

impl<'a> Pending<'a> {
    pub(crate) fn new(frames: Frames<'a>, spool: &'a std::path::Path) -> Self {
        Pending { frames, spool }
    }
}

impl Iterator for Pending<'_> {
    type Item = Result<Entry, crate::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.frames.offset >= self.frames.end {
            return None;
        }
        let offset = self.frames.offset;
        let next = self.frames.next_frame();
        if !matches!(next, Ok(Some(_))) {
            // Nothing behind a bad frame can be told apart.
            self.frames.end = offset;
        }
        Some(match next {
            Ok(Some(entry)) => Ok(entry),
            Ok(None) => Err(crate::Error::Changed { path: self.spool.to_owned(), offset }),
            Err(error) => Err(crate::Error::io("read", self.spool)(error)),
        })
    }
}

/// Frames from a mark to an end.
#[derive(Debug)]
pub struct Frames<'a> {
    reader: BufReader<&'a File>,
    generation: u64,
    /// Where the next frame begins.
    pub offset: u64,
    end: u64,
}

impl<'a> Frames<'a> {
    pub fn from(file: &'a File, start: Mark, end: u64) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(65_536, file);
        reader.seek(SeekFrom::Start(start.offset))?;
        Ok(Frames { reader, generation: start.generation, offset: start.offset, end })
    }

    /// The next frame; `None` at the end and where no good frame begins.
    pub fn next_frame(&mut self) -> io::Result<Option<Entry>> {
        let mut head = [0; FRAME as usize];
        if self.end.saturating_sub(self.offset) < FRAME {
            return Ok(None);
        }
        self.reader.read_exact(&mut head)?;
        let Some((len, expected)) = announced(head) else { return Ok(None) };
        let upto = self.offset + FRAME + u64::from(len);
        if upto > self.end {
            return Ok(None);
        }
        let mut payload = vec![0; len as usize];
        self.reader.read_exact(&mut payload)?;
        if crc(len.to_le_bytes(), &payload) != expected {
            return Ok(None);
        }
        self.offset = upto;
        Ok(Some(Entry { payload, upto: Mark { generation: self.generation, offset: upto } }))
    }
}
