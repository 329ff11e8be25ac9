namespace Engine.Kernels;

/// <summary>How numbers of a <see cref="DType"/> lie in memory, written once for the processor and GPUs.</summary>
internal interface IStoredForm<T> where T : unmanaged
{
    /// <summary>As a Float32, rounded to nearest where that holds fewer digits.</summary>
    static abstract float Load(T bits);

    /// <summary>From a Float32.</summary>
    static abstract T Store(float x);
}

/// <summary>Int32: whole numbers: the fraction is dropped, what is beyond the range becomes its end, NaN becomes 0.</summary>
internal readonly struct Int32Form : IStoredForm<int>
{
    public static float Load(int bits) => bits;

    public static int Store(float x) => float.IsNaN(x) ? 0 : x >= 2147483648f ? int.MaxValue : x <= -2147483648f ? int.MinValue : (int)x;
}

/// <summary>UInt8: whole numbers 0..255, like Int32.</summary>
internal readonly struct UInt8Form : IStoredForm<byte>
{
    public static float Load(byte bits) => bits;

    public static byte Store(float x) => (byte)(float.IsNaN(x) || x <= 0f ? 0 : x >= 255f ? 255 : (int)x);
}

/// <summary>Int8: whole numbers −128..127, like Int32.</summary>
internal readonly struct Int8Form : IStoredForm<sbyte>
{
    public static float Load(sbyte bits) => bits;

    public static sbyte Store(float x) => (sbyte)(float.IsNaN(x) ? 0 : x >= 127f ? 127 : x <= -128f ? -128 : (int)x);
}

/// <summary>Float16: binary16, rounded to nearest, ties to even; what is beyond 65504 becomes ±∞.</summary>
internal readonly struct Float16Form : IStoredForm<ushort>
{
    public static float Load(ushort bits) => Float16.ToSingle(bits);

    public static ushort Store(float x) => Float16.Bits(x);
}

/// <summary>BFloat16: the upper half of a binary32, rounded to nearest, ties to even.</summary>
internal readonly struct BFloat16Form : IStoredForm<ushort>
{
    public static float Load(ushort bits) => BFloat16.ToSingle(bits);

    public static ushort Store(float x) => BFloat16.Bits(x);
}
