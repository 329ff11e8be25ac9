namespace Engine.Kernels;

/// <summary>IEEE 754 binary16 in its bits, in operations that a GPU kernel can hold: ILGPU's OpenCL has no half type.</summary>
internal static class Float16
{
    /// <summary>Rounds to nearest, ties to even; from 65520 on ±∞; a NaN stays one.</summary>
    public static ushort Bits(float x)
    {
        uint bits = (uint)BitConverter.SingleToInt32Bits(x), sign = (bits >> 16) & 0x8000, size = bits & 0x7FFFFFFF;
        if (size > 0x7F800000) return (ushort)(sign | 0x7E00);
        if (size >= 0x477FF000) return (ushort)(sign | 0x7C00);
        // Under 2⁻¹⁴ a half is a multiple of 2⁻²⁴, which is what a float next to ½ rounds to.
        if (size < 0x38800000)
            return (ushort)(sign | (uint)(BitConverter.SingleToInt32Bits(BitConverter.Int32BitsToSingle((int)size) + 0.5f) - 0x3F000000));
        size += 0xFFF + ((size >> 13) & 1);
        return (ushort)(sign | ((size - 0x38000000) >> 13));
    }

    /// <summary>Exact.</summary>
    public static float ToSingle(ushort bits)
    {
        int sign = (bits & 0x8000) << 16, exponent = (bits >> 10) & 31, fraction = bits & 1023;
        if (exponent == 31) return BitConverter.Int32BitsToSingle(sign | 0x7F800000 | (fraction << 13));
        if (exponent > 0) return BitConverter.Int32BitsToSingle(sign | ((exponent + 112) << 23) | (fraction << 13));
        return BitConverter.Int32BitsToSingle(sign | BitConverter.SingleToInt32Bits(fraction * (1f / (1 << 24))));
    }
}
