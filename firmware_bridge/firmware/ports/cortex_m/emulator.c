#include "emulator.h"

#include "el_window.h"

bool emulator_sample(uint32_t time_us, int16_t *channels) {
#ifdef EL_EMULATOR
    if (EMULATOR_IS != EMULATOR_ID || EMULATOR_SENSOR == 0) {
        return false;
    }
    EMULATOR_TIME = time_us;
    for (uint32_t c = 0; c < EL_CHANNELS_MAX; c++) {
        uint32_t value = EMULATOR_CHANNEL(c) & 0xFFFFU;
        channels[c] = (int16_t)(value < 0x8000U ? (int32_t)value : (int32_t)value - 0x10000);
    }
    return true;
#else
    (void)time_us;
    (void)channels;
    return false;
#endif
}
