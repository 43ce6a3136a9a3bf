//! Detects the format of a file from its bytes.

use image::ImageFormat;

/// The format of the bytes, regardless of the name of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Format {
    Jpeg,
    Png,
    /// An image in a format that is not accepted.
    Other,
    /// Not a known image format.
    Unknown,
}

impl Format {
    pub(super) fn of(bytes: &[u8]) -> Self {
        match image::guess_format(bytes) {
            Ok(ImageFormat::Jpeg) => Self::Jpeg,
            Ok(ImageFormat::Png) => Self::Png,
            // Two letters that many texts begin with.
            Ok(ImageFormat::Bmp) if !is_bmp(bytes) => Self::Unknown,
            Ok(ImageFormat::Pnm) => Self::Unknown,
            Ok(ImageFormat::Ico) if !has_icons(bytes) => Self::Unknown,
            Ok(_) => Self::Other,
            Err(_) if is_rare(bytes) || is_heif(bytes) || is_svg(bytes) => Self::Other,
            Err(_) => Self::Unknown,
        }
    }
}

/// Formats that the library does not know: `BigTIFF`, Photoshop, JPEG XL, JPEG 2000 and cursors.
fn is_rare(bytes: &[u8]) -> bool {
    const MAGIC: [&[u8]; 6] = [b"II+\0", b"MM\0+", b"8BPS\0", b"\xff\x0a", b"\0\0\0\x0cJXL ", b"\0\0\0\x0cjP  "];
    MAGIC.iter().any(|magic| bytes.starts_with(magic)) || (bytes.starts_with(b"\0\0\x02\0") && has_icons(bytes))
}

/// Whether the list of an icon or a cursor has entries.
fn has_icons(bytes: &[u8]) -> bool {
    bytes.get(4..6) != Some(b"\0\0")
}

/// The two letters are not enough to detect a BMP. The size of its second header is one of a few
/// values.
fn is_bmp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BM") && matches!(bytes.get(14..18), Some([12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]))
}

/// HEIC, AVIF and related formats are listed in the brands of their first box.
fn is_heif(bytes: &[u8]) -> bool {
    const BRANDS: [&[u8]; 8] = [b"avif", b"avis", b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1"];
    let Some((size, b"ftyp")) = bytes.get(..8).map(|head| head.split_at(4)) else {
        return false;
    };
    let size = size.iter().fold(0, |size, byte| size << 8 | usize::from(*byte));
    let brands = &bytes[8..size.clamp(8, bytes.len().min(256))];
    brands.chunks(4).any(|brand| BRANDS.contains(&brand))
}

/// An SVG document: finds its root element after anything that XML allows before it.
fn is_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    let starts = |prefix: &str| head.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is_root = |rest: &str| rest.starts_with([' ', '\t', '\r', '\n', '>', '/']);
    let named = || head.split("<svg").skip(1).any(is_root);
    (starts("<svg") || starts("<?xml") || starts("<!--") || starts("<!doctype svg")) && named()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_formats_are_known_by_their_first_bytes() {
        let bmp = [&b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0"[..], &[40, 0, 0, 0]].concat();
        for (bytes, expected) in [
            (&b""[..], Format::Unknown),
            (b"plain text", Format::Unknown),
            (b"BMW and other cars, in a text", Format::Unknown),
            (&bmp, Format::Other),
            (b"II*\0\x08\0\0\0", Format::Other),
            (b"MM\0*\0\0\0\x08", Format::Other),
            (b"\0\0\x01\0\x01\0\x10\x10", Format::Other),
            (b"\0\0\x01\0\0\0", Format::Unknown),
            (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", Format::Other),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Format::Other),
            (b"\0\0\0\x18ftypisom\0\0\x02\0isommp41", Format::Unknown),
            (b"\xff\xff\xff\xffftyp", Format::Unknown),
            (b"\xff\x0a\xfa\x1f", Format::Other),
            (b"\xef\xbb\xbf <svg xmlns='x'/>", Format::Other),
            (b"<!-- made by hand --><svg>", Format::Other),
            (b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' ''><svg width='1'>", Format::Other),
            (b"<?xml version='1.0'?><svgish/>", Format::Unknown),
            (b"<?xml version='1.0'?><feed/>", Format::Unknown),
            (b"<!doctype html><p>see <svg></svg>", Format::Unknown),
            (b"<html><svg></svg>", Format::Unknown),
            (b"\x89PNG\r\n\x1a\n", Format::Png),
            (b"\x89PNG\n\x1a\n", Format::Unknown),
            (b"\xff\xd8\xff\xe0", Format::Jpeg),
            (b"\xff\xd8", Format::Unknown),
        ] {
            assert_eq!(Format::of(bytes), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
