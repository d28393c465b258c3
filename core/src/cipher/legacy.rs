//! `base64(nonce[12] ‖ ciphertext ‖ tag[16])`, as older systems wrote it: AES-256-GCM (NIST SP 800-38D) and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::provider::{Aead, NONCE, TAG};
use crate::{Error, Kind, Result, Sensitive};

/// Decrypts the text form.
pub(super) fn decrypt(cipher: &Aead, text: &str) -> Result<Sensitive<Vec<u8>>> {
    let malformed = || Error::new(Kind::Decrypt, "the text is not a legacy ciphertext");
    let bytes = STANDARD
        .decode(text.trim_ascii())
        .map_err(|_| malformed())?;
    let (nonce, body) = bytes.split_first_chunk().ok_or_else(malformed)?;
    let (ciphertext, tag) = body.split_last_chunk().ok_or_else(malformed)?;
    open(cipher, *nonce, &[], ciphertext, *tag).ok_or_else(|| {
        Error::new(
            Kind::Decrypt,
            "the ciphertext was altered or encrypted with another key",
        )
    })
}

/// The plaintext, or nothing if the tag is wrong.
fn open(
    cipher: &Aead,
    nonce: [u8; NONCE],
    aad: &[u8],
    ciphertext: &[u8],
    tag: [u8; TAG],
) -> Option<Sensitive<Vec<u8>>> {
    let mut plaintext = Sensitive::new(vec![0; ciphertext.len()]);
    cipher
        .open(nonce, aad, ciphertext, tag, &mut plaintext)
        .then_some(plaintext)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST CAVP, `gcmEncryptExtIV256.rsp`, 96-bit IV and 128-bit tag: key, IV, plaintext, AAD, ciphertext, tag.
    const KNOWN_ANSWERS: [[&str; 6]; 6] = [
        [
            "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
            "516c33929df5a3284ff463d7",
            "",
            "",
            "",
            "bdc1ac884d332457a1d2664f168c76f0",
        ],
        [
            "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22",
            "0d18e06c7c725ac9e362e1ce",
            "2db5168e932556f8089a0622981d017d",
            "",
            "fa4362189661d163fcd6a56d8bf0405a",
            "d636ac1bbedd5cc3ee727dc2ab4a9489",
        ],
        [
            "92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b",
            "ac93a1a6145299bde902f21a",
            "2d71bcfa914e4ac045b2aa60955fad24",
            "1e0889016f67601c8ebea4943bc23ad6",
            "8995ae2e6df3dbf96fac7b7137bae67f",
            "eca5aa77d51d4a0a14d9c51e1da474ab",
        ],
        [
            "ff9506b4d46ba54128876fadfcc673a4c927c618ea7d95cfcaa508cbc8f7fc66",
            "3742ad2208a0484345eee1be",
            "7fd0d6cadc92cad27bb2d7d8c8",
            "f1360a27fdc244be8739d85af6491c762a693aafe668c449515fdeeedb6a90aeee3891bbc8b69adc6a6426cb12fcdebc32c9f58c5259d128b91efa28620a3a9a0168b0ff5e76951cb41647ba4aa1f87fac0d97ac580e42cffc7e",
            "bdb8346b28eb4d7226493611a6",
            "7484d827b767647f44c7f94a39f8175c",
        ],
        [
            "5853c020946b35f2c58ec427152b840420c40029636adcbb027471378cfdde0f",
            "eec313dd07cc1b3e6b068a47",
            "ce7458e56aef9061cb0c42ec2315565e6168f5a6249ffd31610b6d17ab64935e",
            "1389b522c24a774181700553f0246bbabdd38d6f",
            "eadc3b8766a77ded1a58cb727eca2a9790496c298654cda78febf0da16b6903b",
            "3d49a5b32fde7eafcce90079217ffb57",
        ],
        [
            "148579a3cbca86d5520d66c0ec71ca5f7e41ba78e56dc6eebd566fed547fe691",
            "b08a5ea1927499c6ecbfd4e0",
            "9d0b15fdf1bd595f91f8b3abc0f7dec927dfd4799935a1795d9ce00c9b879434420fe42c275a7cd7b39d638fb81ca52b49dc41",
            "e4f963f015ffbb99ee3349bbaf7e8e8e6c2a71c230a48f9d59860a29091d2747e01a5ca572347e247d25f56ba7ae8e05cde2be3c97931292c02370208ecd097ef692687fecf2f419d3200162a6480a57dad408a0dfeb492e2c5d",
            "2097e372950a5e9383c675e89eea1c314f999159f5611344b298cda45e62843716f215f82ee663919c64002a5c198d7878fd3f",
            "adbecdb0d5c2224d804d2886ff9a5760",
        ],
    ];

    fn bytes(hex: &str) -> Vec<u8> {
        base16ct::lower::decode_vec(hex).unwrap()
    }

    #[test]
    fn the_published_answers_come_out() {
        for [key, iv, plaintext, aad, ciphertext, tag] in KNOWN_ANSWERS {
            let cipher = Aead::new(&bytes(key).try_into().unwrap());
            let nonce: [u8; NONCE] = bytes(iv).try_into().unwrap();
            let made: [u8; TAG] = bytes(tag).try_into().unwrap();
            let (aad, ciphertext) = (bytes(aad), bytes(ciphertext));
            let opened = open(&cipher, nonce, &aad, &ciphertext, made).unwrap();
            assert_eq!(*opened, bytes(plaintext));
            if aad.is_empty() {
                let mut sealed = vec![0; opened.len()];
                assert_eq!(cipher.seal(nonce, &opened, &mut sealed), Some(made));
                assert_eq!(sealed, ciphertext);
            }
            let mut wrong = made;
            wrong[15] ^= 1;
            assert!(open(&cipher, nonce, &aad, &ciphertext, wrong).is_none());
        }
    }
}
