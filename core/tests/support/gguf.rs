//! Writes GGUF version 3 (ggml, `docs/gguf.md`): entries, 32-bit tensors, 32-byte alignment.

const ALIGNMENT: usize = 32;

/// A value of the header.
#[derive(Clone)]
pub(crate) enum Value {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(Vec<u8>),
    Texts(Vec<String>),
    F32s(Vec<f32>),
    I32s(Vec<i32>),
    Bytes(Vec<u8>),
    /// A type and whatever follows it.
    Raw(u32, Vec<u8>),
}

impl Value {
    /// A string.
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.as_bytes().to_vec())
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::U32(value) => scalar(out, 4, &value.to_le_bytes()),
            Self::F32(value) => scalar(out, 6, &value.to_le_bytes()),
            Self::Bool(value) => scalar(out, 7, &[u8::from(*value)]),
            Self::Text(text) => {
                out.extend(8_u32.to_le_bytes());
                string(out, text);
            }
            Self::Texts(texts) => {
                array(out, 8, texts.len());
                for text in texts {
                    string(out, text.as_bytes());
                }
            }
            Self::F32s(values) => {
                array(out, 6, values.len());
                for value in values {
                    out.extend(value.to_le_bytes());
                }
            }
            Self::I32s(values) => {
                array(out, 5, values.len());
                for value in values {
                    out.extend(value.to_le_bytes());
                }
            }
            Self::Bytes(bytes) => {
                array(out, 0, bytes.len());
                out.extend(bytes);
            }
            Self::Raw(kind, bytes) => {
                out.extend(kind.to_le_bytes());
                out.extend(bytes);
            }
        }
    }
}

fn scalar(out: &mut Vec<u8>, kind: u32, bytes: &[u8]) {
    out.extend(kind.to_le_bytes());
    out.extend(bytes);
}

fn array(out: &mut Vec<u8>, kind: u32, count: usize) {
    out.extend(9_u32.to_le_bytes());
    out.extend(kind.to_le_bytes());
    out.extend((count as u64).to_le_bytes());
}

fn string(out: &mut Vec<u8>, text: &[u8]) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text);
}

/// A tensor of 32-bit numbers with the type, offset and size that the header claims for it.
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) dimensions: Vec<u64>,
    pub(crate) kind: u32,
    /// Added to the true offset.
    pub(crate) shift: u64,
    pub(crate) values: Vec<f32>,
}

/// A file in the making.
#[derive(Default)]
pub(crate) struct Writer {
    pub(crate) entries: Vec<(String, Value)>,
    pub(crate) tensors: Vec<Tensor>,
}

impl Writer {
    /// Adds an entry or changes it.
    pub(crate) fn set(&mut self, key: &str, value: Value) {
        self.remove(key);
        self.entries.push((key.into(), value));
    }

    /// Takes an entry out.
    pub(crate) fn remove(&mut self, key: &str) {
        self.entries.retain(|entry| entry.0 != key);
    }

    /// Adds a tensor.
    pub(crate) fn tensor(&mut self, name: &str, dimensions: &[usize], values: Vec<f32>) {
        assert_eq!(dimensions.iter().product::<usize>(), values.len());
        self.tensors.push(Tensor {
            name: name.into(),
            dimensions: dimensions.iter().map(|size| *size as u64).collect(),
            kind: 0,
            shift: 0,
            values,
        });
    }

    /// The file.
    pub(crate) fn finish(&self) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(3_u32.to_le_bytes());
        out.extend((self.tensors.len() as u64).to_le_bytes());
        out.extend((self.entries.len() as u64).to_le_bytes());
        for (key, value) in &self.entries {
            string(&mut out, key.as_bytes());
            value.write(&mut out);
        }
        let mut offset = 0;
        for tensor in &self.tensors {
            string(&mut out, tensor.name.as_bytes());
            let count = u32::try_from(tensor.dimensions.len()).expect("few dimensions");
            out.extend(count.to_le_bytes());
            for size in &tensor.dimensions {
                out.extend(size.to_le_bytes());
            }
            out.extend(tensor.kind.to_le_bytes());
            out.extend((offset as u64 + tensor.shift).to_le_bytes());
            offset += (tensor.values.len() * 4).next_multiple_of(ALIGNMENT);
        }
        for tensor in &self.tensors {
            out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
            out.extend(tensor.values.iter().flat_map(|value| value.to_le_bytes()));
        }
        out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
        out
    }
}
