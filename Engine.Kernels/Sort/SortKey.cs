namespace Engine.Kernels;

/// <summary>Floats as whole numbers that have their order: −0 and 0 are one, and NaN, whatever its bits, is above all.</summary>
internal static class SortKey
{
    public static uint Of(float x, int descending)
    {
        int bits = BitConverter.SingleToInt32Bits(x), magnitude = bits & int.MaxValue;
        uint key = (uint)(bits >= 0 ? bits ^ int.MinValue : ~bits);  // below 0 a larger magnitude comes first
        if (magnitude == 0) key = 0x80000000u;
        if (magnitude > 0x7F800000) key = uint.MaxValue;
        return descending != 0 ? ~key : key;
    }
}
