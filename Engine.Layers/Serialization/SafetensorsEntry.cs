using Engine.Kernels;

namespace Engine.Layers;

/// <summary>What a safetensors file's header says of one tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its numbers in the format's words: <c>F32</c>, <c>I64</c>, ...</param>
/// <param name="Sizes">Its shape, outermost axis first; a scalar has none.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past its last byte.</param>
public sealed record SafetensorsEntry(string Name, string Type, IReadOnlyList<long> Sizes, long Begin, long End)
{
    /// <summary>The type that reading it gives; nothing for a type that the engine does not read.</summary>
    /// <remarks>BOOL reads as UInt8, F64 as Float32, and I64 as Int32, where every number fits.</remarks>
    public DType? DType => Type switch
    {
        "F32" or "F64" => Kernels.DType.Float32,
        "F16" => Kernels.DType.Float16,
        "BF16" => Kernels.DType.BFloat16,
        "I32" or "I64" => Kernels.DType.Int32,
        "I8" => Kernels.DType.Int8,
        "U8" or "BOOL" => Kernels.DType.UInt8,
        _ => null,
    };

    /// <summary>The shape as the field writes it.</summary>
    public string Shape => $"({string.Join(", ", Sizes)})";

    /// <summary>How many numbers; the header was refused where this overflows.</summary>
    internal long Count
    {
        get
        {
            long count = 1;
            foreach (long size in Sizes) count *= size;
            return count;
        }
    }

    /// <summary>Bits of one number of a type of the format; 0 for a type that the format does not have.</summary>
    internal static int Bits(string type) => type switch
    {
        "F64" or "I64" or "U64" or "C64" => 64,
        "F32" or "I32" or "U32" => 32,
        "F16" or "BF16" or "I16" or "U16" => 16,
        "I8" or "U8" or "BOOL" or "F8_E5M2" or "F8_E4M3" or "F8_E8M0" => 8,
        "F6_E2M3" or "F6_E3M2" => 6,
        "F4" => 4,
        _ => 0,
    };

    /// <summary>The format's word for a type.</summary>
    internal static string TypeOf(DType dtype) => dtype switch
    {
        Kernels.DType.Float32 => "F32",
        Kernels.DType.Float16 => "F16",
        Kernels.DType.BFloat16 => "BF16",
        Kernels.DType.Int32 => "I32",
        Kernels.DType.Int8 => "I8",
        Kernels.DType.UInt8 => "U8",
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not a DType."),
    };
}
