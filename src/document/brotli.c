/* The best quality that there is: what is packed once is sent many times. The window holds what a
 * page's script comes to; a larger one costs memory. */
#include <brotli/encode.h>
#include <stdlib.h>

#include "brotli.h"

enum { WINDOW_BITS = 16 };

static void drop_encoder(BrotliEncoderState **encoder)
{
    BrotliEncoderDestroyInstance(*encoder);
}

bool brotli_pack(str text, struct buf *buf)
{
    CLEANUP(drop_encoder)
    BrotliEncoderState *encoder = BrotliEncoderCreateInstance(NULL, NULL, NULL);
    const uint8_t *from = (const uint8_t *)text.ptr;
    size_t left = text.len, no_room = 0; /* the library lends what it makes */
    if (encoder == NULL)
        abort();
    bool set = BrotliEncoderSetParameter(encoder, BROTLI_PARAM_QUALITY, BROTLI_MAX_QUALITY) &&
               BrotliEncoderSetParameter(encoder, BROTLI_PARAM_LGWIN, WINDOW_BITS) &&
               BrotliEncoderSetParameter(encoder, BROTLI_PARAM_MODE, BROTLI_MODE_TEXT) &&
               BrotliEncoderSetParameter(encoder, BROTLI_PARAM_SIZE_HINT, (uint32_t)text.len);
    while (set && !BrotliEncoderIsFinished(encoder)) {
        if (!BrotliEncoderCompressStream(encoder, BROTLI_OPERATION_FINISH, &left, &from, &no_room,
                                         NULL, NULL))
            return false;
        size_t length = 0;
        const uint8_t *made = BrotliEncoderTakeOutput(encoder, &length);
        buf_add(buf, (str){(const char *)made, length});
    }
    return set && !buf->full;
}
