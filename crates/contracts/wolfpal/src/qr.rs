//! QR codes as pictures that a page can show without asking for them.

use data_encoding::BASE64;
use png::{BitDepth, ColorType, Encoder, EncodingError};
use qrcode::{Color, EcLevel, QrCode, QrResult};

/// Light modules around the symbol (ISO/IEC 18004 section 9.1).
const QUIET: usize = 4;
/// Pixels across one module.
const SCALE: usize = 4;

/// A picture of `text` as a `data:image/png;base64,` URL; none if the text is longer than a symbol holds
/// (2,953 bytes).
pub(crate) fn data_url(text: &str) -> Option<String> {
    let picture = picture(&symbol(text).ok()?).ok()?;
    Some(format!("data:image/png;base64,{}", BASE64.encode(&picture)))
}

/// Medium error correction; low if the text fits no other way.
fn symbol(text: &str) -> QrResult<QrCode> {
    let at = |level| QrCode::with_error_correction_level(text, level);
    at(EcLevel::M).or_else(|_| at(EcLevel::L))
}

/// A PNG of one bit a pixel: 1 is light.
fn picture(symbol: &QrCode) -> Result<Vec<u8>, EncodingError> {
    let modules = symbol.width() + 2 * QUIET;
    let side = modules * SCALE;
    let mut pixels = Vec::with_capacity(side * side.div_ceil(8));
    for y in 0..modules {
        let row = row(symbol, y, side);
        for _ in 0..SCALE {
            pixels.extend_from_slice(&row);
        }
    }
    let mut file = Vec::new();
    // At most (177 + 8) * 4 pixels.
    let side = u32::try_from(side).unwrap_or(u32::MAX);
    let mut encoder = Encoder::new(&mut file, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(file)
}

/// One row of pixels through the modules of line `y`, the quiet zone counted; eight pixels to a byte, the
/// leftmost in the highest bit (PNG specification section 7.2).
fn row(symbol: &QrCode, y: usize, side: usize) -> Vec<u8> {
    let mut row = vec![0; side.div_ceil(8)];
    for x in (0..side).filter(|x| !is_dark(symbol, x / SCALE, y)) {
        if let Some(byte) = row.get_mut(x / 8) {
            *byte |= 0x80 >> (x % 8);
        }
    }
    row
}

fn is_dark(symbol: &QrCode, x: usize, y: usize) -> bool {
    let within = QUIET..QUIET + symbol.width();
    within.contains(&x) && within.contains(&y) && symbol[(x - QUIET, y - QUIET)] == Color::Dark
}

#[cfg(test)]
mod tests;
