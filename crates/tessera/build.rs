//! Takes the viewer of the API documentation out of the archive that its package is, and leaves it compressed:
//! an entry's deflated bytes between the head and the tail of a gzip file are what a browser is sent.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED as ARCHIVE;

const FILES: [(&str, &str); 2] =
    [("/dist/swagger-ui-bundle.js", "viewer.js.gz"), ("/dist/swagger-ui.css", "viewer.css.gz")];

const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const DEFLATED: usize = 8;

/// Magic number, deflate, no flags, no time, no hint, an unknown system (RFC 1952, section 2.3).
const GZIP: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    for (name, file) in FILES {
        let compressed = entry(name).ok_or_else(|| format!("{name} cannot be read from the archive"))?;
        fs::write(out.join(file), compressed)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// The entry whose name ends so, as a gzip file (APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16).
fn entry(name: &str) -> Option<Vec<u8>> {
    let end = ARCHIVE.windows(END.len()).rposition(|window| window == END)?;
    let mut at = number(end + 16, 4)?;
    while ARCHIVE.get(at..at + ENTRY.len())? == ENTRY {
        let (name_length, extra, comment) = (number(at + 28, 2)?, number(at + 30, 2)?, number(at + 32, 2)?);
        let own = ARCHIVE.get(at + 46..at + 46 + name_length)?;
        if own.ends_with(name.as_bytes()) && number(at + 10, 2)? == DEFLATED {
            let local = number(at + 42, 4)?;
            let data = local + 30 + number(local + 26, 2)? + number(local + 28, 2)?;
            let deflated = ARCHIVE.get(data..data + number(at + 20, 4)?)?;
            let (check, size) = (ARCHIVE.get(at + 16..at + 20)?, ARCHIVE.get(at + 24..at + 28)?);
            return Some([&GZIP, deflated, check, size].concat());
        }
        at += 46 + name_length + extra + comment;
    }
    None
}

/// A number of some bytes, the lowest first.
fn number(at: usize, length: usize) -> Option<usize> {
    let bytes = ARCHIVE.get(at..at + length)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}
