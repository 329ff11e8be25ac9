namespace Engine.Kernels;

/// <summary>The upper half of a binary32, in operations that a GPU kernel can hold.</summary>
internal static class BFloat16
{
    /// <summary>Rounds to nearest, ties to even; a NaN stays one.</summary>
    public static ushort Bits(float x)
    {
        uint bits = (uint)BitConverter.SingleToInt32Bits(x);
        if (float.IsNaN(x)) return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>Exact.</summary>
    public static float ToSingle(ushort bits) => BitConverter.Int32BitsToSingle(bits << 16);
}
