//! AV1 still pictures (AOM, "AV1 Bitstream & Decoding Process", 2019), by rav1d: one frame, its planes, its colours.
//!
//! rav1d offers the interface of the C library dav1d and nothing else, so this file is where its pointers end.

use std::ffi::c_uint;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use domain::Refusal;
use evidence::protocol::DecodeLimits;
use re_rav1d::include::dav1d::data::Dav1dData;
use re_rav1d::include::dav1d::dav1d::{Dav1dContext, Dav1dSettings};
use re_rav1d::include::dav1d::headers::{DAV1D_PIXEL_LAYOUT_I400, DAV1D_PIXEL_LAYOUT_I420, DAV1D_PIXEL_LAYOUT_I422};
use re_rav1d::include::dav1d::picture::Dav1dPicture;
use re_rav1d::src::lib::{
    dav1d_close, dav1d_data_create, dav1d_data_unref, dav1d_default_settings, dav1d_get_picture, dav1d_open,
    dav1d_picture_unref, dav1d_send_data,
};

use crate::undecodable;
use crate::yuv::{Coding, Layout, Planes};

/// Most times that the decoder is asked again for a picture, or fed again: one temporal unit gives few.
const TURNS_MAX: usize = 64;

/// Holds one decoded frame.
pub struct Frame {
    picture: Dav1dPicture,
    width: usize,
    height: usize,
    layout: Layout,
    bits: u32,
    coding: Coding,
}

/// Decodes the first frame of a sequence of OBUs.
pub fn decode(obus: &[u8], limits: &DecodeLimits) -> Result<Frame, Refusal> {
    if obus.is_empty() {
        return Err(undecodable("AV1: the picture has no data"));
    }
    let mut decoder = Decoder::open(limits)?;
    let mut data = Data::holding(obus)?;
    for _ in 0..TURNS_MAX {
        let sent = decoder.send(&mut data)?;
        match decoder.picture()? {
            Some(picture) => return Frame::new(picture),
            None if sent == Sent::Nothing => return Err(undecodable("AV1: the data hold no picture")),
            None => {}
        }
    }
    Err(undecodable("AV1: the data hold no picture that is shown"))
}

/// Tells whether there was anything left to send.
#[derive(PartialEq, Eq)]
enum Sent {
    Something,
    Nothing,
}

struct Decoder(Option<Dav1dContext>);

impl Decoder {
    fn open(limits: &DecodeLimits) -> Result<Self, Refusal> {
        let mut settings = MaybeUninit::<Dav1dSettings>::uninit();
        let at = NonNull::from(&mut settings).cast::<Dav1dSettings>();
        // SAFETY: the call writes a whole structure to memory that has its size and alignment.
        let mut settings = unsafe {
            dav1d_default_settings(at);
            settings.assume_init()
        };
        // More than one thread would be started, which the sandbox forbids.
        settings.n_threads = 1;
        settings.max_frame_delay = 1;
        settings.all_layers = 0;
        settings.frame_size_limit = c_uint::try_from(limits.pixels).unwrap_or(c_uint::MAX);
        let mut context = None;
        // SAFETY: both are valid for the call, which keeps neither.
        let result = unsafe { dav1d_open(Some(NonNull::from(&mut context)), Some(NonNull::from(&mut settings))) };
        match (result.0, &context) {
            (0, Some(_)) => Ok(Self(context)),
            _ => Err(undecodable("AV1: the decoder cannot be started")),
        }
    }

    /// Gives the decoder what it takes of the data.
    fn send(&mut self, data: &mut Data) -> Result<Sent, Refusal> {
        if data.0.sz == 0 {
            return Ok(Sent::Nothing);
        }
        // SAFETY: the context is open, and the structure is valid for the call, which leaves in it what it did not take.
        let result = unsafe { dav1d_send_data(self.0, Some(NonNull::from(&mut data.0))) };
        match -result.0 {
            0 | AGAIN => Ok(Sent::Something),
            _ => Err(undecodable("AV1: the data are damaged")),
        }
    }

