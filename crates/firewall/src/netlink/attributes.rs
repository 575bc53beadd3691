//! Attributes: length (2 bytes), type (2 bytes), payload, padding to 4 bytes; host byte order for the frame.

/// Bit of the type: the payload is attributes again.
const NESTED: u16 = 0x8000;
/// Bit of the type: the payload is in network order (ipset wants it said).
pub const NETWORK_ORDER: u16 = 0x4000;
/// Bits of the type that are its number.
const NUMBER: u16 = 0x3fff;

/// One attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its number, without flags.
    pub number: u16,
    /// Its payload.
    pub payload: &'a [u8],
}

/// Reads attributes one after the other; stops at the first that is cut off.
#[derive(Clone, Debug)]
pub struct Attributes<'a>(&'a [u8]);

impl<'a> Attributes<'a> {
    /// Attributes in these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes that are left to read.
    pub fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The first attribute of this number.
    pub fn find(&self, number: u16) -> Option<Attribute<'a>> {
        let mut rest = self.clone();
        Iterator::find(&mut rest, |attribute| attribute.number == number)
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let head = self.0.first_chunk::<4>()?;
        let length = usize::from(u16::from_ne_bytes([head[0], head[1]]));
        let number = u16::from_ne_bytes([head[2], head[3]]) & NUMBER;
        let payload = self.0.get(4..length)?;
        self.0 = self.0.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(Attribute { number, payload })
    }
}

impl<'a> Attribute<'a> {
    /// The attributes in it.
    pub fn nested(self) -> Attributes<'a> {
        Attributes::new(self.payload)
    }

    /// One byte.
    pub fn u8(self) -> Option<u8> {
        self.payload.first().copied()
    }

    /// Two bytes in network order, as nfnetlink has them.
    pub fn be16(self) -> Option<u16> {
        self.payload.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
    }

    /// Four bytes in network order, as nfnetlink has them.
    pub fn be32(self) -> Option<u32> {
        self.payload.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
    }

    /// Eight bytes in network order.
    pub fn be64(self) -> Option<u64> {
        self.payload.first_chunk().map(|bytes| u64::from_be_bytes(*bytes))
    }

    /// Four bytes in host order, as rtnetlink has them.
    pub fn ne32(self) -> Option<u32> {
        self.payload.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
    }

    /// Text up to the first NUL; what is not UTF-8 is replaced.
    pub fn text(self) -> String {
        let end = self.payload.iter().position(|byte| *byte == 0).unwrap_or(self.payload.len());
        String::from_utf8_lossy(&self.payload[..end]).into_owned()
    }
}

/// Writes attributes.
#[derive(Clone, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raw bytes: a fixed header that comes before the attributes, or attributes as they were read.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// An attribute. Its payload is at most 65,531 bytes.
    pub fn bytes(&mut self, number: u16, payload: &[u8]) -> &mut Self {
        let length = u16::try_from(payload.len() + 4).expect("an attribute is at most 64 kB");
        self.0.extend_from_slice(&length.to_ne_bytes());
        self.0.extend_from_slice(&number.to_ne_bytes());
        self.0.extend_from_slice(payload);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self
    }

    /// Text with a NUL after it.
    pub fn text(&mut self, number: u16, text: &str) -> &mut Self {
        let mut payload = text.as_bytes().to_vec();
        payload.push(0);
        self.bytes(number, &payload)
    }

    /// One byte.
    pub fn u8(&mut self, number: u16, value: u8) -> &mut Self {
        self.bytes(number, &[value])
    }

    /// Two bytes in network order.
    pub fn be16(&mut self, number: u16, value: u16) -> &mut Self {
        self.bytes(number, &value.to_be_bytes())
    }

    /// Four bytes in network order.
    pub fn be32(&mut self, number: u16, value: u32) -> &mut Self {
        self.bytes(number, &value.to_be_bytes())
    }

    /// Eight bytes in network order.
    pub fn be64(&mut self, number: u16, value: u64) -> &mut Self {
        self.bytes(number, &value.to_be_bytes())
    }

    /// Four bytes in host order.
    pub fn ne32(&mut self, number: u16, value: u32) -> &mut Self {
        self.bytes(number, &value.to_ne_bytes())
    }

    /// Attributes in an attribute.
    pub fn nest(&mut self, number: u16, write: impl FnOnce(&mut Self)) -> &mut Self {
        let mut inner = Self::new();
        write(&mut inner);
        self.bytes(number | NESTED, &inner.0)
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::new();
        writer.text(1, "filter").be32(2, 7).nest(3, |inner| {
            inner.u8(1, 9);
        });
        let bytes = writer.into_bytes();
        let attributes = Attributes::new(&bytes);
        assert_eq!(attributes.find(1).map(Attribute::text).as_deref(), Some("filter"));
        assert_eq!(attributes.find(2).and_then(Attribute::be32), Some(7));
        let inner = attributes.find(3).and_then(|nested| nested.nested().find(1)).and_then(Attribute::u8);
        assert_eq!(inner, Some(9));
        for cut in 0..bytes.len() {
            assert!(Attributes::new(&bytes[..cut]).count() <= 3, "a cut-off message is read up to the cut");
        }
    }
}
