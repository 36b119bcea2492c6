"""Fixed point: heads for microcontrollers without a floating-point unit, in whole numbers only.

What is written here is the definition; `firmware_bridge/firmware/include/q15` is its C twin, equal to the last bit.
"""