    fn picture(&mut self) -> Result<Option<Dav1dPicture>, Refusal> {
        let mut picture = Dav1dPicture::default();
        // SAFETY: the context is open; the call writes a whole structure.
        let result = unsafe { dav1d_get_picture(self.0, Some(NonNull::from(&mut picture))) };
        match -result.0 {
            0 => Ok(Some(picture)),
            AGAIN => Ok(None),
            _ => Err(undecodable("AV1: the picture is damaged")),
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the context was opened and is closed once; the call leaves none behind.
        unsafe { dav1d_close(Some(NonNull::from(&mut self.0))) };
    }
}

/// `EAGAIN`: the decoder wants to be asked, or fed, first.
const AGAIN: i32 = nix::libc::EAGAIN;

/// Holds a copy of the data in the library's own form.
struct Data(Dav1dData);

impl Data {
    fn holding(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut data = Dav1dData::default();
        // SAFETY: the call fills the structure and gives memory of the asked length, or null.
        let memory = unsafe { dav1d_data_create(Some(NonNull::from(&mut data)), bytes.len()) };
        if memory.is_null() {
            return Err(crate::over_limit("the file does not fit into the decoder's memory"));
        }
        // SAFETY: the memory is new, so it cannot overlap, and it is as long as the bytes.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), memory, bytes.len()) };
        Ok(Self(data))
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        // SAFETY: the structure is the library's own, and is given back once.
        unsafe { dav1d_data_unref(Some(NonNull::from(&mut self.0))) };
    }
}

impl Frame {
    fn new(picture: Dav1dPicture) -> Result<Self, Refusal> {
        let side = |side: i32| usize::try_from(side).ok().filter(|side| *side > 0);
        let size = side(picture.p.w).zip(side(picture.p.h));
        // SAFETY: the picture's header lives as long as the picture, which is held here.
        let header = picture.seq_hdr.map(|header| unsafe { header.as_ref() });
        let coding = header.map(|header| Coding { matrix: header.mtrx as u16, full_range: header.color_range != 0 });
        let layout = match picture.p.layout {
            DAV1D_PIXEL_LAYOUT_I400 => Layout::Grey,
            DAV1D_PIXEL_LAYOUT_I420 => Layout::Half,
            DAV1D_PIXEL_LAYOUT_I422 => Layout::HalfWidth,
            _ => Layout::Full,
        };
        let bits = u32::try_from(picture.p.bpc).unwrap_or(0);
        // Made before anything can fail, so that the picture is given back in any case.
        let mut frame =
            Self { picture, width: 0, height: 0, layout, bits, coding: Coding { matrix: 2, full_range: false } };
        let ((width, height), coding) =
            size.zip(coding).ok_or_else(|| undecodable("AV1: the picture does not say what it is"))?;
        (frame.width, frame.height, frame.coding) = (width, height, coding);
        Ok(frame)
    }

    /// Tells how the stream says that its colours are coded.
    pub fn coding(&self) -> Coding {
        self.coding
    }
}

impl Planes for Frame {
    fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn layout(&self) -> Layout {
        self.layout
    }

    fn bits(&self) -> u32 {
        self.bits
    }

    fn row(&self, plane: usize, y: usize) -> &[u8] {
        let (width, height) = match plane {
            0 => (self.width, self.height),
            _ => self.layout.chroma_size(self.width, self.height),
        };
        let stride = self.picture.stride[usize::from(plane > 0)];
        let Some(start) = self.picture.data[plane].filter(|_| y < height) else { return &[] };
        let bytes = width * if self.bits > 8 { 2 } else { 1 };
        // SAFETY: the library gives `height` rows of at least `width` samples, `stride` bytes apart, which live and stay
        // as they are as long as the picture, which this frame holds.
        unsafe { std::slice::from_raw_parts(start.cast::<u8>().as_ptr().offset(y as isize * stride), bytes) }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // SAFETY: the picture came from the library and is given back once.
        unsafe { dav1d_picture_unref(Some(NonNull::from(&mut self.picture))) };
    }
}
