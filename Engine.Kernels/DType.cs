namespace Engine.Kernels;

/// <summary>The type of the numbers that a <see cref="Storage"/> holds.</summary>
public enum DType : byte
{
    /// <summary>IEEE 754 binary32; what kernels compute in.</summary>
    Float32,
    /// <summary>32-bit signed integer; indices and classes.</summary>
    Int32,
    /// <summary>8-bit unsigned integer; pixels, and the 0 or 1 of a comparison.</summary>
    UInt8,
    /// <summary>8-bit signed integer; quantised weights.</summary>
    Int8,
    /// <summary>IEEE 754 binary16; a form to store in.</summary>
    Float16,
    /// <summary>The upper half of a binary32; a form to store in.</summary>
    BFloat16,
}

/// <summary>What is asked of a <see cref="DType"/>.</summary>
public static class DTypes
{
    /// <summary>Bytes that one number takes on the CPU and on a GPU.</summary>
    public static int Size(this DType dtype) => dtype switch
    {
        DType.Float32 or DType.Int32 => 4,
        DType.Float16 or DType.BFloat16 => 2,
        DType.UInt8 or DType.Int8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not a DType."),
    };

    /// <summary>Whether the numbers are floating-point ones, the only kind that has gradients.</summary>
    public static bool IsFloat(this DType dtype) => dtype is DType.Float32 or DType.Float16 or DType.BFloat16;
}
